// Finding and repairing damage, and figures, whichever database is under it: called by the test file of each.
import * as assert from 'uvu/assert';
import { coreOf } from '../src/archive.js';
import { type Archive, openMetrics, openRetention, scrub, stats } from '../src/index.js';
import { CONTENT_TABLES, ENTRIES, KEY_TABLES, LOG_TILES } from '../src/layout.js';
import { codeOf, JULIET, opened, type Place, plain, START, sealed } from './fixture.js';
import type { AddTest, Wrap } from './keepingTests.js';
import { recordKey } from './rightsFixture.js';

const COUNT = 300;

export function addScrubTests(test: AddTest, wrap: Wrap): void {
  async function filled(place: Place) {
    const made = await opened(place);
    const items = [];
    for (let i = 0; i < COUNT; i++) {
      const stanza = i % 50 === 0 ? await sealed(`body ${i}`) : plain(`body ${i}`);
      items.push({ stanza, owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` });
    }
    await made.archive.putMany(items);
    return made;
  }
  /** Another archive that is a copy of the first, tables and keys. */
  async function copied(place: Place, archive: Archive) {
    const copy = await opened(place);
    for (const part of ['content', 'keys'] as const) {
      const [from, to] = [coreOf(archive)[part], coreOf(copy.archive)[part]];
      for (const table of part === 'content' ? CONTENT_TABLES : KEY_TABLES) {
        const rows = await from.rows(`SELECT ${Object.keys(table.columns).join()} FROM ${table.name}`);
        const values = rows.map((row) => Object.keys(table.columns).map((name) => row[name] ?? null));
        // Its own state is there already.
        await (table.name === 'state' || table.name === 'key_state'
          ? to.upsert(table, values)
          : to.insert(table, values));
      }
    }
    coreOf(copy.archive).vault.forget();
    return copy;
  }
  const flip = async (archive: Archive, seq: number, column: 'content' | 'recipients') => {
    const { content } = coreOf(archive);
    const [row] = await content.rows(`SELECT ${column} AS octets FROM entries WHERE seq = $1`, [seq]);
    const octets = new Uint8Array(row?.octets as Uint8Array);
    octets[30] = (octets[30] as number) ^ 4;
    await content.run(`UPDATE entries SET ${column} = $1 WHERE seq = $2`, [octets, seq]);
  };

  test(
    'K11: every entry of which one bit was flipped is found, named, and repaired from a copy of the archive',
    wrap(async (place) => {
      const { archive, events } = await filled(place);
      const copy = await copied(place, archive);
      const clean = await scrub(archive);
      assert.equal(
        [clean.complete, clean.damaged, clean.missing, clean.logHolds, clean.octets > 5e4],
        [true, [], 0, true, true],
      );
      for (const seq of [3, 50, 299]) await flip(archive, seq, 'content');
      const [other] = await coreOf(archive).content.rows(
        'SELECT seq FROM entries WHERE form = 0 AND seq NOT IN (3, 50, 200, 299) LIMIT 1',
      );
      const sealedAt = other?.seq as number; // of those that come together nobody says which is first
      await flip(archive, sealedAt, 'recipients');
      await coreOf(archive).content.run('UPDATE entries SET time = time + 1 WHERE seq = 200');
      const { damaged } = await scrub(archive);
      const inOrder = (...seqs: number[]) => seqs.sort((a, b) => a - b);
      assert.equal(damaged, inOrder(3, 50, sealedAt, 200, 299));
      assert.is(events.filter(({ type }) => type === 'damaged').length, 5);
      await flip(copy.archive, 299, 'content');
      const repairing = await scrub(archive, { repairFrom: copy.archive });
      assert.equal(
        [repairing.repaired, repairing.damaged],
        [inOrder(3, 50, sealedAt, 200), [299]],
        'no copy, no repair',
      );
      const page = await archive.page({ owner: JULIET, ids: ['#3', '#50', `#${sealedAt}`, '#200'] });
      assert.equal([page.entries.length, page.damaged], [4, []]);
      assert.equal((await scrub(archive)).damaged, [299]);
      const stranger = await opened(place);
      assert.is(await codeOf(scrub(archive, { repairFrom: stranger.archive })), 'RangeError');
      for (const each of [archive, copy.archive, stranger.archive]) await each.close();
    }),
  );

  test(
    'K1: leaves that were changed, and entries that were dropped, show against the signed checkpoint',
    wrap(async (place) => {
      const { archive } = await filled(place);
      await archive.checkpoint();
      const { content } = coreOf(archive);
      await content.run('DELETE FROM entries WHERE seq = 7');
      const dropped = await scrub(archive);
      assert.equal([dropped.missing, dropped.logHolds], [1, true]);
      const [tile] = await content.find(LOG_TILES, ['level', 'tile'], [[0, 0]]);
      const hashes = new Uint8Array(tile?.hashes as Uint8Array);
      hashes[32 * 9] = (hashes[32 * 9] as number) ^ 1;
      await content.upsert(LOG_TILES, [[0, 0, hashes]]);
      const changed = await scrub(archive);
      assert.equal([changed.damaged, changed.logHolds], [[9], false]);
      await archive.close();
    }),
  );

  test(
    'K7: a repair brings nothing back that was erased',
    wrap(async (place) => {
      const { archive } = await filled(place);
      const copy = await copied(place, archive);
      const { content } = coreOf(archive);
      const kept = await content.rows('SELECT * FROM entries WHERE time < $1 ORDER BY seq LIMIT 1', [START + 99]);
      const at = kept[0]?.seq as number;
      const retention = await openRetention(archive, { recordKey });
      await retention.shred({ owner: JULIET, end: START + 99 }, 'asked');
      const row = kept[0] as NonNullable<(typeof kept)[0]>;
      await content.insert(ENTRIES, [Object.keys(ENTRIES.columns).map((name) => row[name] ?? null)]);
      const { repaired, damaged, missing } = await scrub(archive, { repairFrom: copy.archive });
      assert.equal([repaired, damaged, missing], [[], [at], 99]);
      for (const each of [archive, copy.archive]) await each.close();
    }),
  );

  test(
    'a scrub that is stopped goes on where it was, keeps to its rate, and tells how far it is; figures are OpenMetrics',
    wrap(async (place) => {
      const { archive } = await filled(place);
      await flip(archive, 3, 'content');
      const stop = new AbortController();
      const first = await scrub(archive, { signal: stop.signal, onProgress: () => stop.abort() });
      assert.equal([first.complete, first.damaged], [false, [3]]);
      const figures = await stats(archive);
      assert.equal([figures.scrubbed, figures.damaged, figures.leaves], [128, 1, COUNT]);
      const begun = performance.now();
      const done: number[] = [];
      const options = { octetsPerSecond: first.octets * 8, onProgress: (p: { done: number }) => done.push(p.done) };
      const second = await scrub(archive, options);
      assert.equal([second.complete, second.damaged, done], [true, [3], [256, COUNT]]);
      const least = (1000 * second.octets) / options.octetsPerSecond;
      assert.ok(performance.now() - begun >= least - 5, 'it took its time');
      const text = openMetrics(await stats(archive));
      assert.ok(text.endsWith('# EOF\n'));
      assert.match(text, /^stanzaseal_archive_leaves 300$/m);
      assert.match(text, /^stanzaseal_archive_wraps\{state="mismatch"\} 0$/m);
      for (const line of text.trim().split('\n'))
        assert.match(line, /^(# (TYPE \w+ gauge|HELP \w+ .+|EOF)|\w+(\{\w+="\w+"\})? \d+(\.\d+)?)$/);
      await archive.close();
    }),
  );
}
