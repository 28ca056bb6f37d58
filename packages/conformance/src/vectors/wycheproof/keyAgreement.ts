/**
 * X25519 and ECDH: raw keys inside KeyAgreeRecipientInfo, SubjectPublicKeyInfo and PKCS#8 through import and agreement.
 * @module
 */
import { CmsError, equal, fromHex } from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import { algorithm, der, identifier, integer, octets, privateKeyInfo, publicKeyInfo, sequence } from '../asn1.js';
import { CASE_CEK, CASE_CONTENT, sealedUnder } from '../caseObject.js';
import { curveRecipient, x25519Recipient } from '../caseRecipient.js';
import { openWith } from '../functions.js';
import * as id from '../identifiers.js';
import { type Answer, answerOf } from '../verdict.js';
import { groupText, octetsOf, type WycheproofCase } from './wycheproofCase.js';

/** Raw X25519 keys: the public one as the originator of an object to the private one. */
export async function x25519Raw(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const pkcs8 = privateKeyInfo(algorithm(id.X25519), der(octets(octetsOf(each, 'private'))));
  return openedAsRecipient(each, crypto, pkcs8, x25519Recipient);
}

/** Raw points of a curve: the public one as the originator of an object to the private one. */
export async function curvePoint(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  return openedAsRecipient(each, crypto, curvePrivateKey(each), curveRecipient);
}

/** A SubjectPublicKeyInfo of a curve, agreed with. */
export async function curveKey(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  return agreed(each, crypto, curvePrivateKey(each), octetsOf(each, 'public'));
}

/** SubjectPublicKeyInfo and PKCS#8 of X25519 or X448. */
export async function encodedKeys(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  return agreed(each, crypto, octetsOf(each, 'private'), octetsOf(each, 'public'));
}

/** Raw X448 keys, encoded: neither half is taken. */
export async function x448Raw(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const pkcs8 = privateKeyInfo(algorithm(id.X448), der(octets(octetsOf(each, 'private'))));
  return agreed(each, crypto, pkcs8, publicKeyInfo(algorithm(id.X448), octetsOf(each, 'public')));
}

async function agreed(
  each: WycheproofCase,
  crypto: GeneralCrypto,
  pkcs8: Uint8Array,
  spki: Uint8Array,
): Promise<Answer> {
  return answerOf(
    async () => {
      const key = await crypto.importPrivateKey(pkcs8);
      const peer = await crypto.importPublicKey(spki);
      // Agreement with a key of another curve is the caller's mistake, so every caller compares first.
      if (peer.algorithm !== key.publicKey.algorithm) throw new CmsError('ERR_UNSUPPORTED', 'keys of two algorithms');
      return crypto.agree(key, peer);
    },
    (secret) => equal(secret, octetsOf(each, 'shared')),
  );
}

async function openedAsRecipient(
  each: WycheproofCase,
  crypto: GeneralCrypto,
  pkcs8: Uint8Array,
  recipientInfo: typeof curveRecipient,
): Promise<Answer> {
  const key = await crypto.importPrivateKey(pkcs8);
  const secret = octetsOf(each, 'shared');
  // Where the publisher knows no secret, none may be found: the object is made with 32 zeros, which a broken agreement would give.
  const assumed = secret.length > 0 ? secret : new Uint8Array(32);
  const { keyIdentifier } = key.publicKey;
  const object = sealedUnder(recipientInfo(keyIdentifier, octetsOf(each, 'public'), assumed, CASE_CEK));
  const answer = await answerOf(
    () => openWith(object, [{ kind: 'key', key }], crypto),
    (content) => equal(content, CASE_CONTENT),
  );
  // A bad point inside an object is its damage like any other: one answer.
  if (answer.did === 'refused' && answer.code !== 'ERR_OPEN')
    throw new Error(`refused with ${answer.code}, not ERR_OPEN`);
  return answer;
}

/** PKCS#8 around an ECPrivateKey (RFC 5915) of the case's scalar, which is printed with leading zeros or without. */
function curvePrivateKey(each: WycheproofCase): Uint8Array {
  const curve = groupText(each, 'curve');
  const digits = curve === 'secp256r1' ? 64 : 96;
  const scalar = fromHex((each.test.private as string).replace(/^0+/, '').padStart(digits, '0'));
  const parameters = algorithm(id.EC_PUBLIC_KEY, identifier(id.CURVE[curve] as string));
  return privateKeyInfo(parameters, der(sequence(integer(1), octets(scalar))));
}
