// Who may read, whichever database is under it: called by the test file of each.
import { equal, toHex, toUtf8 } from '@stanzaseal/cms';
import { decrypt, decryptWithCek, readObject } from '@stanzaseal/envelope';
import { setArchiveKeys } from '@stanzaseal/messenger/devices';
import { NS, readXml, writeXml } from '@stanzaseal/stanza';
import { accepts, bodyOf as bodyOfElement, chat, createPair } from '@stanzaseal/testkit';
import * as assert from 'uvu/assert';
import { verify } from '../src/evidence/index.js';
import { type Archive, readRecords } from '../src/index.js';
import { decodeRecord, encodeRecord } from '../src/records/archiveRecord.js';
import { cekOfRelease, cekOfWrap, readReleaseRequest, wrapForArchive } from '../src/rights/index.js';
import { checkpointKey, codeOf, crypto, JULIET, ORIGIN, type Place, plain, ROMEO, random, START } from './fixture.js';
import type { AddTest, Wrap } from './keepingTests.js';
import {
  agreementPair,
  approvals,
  objectIn,
  officers,
  openedRights,
  type Pair,
  recordKey,
  sealedTo,
  stranger,
  token,
} from './rightsFixture.js';

export function addRightsTests(test: AddTest, wrap: Wrap): void {
  const put = (archive: Archive, i: number, stanza: string) =>
    archive.put(stanza, { owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` });
  const rowsOf = (place: Place, url: string) =>
    place.tamper(url, 'content', 'SELECT seq, content, recipients FROM entries WHERE form = 0 ORDER BY seq');

  /** An archive with an organisation's key and so many entries sealed to it. */
  async function organisation(place: Place, count: number, online = true) {
    const epoch1 = await agreementPair();
    const made = await openedRights(place, online ? { privateKeys: token(epoch1) } : {});
    await made.rights.addArchiveKey({ line: 'organisation', key: epoch1.publicKey, epoch: 1, organisation: 'Capulet' });
    const stanzas: string[] = [];
    for (let i = 0; i < count; i++) {
      stanzas.push(await sealedTo(`body ${i}`, [epoch1]));
      await put(made.archive, i, stanzas[i] as string);
    }
    return { ...made, epoch1, stanzas };
  }

  test(
    'the mode is none until a key is logged; then the organisation, the owner, or both read along',
    wrap(async (place) => {
      const { archive, rights } = await openedRights(place);
      assert.is(await rights.mode(JULIET), 'none');
      const [own, theirs] = [await agreementPair(), await agreementPair()];
      const self = { line: { owner: JULIET }, key: own.publicKey, epoch: 1 };
      assert.is(await codeOf(rights.addArchiveKey(self)), 'ERR_NOT_FOUND');
      await put(archive, 0, plain('x'));
      await rights.addArchiveKey(self);
      assert.is(await rights.mode(JULIET), 'self');
      await rights.addArchiveKey({ line: 'organisation', key: theirs.publicKey, epoch: 7, organisation: 'Capulet' });
      assert.equal([await rights.mode(JULIET), await rights.mode(ROMEO)], ['both', 'organisation']);
      for (const [key, epoch] of [
        [own.publicKey, 7],
        [own.publicKey, 6],
        [theirs.publicKey, 8],
      ] as const) {
        assert.is(await codeOf(rights.addArchiveKey({ line: 'organisation', key, epoch })), 'RangeError');
      }
      const records = await readRecords(archive, recordKey.publicKey);
      assert.equal(
        records.map(({ act, origin }) => [origin, act.act, act.act === 'archiveKey' && [act.owner, act.epoch]]),
        [
          [ORIGIN, 'archiveKey', [JULIET, 1]],
          [ORIGIN, 'archiveKey', ['', 7]],
        ],
      );
      const { proof } = await archive.proofOf({ owner: '', id: `#${records[1]?.leafIndex}` });
      const { entry } = verify(proof, { origin: ORIGIN, logKey: checkpointKey.publicKey });
      assert.equal(entry?.meta.kind, 'record');
      assert.is(await codeOf(readRecords(archive, stranger.publicKey)), 'ERR_PROOF');
      await archive.close();
    }),
  );

  test(
    'K3, K4: a wrap is compared with what the object commits to; one that holds another key is kept, flagged and told of',
    wrap(async (place) => {
      const { archive, rights, alarms, epoch1 } = await organisation(place, 2);
      await put(archive, 2, await sealedTo('to the recipient', [epoch1], true));
      await put(archive, 3, plain('plain'));
      await put(archive, 4, await sealedTo('not to the archive', []));
      assert.equal(await rights.escrow(), { unchecked: 0, checked: 2, mismatch: 1 });
      const [{ leafIndex } = { leafIndex: -1 }] = (await archive.page({ owner: JULIET, ids: ['id2'] })).entries;
      assert.equal(alarms, [{ type: 'wrap-mismatch', owner: JULIET, leafIndex, epoch: 1 }]);
      assert.equal(await rights.escrow(), { unchecked: 0, checked: 0, mismatch: 0 }, 'it goes on where it was');
      assert.equal(await rights.counts(), { unchecked: 0, checked: 2, mismatch: 1 });
      const auditor = await agreementPair();
      const asked = { owner: JULIET, ids: ['id0', 'id2', 'id3', 'id4'], purpose: 'case 1', validFor: 1e6 };
      const request = await rights.request({ ...asked, auditor: auditor.publicKey });
      const released = await rights.release(request, await approvals(request, ...officers.slice(1)));
      assert.equal(
        released.keys.map(({ id }) => id),
        ['id0'],
      );
      assert.is(released.refused.length, 3);
      assert.is(alarms.length, 2);
      await archive.close();
    }),
  );

  test(
    'without a key at hand wraps are unchecked; a ceremony that brings it checks every one',
    wrap(async (place) => {
      const { archive, rights, epoch1, alarms } = await organisation(place, 3, false);
      await put(archive, 3, await sealedTo('another', [epoch1], true));
      assert.equal(await rights.escrow(), { unchecked: 4, checked: 0, mismatch: 0 });
      const epoch2 = await agreementPair();
      await rights.addArchiveKey({ line: 'organisation', key: epoch2.publicKey, epoch: 2 });
      const idle = await rights.rewrap('organisation');
      assert.equal([idle.moved, idle.left.length, idle.count], [0, 4, 0], 'nobody has the old key');
      const { moved, mismatched, left, count } = await rights.rewrap('organisation', token(epoch1));
      assert.equal([moved, mismatched.length, left.length, count, alarms.length], [3, 1, 0, 3, 1]);
      assert.equal(await rights.counts(), { unchecked: 0, checked: 3, mismatch: 1 });
      await archive.close();
    }),
  );

  test(
    'K5: rewrapping leaves contents and leaves as they are, moves each wrap once, and logs the root of the new ones',
    wrap(async (place) => {
      const { archive, rights, epoch1, url, stanzas } = await organisation(place, 5);
      await rights.escrow();
      const before = await Promise.all(stanzas.map((_, i) => archive.proofOf({ owner: JULIET, id: `id${i}` })));
      await archive.close();
      const stored = await rowsOf(place, url);
      const wrapsBefore = await place.tamper(url, 'content', 'SELECT seq, wrap FROM wraps ORDER BY seq');
      const epoch2 = await agreementPair();
      const again = await openedRights(place, { privateKeys: token(epoch1) }, url);
      await again.rights.addArchiveKey({ line: 'organisation', key: epoch2.publicKey, epoch: 2 });
      const progress: number[] = [];
      const first = await again.rights.rewrap('organisation', undefined, ({ done }) => progress.push(done));
      assert.equal([first.epoch, first.moved, first.count, first.left, progress.at(-1)], [2, 5, 5, [], 5]);
      const second = await again.rights.rewrap('organisation');
      assert.equal([second.moved, toHex(second.root)], [0, toHex(first.root)]);
      const records = (await readRecords(again.archive, recordKey.publicKey)).map(({ act }) => act);
      const rewraps = records.filter(({ act }) => act === 'rewrap');
      assert.is(rewraps.length, 1, 'what did not change is not logged again');
      assert.ok(rewraps[0]?.act === 'rewrap' && equal(rewraps[0].root, first.root) && rewraps[0].count === 5);
      const after = await Promise.all(stanzas.map((_, i) => again.archive.proofOf({ owner: JULIET, id: `id${i}` })));
      assert.equal(
        after.map(({ leafHash }) => toHex(leafHash)),
        before.map(({ leafHash }) => toHex(leafHash)),
      );
      await again.archive.close();
      assert.equal(await rowsOf(place, url), stored, 'octet for octet');
      const wraps = await place.tamper(url, 'content', 'SELECT seq, wrap FROM wraps ORDER BY seq');
      assert.equal([wraps.length, wraps.length], [wrapsBefore.length, 5]);
      // The old key is of no use any more, the new one is.
      const auditor = await agreementPair();
      for (const [held, expected] of [
        [epoch1, 0],
        [epoch2, 5],
      ] as const) {
        const opened = await openedRights(place, { privateKeys: token(held) }, url);
        const ids = stanzas.map((_, i) => `id${i}`);
        const asked = { owner: JULIET, ids, purpose: 'after rotation', validFor: 1e6, auditor: auditor.publicKey };
        const request = await opened.rights.request(asked);
        const { keys } = await opened.rights.release(request, await approvals(request, ...officers));
        assert.is(keys.length, expected);
        await opened.archive.close();
      }
    }),
  );

  test(
    'K6: one officer alone, the same one twice, a stranger, another request, another time, or once more: no key is released',
    wrap(async (place) => {
      const { archive, rights } = await organisation(place, 2);
      await rights.escrow();
      const auditor = await agreementPair();
      const asked = { owner: JULIET, ids: ['id0'], purpose: 'case 2', validFor: 1e6, auditor: auditor.publicKey };
      const request = await rights.request(asked);
      const other = await rights.request({ ...asked, ids: ['id1'] });
      const [a, b] = [officers[0], officers[1]] as [(typeof officers)[0], (typeof officers)[0]];
      const refused: [Uint8Array, Uint8Array[]][] = [
        [request, []],
        [request, await approvals(request, a)],
        [request, await approvals(request, a, a)],
        [request, await approvals(request, a, stranger)],
        [request, await approvals(other, a, b)],
        [request, [...(await approvals(request, a)), ...(await approvals(other, b))]],
        [request, await approvals(request, a, b, a, b)],
        [request, [toUtf8('no approval'), ...(await approvals(request, a))]],
      ];
      const { act, origin, time } = decodeRecord(request);
      assert.ok(act.act === 'request');
      if (act.act !== 'request') return;
      for (const change of [
        { origin: 'montague.example/archive', time, act },
        { origin, time: START + 1, act },
        { origin, time: START - 10, act: { ...act, notAfter: START - 1 } },
        { origin, time, act: { ...act, notAfter: START + 1e10 } },
      ]) {
        const forged = encodeRecord(change);
        refused.push([forged, await approvals(forged, a, b)]);
      }
      for (const [i, [der, given]] of refused.entries())
        assert.is(await codeOf(rights.release(der, given)), 'ERR_APPROVAL', `case ${i}`);
      const good = await approvals(request, a, b);
      const { keys, record } = await rights.release(request, good);
      assert.is(keys.length, 1);
      assert.is(await codeOf(rights.release(request, good)), 'ERR_APPROVAL', 'answered before');
      assert.is(await codeOf(rights.release(request, await approvals(request, b, a))), 'ERR_APPROVAL');
      const releases = (await readRecords(archive, recordKey.publicKey)).filter(({ act }) => act.act === 'release');
      assert.equal(
        releases.map(({ leafIndex, act }) => [leafIndex, act.act === 'release' && act.approvals.map(toHex)]),
        [[record, good.map(toHex)]],
      );
      await archive.close();
    }),
  );

  test(
    'K12: a request for one owner releases no key of another, whatever places it names',
    wrap(async (place) => {
      const { archive, rights, epoch1 } = await organisation(place, 1);
      const theirs = await sealedTo('in his own archive', [epoch1]);
      const { leafIndex } = await archive.put(theirs, { owner: ROMEO, receivedAt: START, stanzaId: 'r' });
      await rights.escrow();
      const auditor = await agreementPair();
      const asked = { owner: JULIET, ids: ['id0'], purpose: 'hers', validFor: 1e6, auditor: auditor.publicKey };
      const { act, origin, time } = decodeRecord(await rights.request(asked));
      assert.is(await codeOf(rights.request({ ...asked, ids: ['r'] })), 'ERR_NOT_FOUND');
      if (act.act !== 'request') throw new Error('no request');
      const widened = encodeRecord({ origin, time, act: { ...act, leaves: [...act.leaves, leafIndex] } });
      const { keys, refused } = await rights.release(widened, await approvals(widened, ...officers));
      assert.equal([keys.length, refused], [1, [leafIndex]]);
      await archive.close();
    }),
  );

  test(
    'a released key opens on the device that it was released to, for the request that it was released for, and nothing else',
    wrap(async (place) => {
      const { archive, rights, stanzas } = await organisation(place, 2);
      await rights.escrow();
      const auditor = await agreementPair();
      const asked = { owner: JULIET, ids: ['id0', 'id1'], purpose: 'case 3', validFor: 1e6 };
      const request = await rights.request({ ...asked, auditor: auditor.publicKey });
      const { purpose, leafIndexes, owner } = await readReleaseRequest(request, crypto);
      assert.equal([purpose, leafIndexes.length, owner], ['case 3', 2, JULIET]);
      const { keys } = await rights.release(request, await approvals(request, ...officers.slice(0, 2)));
      const open = async (i: number, j: number, der: Uint8Array, by: Pair) =>
        cekOfRelease(keys[i]?.recipientInfo as Uint8Array, objectIn(stanzas[j] as string), der, by, crypto);
      for (const i of [0, 1]) {
        const cek = await open(i, i, request, auditor);
        const object = await readObject(objectIn(stanzas[i] as string), { crypto });
        assert.ok((await decryptWithCek(object, cek, crypto)).content.length > 0);
      }
      const other = await rights.request({ ...asked, auditor: auditor.publicKey });
      for (const wrong of [
        open(0, 1, request, auditor),
        open(0, 0, other, auditor),
        open(0, 0, request, await agreementPair()),
      ])
        assert.is(await codeOf(wrong), 'CmsError');
      await archive.close();
    }),
  );

  test(
    "self-archive: a device's wraps come back to its owner alone, and the archive's process never has a key",
    wrap(async (place) => {
      const [own, other, prekeys] = [await agreementPair(), await agreementPair(), await agreementPair()];
      const { archive, rights } = await openedRights(place);
      const text = await sealedTo('mine', [prekeys]);
      await put(archive, 0, text);
      await put(archive, 1, await sealedTo('also mine', [prekeys]));
      await rights.addArchiveKey({ line: { owner: JULIET }, key: own.publicKey, epoch: 1 });
      const cek = await cekByPrekey(text, prekeys);
      const der = await wrapForArchive(objectIn(text), cek, own.publicKey, { random, crypto });
      assert.is(await rights.deposit({ owner: JULIET, id: 'id0', wrap: der }), 'unchecked');
      const foreign = await wrapForArchive(objectIn(text), cek, other.publicKey, { random, crypto });
      assert.is(await codeOf(rights.deposit({ owner: JULIET, id: 'id0', wrap: foreign })), 'ERR_NOT_FOUND');
      assert.is(await codeOf(rights.deposit({ owner: JULIET, id: 'id9', wrap: der })), 'ERR_NOT_FOUND');
      assert.is(await codeOf(rights.deposit({ owner: ROMEO, id: 'id0', wrap: der })), 'ERR_NOT_FOUND');
      const wrong = wrapForArchive(objectIn(text), new Uint8Array(32), own.publicKey, { random, crypto });
      assert.is(await codeOf(wrong), 'RangeError');
      const wraps = await rights.wrapsOf(JULIET, ['id0', 'id1']);
      assert.equal(
        wraps.map(({ id, state }) => [id, state]),
        [['id0', 'unchecked']],
      );
      const wrapped = wraps[0]?.wrap as Uint8Array;
      assert.equal(await cekOfWrap(wrapped, objectIn(text), own, crypto), cek);
      assert.is(await codeOf(cekOfWrap(wrapped, objectIn(text), other, crypto)), 'CmsError');
      await archive.close();
    }),
  );

  test(
    'wraps are encrypted at rest: what an object and its wrap show is not in the table',
    wrap(async (place) => {
      const { archive, rights, url, epoch1 } = await organisation(place, 1);
      await rights.escrow();
      await archive.close();
      const [row] = await place.tamper(url, 'content', 'SELECT wrap FROM wraps');
      const stored = toHex(row?.wrap as Uint8Array);
      assert.not.ok(stored.includes(toHex(epoch1.keyIdentifier)));
    }),
  );

  test(
    'end to end: the organisation reads along in plain sight, keys rotate, and two officers let a device read what its prekeys no longer open',
    wrap(async (place) => {
      const [romeo, juliet] = await createPair('archive');
      const [epoch1, epoch2] = [await agreementPair(), await agreementPair()];
      await setArchiveKeys(romeo.messenger, [{ key: epoch1.publicKey, organisation: 'Verona', epoch: 1 }]);
      const { stanza } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
      const text = writeXml(stanza, { defaultNamespace: NS.CLIENT });
      await accepts(juliet, stanza);
      const { archive, rights } = await openedRights(place, { privateKeys: token(epoch1) });
      const line = 'organisation' as const;
      await rights.addArchiveKey({ line, key: epoch1.publicKey, epoch: 1, organisation: 'Verona' });
      const owner = juliet.jid;
      const receipt = await archive.put(text, { owner, receivedAt: START, stanzaId: 'a' });
      assert.is(receipt.quarantined, undefined);
      assert.equal(await rights.escrow(), { unchecked: 0, checked: 1, mismatch: 0 });
      await rights.addArchiveKey({ line, key: epoch2.publicKey, epoch: 2, organisation: 'Verona' });
      assert.is((await rights.rewrap(line)).moved, 1);
      const auditor = await agreementPair();
      const asked = { owner, ids: ['a'], purpose: 'lost device', validFor: 1e6, auditor: auditor.publicKey };
      const request = await rights.request(asked);
      const given = await approvals(request, officers[0] as typeof stranger, officers[2] as typeof stranger);
      assert.is((await rights.release(request, given, token(epoch2))).keys.length, 1);
      const again = await rights.request(asked);
      const { keys } = await rights.release(again, await approvals(again, ...officers), token(epoch2));
      const [entry] = (await archive.page({ owner })).entries;
      const octets = new TextDecoder().decode(entry?.octets);
      const recipientInfo = keys[0]?.recipientInfo as Uint8Array;
      const cek = await cekOfRelease(recipientInfo, objectIn(octets), again, auditor, crypto);
      const read = readXml(octets, undefined, { defaultNamespace: NS.CLIENT });
      const opened = await juliet.messenger.openArchived(read, cek);
      assert.equal([bodyOfElement(opened.stanza), opened.archived, opened.sender.jid], ['Ay me!', true, romeo.jid]);
      await archive.close();
    }),
  );
}

/** The object's key by a recipient's private key, as a device has it after opening. */
async function cekByPrekey(text: string, pair: Pair): Promise<Uint8Array> {
  const object = await readObject(objectIn(text), { crypto });
  return (await decrypt(object, { keys: token(pair), crypto })).cek;
}
