// What an archive can prove, and what is found out: called by the test file of each database.

import { equal, toHex } from '@stanzaseal/cms';
import * as assert from 'uvu/assert';
import { verify, verifyCheckpoint, verifyConsistency } from '../src/evidence/index.js';
import {
  bodyOf,
  checkpointKey,
  codeOf,
  JULIET,
  ORIGIN,
  opened,
  type Place,
  plain,
  ROMEO,
  random,
  START,
  sealed,
} from './fixture.js';
import type { AddTest, Wrap } from './keepingTests.js';

export function addIntegrityTests(test: AddTest, wrap: Wrap): void {
  const policy = { origin: ORIGIN, logKey: checkpointKey.publicKey };
  const put = async (place: Place, count: number, options = {}) => {
    const made = await opened(place, options);
    for (let i = 0; i < count; i++) {
      const stanza = i % 3 === 0 ? await sealed(`body ${i}`) : plain(`body ${i}`);
      await made.archive.put(stanza, { owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` });
    }
    return made;
  };

  test(
    "every entry's proof is verified by a stranger with the checkpoint's key, and gives the stanza",
    wrap(async (place) => {
      const { archive } = await put(place, 7);
      for (let i = 0; i < 7; i++) {
        const { proof, leafIndex, leafHash, treeSize } = await archive.proofOf({ owner: JULIET, id: `id${i}` });
        const { entry, index, leafHash: proved } = verify(proof, policy);
        assert.equal([index, leafIndex, treeSize, toHex(proved)], [i, i, 7, toHex(leafHash)]);
        assert.equal([entry?.meta.owner, entry?.meta.stanzaId, entry?.meta.receivedAt], [JULIET, `id${i}`, START + i]);
        const page = await archive.page({ owner: JULIET, ids: [`id${i}`] });
        assert.is(entry?.stanza, new TextDecoder().decode(page.entries[0]?.octets));
      }
      assert.is(await codeOf(archive.proofOf({ owner: ROMEO, id: 'id1' })), 'ERR_NOT_FOUND');
      assert.is(await codeOf(archive.proofOf({ owner: JULIET, id: 'id7' })), 'ERR_NOT_FOUND');
      await archive.close();
    }),
  );

  test(
    'checkpoints are signed by number of entries, by time and at the end; each continues the one before',
    wrap(async (place) => {
      const { archive, events, url } = await put(place, 12, {
        limits: { checkpointEntries: 5, checkpointInterval: 30 },
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      const sizes = (await archive.checkpoints()).map(({ size }) => size);
      assert.ok(sizes.length >= 2, `checkpoints at ${sizes}`);
      assert.is(sizes.at(-1), 12);
      assert.equal(events.filter(({ type }) => type === 'checkpoint').length, sizes.length);
      await archive.put(plain('last'), { owner: JULIET, receivedAt: START, stanzaId: 'last' });
      await archive.close();
      const again = await opened(place, {}, url);
      const notes = (await again.archive.checkpoints()).map(({ note }) => verifyCheckpoint(note, policy));
      assert.is(notes.at(-1)?.size, 13);
      for (const [i, { size: second, root: secondRoot }] of notes.entries()) {
        if (i === 0) continue;
        const { size: first, root: firstRoot } = notes[i - 1] as (typeof notes)[0];
        const path = await again.archive.consistencyProof(first, second);
        assert.ok(verifyConsistency({ first, firstRoot, second, secondRoot, path }));
      }
      assert.equal(
        (await again.archive.checkpoints(13)).map(({ size }) => size),
        [13],
      );
      await again.archive.close();
    }),
  );

  test(
    'K11: one bit of what is stored is never served as good, and neither is an entry in the place of another (K1)',
    wrap(async (place) => {
      const { archive, url } = await put(place, 6);
      await archive.close();
      const stored = await place.tamper(url, 'content', 'SELECT seq, content, recipients FROM entries ORDER BY seq');
      const flipped = new Uint8Array(stored[0]?.content as Uint8Array);
      flipped[40] = (flipped[40] as number) ^ 1;
      const tag = new Uint8Array(stored[3]?.recipients as Uint8Array);
      tag[tag.length - 1] = (tag.at(-1) as number) ^ 0x80;
      const change = (column: string, seq: number, value: Uint8Array | number) =>
        place.tamper(url, 'content', `UPDATE entries SET ${column} = $1 WHERE seq = $2`, [value, seq]);
      await change('content', 0, flipped);
      await change('content', 1, stored[2]?.content as Uint8Array);
      await change('time', 2, START + 1_000);
      await change('recipients', 3, tag);
      await change('form', 4, 0);
      const again = await opened(place, {}, url);
      const page = await again.archive.page({ owner: JULIET });
      assert.equal(
        page.entries.map(({ id }) => id),
        ['id5'],
      );
      assert.equal(page.damaged, [0, 1, 2, 3, 4]);
      const damaged = again.events.filter((event) => event.type === 'damaged');
      assert.equal(
        damaged.map(({ leafIndex, owner }) => [leafIndex, owner]),
        page.damaged.map((each) => [each, JULIET]),
      );
      assert.is(page.first, '#0', 'there is a way on from a page of damaged entries');
      const next = await again.archive.page({ owner: JULIET, after: '#4' });
      assert.equal(
        next.entries.map(({ id }) => id),
        ['id5'],
      );
      assert.is(await codeOf(again.archive.proofOf({ owner: JULIET, id: 'id1' })), 'ERR_PROOF');
      assert.is(bodyOf(page.entries[0]?.octets), 'body 5');
      await again.archive.close();
    }),
  );

  test(
    'K1: a log whose tail was cut, or whose leaf was edited, has no way from the checkpoint that a witness has',
    wrap(async (place) => {
      const { archive, url } = await put(place, 9);
      const witnessed = verifyCheckpoint((await archive.checkpoint())?.note ?? '', policy);
      await archive.close();
      const [tile] = await place.tamper(url, 'content', 'SELECT hashes FROM log_tiles WHERE level = 0');
      const hashes = tile?.hashes as Uint8Array;
      const forge = async (octets: Uint8Array, size: number) => {
        await place.tamper(url, 'content', 'UPDATE log_tiles SET hashes = $1 WHERE level = 0', [octets]);
        await place.tamper(url, 'content', 'UPDATE state SET size = $1 WHERE number = 1', [size]);
        await place.tamper(url, 'content', 'DELETE FROM checkpoints WHERE size >= $1', [size]);
        for (const table of ['entries', 'names', 'recipient_keys'])
          await place.tamper(url, 'content', `DELETE FROM ${table} WHERE seq >= $1`, [size]);
        const forged = await opened(place, {}, url);
        for (let i = size; i < 12; i++)
          await forged.archive.put(plain(`new ${i}`), {
            owner: JULIET,
            receivedAt: START,
            stanzaId: `new ${i} of ${size} ${random(2)}`,
          });
        const { size: second, root: secondRoot } = verifyCheckpoint(
          (await forged.archive.checkpoint())?.note ?? '',
          policy,
        );
        const path = await forged.archive.consistencyProof(witnessed.size, second);
        await forged.archive.close();
        return verifyConsistency({ first: witnessed.size, firstRoot: witnessed.root, second, secondRoot, path });
      };
      const edited = new Uint8Array(hashes);
      edited[100] = (edited[100] as number) ^ 1;
      const swapped = new Uint8Array(hashes);
      swapped.set(hashes.subarray(0, 32), 32);
      swapped.set(hashes.subarray(32, 64), 0);
      assert.is(await forge(edited, 9), false, 'edited');
      assert.is(await forge(swapped, 9), false, 'reordered');
      assert.is(await forge(hashes.subarray(0, 7 * 32), 7), false, 'cut');
    }),
  );

  test(
    'K7: once a key is destroyed its month gives nothing back, what others have is untouched and its proofs go on',
    wrap(async (place) => {
      const { archive, url, events } = await put(place, 3);
      await archive.put(plain('december'), { owner: JULIET, receivedAt: Date.UTC(2026, 11, 5), stanzaId: 'later' });
      await archive.put(plain('his'), { owner: ROMEO, receivedAt: START, stanzaId: 'his' });
      await archive.close();
      const [kek] = await place.tamper(url, 'keys', 'SELECT kek, month FROM keks ORDER BY kek');
      await place.tamper(url, 'keys', 'DELETE FROM keks WHERE kek = $1', [kek?.kek as number]);
      await place.tamper(url, 'content', 'UPDATE state SET erasures = erasures + 1 WHERE number = 1');
      const again = await opened(place, {}, url);
      const page = await again.archive.page({ owner: JULIET });
      assert.equal([page.entries.map(({ id }) => id), page.damaged], [['later'], [0, 1, 2]]);
      const { proof } = await again.archive.proofOf({ owner: ROMEO, id: 'his' });
      assert.is(verify(proof, policy).entry?.stanza, plain('his'));
      const { leafIndex } = await again.archive.put(plain('new'), {
        owner: JULIET,
        receivedAt: START,
        stanzaId: 'new',
      });
      assert.is((await again.archive.page({ owner: JULIET, ids: ['new'] })).entries[0]?.leafIndex, leafIndex);
      await again.archive.close();
      assert.equal(
        events.filter(({ type }) => type === 'damaged'),
        [],
      );
    }),
  );

  test(
    'what is put while keys are destroyed is written under new ones',
    wrap(async (place) => {
      const { archive, url } = await put(place, 1);
      await archive.close();
      const again = await opened(place, {}, url);
      await again.archive.put(plain('before'), { owner: JULIET, receivedAt: START, stanzaId: 'before' });
      const core = (await import('../src/archive.js')).coreOf(again.archive);
      const [kek] = await core.keys.rows('SELECT kek FROM keks');
      await core.keys.run('DELETE FROM keks WHERE kek = $1', [kek?.kek as number]);
      await core.content.run('UPDATE state SET erasures = erasures + 1 WHERE number = 1');
      await again.archive.put(plain('after'), { owner: JULIET, receivedAt: START, stanzaId: 'after' });
      const { entries } = await again.archive.page({ owner: JULIET });
      assert.equal(
        entries.map(({ id }) => id),
        ['after'],
      );
      const [left] = await core.keys.rows('SELECT secret FROM keks');
      assert.ok(left?.secret instanceof Uint8Array && !equal(left.secret, new Uint8Array(32)));
      await again.archive.close();
    }),
  );

  test(
    'contents are opened with the keys of their own archive alone, and never without',
    wrap(async (place) => {
      const [one, two] = [await put(place, 1), await put(place, 1)];
      await one.archive.close();
      await two.archive.close();
      const [{ archive: id } = {}] = await place.tamper(two.url, 'keys', 'SELECT archive FROM key_state');
      await place.tamper(one.url, 'keys', 'UPDATE key_state SET archive = $1', [id as string]);
      assert.is(await codeOf(opened(place, {}, one.url)), 'ERR_STORE');
      await place.tamper(two.url, 'keys', 'DELETE FROM key_state');
      assert.is(await codeOf(opened(place, {}, two.url)), 'ERR_STORE');
    }),
  );

  test(
    'K1, K2: a log is opened that grew from the checkpoint that somebody kept, and no other',
    wrap(async (place) => {
      const { archive, url } = await put(place, 3);
      const { note } = (await archive.checkpoint()) as { note: string };
      await archive.put(plain('later'), { owner: JULIET, receivedAt: START, stanzaId: 'later' });
      const later = (await archive.checkpoint()) as { note: string };
      await archive.close();
      for (const grownFrom of [note, later.note]) await (await opened(place, { grownFrom }, url)).archive.close();
      const [origin, , root] = later.note.split('\n') as [string, string, string];
      const others = {
        longer: later.note.replace(`${origin}\n4\n`, `${origin}\n5\n`),
        'of another root': later.note.replace(root, note.split('\n')[2] as string),
        'of another log': later.note.replace(origin, 'another.example'),
        'no checkpoint': 'x',
      };
      for (const [name, grownFrom] of Object.entries(others)) {
        assert.is.not(grownFrom, later.note, name);
        assert.is(await codeOf(opened(place, { grownFrom }, url)), 'ERR_PROOF', name);
      }
      assert.is(await codeOf(opened(place, { grownFrom: note })), 'ERR_PROOF', 'an empty archive grew from nothing');
      const again = await opened(place, {}, url);
      assert.is((await again.archive.checkpoints()).length, 2, 'nothing was signed');
      await again.archive.close();
    }),
  );
}
