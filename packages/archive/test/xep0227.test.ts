// Files of XEP-0227: out of an archive and in again, and what is read of other people's.
import { NS, readXml } from '@stanzaseal/stanza';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Archive,
  exportEntries,
  follow,
  type LeftOutReason,
  type RefusedItem,
  writeXep0227,
  xep0227File,
} from '../src/index.js';
import { codeOf, JULIET, opened, plain, ROMEO, START, sealed, textOf } from './fixture.js';

import { sqlitePlace } from './sqlitePlace.js';

const test = suite('XEP-0227');

async function* inPieces(text: string, length = 7): AsyncGenerator<string, void, undefined> {
  for (let i = 0; i < text.length; i += length) yield text.slice(i, i + length);
}

async function written(archive: Archive, onLeftOut?: (reason: LeftOutReason) => void): Promise<string> {
  let text = '';
  const options =
    onLeftOut === undefined ? {} : { onLeftOut: (_: unknown, reason: LeftOutReason) => onLeftOut(reason) };
  for await (const piece of writeXep0227(archive, options)) text += piece;
  return text;
}

const user = (inside: string, name = 'juliet', host = 'capulet.example') =>
  `<?xml version="1.0"?>\n<!-- made by hand --><server-data xmlns="urn:xmpp:pie:0"><host jid="${host}"><user name="${name}" password="s3cr3t">${inside}</user></host></server-data>\n`;
const archived = (inside: string) => user(`<archive xmlns="urn:xmpp:pie:0#mam">${inside}</archive>`);
const result = (id: string, body: string, stamp = '2026-11-21T04:00:00Z') =>
  `<result xmlns="urn:xmpp:mam:2" id="${id}"><forwarded xmlns="urn:xmpp:forward:0"><delay xmlns="urn:xmpp:delay" stamp="${stamp}"/>` +
  `<message xmlns="jabber:client" from="${ROMEO}/orchard" to="${JULIET}" type="chat"><body>${body}</body></message></forwarded></result>`;

async function imported(text: string, options: Partial<Parameters<typeof xep0227File>[0]> = {}) {
  const { archive } = await opened(sqlitePlace);
  const refused: RefusedItem[] = [];
  try {
    const source = xep0227File({ open: () => inPieces(text), ...options });
    const sum = await follow(archive, source, { onRefused: (item) => refused.push(item) });
    const entries = [];
    for await (const entry of exportEntries(archive)) entries.push(entry);
    return { sum, refused, entries };
  } finally {
    await archive.close();
  }
}

test('K14: sealed, plain and difficult stanzas of several hosts go out, in, and out again as the same octets', async () => {
  const { archive } = await opened(sqlitePlace);
  const room = 'orchard@conference.capulet.example';
  const stanzas: [stanza: string, owner: string][] = [
    [await sealed('one'), JULIET],
    [plain('two <&> &#x1f339;\nline', { id: 'a"b' }).replace('<message', "<message xml:lang='it'"), JULIET],
    [plain('three'), ROMEO],
    [plain('four', { type: 'groupchat', from: `${room}/thirdwitch`, to: room }), room],
    [plain('five'), 'nurse@capulet.example'],
  ];
  for (const [i, [stanza, owner]] of stanzas.entries())
    await archive.put(stanza, { owner, receivedAt: START + i, stanzaId: `id<${i}>` });
  await archive.put('<message', { owner: JULIET, receivedAt: START, stanzaId: 'bad' });
  await archive.put('<presence/>', { owner: JULIET, receivedAt: START, stanzaId: 'presence' });
  await archive.put(plain('x'), { owner: 'capulet.example', receivedAt: START, stanzaId: 'host' });
  const left: LeftOutReason[] = [];
  const first = await written(archive, (reason) => left.push(reason));
  assert.equal(left.sort(), ['no account', 'no message', 'quarantined']);
  assert.is(first.match(/<host /g)?.length, 3);
  readXml(first.replace(/^<\?.*\?>/, ''));

  const second = await opened(sqlitePlace);
  const source = () => xep0227File({ open: () => inPieces(first) });
  assert.equal(await follow(second.archive, source()), { kept: 5, duplicates: 0, quarantined: 0, refused: 0 });
  assert.equal(await follow(second.archive, source()), { kept: 0, duplicates: 5, quarantined: 0, refused: 0 });
  assert.is(await written(second.archive), first);
  // In the archive that they came from they are known: no server's rewriting makes two of one.
  assert.is((await follow(archive, source())).duplicates, 5);
  for await (const { octets, stanzaId } of exportEntries(second.archive, [JULIET]))
    if (stanzaId === 'id<0>') assert.is(textOf(octets), stanzas[0]?.[0]);
  await archive.close();
  await second.archive.close();
});

test('prefixes, older namespaces, passwords, rosters and vCards are no obstacle, however the file is cut', async () => {
  const text =
    `\uFEFF<p:server-data xmlns:p="http://www.xmpp.org/extensions/xep-0227.html#ns" xmlns:m="urn:xmpp:mam:2" xmlns:f="urn:xmpp:forward:0" xmlns:d="urn:xmpp:delay" xmlns:c="jabber:client">` +
    `<p:host jid="capulet.example"><p:user name="juliet" password="&lt;s3cr3t>"><query xmlns="jabber:iq:roster"><item jid="${ROMEO}"/></query>` +
    `<x:archive xmlns:x="urn:xmpp:pie:0#mam"><m:result id="1"><f:forwarded><d:delay stamp="2026-11-21T04:00:00Z"/><c:message from="${ROMEO}" to="${JULIET}"><c:body>hail</c:body></c:message></f:forwarded></m:result></x:archive>` +
    `<vCard xmlns="vcard-temp"><archive>${'x'.repeat(2_000_000)}</archive></vCard></p:user><p:user name="nurse"/></p:host></p:server-data>`;
  for (const length of [1000, 5_000_000]) {
    const { sum, entries } = await imported(text, { open: () => inPieces(text, length) });
    assert.equal(sum, { kept: 1, duplicates: 0, quarantined: 0, refused: 0 });
    assert.is(textOf(entries[0]?.octets), `<message from="${ROMEO}" to="${JULIET}"><body>hail</body></message>`);
  }
});

test('what is no result, without id or time, too long or malformed is refused by its place, and the rest is kept', async () => {
  const results = [
    result('1', 'one'),
    '<note xmlns="urn:example:0"/>',
    result('2', 'two').replace(' id="2"', ''),
    result('3', 'three').replace(/<delay.*?\/>/, ''),
    result('4', 'a\u0001b'),
    result('5', 'x'.repeat(12_000)),
    result('6', '<a/>'.repeat(300)),
    result('7', 'seven', '1469-07-21T00:32:29Z'),
    result('8', 'eight'),
  ];
  const limits = { octets: 2048, depth: 8 };
  const { sum, refused, entries } = await imported(archived(results.join('\n')), { limits });
  assert.equal(sum, { kept: 3, duplicates: 0, quarantined: 0, refused: 6 });
  assert.equal(
    entries.map(({ stanzaId }) => stanzaId),
    ['1', '6', '8'],
  );
  assert.equal(
    refused.map(({ cursor }) => cursor),
    ['2', '3', '4', '5', '6', '8'],
  );
  for (const each of refused) assert.not.match(each.refused, /s3cr3t|body/);
});

test('messages that waited have the id that the archive gave them, else one by their place, the same each time', async () => {
  const waiting = (body: string, more = '') =>
    `<message xmlns="jabber:client" from="${ROMEO}/orchard" to="${JULIET}" type="chat"><body>${body}</body><delay xmlns="urn:xmpp:delay" from="capulet.example" stamp="2026-11-21T04:00:00Z"/>${more}</message>`;
  const known = `<stanza-id xmlns="${NS.STANZA_ID}" by="${JULIET}" id="1"/>`;
  const text = user(
    `<offline-messages>${waiting('one', known)}${waiting('two')}${waiting('two')}</offline-messages>` +
      `<archive xmlns="urn:xmpp:pie:0#mam">${result('1', 'one')}</archive>`,
  );
  const { sum, entries } = await imported(text);
  assert.equal(sum, { kept: 3, duplicates: 1, quarantined: 0, refused: 0 });
  assert.equal(
    entries.map(({ stanzaId }) => stanzaId),
    ['1', `offline-${START}-2`, `offline-${START}-3`],
  );
});

test('a reader that ended goes on behind the item where it was', async () => {
  const text = archived(Array.from({ length: 9 }, (_, i) => result(`${i}`, `body ${i}`)).join(''));
  const { archive } = await opened(sqlitePlace);
  const half = new AbortController();
  const source = () => {
    const file = xep0227File({ name: 'capulet.xml', open: () => inPieces(text) });
    return { ...file, items: (after: string | undefined) => file.items(after, half.signal) };
  };
  async function* five(after: string | undefined) {
    for await (const item of source().items(after)) {
      yield item;
      if (item.cursor === '5') return;
    }
  }
  assert.is((await follow(archive, { ...source(), items: five })).kept, 5);
  assert.equal(await follow(archive, source()), { kept: 4, duplicates: 0, quarantined: 0, refused: 0 });
  await archive.close();
});

test('files that a file includes are read in its place, by who allows it; none else, and not for ever', async () => {
  const head = 'xmlns="urn:xmpp:pie:0" xmlns:xi="http://www.w3.org/2001/XInclude"';
  const files: Record<string, string> = {
    'capulet.example.xml': `<host ${head} jid="capulet.example"><xi:include href="capulet.example/juliet.xml"/></host>`,
    'capulet.example/juliet.xml': `<?xml version="1.0"?><user xmlns="urn:xmpp:pie:0" name="juliet"><archive xmlns="urn:xmpp:pie:0#mam">${result('1', 'one')}</archive></user>`,
    'loop.xml': `<xi:include ${head} href="loop.xml"/>`,
    'wrong.xml': `<user ${head} name="juliet"/>`,
  };
  const main = (href: string, more = '') => `<server-data ${head}><xi:include href="${href}"${more}/></server-data>`;
  const include = (href: string) => inPieces(files[href] ?? '');
  const { entries } = await imported(main('capulet.example.xml'), { include });
  assert.equal(
    entries.map(({ owner, stanzaId }) => [owner, stanzaId]),
    [[JULIET, '1']],
  );
  assert.is(await codeOf(imported(main('capulet.example.xml'))), 'StanzaError', 'nobody allowed it');
  for (const bad of [
    main('loop.xml'),
    main('wrong.xml'),
    main('missing.xml'),
    main('capulet.example.xml', ' parse="text"'),
    main(''),
  ])
    assert.is(await codeOf(imported(bad, { include })), 'StanzaError', bad);
});

test('what is no such file, ends too early or brings entities is refused; what came before is kept', async () => {
  const good = archived(result('1', 'one'));
  const bad = [
    '',
    'text',
    '<message xmlns="jabber:client"/>',
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${good.replace(/^.*?-->/s, '')}`,
    good.slice(0, good.indexOf('</archive>')),
    good.replace('</archive>', '</archives>'),
    good.replace('</body>', '</nobody>'),
    `${good}<server-data xmlns="urn:xmpp:pie:0"/>`,
    good.replace('<archive ', 'text<archive '),
    good.replace('<user ', '<user a="<b>" '),
  ];
  for (const text of bad) assert.is(await codeOf(imported(text)), 'StanzaError', text);
  const { archive } = await opened(sqlitePlace);
  const cut = archived(result('1', 'one') + result('2', 'two').slice(0, -30));
  assert.is(await codeOf(follow(archive, xep0227File({ open: () => inPieces(cut) }))), 'StanzaError');
  assert.is((await archive.page({ owner: JULIET })).entries.length, 1);
  await archive.close();
});

test.run();
