// What an archive keeps, whichever database is under it: called by the test file of each.

import { fromBase64, ID_CT_ARCHIVE_RECORD, toBase64, toHex, toUtf8 } from '@stanzaseal/cms';
import { sign } from '@stanzaseal/signer';
import * as assert from 'uvu/assert';
import { coreOf } from '../src/archive.js';
import { verify } from '../src/evidence/index.js';
import type { StanzaItem } from '../src/index.js';
import {
  bodyOf,
  checkpointKey,
  codeOf,
  crypto,
  JULIET,
  ORIGIN,
  opened,
  type Place,
  plain,
  ROMEO,
  START,
  sealed,
  textOf,
} from './fixture.js';

/** Adds a test to a suite. */
export type AddTest = (name: string, body: () => Promise<void>) => void;

/** Wraps a test's body: it may be skipped where a server is missing. */
export type Wrap = (body: (place: Place) => Promise<void>) => () => Promise<void>;

export function addKeepingTests(test: AddTest, wrap: Wrap): void {
  const context = (stanzaId: string, more = 0) => ({ owner: JULIET, receivedAt: START + more, stanzaId });

  test(
    'a stanza comes back octet for octet, sealed or plain, as text, octets or an element',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const stanzas = [await sealed('one'), plain('two <&> &#x1f339;'), ` ${await sealed('three')}\n`];
      for (const [i, stanza] of stanzas.entries()) {
        const receipt = await archive.put(i % 2 === 0 ? stanza : toUtf8(stanza), context(`id${i}`, i));
        assert.equal([receipt.id, receipt.leafIndex, receipt.treeSize, receipt.duplicate], [`id${i}`, i, i + 1, false]);
      }
      const { entries } = await archive.page({ owner: JULIET });
      assert.equal(
        entries.map(({ octets }) => textOf(octets)),
        stanzas,
      );
      assert.equal(
        entries.map((entry) => entry.sealed),
        [true, false, true],
      );
      assert.equal(
        entries.map(({ receivedAt }) => receivedAt - START),
        [0, 1, 2],
      );
      await archive.close();
    }),
  );

  test(
    'K9: a stanza that comes by client, server, carbon and replay, from ten writers, is one entry and one leaf',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const object = await sealed('once', ROMEO, JULIET);
      const inner = object.replace('<message', '<message xmlns="jabber:client"');
      const carbon = `<message from="${JULIET}" to="${JULIET}/balcony"><received xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">${inner}</forwarded></received></message>`;
      const fromServer = object.replace('<message', '<message xmlns="jabber:server" xml:lang="it"');
      const copies = [object, fromServer, carbon, object];
      const ids = new Set<string>();
      const receipts = await Promise.all(
        Array.from({ length: 40 }, (_, i) => archive.put(copies[i % 4] as string, context(`id${i % 10}`, i))),
      );
      for (const { id } of receipts) ids.add(id);
      assert.is(ids.size, 1);
      assert.is(receipts.filter(({ duplicate }) => !duplicate).length, 1);
      assert.is(new Set(receipts.map(({ leafIndex }) => leafIndex)).size, 1);
      assert.is(new Set(receipts.map(({ leafHash }) => toHex(leafHash))).size, 1);
      const later = await archive.put(object, context('another id', 99));
      assert.equal([later.duplicate, ids.has(later.id), later.treeSize], [true, true, 1]);
      assert.is((await archive.page({ owner: JULIET })).entries.length, 1);
      const other = await archive.put(object, { ...context('x'), owner: ROMEO });
      assert.equal([other.duplicate, other.leafIndex], [false, 1], 'the sender has a copy of their own');
      await archive.close();
    }),
  );

  test(
    'K9: an ordinary stanza is a copy by its id and content; another one under the same id is kept in quarantine',
    wrap(async (place) => {
      const { archive, events } = await opened(place);
      const stanza = plain('twice', { id: 'm1' });
      const delayed = stanza.replace(
        '</message>',
        '<delay xmlns="urn:xmpp:delay" stamp="2026-11-21T04:00:00Z"/></message>',
      );
      await archive.put(stanza, context('a'));
      assert.is((await archive.put(delayed, context('a', 5))).duplicate, true);
      assert.is((await archive.put(stanza, context('b', 6))).duplicate, false, 'said twice is said twice');
      const conflict = await archive.put(plain('other'), context('a', 7));
      assert.equal([conflict.id, conflict.quarantined], ['#2', 'another stanza has its id']);
      const again = await archive.put(plain('other'), context('a', 8));
      assert.equal([again.leafIndex, again.duplicate], [2, true]);
      const [kept, ...more] = await archive.quarantine({ owner: JULIET });
      assert.equal([textOf(kept?.octets), kept?.stanzaId, more.length], [plain('other'), 'a', 0]);
      assert.equal(
        (await archive.page({ owner: JULIET })).entries.map(({ id }) => id),
        ['a', 'b'],
      );
      assert.equal(
        events.map(({ type }) => type),
        ['quarantined'],
      );
      await archive.close();
    }),
  );

  test(
    'K9: copies and another stanza under one id are told within a group, also after a group that had none',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const put = (items: readonly (readonly [text: string, id: string])[]) =>
        archive.putMany(items.map(([text, id], i) => ({ stanza: plain(text), ...context(id, i) })));
      await put([['first', 'a']]);
      const receipts = await put([
        ['once', 'b'],
        ['once', 'b'],
        ['other', 'b'],
        ['more', 'c'],
      ]);
      assert.equal(
        receipts.map(({ leafIndex, duplicate, quarantined }) => [leafIndex, duplicate, quarantined !== undefined]),
        [
          [1, false, false],
          [1, true, false],
          [2, false, true],
          [3, false, false],
        ],
      );
      assert.is((await archive.page({ owner: JULIET })).entries.length, 3);
      await archive.close();
    }),
  );

  test(
    'closing waits for what was put and not waited for',
    wrap(async (place) => {
      const { archive, url } = await opened(place);
      await archive.put(plain('first'), context('a')); // its owner has keys from here on
      const under = ['b', 'c', 'd'].map((id, i) => archive.put(plain(id), context(id, i)));
      await archive.close();
      const receipts = await Promise.all(under);
      assert.equal(
        receipts.map(({ leafIndex }) => leafIndex),
        [1, 2, 3],
      );
      const again = await opened(place, {}, url);
      assert.is((await again.archive.page({ owner: JULIET })).entries.length, 4);
      await again.archive.close();
    }),
  );

  test(
    'what is no good stanza is kept with its octets and a reason, and has a place in the log',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const good = await sealed('good');
      const bad: [stanza: string | Uint8Array, reason: RegExp][] = [
        ['<message', /not well-formed/],
        [Uint8Array.of(0x3c, 0xff, 0xfe), /not UTF-8/],
        ['<!DOCTYPE a><message/>', /not well-formed/],
        ['<stream/>', /not a message, presence or iq/],
        [plain('x', { from: '@' }), /address/],
        [good.replace(/<sealed([^>]*)>..../, '<sealed$1>!!!!'), /base64/],
        [good.replace(/<sealed([^>]*)>..../, '<sealed$1>AAAA'), /another structure/],
        [good.replace(ROMEO, 'mallory@montague.example'), /another stanza/],
        [good.replace('type="chat"', 'type="normal"'), /another stanza/],
        [good.replace(/(<sealed.*<\/sealed>)/, '$1$1'), /another form/],
        [`<message>${'x'.repeat(600_000)}</message>`, /limit/],
      ];
      for (const [i, [stanza, reason]] of bad.entries()) {
        const receipt = await archive.put(stanza, context(`bad${i}`, i));
        assert.match(receipt.quarantined ?? '', reason);
        assert.equal([receipt.leafIndex, receipt.id], [i, `#${i}`]);
      }
      const kept = await archive.quarantine({ owner: JULIET });
      assert.equal(
        kept.map(({ octets }) => toHex(octets)),
        bad.map(([each]) => toHex(typeof each === 'string' ? toUtf8(each) : each)),
      );
      assert.is((await archive.page({ owner: JULIET })).entries.length, 0);
      assert.is((await archive.quarantine({ owner: JULIET, after: 3, max: 2 })).length, 2);
      assert.equal(await archive.quarantine({ owner: ROMEO }), []);
      assert.match((await archive.proofOf({ owner: JULIET, id: '#1' })).proof, /^c2sp\.org\/tlog-proof@v1\n/);
      await archive.close();
    }),
  );

  test(
    'arguments that make no sense are refused by name',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const refused = (more: object) => codeOf(archive.put(plain('x'), { ...context('a'), ...more }));
      assert.is(await refused({ receivedAt: Number.NaN }), 'RangeError');
      assert.is(await refused({ receivedAt: -1 }), 'RangeError');
      assert.is(await refused({ stanzaId: '' }), 'RangeError');
      assert.is(await refused({ stanzaId: '#12' }), 'RangeError');
      assert.is(await refused({ owner: `${JULIET}/balcony` }), 'RangeError');
      assert.is(await refused({ owner: '' }), 'RangeError');
      assert.is(await refused({ owner: 'a@@' }), 'StanzaError');
      assert.is(await codeOf(archive.put('<message>\ud800</message>', context('a'))), 'TypeError');
      assert.is((await archive.page({ owner: JULIET })).entries.length, 0);
      await archive.close();
      assert.is(await refused({}), 'ERR_STORE');
    }),
  );

  test(
    'a group is one transaction, receipts are in its order, and everything is there after it was opened anew',
    wrap(async (place) => {
      const first = await opened(place);
      const items = Array.from(
        { length: 300 },
        (_, i): StanzaItem => ({ ...context(`id${i}`, i), stanza: plain(`body ${i}`) }),
      );
      const receipts = await first.archive.putMany(items);
      assert.equal(
        receipts.map(({ id }) => id),
        items.map(({ stanzaId }) => stanzaId),
      );
      assert.equal(
        receipts.map(({ leafIndex }) => leafIndex),
        items.map((_, i) => i),
      );
      await first.archive.close();
      const { archive } = await opened(place, {}, first.url);
      assert.is(
        (await archive.putMany(items)).every(({ duplicate }) => duplicate),
        true,
      );
      const bodies = (await archive.page({ owner: JULIET, max: 250 })).entries.map(({ octets }) => bodyOf(octets));
      assert.equal(
        bodies,
        items.slice(0, 250).map((_, i) => `body ${i}`),
      );
      await archive.close();
    }),
  );

  test(
    'ingest takes from its source no more than the queue holds, and gives receipts in order',
    wrap(async (place) => {
      const { archive } = await opened(place, { limits: { queue: 8, batch: 4 } });
      let taken = 0;
      let most = 0;
      let given = 0;
      async function* source(): AsyncGenerator<StanzaItem> {
        for (; taken < 100; ) {
          most = Math.max(most, taken - given);
          yield { ...context(`id${taken}`, taken), stanza: plain(`body ${taken++}`) };
        }
      }
      for await (const { id } of archive.ingest(source())) assert.is(id, `id${given++}`);
      assert.is(given, 100);
      assert.ok(most <= 8, `${most} were under way`);
      for await (const _ of archive.ingest(source())) break;
      await archive.close();
    }),
  );

  test(
    'ingest gives a receipt as soon as it is durable, though its source has nothing more for now; leaving it waits for no item',
    wrap(async (place) => {
      const { archive } = await opened(place);
      async function* source(): AsyncGenerator<StanzaItem> {
        yield { ...context('a'), stanza: plain('a') };
        yield { ...context('b', 1), stanza: plain('b') };
        await new Promise(() => undefined);
      }
      const given: string[] = [];
      for await (const { id } of archive.ingest(source())) {
        given.push(id);
        if (given.length === 2) break;
      }
      assert.equal(given, ['a', 'b']);
      await archive.close();
    }),
  );

  test(
    'an element that claims to sign an object is kept and proved as it is; a SignedData in place of the object is in quarantine (decision 0021)',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const stanza = await sealed('outer');
      const claim = '<signature xmlns="urn:example:outer">AAAA</signature>';
      const signed = stanza.replace('</sealed>', `</sealed>${claim}`);
      await archive.put(signed, context('a'));
      const [entry] = (await archive.page({ owner: JULIET })).entries;
      assert.is(textOf(entry?.octets), signed);
      const { proof } = await archive.proofOf({ owner: JULIET, id: 'a' });
      const policy = { origin: ORIGIN, logKey: checkpointKey.publicKey };
      assert.is(verify(proof, policy).entry?.stanza, signed);
      const { der } = await sign(new Uint8Array(8), {
        signers: [checkpointKey],
        contentType: ID_CT_ARCHIVE_RECORD,
        signingTime: START,
        crypto,
      });
      const instead = stanza.replace(/(<sealed[^>]*>)[^<]*/, `$1${toBase64(der)}`);
      assert.is((await archive.put(instead, context('b', 1))).quarantined !== undefined, true);
      await archive.close();
    }),
  );

  test(
    'K15: no digest of an object, and with hidden peers no name, stands in the contents',
    wrap(async (place) => {
      const { archive, url } = await opened(place, { peers: 'hidden' });
      const stanza = await sealed('guess me');
      await archive.put(stanza, context('a'));
      await archive.put(plain('hi', { from: 'paris@verona.example/x' }), context('b', 1));
      const ids = async (query: object) =>
        (await archive.page({ owner: JULIET, ...query })).entries.map(({ id }) => id);
      assert.equal(await ids({ with: ROMEO }), ['a']);
      assert.equal(await ids({ with: 'paris@verona.example/x' }), ['b']);
      assert.equal(await ids({ with: 'paris@verona.example/y' }), []);
      const object = fromBase64(/<sealed[^>]*>([^<]*)</.exec(stanza)?.[1] ?? '');
      const digests = await Promise.all([object, toUtf8(stanza)].map((each) => coreOf(archive).crypto.sha256(each)));
      await archive.close();
      const rows = [];
      for (const table of ['entries', 'names', 'recipient_keys'])
        rows.push(...(await place.tamper(url, 'content', `SELECT * FROM ${table}`)));
      const all = rows
        .map((row) =>
          Object.values(row)
            .map((value) => (value instanceof Uint8Array ? toHex(value) : value))
            .join(),
        )
        .join('\n');
      for (const word of ['paris', 'verona', 'romeo', 'montague', JULIET]) assert.not.match(all, new RegExp(word));
      for (const digest of digests) assert.not.match(all, new RegExp(toHex(digest).slice(0, 32)));
      assert.is(await codeOf(opened(place, { peers: 'named' }, url)), 'ERR_STORE');
    }),
  );

  test(
    "the archive's own records are entries too, made together with what they are about or not at all",
    wrap(async (place) => {
      const { archive } = await opened(place);
      const core = coreOf(archive);
      const object = toUtf8('hold 7');
      const record = { stanza: object, as: 'record', owner: '', receivedAt: START } as const;
      await core.content.run('UPDATE state SET erasures = 0 WHERE number = 1');
      const failed = core.sequencer.appendWith(record, async (rows) => {
        await rows.run("UPDATE state SET archive = 'other' WHERE number = 1");
        throw new RangeError('on purpose');
      });
      assert.is(await codeOf(failed), 'RangeError');
      const placed = await core.sequencer.appendWith(record, (rows, leafIndex) =>
        rows.insert(
          { name: 'quarantine', columns: { owner: 'int', seq: 'int', reason: 'text' }, key: ['owner', 'seq'] },
          [[0, leafIndex, 'beside']],
        ),
      );
      assert.equal([placed.leafIndex, placed.treeSize], [0, 1]);
      const [state] = await core.content.rows('SELECT archive, size FROM state WHERE number = 1');
      assert.ok(state?.archive !== 'other' && state?.size === 1);
      const { leafIndex } = await archive.proofOf({ owner: '', id: '#0' });
      assert.is(leafIndex, 0);
      await archive.put(plain('after'), context('a'));
      assert.is((await archive.page({ owner: JULIET })).entries[0]?.leafIndex, 1);
      await archive.close();
    }),
  );
}
