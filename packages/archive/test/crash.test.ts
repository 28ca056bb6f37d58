// Rewrapping and shredding are killed at random moments, again and again, and end as if nothing had happened.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DRIVER_LOCK, SqliteConnection } from '../src/engine/sqliteDriver.js';
import { openRights, type StanzaItem } from '../src/index.js';
import { JULIET, opened, type Place, plain, START, temporaryDirectory } from './fixture.js';
import { agreementPair, recordKey, sealedTo, token } from './rightsFixture.js';

const test = suite('rewrap and shred under kill -9');

const [epoch1, epoch2] = [await agreementPair(), await agreementPair()];
const directory = temporaryDirectory();
const nowhere = undefined as unknown as Place;
const COUNT = 800;
const ROUNDS = 4;

/** Runs the child; kills it some ms after its n-th line, unless it is to end by itself. Gives what it printed last. */
function run(work: 'rewrap' | 'shred', url: string, line?: number, ms = 0): Promise<string | undefined> {
  const script = fileURLToPath(new URL('crashChild.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, work, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout.on('data', (chunk) => {
    const before = printed.split('\n').length;
    printed += chunk;
    if (line !== undefined && before <= line && printed.split('\n').length > line)
      setTimeout(() => child.kill('SIGKILL'), ms);
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code !== 0) reject(new Error(errors));
      else resolve(printed.trim().split('\n').at(-1));
    });
  });
}

function rows(url: string, sql: string) {
  const file = url.slice('sqlite:'.length);
  rmSync(file + DRIVER_LOCK, { recursive: true, force: true }); // whoever had it was killed
  const connection = new SqliteConnection(file);
  try {
    return connection.rows(sql);
  } finally {
    connection.close();
  }
}

function digest(url: string): string {
  const hash = createHash('sha256');
  for (const { seq, content, recipients } of rows(url, 'SELECT * FROM entries WHERE form < 2 ORDER BY seq'))
    hash
      .update(`${seq}`)
      .update(content as Uint8Array)
      .update((recipients ?? new Uint8Array(0)) as Uint8Array);
  return hash.digest('hex');
}

test('K5: at any moment each key is under the old archive key or the new one; contents are never touched', async () => {
  const url = `sqlite:${join(directory, 'rewrap.db')}`;
  const { archive } = await opened(nowhere, {}, url);
  const rights = await openRights(archive, { recordKey, privateKeys: token(epoch1), onEvent: () => undefined });
  await rights.addArchiveKey({ line: 'organisation', key: epoch1.publicKey, epoch: 1 });
  const items: StanzaItem[] = [];
  for (let i = 0; i < COUNT; i++) {
    const stanza = await sealedTo(`body ${i}`, [epoch1]);
    items.push({ stanza, owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` });
  }
  await archive.putMany(items);
  assert.is((await rights.escrow()).checked, COUNT);
  await rights.addArchiveKey({ line: 'organisation', key: epoch2.publicKey, epoch: 2 });
  await archive.close();
  const before = digest(url);
  let between = 0;
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if ((await run('rewrap', url, 1 + (round % 2), Math.random() * 100)) === undefined) killed++;
    const byEpoch = rows(url, 'SELECT epoch, count(*) AS n FROM wraps GROUP BY epoch');
    assert.is(
      byEpoch.reduce((sum, { n }) => sum + Number(n), 0),
      COUNT,
    );
    if (byEpoch.length === 2) between++;
  }
  const done = JSON.parse((await run('rewrap', url)) as string);
  assert.equal(done, { left: [], mismatched: [], count: COUNT });
  assert.is(digest(url), before);
  assert.ok(killed > 0 && between > 0, 'somebody was killed, and in the middle');
  console.log(`  killed ${killed} of ${ROUNDS} times, ${between} times in the middle`);
  // Every one opens under the new key alone: moving them once more checks each.
  const again = await opened(nowhere, {}, url);
  const checking = await openRights(again.archive, {
    recordKey,
    privateKeys: token(epoch2),
    onEvent: () => undefined,
  });
  await checking.addArchiveKey({ line: 'organisation', key: (await agreementPair()).publicKey, epoch: 3 });
  assert.is((await checking.rewrap('organisation')).moved, COUNT);
  await again.archive.close();
});

test('K7: an erasure that is killed again and again ends; what stays is there at any moment, what goes is gone', async () => {
  const made = `sqlite:${join(directory, 'shred.db')}`;
  const { archive } = await opened(nowhere, {}, made);
  await archive.putMany(
    Array.from({ length: COUNT }, (_, i) => ({
      stanza: plain(`body ${i}`),
      owner: JULIET,
      receivedAt: START + i,
      stanzaId: `id${i}`,
    })),
  );
  await archive.close();
  const first = rows(made, 'SELECT kek FROM entries WHERE seq = 0')[0]?.kek as number;
  let killed = 0;
  for (let round = 0; round < 2; round++) {
    const url = `sqlite:${join(directory, `shred${round}.db`)}`;
    for (const part of ['', '.keys']) cpSync(made.slice(7) + part, url.slice(7) + part);
    for (let kill = 0; kill < 2; kill++) {
      if ((await run('shred', url, 1, Math.random() * 400)) === undefined) killed++;
      const { archive } = await opened(nowhere, {}, url);
      const seen = new Set<string>();
      for (let after: string | undefined; ; ) {
        const page = await archive.page({
          owner: JULIET,
          start: START + COUNT / 2,
          ...(after === undefined ? {} : { after }),
        });
        for (const { id } of page.entries) seen.add(id);
        after = page.last;
        if (page.complete) break;
      }
      assert.is(seen.size, COUNT / 2, 'what stays is readable');
      await archive.close();
    }
    await run('shred', url);
    await run('shred', url);
    assert.is(rows(url, 'SELECT count(*) AS n FROM erasures')[0]?.n, 0);
    assert.is(rows(url, 'SELECT count(*) AS n FROM entries WHERE form = 1')[0]?.n, COUNT / 2);
    const under = rows(url, 'SELECT DISTINCT kek FROM entries WHERE form = 1').map(({ kek }) => kek);
    const keys = rows(`${url}.keys`, 'SELECT kek FROM keks WHERE owner = 1').map(({ kek }) => kek);
    assert.ok(under.length === 1 && keys.includes(under[0] as number));
    assert.not.ok(keys.includes(first), 'the key of what went is gone');
  }
  assert.ok(killed > 0);
  console.log(`  killed ${killed} of 4 times`);
});

test.run();
