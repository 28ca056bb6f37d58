// Threads that compose entries: what they make is what this thread makes, and what becomes of an archive when they end.
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { concat, toUtf8 } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { verify } from '../src/evidence/index.js';
import { openArchive } from '../src/index.js';
import type { WritingKeys } from '../src/keys/keyVault.js';
import type { ComposedEntry } from '../src/log/composedEntry.js';
import { packed, unpacked } from '../src/workers/composerMessages.js';
import { Pieces } from '../src/workers/pieces.js';
import {
  checkpointKey,
  codeOf,
  crypto,
  JULIET,
  ORIGIN,
  plain,
  ROMEO,
  random,
  START,
  sealed,
  temporaryDirectory,
  textOf,
} from './fixture.js';

const test = suite('archive with workers');

/** Nice values of this process's threads: the 19th field of proc_pid_stat(5), the 17th behind the name. */
function prioritiesOfThreads(): number[] {
  const threads = readdirSync('/proc/self/task');
  return threads.map((id) => Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]));
}

const file = new URL('./threadFromSources.mjs', import.meta.url);
const open = (name: string, workers: { count: number; file?: URL }) =>
  openArchive(`sqlite:${join(temporaryDirectory(), name)}`, {
    origin: ORIGIN,
    checkpointKey,
    random,
    clock: () => START,
    crypto,
    onEvent: () => undefined,
    workers,
  });

test('sealed, plain and malformed stanzas of several owners, as texts or octets, come back as from one thread', async () => {
  const archive = await open('a.db', { count: 2, file });
  const objects = await Promise.all([0, 1, 2, 3].map((i) => sealed(`object ${i}`)));
  const stanzas = Array.from({ length: 300 }, (_, i) =>
    i % 50 === 0
      ? '<message'
      : i % 3 === 0
        ? (objects[(i / 3) % 4] as string)
        : plain(i % 4 === 1 ? `bödy ${i} ♥ 🌹` : `body ${i}`),
  );
  const receipts = await archive.putMany(
    stanzas.map((stanza, i) => ({
      stanza: i % 5 < 2 ? toUtf8(stanza) : stanza,
      owner: i % 2 === 0 ? JULIET : ROMEO,
      receivedAt: START + i,
      stanzaId: `id${i}`,
    })),
  );
  assert.is(receipts.filter(({ quarantined }) => quarantined !== undefined).length, 6);
  for (const owner of [JULIET, ROMEO]) {
    const { entries, damaged } = await archive.page({ owner });
    assert.equal(damaged, []);
    for (const { id, octets } of entries) assert.is(textOf(octets), stanzas[Number(id.slice(2))]);
    const own = new Set(entries.map(({ octets }) => textOf(octets)));
    const theirs = objects.filter((_, k) => k % 2 === (owner === JULIET ? 0 : 1));
    assert.ok(theirs.every((object) => own.has(object)));
    assert.is(entries.filter((entry) => entry.sealed).length, 2);
  }
  const { proof } = await archive.proofOf({ owner: JULIET, id: 'id2' });
  assert.is(verify(proof, { origin: ORIGIN, logKey: checkpointKey.publicKey }).entry?.stanza, stanzas[2]);
  await archive.close();
});

test('entries go between threads as columns and come out each with its own tags, keys and octets', () => {
  const octets = (length: number) => random(length);
  const entry = (i: number): ComposedEntry => ({
    form: i % 3,
    kind: i % 2,
    type: ['chat', '', 'groupchat'][i % 3] as string,
    peer: `peer ${i}`,
    resource: i % 2 === 0 ? '' : `resource ${i}`,
    reason: i === 4 ? 'malformed' : undefined,
    // 48 bits, and of most entries another number of them.
    keyTags: Array.from({ length: i % 4 }, (_, k) => 2 ** 47 + 100 * i + k),
    leafHash: octets(32),
    sameTag: i % 5 === 0 ? undefined : octets(16),
    idTag: i % 7 === 0 ? undefined : octets(16),
    content: octets(i * 10),
    recipients: i % 3 === 0 ? null : octets(i),
  });
  const entries = Array.from({ length: 30 }, (_, i) => entry(i));
  const sealed = concat(...entries.flatMap(({ content, recipients }) => [content, recipients ?? octets(0)]));
  assert.equal(unpacked(packed({ entries, sealed })), entries);
  assert.equal(unpacked(packed({ entries: [], sealed: octets(0) })), []);
});

const asked = (pieces: Pieces, stanza: string): Promise<ComposedEntry> =>
  new Promise((resolve, reject) => {
    const source = { stanza, owner: JULIET, receivedAt: START };
    pieces.ask({ source, keys: {} as WritingKeys, resolve, reject });
  });

test('what is asked for in one turn goes on in pieces of 64, and of long stanzas in shorter ones', async () => {
  const sizes: number[] = [];
  const pieces = new Pieces((piece) => {
    sizes.push(piece.length);
    for (const { resolve } of piece) resolve({} as ComposedEntry);
  });
  const ask = (count: number, length: number) => Array.from({ length: count }, () => asked(pieces, 'x'.repeat(length)));
  await Promise.all(ask(130, 10));
  assert.equal(sizes.splice(0), [64, 64, 2]);
  await Promise.all(ask(7, 400_000));
  assert.equal(sizes.splice(0), [3, 3, 1]);
  await Promise.all(ask(1, 10));
  await Promise.all(ask(65, 10));
  assert.equal(sizes, [1, 64, 1]);
});

test('a piece that cannot go on fails all that wait for it, and closing waits for none of them', async () => {
  const failure = new Error('no more octets');
  const pieces = new Pieces(() => {
    throw failure;
  });
  for (const count of [1, 64, 65]) {
    const failures = Array.from({ length: count }, () => asked(pieces, 'x').catch((error) => error));
    assert.equal(new Set(await Promise.all(failures)), new Set([failure]));
  }
  for (const workers of [undefined, { count: 1, file }]) {
    let left = 40; // draws: enough for an archive and its owner's keys
    const archive = await openArchive(`sqlite:${join(temporaryDirectory(), 'f.db')}`, {
      origin: ORIGIN,
      checkpointKey,
      random: (length) => (left-- > 0 ? random(length) : new Uint8Array(0)),
      clock: () => START,
      crypto,
      onEvent: () => undefined,
      ...(workers === undefined ? {} : { workers }),
    });
    await archive.put(plain('kept'), { owner: JULIET, receivedAt: START, stanzaId: 'kept' });
    left = 0;
    const under = Array.from({ length: 70 }, (_, i) =>
      codeOf(archive.put(plain(`${i}`), { owner: JULIET, receivedAt: START, stanzaId: `${i}` })),
    );
    assert.is((await Promise.all(under)).filter((code) => code === undefined).length, 0);
    await archive.close();
  }
});

test('threads that compose give way to the one that writes, where each thread has a priority of its own', async () => {
  const archive = await open('d.db', { count: 2, file });
  await archive.putMany(
    Array.from({ length: 200 }, (_, i) => ({
      stanza: plain(`${i}`),
      owner: JULIET,
      receivedAt: START,
      stanzaId: `${i}`,
    })),
  );
  const own = getPriority();
  const isOfThreads = process.platform === 'linux' && own < 19;
  const lower = isOfThreads ? prioritiesOfThreads().filter((priority) => priority > own) : [];
  assert.equal(lower, isOfThreads ? Array(2).fill(Math.min(19, own + 10)) : []);
  assert.is(getPriority(), own);
  await archive.close();
});

test('closing waits for what threads are composing', async () => {
  const archive = await open('e.db', { count: 1, file });
  const under = Array.from({ length: 100 }, (_, i) =>
    archive.put(plain(`${i}`), { owner: JULIET, receivedAt: START + i, stanzaId: `${i}` }),
  );
  await archive.close();
  const leaves = (await Promise.all(under)).map(({ leafIndex }) => leafIndex);
  assert.equal(leaves, [...leaves.keys()]);
});

test('threads that do not start fail what was put, and keep nobody from closing', async () => {
  const archive = await open('b.db', { count: 1, file: new URL('./missing.mjs', import.meta.url) });
  assert.is(await codeOf(archive.put(plain('x'), { owner: JULIET, receivedAt: START, stanzaId: 'a' })), 'ERR_STORE');
  assert.is(await codeOf(archive.put(plain('x'), { owner: JULIET, receivedAt: START, stanzaId: 'a' })), 'ERR_STORE');
  assert.equal((await archive.page({ owner: JULIET })).entries, []);
  await archive.close();
});

test('a number of threads that makes no sense is refused', async () => {
  for (const count of [0, -1, 1.5, 65]) assert.is(await codeOf(open('c.db', { count })), 'RangeError');
});

test.run();
