/**
 * Wrapping one key for all recipients.
 * @module
 */
import { compare, MAX_RECIPIENTS, type RandomSource, toHex } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralPublicKey, KeyName, RecipientInfoToWrite } from '@stanzaseal/cms/general';
import { agreeWithAll, CURVES } from './agreement.js';
import { encapsulateTo } from './kem.js';
import type { GeneralRecipient, KeyRecipient, NamedKey, WrapStep } from './parties.js';
import { wrapByPasswordOf } from './password.js';
import { wrapUnder } from './symmetric.js';
import { transportTo } from './transport.js';

/** Wraps a key of the length announced for all recipients. */
export type WrapCek = (cek: Uint8Array) => Promise<RecipientInfoToWrite[]>;

/**
 * Draws all that the recipients need, and gives the function that wraps a key for them. Drawn in this order: an ephemeral
 * secret for each curve that occurs (X25519: 32 octets, P-256, P-384); then, recipient by recipient, 32 octets for an ML-KEM key,
 * salt (16), IV (16) and padding for a password. RSA takes the platform's randomness.
 *
 * All keys of a curve share one ephemeral key and one KeyAgreeRecipientInfo, in the order of their names (D7).
 * @param cekLength length in octets of the key that will be wrapped
 * @throws TypeError for a key that signs; RangeError for no recipient, more than 512, one twice, or arguments out of range
 */
export async function prepareRecipients(
  recipients: readonly GeneralRecipient[],
  cekLength: number,
  parameters: { readonly random: RandomSource; readonly crypto: GeneralCrypto },
): Promise<WrapCek> {
  if (recipients.length === 0) throw new RangeError('recipients is empty');
  if (recipients.length > MAX_RECIPIENTS) throw new RangeError('recipients are more than 512');
  refuseTwice(recipients);
  const { crypto } = parameters;
  const steps: WrapStep[] = [];
  for (const curve of Object.keys(CURVES) as (keyof typeof CURVES)[]) {
    const members = recipients.flatMap((each) =>
      each.kind === 'key' && each.key.algorithm === curve ? [named(each)] : [],
    );
    members.sort((a, b) => compare(identifierOf(a.name), identifierOf(b.name)));
    if (members.length > 0) steps.push(await agreeWithAll(curve, members, parameters));
  }
  for (const each of recipients) {
    if (each.kind === 'kek') steps.push(wrapUnder(each, crypto));
    else if (each.kind === 'password') steps.push(wrapByPasswordOf(each, cekLength, parameters));
    else if (each.key.algorithm === 'RSA') steps.push(transportTo(named(each), crypto));
    else if (each.key.algorithm.startsWith('ML-KEM')) steps.push(await encapsulateTo(named(each), parameters));
    else if (!Object.hasOwn(CURVES, each.key.algorithm))
      throw new TypeError(`recipients hold a key of ${each.key.algorithm}, which does not encrypt`);
  }
  return (cek) => Promise.all(steps.map((step) => step(cek)));
}

function named({ key, name = 'sha256' }: KeyRecipient): NamedKey {
  return { key, name: { kind: 'subjectKeyIdentifier', keyIdentifier: chosenName(key, name) } };
}

function chosenName(key: GeneralPublicKey, name: NonNullable<KeyRecipient['name']>): Uint8Array {
  if (typeof name === 'object') return name.keyIdentifier;
  return name === 'sha1' ? key.sha1KeyIdentifier : key.keyIdentifier;
}

function identifierOf(name: KeyName): Uint8Array {
  return name.kind === 'subjectKeyIdentifier' ? name.keyIdentifier : name.der;
}

/** One key under two names is one recipient twice, and so are two keys under one name: nobody could tell which is meant (B9). */
function refuseTwice(recipients: readonly GeneralRecipient[]): void {
  const seen = new Set<string>();
  for (const each of recipients) {
    if (each.kind === 'password') continue;
    const marks =
      each.kind === 'kek'
        ? [`kek ${toHex(each.keyIdentifier)}`]
        : [`key ${toHex(each.key.keyIdentifier)}`, `name ${toHex(identifierOf(named(each).name))}`];
    for (const mark of marks) {
      if (seen.has(mark)) throw new RangeError('recipients name a key twice');
      seen.add(mark);
    }
  }
}
