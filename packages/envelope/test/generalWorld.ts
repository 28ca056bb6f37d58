/** What the tests of the general profile have in common: a key of each kind, objects, and objects written anew with changes. */
import { ID_DATA, toUtf8 } from '@stanzaseal/cms';
import {
  type AuthEnvelopedDataToWrite,
  encodeGeneralAuthEnvelopedData,
  type GeneralAuthEnvelopedData,
  type GeneralPrivateKey,
  type GeneralRecipientInfo,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import { systemRandom } from '@stanzaseal/cms/provider';
import { refusal } from '@stanzaseal/testkit';
import * as assert from 'uvu/assert';
import {
  decrypt,
  encrypt,
  GENERAL_POLICY,
  type GeneralDecrypted,
  type GeneralDecryptParameters,
  type GeneralEncrypted,
  type GeneralEncryptParameters,
  type GeneralRecipient,
  type OwnKey,
} from '../src/general/index.js';
import { generalCrypto } from './world.js';

/** Algorithms of keys that encrypt. */
export const ALGORITHMS = ['X25519', 'P-256', 'P-384', 'RSA', 'ML-KEM-512', 'ML-KEM-768', 'ML-KEM-1024'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A private key of each. */
export const own = Object.fromEntries(
  await Promise.all(
    ALGORITHMS.map(async (algorithm) => [algorithm, await generalCrypto.generatePrivateKey(algorithm, systemRandom)]),
  ),
) as Record<Algorithm, GeneralPrivateKey>;

/** The content. */
export const LETTER: Uint8Array = toUtf8('A plague o’ both your houses!');
/** A shared key. */
export const KEK = { kind: 'kek', keyIdentifier: toUtf8('verona'), key: new Uint8Array(32).fill(0x5a) } as const;
/** A password at the least cost that the policy takes. */
export const PASSWORD = {
  kind: 'password',
  password: toUtf8('wherefore art thou'),
  cost: { kind: 'pbkdf2', iterations: 100_000 },
} as const;

/** A recipient of an algorithm. */
export function to(algorithm: Algorithm): Extract<GeneralRecipient, { kind: 'key' }> {
  return { kind: 'key', key: own[algorithm].publicKey };
}

/** The private key of an algorithm, to open with. */
export function by(algorithm: Algorithm): Extract<OwnKey, { kind: 'key' }> {
  return { kind: 'key', key: own[algorithm] };
}

/** The letter, encrypted. */
export function make(
  recipients: readonly GeneralRecipient[],
  more: Partial<GeneralEncryptParameters> = {},
): Promise<GeneralEncrypted> {
  return encrypt(LETTER, {
    profile: 'general',
    recipients,
    contentType: ID_DATA,
    contentEncryption: 'AES-256-GCM',
    cekHkdf: false,
    random: systemRandom,
    crypto: generalCrypto,
    ...more,
  });
}

/** Opens with keys. */
export function openWith(
  der: Uint8Array,
  keys: readonly OwnKey[],
  more: Partial<GeneralDecryptParameters> = {},
): Promise<GeneralDecrypted> {
  return decrypt(der, { profile: 'general', keys, policy: GENERAL_POLICY, crypto: generalCrypto, ...more });
}

/** Must be refused with a code and the one message of `ERR_OPEN`. */
export async function refusedWith(
  code: 'ERR_OPEN' | 'ERR_UNSUPPORTED',
  der: Uint8Array,
  keys: readonly OwnKey[],
  why: string,
  more: Partial<GeneralDecryptParameters> = {},
): Promise<void> {
  const error = await refusal(() => openWith(der, keys, more));
  assert.ok(error !== undefined, `${why} was opened`);
  assert.is(error.code, code, `${why}: ${error}`);
  if (code === 'ERR_OPEN') assert.is(error.message, 'object is not for us, or damaged', why);
}

/** An AuthEnvelopedData taken apart. */
export function parts(der: Uint8Array): GeneralAuthEnvelopedData {
  const data = readGeneralContentInfo(der, GENERAL_POLICY.limits);
  if (data.kind !== 'AuthEnvelopedData') throw new TypeError('der is of another kind');
  return data;
}

/** The first RecipientInfo, of a kind. */
export function infoOf<K extends GeneralRecipientInfo['kind']>(
  der: Uint8Array,
  kind: K,
): Extract<GeneralRecipientInfo, { kind: K }> {
  const info = parts(der).recipientInfos.find((each) => each.kind === kind);
  if (info === undefined) throw new RangeError(`no ${kind}`);
  return info as Extract<GeneralRecipientInfo, { kind: K }>;
}

/** An object written anew with some of its parts changed: not its tag, unless that is among them. */
export function rewritten(
  der: Uint8Array,
  change: (data: GeneralAuthEnvelopedData) => Partial<AuthEnvelopedDataToWrite>,
): Uint8Array {
  const data = parts(der);
  return encodeGeneralAuthEnvelopedData({ ...data, ...change(data) });
}
