// What is kept, held and erased, whichever database is under it: called by the test file of each.
import { toHex } from '@stanzaseal/cms';
import * as assert from 'uvu/assert';
import { coreOf } from '../src/archive.js';
import { verify, verifyCheckpoint, verifyConsistency } from '../src/evidence/index.js';
import { type Archive, openRetention, readRecords } from '../src/index.js';
import { checkpointKey, codeOf, JULIET, ORIGIN, opened, type Place, plain, ROMEO, START, sealed } from './fixture.js';
import type { AddTest, Wrap } from './keepingTests.js';
import { agreementPair, openedRights, recordKey, sealedTo, token } from './rightsFixture.js';

const DAY = 86_400_000;
const OCTOBER = Date.UTC(2026, 9, 10);

export function addRetentionTests(test: AddTest, wrap: Wrap): void {
  const policy = { origin: ORIGIN, logKey: checkpointKey.publicKey };
  /** Three entries in October and three in November of two owners each: `o0` to `o2`, `n0` to `n2`. */
  async function filled(place: Place) {
    const made = await opened(place);
    for (const owner of [JULIET, ROMEO]) {
      for (const [name, base] of [
        ['o', OCTOBER],
        ['n', START],
      ] as const) {
        for (let i = 0; i < 3; i++) {
          const text = `body ${name}${i}`;
          const stanza = i === 1 ? await sealed(text) : plain(text, i === 2 ? { from: 'tybalt@capulet.example' } : {});
          await made.archive.put(stanza, { owner, receivedAt: base + i * DAY, stanzaId: `${name}${i}` });
        }
      }
    }
    return { ...made, retention: await openRetention(made.archive, { recordKey }) };
  }
  const idsOf = async (archive: Archive, owner = JULIET) =>
    (await archive.page({ owner })).entries.map(({ id }) => id).join(' ');
  const actsOf = async (archive: Archive) =>
    (await readRecords(archive, recordKey.publicKey)).map(({ act }) => act.act).join(' ');

  test(
    'K7: shredding destroys keys, rows and tags; proofs that were handed out, and the log, go on verifying',
    wrap(async (place) => {
      const { archive, retention, url } = await filled(place);
      const proved = await archive.proofOf({ owner: JULIET, id: 'o1' });
      const checkpoint = verifyCheckpoint((await archive.checkpoint())?.note as string, policy);
      const [erased] = await retention.shred({ owner: JULIET, end: OCTOBER + 20 * DAY }, 'asked by the owner');
      assert.equal([erased?.keys, erased?.entries], [1, 3]);
      assert.is(await idsOf(archive), 'n0 n1 n2');
      assert.is(await idsOf(archive, ROMEO), 'o0 o1 o2 n0 n1 n2');
      assert.is(await codeOf(archive.proofOf({ owner: JULIET, id: 'o1' })), 'ERR_NOT_FOUND');
      assert.is(verify(proved.proof, policy).index, proved.leafIndex, 'the proof stands');
      const later = verifyCheckpoint((await archive.checkpoint())?.note as string, policy);
      const path = await archive.consistencyProof(checkpoint.size, later.size);
      const sizes = { first: checkpoint.size, second: later.size };
      assert.ok(verifyConsistency({ ...sizes, firstRoot: checkpoint.root, secondRoot: later.root, path }));
      assert.is((await archive.proofOf({ owner: JULIET, id: 'n1' })).leafIndex, 4);
      assert.is(await actsOf(archive), 'erasure erased');
      const { leafIndex } = (await readRecords(archive, recordKey.publicKey))[0] as { leafIndex: number };
      const record = verify((await archive.proofOf({ owner: '', id: `#${leafIndex}` })).proof, policy);
      assert.is(record.entry?.meta.kind, 'record');
      await archive.close();
      for (const table of ['entries', 'names']) {
        const [row] = await place.tamper(url, 'content', `SELECT count(*) AS n FROM ${table} WHERE owner = 1`);
        assert.is(row?.n, table === 'entries' ? 3 : 6);
      }
      const again = await opened(place, {}, url);
      const receipt = await again.archive.put(plain('again'), { owner: JULIET, receivedAt: OCTOBER, stanzaId: 'o0' });
      assert.is(receipt.duplicate, false, 'nothing tells that it was there');
      assert.is(await idsOf(again.archive), 'n0 n1 n2 o0');
      await again.archive.close();
    }),
  );

  test(
    'K7: a backup of the contents from before the erasure yields nothing: its keys are gone',
    wrap(async (place) => {
      const { archive, url } = await filled(place);
      await archive.close();
      const kept = await place.tamper(url, 'content', 'SELECT * FROM entries WHERE owner = 1 AND time < $1', [START]);
      const secrets = await place.tamper(url, 'keys', 'SELECT kek, secret FROM keks ORDER BY kek');
      const again = await opened(place, {}, url);
      const retentionAgain = await openRetention(again.archive, { recordKey });
      await retentionAgain.shred({ owner: JULIET, end: OCTOBER + 20 * DAY }, 'asked by the owner');
      await again.archive.close();
      const left = await place.tamper(url, 'keys', 'SELECT kek, secret FROM keks ORDER BY kek');
      const gone = secrets.filter(({ kek }) => !left.some((row) => row.kek === kek));
      assert.equal(
        gone.map(({ kek }) => kek),
        [kept[0]?.kek],
      );
      // What the backup has is put back, row by row.
      for (const row of kept) {
        const names = Object.keys(row);
        const places = names.map((_, i) => `$${i + 1}`);
        const insert = `INSERT INTO entries (${names.join()}) VALUES (${places.join()})`;
        await place.tamper(url, 'content', insert, Object.values(row));
      }
      const restored = await opened(place, {}, url);
      const page = await restored.archive.page({ owner: JULIET });
      assert.equal(
        page.entries.map(({ id }) => id),
        ['n0', 'n1', 'n2'],
      );
      assert.is(page.damaged.length, 3, 'they are there, and nobody reads them');
      await restored.archive.close();
    }),
  );

  test(
    'part of a month: what stays is under a new key, its leaves, proofs and wraps as they were',
    wrap(async (place) => {
      const epoch = await agreementPair();
      const { archive, rights } = await openedRights(place, { privateKeys: token(epoch) });
      await rights.addArchiveKey({ line: 'organisation', key: epoch.publicKey, epoch: 1 });
      for (let i = 0; i < 300; i++) {
        const stanza = i % 30 === 0 ? await sealedTo(`body ${i}`, [epoch]) : plain(`body ${i}`);
        await archive.put(stanza, { owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` });
      }
      await rights.escrow();
      const retention = await openRetention(archive, { recordKey });
      const before = await archive.proofOf({ owner: JULIET, id: 'id270' });
      const [erased] = await retention.shred({ owner: JULIET, start: START + 10, end: START + 149 }, 'part');
      assert.equal([erased?.keys, erased?.entries], [1, 140]);
      const { leafHash } = await archive.proofOf({ owner: JULIET, id: 'id270' });
      assert.is(toHex(leafHash), toHex(before.leafHash));
      const page = await archive.page({ owner: JULIET, count: true });
      assert.equal([page.count, page.damaged], [160, []]);
      assert.equal(await rights.counts(), { unchecked: 0, checked: 6, mismatch: 0 });
      const epoch2 = await agreementPair();
      await rights.addArchiveKey({ line: 'organisation', key: epoch2.publicKey, epoch: 2 });
      const moved = await rights.rewrap('organisation');
      assert.equal([moved.moved, moved.left, moved.mismatched], [6, [], []]);
      await archive.put(plain('new'), { owner: JULIET, receivedAt: START + 1000, stanzaId: 'new' });
      const keks = await coreOf(archive).content.rows('SELECT DISTINCT kek FROM entries WHERE owner = $1', [
        (await coreOf(archive).vault.owner(JULIET))?.owner as number,
      ]);
      assert.is(keks.length, 1, 'what is written now is under the new key too');
      await archive.close();
    }),
  );

  test(
    'K8: a hold refuses an erasure, which is logged; once it is lifted the erasure is done',
    wrap(async (place) => {
      const { archive, retention } = await filled(place);
      const name = await retention.hold({ owner: JULIET, start: OCTOBER, end: OCTOBER + DAY }, 'case 7');
      assert.is(await codeOf(retention.shred({ owner: JULIET }, 'asked')), 'ERR_HOLD');
      assert.is(await idsOf(archive), 'o0 o1 o2 n0 n1 n2');
      assert.is((await retention.shred({ owner: JULIET, start: START }, 'not held')).length, 1);
      assert.is((await retention.shred({ owner: ROMEO }, 'another')).length, 1);
      assert.is(await idsOf(archive), 'o0 o1 o2');
      const all = await retention.hold({}, 'everybody');
      assert.is(await codeOf(retention.shred({ owner: JULIET, start: START }, 'asked')), 'ERR_HOLD');
      assert.equal(
        (await retention.holds()).map(({ hold }) => hold),
        [name, all],
      );
      for (const each of [all, name]) await retention.lift(each, 'over');
      assert.is(await codeOf(retention.lift(name, 'again')), 'ERR_NOT_FOUND');
      await retention.shred({ owner: JULIET }, 'asked again');
      assert.is(await idsOf(archive), '');
      const acts = 'hold refusal erasure erased erasure erased hold refusal lift lift erasure erased';
      assert.is(await actsOf(archive), acts);
      assert.is(await codeOf(retention.shred({ owner: 'mercutio@verona.example' }, 'x')), 'ERR_NOT_FOUND');
      assert.is(await codeOf(retention.hold({ owner: 'mercutio@verona.example' }, 'x')), 'ERR_NOT_FOUND');
      await archive.close();
    }),
  );

  test(
    'rules by owner, peer and namespace: the most particular decides; what is held stays until it is lifted, and no backlog is lost (K8)',
    wrap(async (place) => {
      const { archive, retention } = await filled(place);
      await retention.setRules([
        { days: 30 },
        { with: 'tybalt@capulet.example', days: 1000 },
        { owner: ROMEO, namespace: 'urn:xmpp:sealed:0', days: 10 },
        { owner: ROMEO, days: 400 },
      ]);
      const held = await retention.hold({ owner: JULIET, end: OCTOBER + 1 }, 'case 8');
      assert.is((await retention.applyRules()).length, 2);
      assert.is(await idsOf(archive), 'o0 o2 n0 n1 n2', 'o0 is held, o2 is of Tybalt');
      assert.is(await idsOf(archive, ROMEO), 'o0 o2 n0 n1 n2', 'o1 is sealed');
      assert.is((await retention.applyRules()).length, 0, 'nothing is left to do');
      await retention.lift(held, 'over');
      assert.is((await retention.applyRules()).length, 1);
      assert.is(await idsOf(archive), 'o2 n0 n1 n2');
      assert.is((await retention.rules()).length, 4);
      await retention.setRules([]);
      assert.is((await retention.applyRules()).length, 0);
      assert.is(await codeOf(retention.setRules([{ days: -1 }])), 'RangeError');
      await archive.close();
    }),
  );

  test(
    'an erasure that was stopped after its order goes on, and what is written meanwhile stays',
    wrap(async (place) => {
      const { archive, retention } = await filled(place);
      const { keys } = coreOf(archive);
      const run = keys.run.bind(keys);
      keys.run = async () => {
        throw new Error('stopped');
      };
      const stopped: unknown = await retention
        .shred({ owner: JULIET, end: OCTOBER + DAY }, 'stopped')
        .catch((error: unknown) => error);
      assert.instance(stopped, Error);
      keys.run = run;
      await archive.put(plain('late'), { owner: JULIET, receivedAt: OCTOBER, stanzaId: 'late' });
      const [erased] = await (await openRetention(archive, { recordKey })).resume();
      assert.equal([erased?.keys, erased?.entries], [1, 2]);
      assert.is(await idsOf(archive), 'o2 n0 n1 n2 late');
      assert.equal(await retention.resume(), []);
      assert.is(await actsOf(archive), 'erasure erased');
      await archive.close();
    }),
  );
}
