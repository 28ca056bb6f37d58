/**
 * HMAC, HKDF and PBKDF2: as AuthenticatedData and PasswordRecipientInfo where CMS can carry the case, else the provider's function.
 * @module
 */
import { equal, equalConstantTime } from '@stanzaseal/cms';
import type { GeneralCrypto, HashName } from '@stanzaseal/cms/general';
import { authenticated, CASE_CEK, CASE_CONTENT, sealedUnder } from '../caseObject.js';
import { CASE_KEK, CASE_KEK_IDENTIFIER, passwordRecipient } from '../caseRecipient.js';
import { openWith } from '../functions.js';
import { type Answer, accepted, answerOf, notApplicable, primitiveAnswer, refused } from '../verdict.js';
import { octetsOf, type WycheproofCase } from './wycheproofCase.js';

/** Iterations beyond this take minutes, and stand above any sensible ceiling for a cost that a stranger chose. */
const MOST_ITERATIONS = 2_500_000;

/** HMAC. AuthenticatedData takes whole tags, and keys that AES key wrap can carry; of other cases the tag is compared here. */
export async function hmac(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const hash = hashOf(each);
  const key = octetsOf(each, 'key');
  const message = octetsOf(each, 'msg');
  const tag = octetsOf(each, 'tag');
  if (tag.length * 8 !== Number(hash.slice(4)) || key.length % 8 !== 0) {
    const whole = await crypto.hmac(hash, key, message);
    return equalConstantTime(whole.subarray(0, tag.length), tag) ? accepted(true) : refused('another tag');
  }
  const object = authenticated(hash, key, message, tag);
  return answerOf(
    () => openWith(object, [{ kind: 'kek', keyIdentifier: CASE_KEK_IDENTIFIER, key: CASE_KEK }], crypto),
    (content) => equal(content, message),
  );
}

/** HKDF. */
export async function hkdf(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const size = Number(each.test.size);
  return primitiveAnswer(
    () => crypto.hkdf(hashOf(each), octetsOf(each, 'ikm'), octetsOf(each, 'salt'), octetsOf(each, 'info'), size),
    (okm) => equal(okm, octetsOf(each, 'okm')),
  );
}

/** PBKDF2: a key that fits AES opens an object, by a policy that takes any cost; others come from the provider. */
export async function pbkdf2(each: WycheproofCase, crypto: GeneralCrypto): Promise<Answer> {
  const iterations = Number(each.test.iterationCount);
  if (iterations > MOST_ITERATIONS) return notApplicable('PBKDF2 cost that takes minutes and that no policy takes');
  const hash = hashOf(each);
  const password = octetsOf(each, 'password');
  const salt = octetsOf(each, 'salt');
  const key = octetsOf(each, 'dk');
  if (![16, 24, 32].includes(key.length)) {
    return primitiveAnswer(
      () => crypto.pbkdf2(hash, password, salt, iterations, key.length),
      (derived) => equal(derived, key),
    );
  }
  const object = sealedUnder(passwordRecipient({ hash, salt, iterations }, key, CASE_CEK));
  return answerOf(
    () => openWith(object, [{ kind: 'password', password }], crypto),
    (content) => equal(content, CASE_CONTENT),
  );
}

function hashOf({ file }: WycheproofCase): HashName {
  return `SHA-${/sha(\d+)/.exec(file)?.[1]}` as HashName;
}
