/**
 * AES-GCM, ChaCha20-Poly1305, AES-CBC and AES key wrap: as content and key of an object to a key-encryption key where CMS can
 * carry the case, else the provider's own function.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { AeadName, GeneralCrypto } from '@stanzaseal/cms/general';
import type { BadPeerValue } from '@stanzaseal/testkit';
import { algorithm, integer, octets, sequence, set } from '../asn1.js';
import { authEnveloped, CASE_CONTENT, enveloped, sealedUnder } from '../caseObject.js';
import { CASE_KEK, CASE_KEK_IDENTIFIER, kekRecipient, wrapped } from '../caseRecipient.js';
import { openWith } from '../functions.js';
import * as id from '../identifiers.js';
import { type Answer, answerOf, primitiveAnswer } from '../verdict.js';
import { octetsOf, type WycheproofCase } from './wycheproofCase.js';

const OWN_KEK = [{ kind: 'kek', keyIdentifier: CASE_KEK_IDENTIFIER, key: CASE_KEK }] as const;

/** AES-GCM. */
export async function aesGcm(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const { length } = octetsOf(each, 'key');
  const parameters = sequence(octets(octetsOf(each, 'iv')), integer(16));
  const cipher = algorithm(id.AES_GCM[length] as string, parameters);
  return opened(each, crypto, cipher, `AES-${length * 8}-GCM` as AeadName);
}

/** ChaCha20-Poly1305. */
export async function chacha(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const cipher = algorithm(id.CHACHA20_POLY1305, octets(octetsOf(each, 'iv')));
  return opened(each, crypto, cipher, 'ChaCha20-Poly1305');
}

/** AES-CBC has no tag: an EnvelopedData of it is refused, whatever it holds. */
export async function aesCbc(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const key = octetsOf(each, 'key');
  const cipher = algorithm(id.AES_CBC[key.length] as string, octets(octetsOf(each, 'iv')));
  const object = enveloped(kekRecipient(CASE_KEK, wrapped(CASE_KEK, key)), cipher, octetsOf(each, 'ct'));
  return answerOf(
    () => openWith(object, OWN_KEK, crypto),
    (content) => equal(content, octetsOf(each, 'msg')),
  );
}

/** AES key wrap: the case's key is the key-encryption key, its message the content-encryption key. */
export async function aesWrap(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const kek = octetsOf(each, 'key');
  const key = octetsOf(each, 'msg');
  if (![16, 24, 32].includes(key.length)) {
    return primitiveAnswer(
      () => crypto.unwrapKey(kek, octetsOf(each, 'ct')),
      (unwrapped) => equal(unwrapped, key),
    );
  }
  return openedByKek(kek, sealedUnder(kekRecipient(kek, octetsOf(each, 'ct')), key), crypto);
}

/** AES key wrap with padding (RFC 5649) stands in no profile of CMS that we speak: such a recipient is passed over. */
export async function aesWrapPadded(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const kek = octetsOf(each, 'key');
  const key = octetsOf(each, 'msg');
  const cek = [16, 24, 32].includes(key.length) ? key : new Uint8Array(16);
  const recipient = kekRecipient(kek, octetsOf(each, 'ct'), id.AES_WRAP_PAD[kek.length]);
  return openedByKek(kek, sealedUnder(recipient, cek), crypto);
}

async function openedByKek(kek: Uint8Array, object: Uint8Array, crypto: GeneralCrypto): Promise<Answer> {
  return answerOf(
    () => openWith(object, [{ kind: 'kek', keyIdentifier: CASE_KEK_IDENTIFIER, key: kek }], crypto),
    (content) => equal(content, CASE_CONTENT),
  );
}

/** The AAD of CMS is the DER of attributes: a case with any other goes to the provider's function. */
async function opened(
  each: WycheproofCase,
  crypto: GeneralCrypto,
  cipher: BadPeerValue,
  aead: AeadName,
): Promise<Answer> {
  const key = octetsOf(each, 'key');
  const aad = octetsOf(each, 'aad');
  const ciphertext = octetsOf(each, 'ct');
  const tag = octetsOf(each, 'tag');
  const isRight = (content: Uint8Array): boolean => equal(content, octetsOf(each, 'msg'));
  if (aad.length > 0) {
    return primitiveAnswer(() => crypto.open(aead, key, octetsOf(each, 'iv'), aad, ciphertext, tag), isRight);
  }
  const object = authEnveloped(set(kekRecipient(CASE_KEK, wrapped(CASE_KEK, key))), cipher, ciphertext, tag);
  return answerOf(() => openWith(object, OWN_KEK, crypto), isRight);
}
