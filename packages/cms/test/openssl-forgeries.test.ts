/**
 * Three AuthEnvelopedData that OpenSSL 3.0.19 opens with exit code 0 (CVE-2026-34182), and one with the nonce of CVE-2025-15467:
 * what is forged in each is its contentEncryptionAlgorithm, and that is what the one reader of it refuses (A1, A6, A7).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, parseBadPeer, repositoryRoot, writeBadPeer } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readContentEncryption } from '../src/algorithmIdentifier.js';
import {
  CmsError,
  DerReader,
  decodeAuthEnvelopedData,
  decodeDerTree,
  encodeParts,
  ID_CEK_HKDF_SHA256,
} from '../src/index.js';

const test = suite('openssl forgeries');
const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(repositoryRoot, 'test-vectors', 'openssl-forgeries', `${name}.der`)));
/** contentEncryptionAlgorithm of a file (authEncryptedContentInfo stands third), under RFC 9709 as the sealed profile asks. */
const algorithmOf = (der: Uint8Array): Uint8Array =>
  encodeParts(0x30, encodeParts(0x06, ID_CEK_HKDF_SHA256), writeBadPeer(at(parseBadPeer(der), 1, 0, 2, 1)));

test('the file they were made from has an acceptable algorithm', () => {
  const encryption = readContentEncryption(new DerReader(algorithmOf(file('e'))));
  assert.is(encryption.nonce.length, 12);
});

test('F4: an acceptable algorithm takes three levels', () => {
  const read = (depth: number) => readContentEncryption(new DerReader(algorithmOf(file('e')), { octets: 100, depth }));
  assert.is(read(3).nonce.length, 12);
  assert.throws(
    () => read(2),
    (error: unknown) => error instanceof CmsError && error.code === 'ERR_DER',
  );
});

for (const [name, why] of [
  ['ofb', 'A1: AES-256-OFB in place of GCM'],
  ['tag1', 'A6: a tag of 1 octet'],
  ['tag4', 'A6: a tag of 4 octets'],
  ['iv64', 'A7: a nonce of 64 octets'],
] as const) {
  test(`${why} (${name}.der)`, () => {
    decodeDerTree(file(name));
    assert.throws(
      () => readContentEncryption(new DerReader(algorithmOf(file(name)))),
      (error: unknown) => error instanceof CmsError && /another algorithm or parameters/.test(error.message),
    );
    assert.throws(
      () => decodeAuthEnvelopedData(file(name)),
      (error: unknown) => error instanceof CmsError,
    );
  });
}

test.run();
