/** Randomness, comparison and keeping quiet about secrets (E8-E10). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { providers, refusal, repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  drawOctets,
  equalConstantTime,
  generatePrivateKey,
  isAllZero,
  type KeyAlgorithm,
  privateKeyFromSecret,
  privateKeyToJwk,
  toBase64,
  toHex,
} from '../src/index.js';
import { createCryptoProvider } from '../src/provider/node.js';

const test = suite('secrets');
const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 65);
const crypto = createCryptoProvider();

test('E8: a source that throws, gives another length, or zeros makes no key', async () => {
  const failing = () => {
    throw new Error('no entropy');
  };
  assert.match((await refusal(() => generatePrivateKey('Ed25519', failing, crypto)))?.message ?? '', 'no entropy');
  for (const source of [
    (length: number) => new Uint8Array(length),
    () => new Uint8Array(31).fill(1),
    () => new Uint8Array(0),
  ]) {
    for (const algorithm of ['Ed25519', 'X25519', 'P-256'] as const) {
      assert.instance(await refusal(() => generatePrivateKey(algorithm, source, crypto)), RangeError);
    }
  }
  assert.throws(
    () => drawOctets((length) => new Uint8Array(length), 12),
    (error: unknown) => error instanceof RangeError,
  );
  assert.is(drawOctets((length) => new Uint8Array(length), 4).length, 4, 'four zeros are no sign of failure');
});

test('E8: P-256 draws again until the scalar is in range', async () => {
  let draws = 0;
  const key = await generatePrivateKey(
    'P-256',
    (length) => new Uint8Array(length).fill(++draws < 3 ? 0xff : 0x11),
    crypto,
  );
  assert.is(draws, 3);
  assert.equal(key.secret(), new Uint8Array(32).fill(0x11));
});

test('E8, E9: no Math.random, no Buffer.compare, no timing-prone comparison of the commitment in the sources', () => {
  const sources = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sources(path) : [path];
    });
  const files = ['cms', 'signer', 'envelope'].flatMap((name) => sources(join(repositoryRoot, 'packages', name, 'src')));
  assert.ok(files.length > 30);
  for (const file of files) {
    const code = readFileSync(file, 'utf8');
    for (const forbidden of [
      /Math\s*\??\.\s*random/,
      /Buffer\s*\.\s*compare/,
      /Buffer\s*\.\s*from\([^)]*\)\s*\.equals/,
    ]) {
      assert.not.match(code, forbidden, file);
    }
  }
  const decrypting = readFileSync(join(repositoryRoot, 'packages/envelope/src/decrypt.ts'), 'utf8');
  assert.match(decrypting, /equalConstantTime\(stated, commitment\)/);
});

test('E9: equalConstantTime and isAllZero answer as they should', () => {
  assert.ok(equalConstantTime(secret, secret.slice()));
  assert.not.ok(equalConstantTime(secret, secret.subarray(1)));
  for (let i = 0; i < 32; i++) {
    const other = secret.slice();
    other[i] = (other[i] as number) ^ 0x80;
    assert.not.ok(equalConstantTime(secret, other));
    const one = new Uint8Array(32);
    one[i] = 1;
    assert.not.ok(isAllZero(one));
  }
  assert.ok(isAllZero(new Uint8Array(32)));
});

/** Everything a print of a key would show of its secret. */
const traces = [
  toHex(secret),
  toBase64(secret),
  secret.join(','),
  secret.join(', '),
  [...secret].map((o) => o.toString(16)).join(' '),
  String.fromCharCode(...secret),
];

for (const algorithm of ['Ed25519', 'X25519', 'P-256'] as const satisfies readonly KeyAlgorithm[]) {
  for (const [name, provider] of providers()) {
    test(`E10: ${algorithm} keys of ${name} print without their secret`, async () => {
      const key = await privateKeyFromSecret(algorithm, secret, crypto);
      const used = algorithm === 'X25519' ? await key.agreementKey(provider) : await key.signingKey(provider);
      for (const object of [key, used, { key }, [key]]) {
        for (const text of [
          String(object),
          JSON.stringify(object),
          inspect(object, { depth: 9, showHidden: true }),
          `${Object.entries(object)}`,
        ]) {
          for (const trace of traces) assert.not.ok(text.includes(trace), text);
        }
      }
      assert.is(String(key), '[redacted]');
      assert.is(JSON.stringify({ key }), '{"key":"[redacted]"}');
    });
  }
}

test('E10: the secret that is handed out is a copy, and only on demand', async () => {
  const key = await privateKeyFromSecret('Ed25519', secret, crypto);
  key.secret().fill(0);
  assert.equal(key.secret(), secret);
  assert.ok(privateKeyToJwk(key).d !== undefined);
});

test.run();
