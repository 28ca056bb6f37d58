/**
 * Objects beside the primitives: keys, signing, encrypting, and both together, to few and to many devices.
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  exportPrivateKey,
  exportPublicKey,
  generatePrivateKey,
  importPrivateKey,
  importPublicKey,
  type KeyAlgorithm,
} from '@stanzaseal/cms';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { createBase } from './base.js';
import { devicesName, KIBIBYTE, node } from './context.js';
import { objectWork } from './objects.js';
import type { Job, Table } from './table.js';

const ALGORITHMS = ['Ed25519', 'X25519', 'P-256'] as const;
const NAME = 'signer + envelope, node:crypto';

/** Keys made and imported, with their identifiers. */
export function keyTables(): Table[] {
  const group = 'keys';
  return ALGORITHMS.flatMap((algorithm) => [
    {
      group,
      title: `generate ${algorithm}`,
      jobs: async () => [
        { name: 'base', run: () => generated(algorithm) },
        { name: 'cms, node:crypto', run: () => generatePrivateKey(algorithm, random, node) },
      ],
    },
    {
      group,
      title: `import public ${algorithm}`,
      jobs: async () => {
        const spki = exportPublicKey((await generatePrivateKey(algorithm, random, node)).publicKey);
        const key = Buffer.from(spki);
        return [
          { name: 'base', run: () => createPublicKey({ key, format: 'der', type: 'spki' }) },
          { name: 'cms, node:crypto', run: () => importPublicKey(spki, node) },
        ];
      },
    },
    {
      group,
      title: `import private ${algorithm}`,
      jobs: async () => {
        const pkcs8 = exportPrivateKey(await generatePrivateKey(algorithm, random, node));
        const key = Buffer.from(pkcs8);
        return [
          { name: 'base', run: () => createPrivateKey({ key, format: 'der', type: 'pkcs8' }) },
          { name: 'cms, node:crypto', run: () => importPrivateKey(pkcs8, node) },
        ];
      },
    },
  ]);
}

function generated(algorithm: KeyAlgorithm): KeyObject {
  if (algorithm === 'Ed25519') return generateKeyPairSync('ed25519').publicKey;
  if (algorithm === 'P-256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const d = randomBytes(32).toString('base64url');
  const x = Buffer.alloc(32, 9).toString('base64url');
  return createPublicKey(createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', d, x }, format: 'jwk' }));
}

/** Sign, verify, encrypt, decrypt, and the two pairs of them. */
export function objectTables(): Table[] {
  const group = 'objects';
  const halves = (['sign', 'verify', 'encrypt', 'decrypt'] as const).map((verb) => ({
    group,
    title: `${verb} 1 KiB`,
    jobs: async () => [
      { name: 'base', run: createBase(KIBIBYTE, 1)[verb] },
      { name: NAME, run: (await objectWork(node, KIBIBYTE, 1))[verb] },
    ],
  }));
  return [
    ...halves,
    beside('seal', 1, { must: 1.25, aim: 1.08 }),
    beside('open', 1, { must: 1.2, aim: 1.05 }),
    beside('seal', 10, {}),
    beside('seal', 100, { must: 1.15, aim: 1.03 }),
    beside('seal', 1000, { must: 1.15, aim: 1.03 }),
    {
      group,
      title: 'open 1 KiB as the last of many',
      jobs: async () => [
        { name: 'as the only one', run: (await objectWork(node, KIBIBYTE, 1)).open },
        { name: 'as the last of 100', run: (await objectWork(node, KIBIBYTE, 100)).open },
        { name: 'as the last of 1,000', run: (await objectWork(node, KIBIBYTE, 1000)).open, must: 2, aim: 1.3 },
      ],
    },
  ];
}

function beside(verb: 'seal' | 'open', count: number, held: Pick<Job, 'must' | 'aim'>): Table {
  return {
    group: 'objects',
    title: `${verb} 1 KiB ${verb === 'seal' ? 'to' : 'from'} ${devicesName(count)}${count > 1 ? ', for each' : ''}`,
    pieces: count,
    jobs: async () => [
      { name: 'base', run: createBase(KIBIBYTE, count)[verb] },
      { name: NAME, run: (await objectWork(node, KIBIBYTE, count))[verb], ...held },
    ],
  };
}
