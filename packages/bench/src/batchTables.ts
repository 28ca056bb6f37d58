/**
 * Many stanzas at once over a store on the disk: a commit for each waits for the disk each time, one for all waits once.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore } from '@stanzaseal/keystore';
import { createFileStorage, givenKeySecret } from '@stanzaseal/keystore/file';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { openMany, sealMany } from '@stanzaseal/messenger/batch';
import { readXml, writeXml, type XmlElement } from '@stanzaseal/stanza';
import { node as crypto, KIBIBYTE } from './context.js';
import { introduce, message, opened, person, sealed } from './people.js';
import type { Job, Table } from './table.js';

const COUNT = 64;

/** Sealing to many people, and a page of an archive opened and accepted, by the clock. */
export function batchTables(): Table[] {
  const common = { group: 'batches', pieces: COUNT, clock: 'wall' } as const;
  return [
    { ...common, title: `seal 1 KiB to each of ${COUNT} people, durable, for each`, jobs: sealing },
    {
      ...common,
      title: `open and accept ${COUNT} stanzas with 1 KiB of text, durable, for each`,
      jobs: opening,
      runs: RUNS,
    },
  ];
}

/** Each stanza opens once, so that each run has its own. */
const RUNS = 7;

async function sealing(): Promise<Job[]> {
  const { messenger: romeo, close } = await durablePerson('romeo@montague.example');
  const people: Messenger[] = [];
  for (let i = 0; i < COUNT; i++) people.push(await person(`guest${i}@capulet.example`, { crypto }));
  for (const each of people) await introduce(each, romeo);
  const text = message('x'.repeat(KIBIBYTE));
  return [
    {
      name: 'seal, one after the other',
      async run() {
        for (const { owner } of people) await sealed(romeo, owner, text);
      },
    },
    {
      name: 'sealMany',
      async run() {
        const items = people.map(({ owner }) => ({ stanza: readXml(text), target: { to: owner } }));
        for (const { stanza } of await sealMany(romeo, items)) writeXml(stanza);
      },
      must: 1,
      close,
    },
  ];
}

async function opening(): Promise<Job[]> {
  const { messenger: juliet, close } = await durablePerson('juliet@capulet.example');
  const romeo = await person('romeo@montague.example', { crypto });
  await introduce(juliet, romeo);
  await introduce(romeo, juliet);
  const text = message('x'.repeat(KIBIBYTE));
  const stanzas: string[] = [];
  for (let i = 0; i < 2 * (RUNS + 1) * COUNT; i++) stanzas.push(await sealed(romeo, juliet.owner, text));
  const page = (): string[] => stanzas.splice(0, COUNT);
  const one = async (): Promise<void> => {
    for (const stanza of page()) await (await opened(juliet, stanza)).accept();
  };
  const many = async (): Promise<void> => {
    const read = page().map((stanza): XmlElement => readXml(stanza));
    const { results, accept } = await openMany(juliet, read);
    if (results.some(({ status }) => status !== 'opened')) throw new Error('a stanza did not open');
    await accept();
  };
  await one();
  await many();
  return [
    { name: 'open and accept, one after the other', run: one },
    { name: 'openMany, accepted at once', run: many, must: 1, close },
  ];
}

async function durablePerson(owner: string): Promise<{ messenger: Messenger; close: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const keys = { random, clock: Date.now, crypto };
  const storage = await createFileStorage({
    directory: join(directory, 'store'),
    secret: givenKeySecret(random(32)),
    random,
    crypto,
  });
  const store = await createKeyStore(storage, await createAccount({ owner, ...keys }));
  return { messenger: createMessenger({ store, ...keys, onEvent: () => undefined }), close: () => store.close() };
}
