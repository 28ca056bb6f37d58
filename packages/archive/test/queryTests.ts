// Queries as XEP-0313 and XEP-0059 have them: called by the test file of each database.

import { attribute, child, NS, writeXml, type XmlElement } from '@stanzaseal/stanza';
import * as assert from 'uvu/assert';
import { type Archive, mamResult, type PageQuery } from '../src/index.js';
import { bodyOf, codeOf, JULIET, opened, type Place, plain, ROMEO, random, START } from './fixture.js';
import type { AddTest, Wrap } from './keepingTests.js';

const HOUR = 3_600_000;
const PEERS = ['romeo@montague.example', 'nurse@capulet.example', 'tybalt@capulet.example'];

interface Said {
  readonly id: string;
  readonly time: number;
  readonly peer: string;
  readonly resource: string;
}

/** Of a conversation, in hours: from one to the next, and how late some of them come. */
interface Pace {
  readonly step: number;
  readonly late: number;
}

/** A month, and ten years. */
const BRISK: Pace = { step: 7, late: 400 };
const SLOW: Pace = { step: 730, late: 3_000 };

function some(below: number): number {
  const [a = 0, b = 0, c = 0] = random(3);
  return (65_536 * a + 256 * b + c) % below;
}

export function addQueryTests(test: AddTest, wrap: Wrap): void {
  /** Times run on, jump back and cross months: clocks of archivers differ (K16). */
  async function conversation(
    place: Place,
    count: number,
    { step, late }: Pace = BRISK,
  ): Promise<{ archive: Archive; said: Said[] }> {
    const { archive } = await opened(place);
    const said = Array.from({ length: count }, (_, i): Said => {
      const time = START + i * step * HOUR + (some(5) === 0 ? -some(late) * HOUR : 0);
      return { id: `id${i}`, time, peer: PEERS[some(3)] as string, resource: ['', 'a', 'b'][some(3)] as string };
    });
    await archive.putMany(
      said.map(({ id, time, peer, resource }, i) => {
        const jid = resource === '' ? peer : `${peer}/${resource}`;
        const addresses = i % 2 === 0 ? { from: jid, to: JULIET } : { from: `${JULIET}/balcony`, to: jid };
        return { stanza: plain(id, addresses), owner: JULIET, receivedAt: time, stanzaId: id };
      }),
    );
    return { archive, said };
  }

  /** What a query must give, by looking at everything. */
  function expected(said: readonly Said[], query: Omit<PageQuery, 'owner'>) {
    const at = (id: string | undefined) => said.findIndex((each) => each.id === id);
    const all = said.filter(({ time, peer, resource, id }, i) => {
      if (query.with !== undefined && query.with !== peer && query.with !== `${peer}/${resource}`) return false;
      if (query.start !== undefined && time < query.start) return false;
      if (query.end !== undefined && time > query.end) return false;
      if (query.afterId !== undefined && i <= at(query.afterId)) return false;
      if (query.beforeId !== undefined && i >= at(query.beforeId)) return false;
      return query.ids === undefined || query.ids.includes(id);
    });
    const places = all.map(({ id }) => at(id));
    let window = all.filter((_, i) => query.after === undefined || (places[i] as number) > at(query.after));
    if (query.before !== undefined && query.before !== '')
      window = window.filter(({ id }) => at(id) < at(query.before));
    const max = query.max ?? 250;
    const skip = query.index ?? 0;
    const page =
      query.before === undefined
        ? window.slice(skip, skip + max)
        : window.slice(Math.max(0, window.length - skip - max), Math.max(0, window.length - skip));
    const complete = query.before === undefined ? skip + max >= window.length : window.length - skip - max <= 0;
    const ids = page.map(({ id }) => id);
    return {
      ids: query.flip === true ? [...ids].reverse() : ids,
      complete,
      first: ids[0],
      last: ids.at(-1),
      count: query.count === true ? all.length : undefined,
      index: query.count === true && ids[0] !== undefined ? all.findIndex(({ id }) => id === ids[0]) : undefined,
    };
  }

  const everyCombination = (pace: Pace) =>
    wrap(async (place) => {
      const { archive, said } = await conversation(place, 120, pace);
      const id = () => `id${some(said.length)}`;
      const time = () => START + (some(140 * pace.step) - 8 * pace.step) * HOUR;
      const maybe = <T>(name: string, value: () => T, odds = 3) => (some(odds) === 0 ? { [name]: value() } : {});
      for (let round = 0; round < 250; round++) {
        const peer = PEERS[some(3)] as string;
        const query: Omit<PageQuery, 'owner'> = {
          ...maybe('with', () => [peer, `${peer}/a`, 'nobody@example.org'][some(5)] ?? peer, 2),
          ...maybe('start', time),
          ...maybe('end', time),
          ...maybe('afterId', id, 6),
          ...maybe('beforeId', id, 6),
          ...maybe('ids', () => [...new Set([id(), id(), id()])], 8),
          ...maybe('after', id),
          ...maybe('before', () => (some(2) === 0 ? '' : id())),
          ...maybe('index', () => some(20), 6),
          ...maybe('max', () => some(30) + 1, 2),
          ...maybe('flip', () => true),
          ...maybe('count', () => true),
        };
        const page = await archive.page({ owner: JULIET, ...query });
        const { entries, damaged, ...rest } = page;
        assert.equal({ ids: entries.map((entry) => entry.id), ...rest }, expected(said, query), JSON.stringify(query));
        assert.equal(damaged, []);
      }
      await archive.close();
    });
  test(
    'K16: every combination of with, times, ids, RSM and flip gives what a look at everything gives, in the order of the log',
    everyCombination(BRISK),
  );
  test('K16: so it does of ten years, of whose months most are left out', everyCombination(SLOW));

  test(
    'K12: nobody sees another tenant, whatever they ask for',
    wrap(async (place) => {
      const { archive } = await conversation(place, 5);
      await archive.put(plain('his'), { owner: ROMEO, receivedAt: START, stanzaId: 'his' });
      const ids = async (query: PageQuery) => (await archive.page(query)).entries.map(({ id }) => id);
      assert.equal(await ids({ owner: ROMEO }), ['his']);
      for (const query of [
        { after: 'id1' },
        { before: 'id1' },
        { afterId: 'id1' },
        { ids: ['id1'] },
        { after: '#1' },
        { before: '#0' },
      ]) {
        assert.is(await codeOf(archive.page({ owner: ROMEO, ...query })), 'ERR_NOT_FOUND', JSON.stringify(query));
        assert.is(await codeOf(archive.page({ owner: 'nobody@example.org', ...query })), 'ERR_NOT_FOUND');
      }
      assert.is(await codeOf(archive.proofOf({ owner: ROMEO, id: 'id1' })), 'ERR_NOT_FOUND');
      assert.is(await codeOf(archive.proofOf({ owner: ROMEO, id: '#1' })), 'ERR_NOT_FOUND');
      assert.equal(await ids({ owner: 'nobody@example.org' }), []);
      assert.equal(await ids({ owner: '' }), []);
      for (const evil of ["x'or'1'='1@capulet.example", "a';drop-table-entries;--@capulet.example"]) {
        assert.is(await codeOf(archive.page({ owner: evil })), 'StanzaError');
        assert.is(await codeOf(archive.page({ owner: JULIET, with: evil })), 'StanzaError');
        assert.is(await codeOf(archive.page({ owner: JULIET, after: evil })), 'ERR_NOT_FOUND');
      }
      assert.equal(await ids({ owner: JULIET, with: "romeo@montague.example/' OR 1=1 --" }), []);
      assert.equal((await ids({ owner: JULIET.toUpperCase() })).length, 5, 'one owner in two spellings');
      await archive.close();
    }),
  );

  test(
    'K12: a page is never longer than the limit; a page of none tells the count alone',
    wrap(async (place) => {
      const { archive } = await conversation(place, 260);
      const page = await archive.page({ owner: JULIET, max: 1_000_000 });
      assert.equal([page.entries.length, page.complete], [250, false]);
      const none = await archive.page({ owner: JULIET, max: 0, count: true });
      assert.equal([none.entries, none.count, none.complete, none.first], [[], 260, false, undefined]);
      assert.is(await codeOf(archive.page({ owner: JULIET, max: -1 })), 'RangeError');
      assert.is(await codeOf(archive.page({ owner: JULIET, index: 0.5 })), 'RangeError');
      await archive.close();
    }),
  );

  test(
    'K13: paging while others write leaves nothing out and gives nothing twice',
    wrap(async (place) => {
      const { archive } = await conversation(place, 40);
      let writing = true;
      let written = 40;
      const writer = (async () => {
        for (; writing && written < 2_000; written++) {
          const receivedAt = START + written * HOUR - some(300) * HOUR;
          await archive.put(plain(`id${written}`), { owner: JULIET, receivedAt, stanzaId: `id${written}` });
        }
      })();
      const seen: string[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < 60; pages++) {
        const page = await archive.page({ owner: JULIET, max: 9, ...(after === undefined ? {} : { after }) });
        seen.push(...page.entries.map(({ id }) => id));
        after = page.last ?? after;
      }
      writing = false;
      await writer;
      for (let page = await archive.page({ owner: JULIET, after: after as string }); ; ) {
        seen.push(...page.entries.map(({ id }) => id));
        if (page.complete) break;
        page = await archive.page({ owner: JULIET, after: page.last as string });
      }
      assert.equal(
        seen,
        Array.from({ length: written }, (_, i) => `id${i}`),
      );
      await archive.close();
    }),
  );

  test(
    'messages alone are paged unless other kinds are asked for; a room has its occupants by their nicknames',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const room = 'hall@rooms.capulet.example';
      const put = (stanza: string, stanzaId: string, owner = JULIET) =>
        archive.put(stanza, { owner, receivedAt: START, stanzaId });
      await put(`<presence from="${ROMEO}/x" to="${JULIET}"/>`, 'p');
      await put(`<iq type="get" id="1" from="${ROMEO}/x" to="${JULIET}"/>`, 'q');
      await put(plain('note', { from: `${JULIET}/a`, to: JULIET }), 'self');
      await put(plain('hi', { from: `${room}/romeo`, type: 'groupchat' }), 'r1', room);
      await put(plain('ho', { from: `${room}/juliet`, type: 'groupchat' }), 'r2', room);
      const ids = async (query: PageQuery) => (await archive.page(query)).entries.map(({ id }) => id);
      assert.equal(await ids({ owner: JULIET }), ['self']);
      assert.equal(await ids({ owner: JULIET, kinds: ['presence', 'iq'] }), ['p', 'q']);
      assert.equal(await ids({ owner: JULIET, kinds: [] }), []);
      assert.equal(await ids({ owner: JULIET, with: JULIET }), ['self']);
      assert.equal(await ids({ owner: room, with: `${room}/juliet` }), ['r2']);
      assert.equal(await ids({ owner: room, with: room }), ['r1', 'r2']);
      await archive.close();
    }),
  );

  test(
    'metadata tells both ends; what a server sends for a page is what XEP-0313 has in its examples',
    wrap(async (place) => {
      const { archive, said } = await conversation(place, 8);
      const [first, last] = [said[0] as Said, said[7] as Said];
      assert.equal(await archive.metadata(JULIET), {
        start: { id: first.id, time: first.time },
        end: { id: last.id, time: last.time },
      });
      assert.equal(await archive.metadata(ROMEO), { start: undefined, end: undefined });
      const page = await archive.page({ owner: JULIET, max: 2, count: true });
      const { messages, fin } = mamResult(page, { queryId: 'f27', to: `${JULIET}/chamber` });
      const result = child(messages[1] as XmlElement, NS.MAM, 'result') as XmlElement;
      const forwarded = child(result, NS.FORWARD, 'forwarded') as XmlElement;
      assert.equal([attribute(result, 'queryid'), attribute(result, 'id')], ['f27', 'id1']);
      const stamp = attribute(child(forwarded, NS.DELAY, 'delay') as XmlElement, 'stamp');
      assert.is(stamp, new Date(said[1]?.time ?? 0).toISOString());
      const message = child(forwarded, NS.CLIENT, 'message') as XmlElement;
      assert.is(writeXml(message, { defaultNamespace: NS.CLIENT }), new TextDecoder().decode(page.entries[1]?.octets));
      assert.is(bodyOf(page.entries[1]?.octets), 'id1');
      assert.is(
        writeXml(fin),
        '<fin xmlns="urn:xmpp:mam:2"><set xmlns="http://jabber.org/protocol/rsm"><first index="0">id0</first><last>id1</last><count>8</count></set></fin>',
      );
      const rest = mamResult(await archive.page({ owner: JULIET, after: 'id7' }), { to: JULIET });
      assert.is(
        writeXml(rest.fin),
        '<fin xmlns="urn:xmpp:mam:2" complete="true"><set xmlns="http://jabber.org/protocol/rsm"/></fin>',
      );
      await archive.close();
    }),
  );
}
