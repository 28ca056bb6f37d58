// Every sealable stanza of the corpus is sealed and comes back as its twin says, under each provider.
import { readdirSync, readFileSync } from 'node:fs';
import { type CryptoProvider, toHex } from '@stanzaseal/cms';
import { providers, refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  attribute,
  bareJid,
  child,
  childrenOf,
  element,
  NS,
  type OpenedStanza,
  paddedLength,
  readXml,
  type SealRecipient,
  textOf,
  withAttributes,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '../src/index.js';
import { crypto, juliet, open, paris, ROOM, read, recipient, refused, romeo, seal } from './parties.js';

interface Twin {
  group: string;
  sealable: boolean;
  stanza: { kind: string; type: string; children: XmlElement[] } & Record<'id' | 'lang' | 'from' | 'to', string | null>;
  outside?: XmlElement[];
}

const test = suite('seal and open');
const corpus = new URL('../../../test-vectors/stanzas/', import.meta.url);
const names = readdirSync(corpus)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -5));
const sealable = names
  .map((name) => ({ name, twin: JSON.parse(readFileSync(new URL(`${name}.json`, corpus), 'utf8')) as Twin }))
  .filter(({ twin }) => twin.sealable);

function readStanza(name: string): XmlElement {
  const text = readFileSync(new URL(`${name}.xml`, corpus), 'utf8').trimEnd();
  return readXml(text, undefined, { defaultNamespace: NS.CLIENT });
}

/** Attributes mean the same in any order. */
function sorted(node: XmlNode): XmlNode {
  if (typeof node === 'string') return node;
  const attributes = [...node.attributes].sort((a, b) => (a.namespace + a.name < b.namespace + b.name ? -1 : 1));
  return { ...node, attributes, children: node.children.map(sorted) };
}

/** Seals, writes, reads and opens, through the room where it is sent there. */
async function roundTrip(
  stanza: XmlElement,
  provider: CryptoProvider,
): Promise<{ sent: XmlElement; opened: OpenedStanza }> {
  const inRoom = attribute(stanza, 'type') === 'groupchat';
  const { stanza: sent } = await seal(stanza, { to: inRoom ? ROOM : juliet.jid, crypto: provider });
  const line = writeXml(sent, { defaultNamespace: NS.CLIENT, singleLine: true });
  const arrived = readXml(line, undefined, { defaultNamespace: NS.CLIENT });
  const reflected = inRoom ? withAttributes(arrived, { from: `${ROOM}/romeo`, to: `${juliet.jid}/balcony` }) : arrived;
  const occupant = (seat: string): string | undefined => (seat === `${ROOM}/romeo` ? romeo.jid : undefined);
  return { sent, opened: await open(reflected, { occupant, crypto: provider }) };
}

function check(
  { name, twin }: (typeof sealable)[number],
  { sent, opened }: Awaited<ReturnType<typeof roundTrip>>,
): void {
  const { stanza } = opened;
  const { kind, type, id, lang, children } = twin.stanza;
  assert.is(stanza.name, kind);
  assert.is(attribute(stanza, 'type') ?? (kind === 'presence' ? 'available' : 'normal'), type);
  assert.is(attribute(stanza, 'id') ?? null, id);
  assert.is(attribute(stanza, 'lang', NS.XML) ?? null, lang);
  assert.equal(stanza.children.map(sorted), children.map(sorted), name);
  // Nothing of it but what servers process stands outside.
  const outside = childrenOf(sent).filter((node) => node.namespace !== NS.SEALED && node.namespace !== NS.EME);
  const named = new Set((twin.outside ?? []).map((node) => JSON.stringify(node)));
  for (const node of outside) assert.ok(named.has(JSON.stringify(node)) || node.namespace === NS.HINTS, node.name);
}

for (const [name, provider] of providers().slice(0, 2)) {
  // WebCrypto is slower by a factor of five; every fourth stanza shows what there is to show.
  const some = sealable.filter((_, i) => name === 'node:crypto' || i % 4 === 0);
  test(`${some.length} stanzas of the corpus come back under ${name}`, async () => {
    for (const stanza of some) check(stanza, await roundTrip(readStanza(stanza.name), provider));
    assert.ok(some.length >= 36, `${some.length}`);
  });
}

test('what one provider seals, another opens', async () => {
  const [[, node], [, web]] = providers() as [[string, CryptoProvider], [string, CryptoProvider]];
  const stanza = readStanza('chat-multilang');
  for (const [sealing, opening] of [
    [node, web],
    [web, node],
  ] as const) {
    const { stanza: sent } = await seal(stanza, { crypto: sealing });
    assert.equal(
      (await open(sent, { crypto: opening })).stanza.children,
      stanza.children.filter((child) => typeof child !== 'string'),
    );
  }
});

test('the outer stanza shows what servers need, and no more', async () => {
  const stanza = readStanza('chat-multilang');
  const { stanza: sent, messageId, object } = await seal(stanza);
  assert.is(attribute(sent, 'id'), toHex(messageId));
  assert.equal(
    sent.attributes.map(({ name }) => name),
    ['from', 'to', 'type', 'id'],
  );
  assert.equal(
    childrenOf(sent).map(({ name }) => name),
    ['sealed', 'encryption', 'store'],
  );
  const encryption = child(sent, NS.EME, 'encryption') as XmlElement;
  assert.is(attribute(encryption, 'namespace'), 'urn:xmpp:sealed:0');
  assert.is(attribute(encryption, 'name'), 'stanzaseal');
  assert.is(textOf(child(sent, NS.SEALED, 'sealed') as XmlElement), Buffer.from(object).toString('base64'));
});

test('EME and hints stand outside of messages alone', async () => {
  for (const name of ['iq-ping', 'iq-error', 'presence-directed-caps']) {
    assert.equal(
      childrenOf((await seal(readStanza(name))).stanza).map((node) => node.name),
      ['sealed'],
      name,
    );
  }
  const composing = (await seal(readStanza('chatstate-composing'))).stanza;
  assert.not(child(composing, NS.HINTS, 'store'), 'a chat state alone is not stored');
});

test('own hints are not doubled, and own EME is replaced', async () => {
  const stanza = element(NS.CLIENT, 'message', { type: 'chat' }, [
    element(NS.CLIENT, 'body', {}, ['Hush']),
    element(NS.HINTS, 'no-store'),
    element(NS.EME, 'encryption', { namespace: 'urn:xmpp:otr:0' }),
  ]);
  const children = childrenOf((await seal(stanza)).stanza);
  assert.equal(
    children.map(({ name }) => name),
    ['sealed', 'encryption', 'no-store'],
  );
  assert.is(attribute(children[1] as XmlElement, 'namespace'), 'urn:xmpp:sealed:0');
});

test('T21: an iq error travels inside a result, with the id of its request', async () => {
  const stanza = readStanza('iq-error');
  const { stanza: sent } = await seal(stanza);
  assert.is(attribute(sent, 'type'), 'result');
  assert.is(attribute(sent, 'id'), attribute(stanza, 'id'));
  assert.not.match(writeXml(sent), /error/);
  const opened = await open(sent);
  assert.is(attribute(opened.stanza, 'type'), 'error');
  assert.is((await read(sent)).context.type, 'result');
  // Whoever shows the object in an error stanza is not believed, and a result is no error of a request.
  assert.is(await refused(withAttributes(sent, { type: 'error' })), 'ERR_OPEN');
  assert.is(await refused(withAttributes(sent, { type: 'get' })), 'ERR_OPEN');
});

test('ids: the own id comes back from inside, whatever stands outside', async () => {
  const stanza = element(NS.CLIENT, 'message', { type: 'chat', id: 'mine' }, [
    element(NS.CLIENT, 'body', {}, ['Hush']),
  ]);
  const { stanza: sent } = await seal(stanza);
  const opened = await open(withAttributes(sent, { id: 'another' }));
  assert.is(attribute(opened.stanza, 'id'), 'mine');
  const without = await open(
    withAttributes((await seal(withAttributes(stanza, { id: undefined }))).stanza, { id: 'another' }),
  );
  assert.is(attribute(without.stanza, 'id'), undefined);
});

test('H8: a character that XML has not is not sealed, wherever it stands; all others come back', async () => {
  const stanzaOf = (name: string, text: string, value = ''): XmlElement =>
    element(NS.CLIENT, 'message', { type: 'chat' }, [element('urn:x', name, { value }, [text])]);
  const sealing = async (stanza: XmlElement) => (await refusal(() => seal(stanza)))?.code;
  const long = 'x'.repeat(5000);
  // Names of four lengths: the octets of a long text begin at every place of a word.
  for (const name of ['a', 'ab', 'abc', 'abcd']) {
    for (const wrong of ['\0', '\x1f', '\uffff', '\ud83c', 'é\0', '\ud83cé']) {
      for (let at = 0; at < 5; at++) {
        assert.is(await sealing(stanzaOf(name, long.slice(0, at) + wrong + long)), 'ERR_XML');
        assert.is(await sealing(stanzaOf(name, long + wrong + long.slice(0, at))), 'ERR_XML');
      }
      assert.is(await sealing(stanzaOf(name, wrong)), 'ERR_XML');
      assert.is(await sealing(stanzaOf(name, `é${long}`, wrong)), 'ERR_XML');
      assert.is(await sealing(stanzaOf(name, long, long + wrong)), 'ERR_XML');
    }
    for (const right of ['\n', '\t', '\x7f', 'é', '\u{1f339}']) {
      const stanza = stanzaOf(name, right + long + right, right);
      const { opened } = await roundTrip(stanza, crypto);
      assert.is(writeXml(opened.stanza.children[0] as XmlElement), writeXml(stanza.children[0] as XmlElement));
    }
  }
});

test('xml:lang comes back from inside, and is not shown outside', async () => {
  const stanza = readXml('<message xmlns="jabber:client" type="chat" xml:lang="cs"><body>Vyslyš mne</body></message>');
  const { stanza: sent } = await seal(stanza);
  assert.not.match(writeXml(sent), /lang=|"cs"/);
  assert.is(attribute((await open(sent)).stanza, 'lang', NS.XML), 'cs');
});

test('addresses of the outer stanza come back with their resources, the signed ones are bare', async () => {
  const stanza = withAttributes(readStanza('chat-plain'), {
    from: `${romeo.jid}/orchard`,
    to: `${juliet.jid}/balcony`,
  });
  const opened = await open((await seal(stanza)).stanza);
  assert.is(attribute(opened.stanza, 'from'), `${romeo.jid}/orchard`);
  assert.is(attribute(opened.stanza, 'to'), `${juliet.jid}/balcony`);
  assert.equal([opened.from, opened.to], [romeo.jid, juliet.jid]);
  assert.is(bareJid(attribute(opened.stanza, 'from') as string), opened.from);
});

test('a stanza whose own addresses do not agree is not sealed', async () => {
  const stanza = readStanza('chat-plain');
  for (const wrong of [{ from: 'paris@verona.example' }, { to: 'paris@verona.example' }, { to: '@' }]) {
    const error = await seal(withAttributes(stanza, wrong)).then(
      () => undefined,
      (cause: { code?: string }) => cause,
    );
    assert.is(error?.code, 'ERR_ADDRESS');
  }
});

test('H16: what is too large is refused before anything is encrypted, and the length is told exactly', async () => {
  const stanza = readStanza('chat-plain');
  const { object } = await seal(stanza);
  const drawn: number[] = [];
  const random = (length: number): Uint8Array => {
    drawn.push(length);
    return new Uint8Array(length).fill(7);
  };
  const error = await seal(stanza, { limit: object.length - 1, random }).then(
    () => undefined,
    (cause: Error & { code?: string }) => cause,
  );
  assert.is(error?.code, 'ERR_TOO_LARGE');
  assert.ok(error?.message.includes(`${object.length} octets`), error?.message);
  assert.not(drawn.includes(32), 'neither an ephemeral key nor a CEK was drawn');
  assert.is((await seal(stanza, { limit: object.length })).object.length, object.length);
});

test('H16: more recipients than an object may have are too large as well', async () => {
  const recipients = new Array(513).fill(recipient(juliet)) as unknown as [SealRecipient];
  const error = await refusal(() => seal(readStanza('chat-multilang'), { recipients }));
  assert.equal([error?.constructor.name, error?.code], ['StanzaError', 'ERR_TOO_LARGE']);
});

test('ids that nobody could read are not sealed', async () => {
  const stanza = element(NS.CLIENT, 'message', { type: 'chat' });
  const context = { senderListVersion: 1, peerListVersion: 0, counter: 1 };
  for (const length of [0, 15, 17]) {
    const changes = [
      { messageId: new Uint8Array(length) },
      { context: { ...context, inReplyTo: new Uint8Array(length) } },
    ];
    for (const change of changes) assert.instance(await refusal(() => seal(stanza, change)), RangeError);
  }
});

test('J1: bodies of 1 to 200 octets give one length, and so do a chat state and a receipt', async () => {
  const lengths = new Set<number>();
  for (let i = 1; i <= 200; i++) {
    const body = element(NS.CLIENT, 'body', {}, ['x'.repeat(i)]);
    lengths.add(await encryptedLength(element(NS.CLIENT, 'message', { type: 'chat' }, [body])));
  }
  // 200 octets can cross one bucket's edge, never two.
  assert.ok(lengths.size <= 2, [...lengths].join(' '));
  for (const length of lengths) assert.is(paddedLength(length), length);
  const small = await Promise.all(
    ['chatstate-composing', 'chatstate-active', 'receipt-received'].map((name) => encryptedLength(readStanza(name))),
  );
  assert.is(new Set(small).size, 1);
});

test('RFC 5652 §11.3: a stanza of 2050, whose signing-time is a GeneralizedTime, fills its bucket as well', async () => {
  const body = readXml("<message xmlns='jabber:client' type='chat'><body>late</body></message>");
  for (const now of [Date.UTC(2049, 11, 31, 23, 59, 59, 999), Date.UTC(2050)]) {
    const { time } = await open((await seal(body, { now })).stanza);
    assert.is(time, now);
  }
});

test('everybody it is sealed to opens it, and learns to whom else it went', async () => {
  const stanza = readStanza('chat-plain');
  const { stanza: shared } = await seal(stanza, {
    recipients: [recipient(juliet), recipient(romeo), recipient(paris)],
  });
  const opened = await open(shared);
  assert.is(opened.recipients.length, 3);
  assert.equal(opened.recipient?.deviceKey, juliet.device.publicKey.keyIdentifier);
  // Paris is among the recipients, but the message is not addressed to him.
  assert.is(await refused(shared, { as: paris }), 'ERR_OPEN');
  assert.equal((await open(shared, { as: romeo })).stanza.children, opened.stanza.children);
});

async function encryptedLength(stanza: XmlElement): Promise<number> {
  const { object } = await read((await seal(stanza)).stanza);
  return object.data.encryptedContent.length;
}

test.run();
