/**
 * The forgeries of test-vectors/openssl-forgeries, as they are and grafted onto our own objects: they
 * have a P-256 recipient, so that only the graft shows that it is the forged part that is refused (A1, A6, A7).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, changed, parseBadPeer, repositoryRoot, SEALED_PATH } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { partsOf, rebuilt } from './rebuilt.js';
import { general, keys, open, openGeneral, refused, sealed, signed } from './world.js';

const test = suite('openssl forgeries, grafted');
const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(repositoryRoot, 'test-vectors', 'openssl-forgeries', `${name}.der`)));
const algorithmOf = (name: string) => at(parseBadPeer(file(name)), 1, 0, 2, 1);
const plain = await general([keys.prekeyA.publicKey], signed, false);
const wrapped = await sealed([keys.prekeyA.publicKey]);

for (const name of ['e', 'ofb', 'tag1', 'tag4', 'iv64']) {
  test(`${name}.der is refused in both profiles`, () => refused(file(name), name));
}

test('the algorithm of the unforged file, grafted, opens: what is refused below is the forgery', async () => {
  const graft = rebuilt(
    plain.der,
    plain.cek,
    signed,
    (root) => {
      partsOf(root).algorithm.content = algorithmOf('e').content;
    },
    { wrapped: false },
  );
  assert.equal((await openGeneral(graft)).content, signed);
  const inside = rebuilt(wrapped.der, wrapped.cek, signed, (root) => {
    at(root, ...SEALED_PATH.innerAlgorithm).content = algorithmOf('e').content;
  });
  assert.equal((await open(inside)).content, signed);
});

for (const [name, tagLength] of [
  ['ofb', 16],
  ['tag1', 1],
  ['tag4', 4],
  ['iv64', 16],
] as const) {
  test(`${name}: its algorithm on our objects, the tag cut to ${tagLength}`, async () => {
    for (const [der, path] of [
      [plain.der, undefined],
      [wrapped.der, SEALED_PATH.innerAlgorithm],
    ] as const) {
      const graft = changed(der, (root) => {
        (path === undefined ? partsOf(root).algorithm : at(root, ...path)).content = algorithmOf(name).content;
        const { mac } = partsOf(root);
        mac.content = (mac.content as Uint8Array).subarray(0, tagLength);
      });
      await refused(graft, name);
    }
  });
}

test('with tags that are right for what the forgeries say: 4 octets, and a nonce of 64', async () => {
  for (const [name, tagLength] of [
    ['tag4', 4],
    ['iv64', 16],
  ] as const) {
    const graft = (root: ReturnType<typeof parseBadPeer>) => {
      partsOf(root).algorithm.content = algorithmOf(name).content;
    };
    await refused(rebuilt(plain.der, plain.cek, signed, graft, { wrapped: false, tagLength }), name);
    const inside = (root: ReturnType<typeof parseBadPeer>) => {
      at(root, ...SEALED_PATH.innerAlgorithm).content = algorithmOf(name).content;
    };
    await refused(rebuilt(wrapped.der, wrapped.cek, signed, inside, { tagLength }), name);
  }
});

test.run();
