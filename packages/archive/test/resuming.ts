// Rewrapping and erasing, killed at random moments again and again: they end as if nothing had happened, on every engine.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { openRights, type StanzaItem } from '../src/index.js';
import { bundledProgram } from './bundledProgram.js';
import { itemOf, JULIET, opened, type Place, START } from './fixture.js';
import { agreementPair, recordKey, sealedTo, token } from './rightsFixture.js';

const [epoch1, epoch2] = [await agreementPair(), await agreementPair()];

/** How often it was killed, and how often after it had done a part and not all. */
export interface Resumed {
  killed: number;
  between: number;
}

/** Kills a rewrap of so many wraps. @throws AssertionError where a wrap is under neither key, a content or leaf changed, or it does not end */
export async function killRewraps(place: Place, count: number, kills: number): Promise<Resumed> {
  const program = await bundledProgram('crashChild.ts');
  const { archive, url } = await opened(place);
  const rights = await openRights(archive, { recordKey, privateKeys: token(epoch1), onEvent: () => undefined });
  await rights.addArchiveKey({ line: 'organisation', key: epoch1.publicKey, epoch: 1 });
  const items: StanzaItem[] = [];
  for (let i = 0; i < count; i++) items.push({ ...itemOf(i), stanza: await sealedTo(`body ${i}`, [epoch1]) });
  await archive.putMany(items);
  assert.is((await rights.escrow()).checked, count);
  await rights.addArchiveKey({ line: 'organisation', key: epoch2.publicKey, epoch: 2 });
  await archive.close();
  const before = await digestOf(place, url);
  const resumed = { killed: 0, between: 0 };
  for (let kill = 0; kill < kills; kill++) {
    // Of 1,024 wraps there are four transactions: the first and the second line say that one is through.
    if ((await run(program, ['rewrap', url], 1 + (kill % 2), Math.random() * 60)) === undefined) resumed.killed++;
    const byEpoch = await place.tamper(url, 'content', 'SELECT epoch, count(*) AS n FROM wraps GROUP BY epoch');
    const sum = byEpoch.reduce((all, { n }) => all + Number(n), 0);
    assert.is(sum, count, 'each wrap is under one key');
    if (byEpoch.length === 2) resumed.between++;
    if (byEpoch.every(({ epoch }) => epoch === 2)) break; // it came to its end before it was killed
  }
  const ended = JSON.parse((await run(program, ['rewrap', url])) as string);
  assert.equal(ended, { left: [], mismatched: [], count });
  assert.is(await digestOf(place, url), before, 'contents, recipients and leaves are as they were, octet for octet');
  // Every one opens under the new key alone: moving them once more checks each.
  const again = await opened(place, {}, url);
  const privateKeys = token(epoch2);
  const checking = await openRights(again.archive, { recordKey, privateKeys, onEvent: () => undefined });
  const { publicKey: key } = await agreementPair();
  await checking.addArchiveKey({ line: 'organisation', key, epoch: 3 });
  assert.is((await checking.rewrap('organisation')).moved, count);
  await again.archive.close();
  return resumed;
}

/** What a rewrap must not touch: ciphertexts of contents and recipients, and the leaves. */
async function digestOf(place: Place, url: string): Promise<string> {
  const hash = createHash('sha256');
  const sql = 'SELECT seq, content, recipients FROM entries WHERE form < 2 ORDER BY seq';
  const entries = await place.tamper(url, 'content', sql);
  for (const { seq, content, recipients } of entries)
    hash
      .update(`${seq}`)
      .update(content as Uint8Array)
      .update((recipients ?? new Uint8Array(0)) as Uint8Array);
  const tiles = await place.tamper(url, 'content', 'SELECT hashes FROM log_tiles WHERE level = 0 AND tile = 0');
  for (const { hashes } of tiles) hash.update((hashes as Uint8Array).subarray(0, 32 * Math.min(entries.length, 256)));
  return hash.digest('hex');
}

/**
 * Kills an erasure of the older half of so many entries.
 * @param octetsOf every file of the archive, where the test may see them: the keys are in them before, and not after
 * @throws AssertionError where an entry that stays is not readable at any moment, one that goes is readable in the end, or it does not end
 */
export async function killShred(
  place: Place,
  count: number,
  kills: number,
  octetsOf?: (url: string) => Buffer,
): Promise<Resumed> {
  const program = await bundledProgram('crashChild.ts');
  const made = await opened(place);
  const { url } = made;
  await made.archive.putMany(Array.from({ length: count }, (_, i) => itemOf(i)));
  await made.archive.close();
  const half = count / 2;
  const keks = await place.tamper(url, 'keys', 'SELECT kek, secret FROM keks WHERE owner = 1');
  const backup = await place.tamper(url, 'content', 'SELECT * FROM entries WHERE owner = 1 AND seq < $1', [half]);
  assert.is(backup.length, half);
  const secretsIn = (octets: Buffer) =>
    keks.filter(({ secret }) => octets.includes(Buffer.from(secret as Uint8Array))).length;
  if (octetsOf !== undefined) assert.is(secretsIn(octetsOf(url)), keks.length);
  const end = `${START + half - 1}`;
  const resumed = { killed: 0, between: 0 };
  for (let kill = 0; kill < kills; kill++) {
    const line = 1 + Math.floor(Math.random() * half); // of one for each that stays, and some
    if ((await run(program, ['shred', url, end], line, Math.random() * 5)) === undefined) resumed.killed++;
    assert.is((await idsFrom(place, url, half)).length, half, 'what stays is readable');
    const [ordered] = await place.tamper(url, 'content', 'SELECT count(*) AS n FROM erasures');
    if (Number(ordered?.n) > 0) resumed.between++;
    const [old] = await place.tamper(url, 'content', 'SELECT count(*) AS n FROM entries WHERE seq < $1', [half]);
    if (old?.n === 0) break; // it came to its end before it was killed
  }
  await run(program, ['shred', url, end]);
  assert.is((await place.tamper(url, 'content', 'SELECT count(*) AS n FROM erasures'))[0]?.n, 0);
  const gone = keks.map(({ kek }) => kek);
  const left = await place.tamper(url, 'keys', 'SELECT kek FROM keks WHERE owner = 1');
  assert.not.ok(
    left.some(({ kek }) => gone.includes(kek)),
    'the key of what went is gone',
  );
  assert.equal(
    await idsFrom(place, url, 0),
    Array.from({ length: half }, (_, i) => `id${half + i}`),
  );
  if (octetsOf !== undefined) assert.is(secretsIn(octetsOf(url)), 0);
  // A backup of the contents from before is put back, row by row.
  for (const row of backup) {
    const places = Object.keys(row).map((_, i) => `$${i + 1}`);
    const insert = `INSERT INTO entries (${Object.keys(row).join()}) VALUES (${places.join()})`;
    await place.tamper(url, 'content', insert, Object.values(row));
  }
  assert.is((await idsFrom(place, url, 0)).length, half, 'it is there again, and nobody reads it');
  return resumed;
}

/** Ids of what can be read, of items from a number on. */
async function idsFrom(place: Place, url: string, number: number): Promise<string[]> {
  const { archive } = await opened(place, {}, url);
  const seen: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await archive.page({
      owner: JULIET,
      start: START + number,
      ...(after === undefined ? {} : { after }),
    });
    seen.push(...page.entries.map(({ id }) => id));
    after = page.last;
    if (page.complete) break;
  }
  await archive.close();
  return seen;
}

/** Runs the child; kills it some ms after its n-th line, unless it is to end by itself. Gives what it printed last. */
function run(program: string, args: readonly string[], line?: number, ms = 0): Promise<string | undefined> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, errors] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
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
