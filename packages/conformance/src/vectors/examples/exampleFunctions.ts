/**
 * What is done with an example of an RFC, by the name of the function that it is of.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import type { AeadName, GeneralCrypto, HashName } from '@stanzaseal/cms/general';
import { algorithm, der, octets, privateKeyInfo, publicKeyInfo } from '../asn1.js';
import { ED25519, X25519 } from '../identifiers.js';
import { type Answer, answerOf, primitiveAnswer } from '../verdict.js';

type Example = Readonly<Record<string, string | number>>;

/** The functions. */
export const EXAMPLE_FUNCTIONS: Readonly<Record<string, (example: Example, crypto: GeneralCrypto) => Promise<Answer>>> =
  {
    key: (example, crypto) =>
      answerOf(
        async () => {
          const { public: stated, private: secret } = example;
          const publicKey = stated === undefined ? undefined : await crypto.importPublicKey(hex(stated));
          const privateKey = secret === undefined ? undefined : await crypto.importPrivateKey(hex(secret));
          return [publicKey?.spki, privateKey?.publicKey.spki];
        },
        (halves) => halves.every((spki) => spki === undefined || equal(spki, hex(example.public))),
      ),
    hkdf: ({ hash, ikm, salt, info, okm }, crypto) =>
      primitiveAnswer(
        () => crypto.hkdf(hash as HashName, hex(ikm), hex(salt), hex(info), hex(okm).length),
        (derived) => equal(derived, hex(okm)),
      ),
    hmac: ({ hash, key, message, mac }, crypto) =>
      primitiveAnswer(
        () => crypto.hmac(hash as HashName, hex(key), hex(message)),
        (computed) => equal(computed, hex(mac)),
      ),
    pbkdf2: ({ hash, password, salt, iterations, key }, crypto) =>
      primitiveAnswer(
        () => crypto.pbkdf2(hash as HashName, hex(password), hex(salt), Number(iterations), hex(key).length),
        (derived) => equal(derived, hex(key)),
      ),
    scrypt: ({ password, salt, n, r, p, key }, crypto) =>
      primitiveAnswer(
        () => crypto.scrypt(hex(password), hex(salt), { n: Number(n), r: Number(r), p: Number(p) }, hex(key).length),
        (derived) => equal(derived, hex(key)),
      ),
    wrapKey: ({ kek, key, wrapped }, crypto) =>
      primitiveAnswer(
        async () => [await crypto.wrapKey(hex(kek), hex(key)), await crypto.unwrapKey(hex(kek), hex(wrapped))] as const,
        ([again, unwrapped]) => equal(again, hex(wrapped)) && equal(unwrapped, hex(key)),
      ),
    open: ({ aead, key, nonce, aad, plaintext, ciphertext, tag }, crypto) =>
      primitiveAnswer(
        async () => {
          const [name, ...rest] = [aead as AeadName, hex(key), hex(nonce), hex(aad)] as const;
          const sealed = await crypto.seal(name, ...rest, hex(plaintext));
          return [sealed, await crypto.open(name, ...rest, hex(ciphertext), hex(tag))] as const;
        },
        ([sealed, opened]) => equal(sealed, hex(`${ciphertext}${tag}`)) && equal(opened, hex(plaintext)),
      ),
    ed25519: ({ secret, public: raw, message, signature }, crypto) =>
      primitiveAnswer(
        async () => {
          const key = await crypto.importPrivateKey(privateKeyInfo(algorithm(ED25519), der(octets(hex(secret)))));
          const peer = await crypto.importPublicKey(publicKeyInfo(algorithm(ED25519), hex(raw)));
          const made = await crypto.sign(key, { name: 'Ed25519' }, hex(message), noRandomness);
          return { made, isGood: await crypto.verify(peer, { name: 'Ed25519' }, hex(message), hex(signature)) };
        },
        ({ made, isGood }) => isGood && equal(made, hex(signature)),
      ),
    x25519: ({ secret, public: raw, peer, shared }, crypto) =>
      primitiveAnswer(
        async () => {
          const key = await crypto.importPrivateKey(privateKeyInfo(algorithm(X25519), der(octets(hex(secret)))));
          const other = await crypto.importPublicKey(publicKeyInfo(algorithm(X25519), hex(peer)));
          return { own: key.publicKey.subjectPublicKey, agreed: await crypto.agree(key, other) };
        },
        ({ own, agreed }) => equal(own, hex(raw)) && equal(agreed, hex(shared)),
      ),
  };

function hex(value: string | number | undefined): Uint8Array {
  return fromHex(String(value ?? ''));
}

/** Ed25519 draws none. */
function noRandomness(): never {
  throw new Error('randomness drawn');
}
