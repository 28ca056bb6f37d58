/**
 * Expectations of the values that RFCs print for primitives, and of RFC 9709's keys.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import type { HashName } from '@stanzaseal/cms/general';
import { type Answer, answerOf, primitiveAnswer } from '../verdict.js';
import { type Expectation, notRun } from './expectation.js';
import { type MessageSource, rawFile } from './vectorFile.js';

/** Members are hexadecimal octets, texts and numbers. */
type Values = Readonly<Record<string, string | number>>;

/** RFC 3394, 5649, 5869, 6070 and 7914. */
export const RFC_PRIMITIVES: readonly Expectation[] = [
  ...listed('rfc3394-aes-kw.json', 6, async ({ crypto }, { kek, key, wrapped }) =>
    answerOf(
      async () => [await crypto.wrapKey(hex(kek), hex(key)), await crypto.unwrapKey(hex(kek), hex(wrapped))] as const,
      ([again, unwrapped]) => equal(again, hex(wrapped)) && equal(unwrapped, hex(key)),
    ),
  ),
  notRun('rfc5649-aes-kwp.json', 'AES key wrap with padding (RFC 5649): no kind of recipient that we speak uses it'),
  ...listed('rfc5869-hkdf.json', 7, async ({ crypto }, { hash, ikm, salt, info, L, okm }) =>
    primitiveAnswer(
      () => crypto.hkdf(hash as HashName, hex(ikm), hex(salt), hex(info), Number(L)),
      (derived) => equal(derived, hex(okm)),
    ),
  ),
  ...listed('rfc6070-pbkdf2-sha1.json', 6, (source, values) => pbkdf2(source, 'SHA-1', values), [
    3,
    'PBKDF2 cost that takes minutes and that no policy takes',
  ]),
  ...listed('rfc7914-pbkdf2-sha256.json', 2, (source, values) => pbkdf2(source, 'SHA-256', values)),
  ...listed(
    'rfc7914-scrypt.json',
    4,
    async ({ crypto }, { P, S, N, r, p, dkLen, out }) =>
      primitiveAnswer(
        () => crypto.scrypt(text(P), text(S), { n: Number(N), r: Number(r), p: Number(p) }, Number(dkLen)),
        (derived) => equal(derived, hex(out)),
      ),
    [3, 'scrypt in 1 GiB of memory, which no policy takes'],
  ),
  notRun('rfc7914-scrypt-encrypted-pkcs8.pem', 'scrypt in 1 GiB of memory, which no policy takes'),
];

/** RFC 9709: keys derived from the content-encryption key; its message is an EnvelopedData. */
export const RFC9709_KEYS: readonly Expectation[] = listed(
  'vectors.json',
  2,
  async ({ crypto }, { ikm, salt_ascii, info, okm }) =>
    primitiveAnswer(
      () => crypto.hkdf('SHA-256', hex(ikm), text(salt_ascii), hex(info), 16),
      (derived) => equal(derived, hex(okm)),
    ),
);

/** The cases of a JSON list of `count` values; one of them may be too dear to run. */
function listed(
  file: string,
  count: number,
  run: (source: MessageSource, values: Values) => Promise<Answer>,
  [leftOut, reason]: readonly [number, string] = [-1, ''],
): Expectation[] {
  return Array.from({ length: count }, (_, index) => {
    if (index === leftOut) return { ...notRun(file, reason), id: `value ${index + 1}` };
    return {
      file,
      id: `value ${index + 1}`,
      expected: 'valid' as const,
      traits: [],
      run: async (source: MessageSource) => {
        const list = JSON.parse(new TextDecoder().decode(rawFile(source, file))) as Values[];
        if (list.length !== count) throw new Error(`${file} has ${list.length} values, not ${count}`);
        return run(source, list[index] as Values);
      },
    };
  });
}

function pbkdf2({ crypto }: MessageSource, hash: HashName, { P, S, c, dkLen, out }: Values): Promise<Answer> {
  return primitiveAnswer(
    () => crypto.pbkdf2(hash, text(P), text(S), Number(c), Number(dkLen)),
    (derived) => equal(derived, hex(out)),
  );
}

function hex(octets: string | number | undefined): Uint8Array {
  return fromHex(String(octets ?? ''));
}

/** The RFCs' `\0` in a password or salt is one octet of zero. */
function text(value: string | number | undefined): Uint8Array {
  return new TextEncoder().encode(String(value ?? '').replaceAll('\\0', '\0'));
}
