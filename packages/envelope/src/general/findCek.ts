/**
 * Finding the key of an object among its recipients: by name, and then by one attempt.
 * @module
 */
import { equal, type MaybePromise } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralRecipientInfo, HashName, KeyName } from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { agreementPlan } from './agreement.js';
import type { EntryPlan } from './entryPlan.js';
import { kemPlan } from './kem.js';
import type { NameOf, OwnKey } from './parties.js';
import { passwordPlan } from './password.js';
import type { GeneralPolicy } from './policy.js';
import { entriesOf, type RecipientEntry } from './recipientEntry.js';
import { isUnsupported } from './refusal.js';
import { kekPlan } from './symmetric.js';
import { transportPlan } from './transport.js';

/** What is needed to find a key. */
export interface FindParameters {
  /** With what it may be opened. */
  readonly keys: readonly OwnKey[];
  /** What is taken. */
  readonly policy: GeneralPolicy;
  /** The primitives. */
  readonly crypto: GeneralCrypto;
  /** Maps names of certificates to key identifiers; without it, recipients so named are others. */
  readonly nameOf?: NameOf;
}

/** The recipient that was ours. */
export interface OpenedBy {
  /** Kind of its RecipientInfo. */
  readonly kind: Exclude<GeneralRecipientInfo['kind'], 'other'>;
  /** Its name as it stood; `undefined` for a password. */
  readonly name: KeyName | undefined;
  /** Which of the own keys it was: its place in `keys`. */
  readonly index: number;
  /** Hash of the key derivation or of OAEP, where there is one: for warnings about SHA-1. */
  readonly hash: HashName | undefined;
}

/** The key found. */
export interface FoundCek {
  /**
   * The key, or `undefined` where the one attempt failed. Who opens in one piece goes on then with any key, and refuses at the
   * end: so a failure here and a wrong tag take the same time.
   */
  readonly cek: Uint8Array | undefined;
  /** The recipient. */
  readonly by: OpenedBy;
}

/**
 * Finds the key of an object. The first recipient that bears the name of an own key, in a way that is known and allowed, is tried,
 * and none after it (A13); those of others and of unknown kinds are passed over (A12). Passwords come last: their entries bear no
 * names, so each password is tried on as many as the policy says, until the check value of one is right.
 * @param isKeyLength whether a key may have a length in octets
 * @throws EnvelopeError `ERR_OPEN` where none is ours, without any public-key operation (G1); CmsError `ERR_UNSUPPORTED` where all
 * of ours are in ways that are not spoken here
 */
export async function findCek(
  recipientInfos: readonly GeneralRecipientInfo[],
  isKeyLength: (length: number) => boolean,
  parameters: FindParameters,
): Promise<FoundCek> {
  const entries = entriesOf(recipientInfos);
  if (entries.length > parameters.policy.recipients) throw new EnvelopeError();
  const refusals: unknown[] = [];
  for (const entry of entries) {
    const index = await ownerOf(entry, parameters);
    if (index < 0) continue;
    const plan = planned(() => namedPlan(entry, parameters.keys[index] as OwnKey, parameters), refusals);
    if (plan === undefined) continue;
    const cek = await attempted(plan, isKeyLength);
    return { cek, by: openedBy(entry, index, plan) };
  }
  return (await findByPassword(entries, isKeyLength, parameters, refusals)) ?? refused(refusals);
}

async function findByPassword(
  entries: readonly RecipientEntry[],
  isKeyLength: (length: number) => boolean,
  { keys, policy, crypto }: FindParameters,
  refusals: unknown[],
): Promise<FoundCek | undefined> {
  let found: FoundCek | undefined;
  for (const [index, own] of keys.entries()) {
    if (own.kind !== 'password') continue;
    let tried = 0;
    for (const entry of entries) {
      const { info } = entry;
      if (info.kind !== 'pwri') continue;
      const plan = planned(() => passwordPlan(info, own.password, policy, isKeyLength, crypto), refusals);
      if (plan === undefined || tried++ >= policy.password.entries) continue;
      const cek = await attempted(plan, isKeyLength);
      found = { cek, by: openedBy(entry, index, plan) };
      if (cek !== undefined) return found;
    }
  }
  return found;
}

/** Which own key an entry is for by its name: its place, or -1. */
async function ownerOf({ info, name }: RecipientEntry, { keys, nameOf }: FindParameters): Promise<number> {
  if (name === undefined) return -1;
  const identifier = await identifierOf(name, nameOf);
  if (identifier === undefined) return -1;
  return keys.findIndex((own) => {
    if (info.kind === 'kekri') return own.kind === 'kek' && equal(own.keyIdentifier, identifier);
    if (own.kind !== 'key') return false;
    const { keyIdentifier, sha1KeyIdentifier } = own.key.publicKey;
    return [keyIdentifier, sha1KeyIdentifier, ...(own.names ?? [])].some((each) => equal(each, identifier));
  });
}

function identifierOf(name: KeyName, nameOf: NameOf | undefined): MaybePromise<Uint8Array | undefined> {
  return name.kind === 'subjectKeyIdentifier' ? name.keyIdentifier : nameOf?.(name);
}

function namedPlan(entry: RecipientEntry, own: OwnKey, { policy, crypto }: FindParameters): EntryPlan {
  if (own.kind === 'kek' && entry.info.kind === 'kekri') return kekPlan(entry.info, own.key, crypto);
  if (own.kind !== 'key') throw new EnvelopeError();
  if ('key' in entry) return agreementPlan(entry.info, entry.key.encryptedKey, own.key, policy, crypto);
  if (entry.info.kind === 'ktri') return transportPlan(entry.info, own.key, policy, crypto);
  if (entry.info.kind === 'kemri') return kemPlan(entry.info, own.key, policy, crypto);
  throw new EnvelopeError();
}

/** A plan, or nothing and the reason among the refusals. */
function planned(make: () => EntryPlan, refusals: unknown[]): EntryPlan | undefined {
  try {
    return make();
  } catch (refusal) {
    refusals.push(refusal);
    return undefined;
  }
}

async function attempted(plan: EntryPlan, isKeyLength: (length: number) => boolean): Promise<Uint8Array | undefined> {
  try {
    const cek = await plan.unwrap();
    return cek !== undefined && isKeyLength(cek.length) ? cek : undefined;
  } catch {
    // Which step failed is nobody's business (rule U): wrong ciphertext, wrong point, wrong padding, wrong wrap.
    return undefined;
  }
}

function openedBy({ info, name }: RecipientEntry, index: number, { hash }: EntryPlan): OpenedBy {
  if (info.kind === 'other') throw new EnvelopeError();
  return { kind: info.kind, name, index, hash };
}

function refused(refusals: readonly unknown[]): never {
  throw refusals.find(isUnsupported) ?? new EnvelopeError({ cause: refusals[0] });
}
