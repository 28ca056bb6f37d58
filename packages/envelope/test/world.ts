/** What the envelope tests have in common: objects with their CEKs, and opening as a receiver does. */
import {
  type CryptoProvider,
  encodeClearContext,
  ID_SIGNED_DATA,
  type MaybePromise,
  type PrivateKey,
  type PublicKey,
  type RandomSource,
} from '@stanzaseal/cms';
import {
  type GeneralCrypto,
  type GeneralPrivateKey,
  toGeneralPrivateKey,
  toGeneralPublicKey,
} from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { systemRandom } from '@stanzaseal/cms/provider';
import { agreementKeys, type GoldenWorld, goldenWorld, refusal } from '@stanzaseal/testkit';
import * as assert from 'uvu/assert';
import {
  decrypt as decryptGeneral,
  encrypt as encryptGeneral,
  GENERAL_POLICY,
  type GeneralDecrypted,
  type GeneralEncrypted,
} from '../src/general/index.js';
import { type Decrypted, decrypt, type Encrypted, encrypt, readObject, recipientsDigest } from '../src/index.js';

export const world: GoldenWorld = await goldenWorld();
export const { crypto, keys } = world;
/** The signed content that is sealed. */
export const signed: Uint8Array = world.object('inner SignedData').der;
export type Recipients = readonly [PublicKey, ...PublicKey[]];

export async function clearContextTo(recipients: readonly PublicKey[]): Promise<Uint8Array> {
  return encodeClearContext({
    suite: 1,
    kind: 'message',
    type: 'chat',
    from: 'juliet@capulet.example',
    to: 'romeo@montague.example',
    messageId: new Uint8Array(16).fill(7),
    recipientsDigest: await recipientsDigest(
      recipients.map(({ keyIdentifier }) => keyIdentifier),
      crypto,
    ),
  });
}

export async function sealed(
  recipients: Recipients,
  content: Uint8Array = signed,
  random: RandomSource = systemRandom,
): Promise<Encrypted> {
  const clearContext = await clearContextTo(recipients);
  return encrypt(content, { recipients, clearContext, random, crypto });
}

/** The primitives of the general profile. */
export const generalCrypto: GeneralCrypto = createGeneralCrypto();

export async function general(
  recipients: Recipients,
  content: Uint8Array = signed,
  cekHkdf = true,
): Promise<GeneralEncrypted> {
  return encryptGeneral(content, {
    profile: 'general',
    recipients: await Promise.all(
      recipients.map(async (key) => ({ kind: 'key', key: await toGeneralPublicKey(key, generalCrypto) }) as const),
    ),
    contentType: ID_SIGNED_DATA,
    contentEncryption: 'AES-256-GCM',
    cekHkdf,
    random: systemRandom,
    crypto: generalCrypto,
  });
}

/** Opens as the holder of private keys, in the sealed profile. */
export async function open(
  der: Uint8Array,
  own: readonly PrivateKey[] = [keys.prekeyA],
  provider: CryptoProvider = crypto,
): Promise<Decrypted> {
  return decrypt(await readObject(der, { crypto: provider }), {
    keys: await agreementKeys(own, provider),
    crypto: provider,
  });
}

const generalKeys = new WeakMap<PrivateKey, MaybePromise<GeneralPrivateKey>>();

/** The same key for the general profile, imported once. */
export function generalKey(key: PrivateKey): MaybePromise<GeneralPrivateKey> {
  const imported = generalKeys.get(key) ?? toGeneralPrivateKey(key, generalCrypto);
  generalKeys.set(key, imported);
  return imported;
}

/** Opens as the holder of private keys, in the general profile. */
export async function openGeneral(
  der: Uint8Array,
  own: readonly PrivateKey[] = [keys.prekeyA],
  provider: GeneralCrypto = generalCrypto,
): Promise<GeneralDecrypted> {
  return decryptGeneral(der, {
    profile: 'general',
    keys: await Promise.all(own.map(async (key) => ({ kind: 'key', key: await generalKey(key) }) as const)),
    policy: GENERAL_POLICY,
    crypto: provider,
  });
}

/** Every refusal of the sealed profile met so far, as its class, name, code and message: rule U says there is one. */
export const refusals: Set<string> = new Set();

/** Must be refused in the profiles given, with the one error; general CMS names what it plainly does not speak. */
export async function refused(
  der: Uint8Array,
  why: string,
  profiles: readonly ('sealed' | 'general')[] = ['sealed', 'general'],
): Promise<void> {
  for (const profile of profiles) {
    const error = await refusal(() => (profile === 'sealed' ? open(der) : openGeneral(der)));
    assert.ok(error !== undefined, `${why} was opened (${profile})`);
    const isClean = profile === 'general' && error.code === 'ERR_UNSUPPORTED';
    if (!isClean) refusals.add(`${error.constructor.name} ${error.name} ${error.code} ${error.message}`);
    assert.ok(isClean || error.code === 'ERR_OPEN', `${why} (${profile}): ${error}`);
  }
}
