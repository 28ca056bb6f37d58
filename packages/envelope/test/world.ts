/** What the envelope tests have in common: objects with their CEKs, and opening as a receiver does. */
import {
  encodeClearContext,
  ID_SIGNED_DATA,
  type PrivateKey,
  type PublicKey,
  type RandomSource,
} from '@stanzaseal/cms';
import { systemRandom } from '@stanzaseal/cms/provider';
import { agreementKeys, type GoldenWorld, goldenWorld, refusal } from '@stanzaseal/testkit';
import * as assert from 'uvu/assert';
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
  const profile = { profile: 'sealed' as const, clearContext: await clearContextTo(recipients) };
  return encrypt(content, { recipients, contentType: ID_SIGNED_DATA, profile, random, crypto });
}

export async function general(
  recipients: Recipients,
  content: Uint8Array = signed,
  cekHkdf = true,
): Promise<Encrypted> {
  const profile = { profile: 'general' as const, cekHkdf };
  return encrypt(content, { recipients, contentType: ID_SIGNED_DATA, profile, random: systemRandom, crypto });
}

/** Opens as the holder of private keys, in a profile. */
export async function open(
  der: Uint8Array,
  profile: 'sealed' | 'general' = 'sealed',
  own: readonly PrivateKey[] = [keys.prekeyA],
  provider = crypto,
): Promise<Decrypted> {
  return decrypt(await readObject(der, { profile, crypto: provider }), {
    keys: await agreementKeys(own, provider),
    crypto: provider,
  });
}

/** Every refusal met so far, as its class, name, code and message: rule U says there is one. */
export const refusals: Set<string> = new Set();

/** Must be refused in the profiles given, with the one error. */
export async function refused(
  der: Uint8Array,
  why: string,
  profiles: readonly ('sealed' | 'general')[] = ['sealed', 'general'],
): Promise<void> {
  for (const profile of profiles) {
    const error = await refusal(() => open(der, profile));
    assert.ok(error !== undefined, `${why} was opened (${profile})`);
    refusals.add(`${error.constructor.name} ${error.name} ${error.code} ${error.message}`);
    assert.is(error.code, 'ERR_OPEN', `${why} (${profile}): ${error}`);
  }
}
