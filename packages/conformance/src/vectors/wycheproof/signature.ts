/**
 * Signatures: the case's key is imported, its signature stands in a SignedData of ours, and the signer's verification judges.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import type { BadPeerValue } from '@stanzaseal/testkit';
import { algorithm, context, integer, nothing, publicKeyInfo, sequence } from '../asn1.js';
import { signedAround } from '../caseObject.js';
import { verifyWith } from '../functions.js';
import * as id from '../identifiers.js';
import { type Answer, answerOf } from '../verdict.js';
import { groupNumber, groupText, octetsOf, type WycheproofCase } from './wycheproofCase.js';

/** Ed25519, digest SHA-512 (RFC 8419). */
export async function ed25519(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  return verified(each, crypto, fromHex(groupText(each, 'publicKeyDer')), algorithm(id.ED25519), 'SHA-512');
}

/** Ed448 is not spoken: the key is refused. */
export async function ed448(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  return verified(each, crypto, fromHex(groupText(each, 'publicKeyDer')), algorithm(id.ED448), 'SHA-512');
}

/** ECDSA. */
export async function ecdsa(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const hash = groupText(each, 'sha');
  const scheme = algorithm(id.ECDSA[hash] as string);
  return verified(each, crypto, fromHex(groupText(each, 'publicKeyDer')), scheme, hash);
}

/** RSA-PSS under an rsaEncryption or, in the files with parameters, an id-RSASSA-PSS key. */
export async function rsaPss(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const hash = groupText(each, 'sha');
  const mask = algorithm(id.MGF1, algorithm(id.HASH[groupText(each, 'mgfSha')] as string));
  const parameters = sequence(
    context(0, algorithm(id.HASH[hash] as string)),
    context(1, mask),
    context(2, integer(groupNumber(each, 'sLen'))),
  );
  const scheme = algorithm(id.RSA_PSS, parameters);
  return verified(each, crypto, fromHex(groupText(each, 'publicKeyDer')), scheme, hash);
}

/** RSA PKCS#1 v1.5 is not spoken: refused whether good or bad. */
export async function rsaPkcs1(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const scheme = algorithm(id.RSA_SHA256, nothing());
  return verified(each, crypto, fromHex(groupText(each, 'publicKeyDer')), scheme, groupText(each, 'sha'));
}

/** ML-DSA, digest SHA-512; CMS signs under the empty context string (RFC 9882 §3.3). */
export async function mlDsa(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const [, level] = /mldsa_(\d+)/.exec(each.file) as RegExpExecArray;
  const scheme = algorithm(id.ML_DSA[level as string] as string);
  const spki = publicKeyInfo(scheme, fromHex(groupText(each, 'publicKey')));
  return verified(each, crypto, spki, scheme, 'SHA-512');
}

async function verified(
  each: WycheproofCase,
  crypto: GeneralCrypto,
  spki: Uint8Array,
  scheme: BadPeerValue,
  hash: string,
): Promise<Answer> {
  const message = octetsOf(each, 'msg');
  return answerOf(
    async () => {
      const key = await crypto.importPublicKey(spki);
      const digest = algorithm(id.HASH[hash] as string);
      const object = signedAround(key.keyIdentifier, digest, scheme, message, octetsOf(each, 'sig'));
      return verifyWith(object, key, crypto);
    },
    (content) => equal(content, message),
  );
}
