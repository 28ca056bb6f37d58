/**
 * ML-KEM and ML-DSA private keys: encapsulation, decapsulation, key generation and signing.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralKeyAlgorithm } from '@stanzaseal/cms/general';
import { type BadPeerValue, unsafeSeededRandom } from '@stanzaseal/testkit';
import { algorithm, contextOctets, der, octets, privateKeyInfo, publicKeyInfo } from '../asn1.js';
import { CASE_CEK, CASE_CONTENT, sealedUnder } from '../caseObject.js';
import { kemRecipient } from '../caseRecipient.js';
import { openWith } from '../functions.js';
import * as id from '../identifiers.js';
import { type Answer, answerOf, notApplicable } from '../verdict.js';
import { groupText, octetsOf, type WycheproofCase } from './wycheproofCase.js';

const ML_DSA_65 = algorithm(id.ML_DSA['65'] as string);

/** ML-KEM: the seed is imported, gives the published public key, and opens an object whose KEM ciphertext is the case's. */
export async function mlKem(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const seed = contextOctets(0, octetsOf(each, 'seed'));
  return openedByKem(each, crypto, der(seed));
}

/** ML-KEM with the expanded private key. */
export async function mlKemExpanded(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  return openedByKem(each, crypto, der(octets(octetsOf(each, 'dk'))));
}

/** ML-KEM encapsulation with the published randomness. */
export async function mlKemEncapsulate(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const spki = publicKeyInfo(kemOf(each), octetsOf(each, 'ek'));
  return answerOf(
    async () => crypto.encapsulate(await crypto.importPublicKey(spki), () => octetsOf(each, 'm')),
    ({ sharedSecret, ciphertext }) =>
      equal(sharedSecret, octetsOf(each, 'K')) && equal(ciphertext, octetsOf(each, 'c')),
  );
}

/** ML-KEM key generation: the seed gives both halves, and the expanded private key alone the same public key. */
export async function mlKemGenerate(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const imported = async (privateKey: Uint8Array): Promise<Uint8Array> =>
    (await crypto.importPrivateKey(privateKeyInfo(kemOf(each), privateKey))).publicKey.subjectPublicKey;
  return answerOf(
    async () => {
      const name = groupText(each, 'parameterSet') as GeneralKeyAlgorithm;
      const generated = await crypto.generatePrivateKey(name, () => octetsOf(each, 'seed'));
      const fromSeed = await imported(der(contextOctets(0, octetsOf(each, 'seed'))));
      const expanded = await imported(der(octets(octetsOf(each, 'dk'))));
      return [generated.publicKey.subjectPublicKey, fromSeed, expanded];
    },
    (keys) => keys.every((key) => equal(key, octetsOf(each, 'ek'))),
  );
}

/**
 * ML-DSA-65 private keys: each gives the published public key, under which the published signature and one of ours are good. Ours is
 * hedged (FIPS 204 §3.4), so it is another one: our signing takes no randomness of zeros.
 */
export async function mlDsaSign(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  if (each.test.msg === undefined)
    return notApplicable('ML-DSA of a digest μ made elsewhere: no function of ours takes one');
  if (each.test.ctx)
    return notApplicable('ML-DSA signing under a context string: CMS knows the empty one alone (RFC 9882 §3)');
  const seed = groupText(each, 'privateSeed');
  const privateKey = seed === '' ? octets(fromHex(groupText(each, 'privateKey'))) : contextOctets(0, fromHex(seed));
  const random = unsafeSeededRandom(`${each.file} ${each.test.tcId}`);
  return answerOf(
    async () => {
      const key = await crypto.importPrivateKey(privateKeyInfo(ML_DSA_65, der(privateKey)));
      const message = octetsOf(each, 'msg');
      const own = await crypto.sign(key, { name: 'ML-DSA' }, message, random);
      const verify = (signature: Uint8Array): boolean | Promise<boolean> =>
        crypto.verify(key.publicKey, { name: 'ML-DSA' }, message, signature);
      const isPublished = equal(key.publicKey.subjectPublicKey, fromHex(groupText(each, 'publicKey')));
      return isPublished && (await verify(octetsOf(each, 'sig'))) && (await verify(own));
    },
    (isRight) => isRight,
  );
}

async function openedByKem(each: WycheproofCase, crypto: GeneralCrypto, privateKey: Uint8Array): Promise<Answer> {
  const set = groupText(each, 'parameterSet');
  const ek = octetsOf(each, 'ek');
  const secret = octetsOf(each, 'K');
  const assumed = secret.length > 0 ? secret : new Uint8Array(32);
  return answerOf(
    async () => {
      const key = await crypto.importPrivateKey(privateKeyInfo(kemOf(each), privateKey));
      const { keyIdentifier, subjectPublicKey } = key.publicKey;
      const object = sealedUnder(kemRecipient(keyIdentifier, set, octetsOf(each, 'c'), assumed, CASE_CEK));
      const content = await openWith(object, [{ kind: 'key', key }], crypto);
      return { content, subjectPublicKey };
    },
    ({ content, subjectPublicKey }) => equal(content, CASE_CONTENT) && equal(subjectPublicKey, ek),
  );
}

function kemOf(each: WycheproofCase): BadPeerValue {
  return algorithm(id.ML_KEM[groupText(each, 'parameterSet')] as string);
}
