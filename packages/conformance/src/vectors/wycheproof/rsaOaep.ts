/**
 * RSA-OAEP: a message that can be a content-encryption key stands in an object to the case's key; others go to the provider.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralPrivateKey, HashName } from '@stanzaseal/cms/general';
import { algorithm, context, octets, sequence } from '../asn1.js';
import { CASE_CONTENT, sealedUnder } from '../caseObject.js';
import { rsaRecipient } from '../caseRecipient.js';
import { openWith } from '../functions.js';
import * as id from '../identifiers.js';
import { type Answer, answerOf, notApplicable, primitiveAnswer } from '../verdict.js';
import { groupNumber, groupText, octetsOf, type WycheproofCase } from './wycheproofCase.js';

/** The key of the group last seen: RSA keys of 8192 bits are dear to check, and stand for many cases. */
const imported = new WeakMap<object, Promise<GeneralPrivateKey>>();

/** RSA-OAEP decryption. */
export async function rsaOaep(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const message = octetsOf(each, 'msg');
  const ciphertext = octetsOf(each, 'ct');
  const label = octetsOf(each, 'label');
  const hash = groupText(each, 'sha') as HashName;
  const mgfHash = groupText(each, 'mgfSha') as HashName;
  // Two hashes are refused by every provider, which is another matter.
  if (crypto.name === 'WebCrypto' && hash === 'SHA-224' && mgfHash === hash && groupNumber(each, 'keySize') >= 2048)
    return notApplicable('WebCrypto has no SHA-224');
  let importing = imported.get(each.group);
  if (importing === undefined) {
    importing = Promise.resolve().then(() => crypto.importPrivateKey(fromHex(groupText(each, 'privateKeyPkcs8'))));
    imported.set(each.group, importing);
  }
  const key = importing;
  const refusedKey = await answerOf(
    () => key,
    () => true,
  );
  if (refusedKey.did === 'refused') return refusedKey;
  if (![16, 24, 32].includes(message.length)) {
    return primitiveAnswer(
      async () => crypto.decryptOaep(await key, { hash, mgfHash, label }, ciphertext),
      (decrypted) => equal(decrypted, message),
    );
  }
  const parameters = sequence(
    context(0, algorithm(id.HASH[hash] as string)),
    context(1, algorithm(id.MGF1, algorithm(id.HASH[mgfHash] as string))),
    ...(label.length === 0 ? [] : [context(2, algorithm(id.P_SPECIFIED, octets(label)))]),
  );
  return answerOf(
    async () => {
      const own = await key;
      const recipient = rsaRecipient(own.publicKey.keyIdentifier, algorithm(id.RSA_OAEP, parameters), ciphertext);
      return openWith(sealedUnder(recipient, message), [{ kind: 'key', key: own }], crypto);
    },
    (content) => equal(content, CASE_CONTENT),
  );
}
