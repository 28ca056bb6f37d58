/** Every stanza of `test-vectors/stanzas` is read to exactly the tree of its twin, and survives being written. */
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { XmlElement, XmlNode } from '../src/xml.js';
import { readXml } from '../src/xmlReader.js';
import { writeXml } from '../src/xmlWriter.js';

interface Twin {
  group: string;
  sealable: boolean;
  why?: string;
  stanza: { kind: string; type: string; children: XmlElement[] } & Record<'id' | 'lang' | 'from' | 'to', string | null>;
  outside?: XmlElement[];
}

const corpus = new URL('../../../test-vectors/stanzas/', import.meta.url);
const files = readdirSync(corpus);
const names = files.filter((file) => file.endsWith('.xml')).map((file) => file.slice(0, -4));
const twins = new Map(names.map((name) => [name, JSON.parse(read(`${name}.json`)) as Twin]));
const test = suite('stanza corpus');

/** What the specifications that the corpus claims to cover put into a stanza; each has to occur. */
const namespaces = [
  'urn:xmpp:receipts', // XEP-0184
  'urn:xmpp:chat-markers:0', // XEP-0333
  'http://jabber.org/protocol/chatstates', // XEP-0085
  'urn:xmpp:message-correct:0', // XEP-0308
  'urn:xmpp:message-retract:1', // XEP-0424
  'urn:xmpp:reply:0', // XEP-0461
  'urn:xmpp:reactions:0', // XEP-0444
  'jabber:x:oob', // XEP-0066
  'http://jabber.org/protocol/xhtml-im', // XEP-0071
  'urn:xmpp:sfs:0', // XEP-0447
  'urn:xmpp:esfs:0', // XEP-0448
  'urn:xmpp:reference:0', // XEP-0372
  'urn:xmpp:styling:0', // XEP-0393
  'urn:xmpp:spoiler:0', // XEP-0382
  'urn:xmpp:fasten:0', // XEP-0422
  'urn:xmpp:sid:0', // XEP-0359
  'http://jabber.org/protocol/caps', // XEP-0115
  'http://jabber.org/protocol/muc', // XEP-0045
  'jabber:iq:roster', // RFC 6121 §2
  'vcard-temp', // XEP-0054
  'urn:ietf:params:xml:ns:vcard-4.0', // XEP-0292
  'http://jabber.org/protocol/disco#info', // XEP-0030
  'http://jabber.org/protocol/disco#items', // XEP-0030
  'urn:xmpp:ping', // XEP-0199
  'jabber:iq:version', // XEP-0092
  'jabber:iq:last', // XEP-0012
  'urn:xmpp:jingle:1', // XEP-0166
  'http://jabber.org/protocol/commands', // XEP-0050
  'urn:xmpp:carbons:2', // XEP-0280
  'urn:xmpp:mam:2', // XEP-0313
  'urn:xmpp:delay', // XEP-0203
  'urn:xmpp:hints', // XEP-0334
  'http://jabber.org/protocol/address', // XEP-0033
  'urn:xmpp:eme:0', // XEP-0380
];

const scripts = {
  latin: 'Latin',
  greek: 'Greek',
  cyrillic: 'Cyrillic',
  hebrew: 'Hebrew',
  arabic: 'Arabic',
  devanagari: 'Devanagari',
  tamil: 'Tamil',
  thai: 'Thai',
  chinese: 'Han',
  japanese: 'Hiragana',
  korean: 'Hangul',
  georgian: 'Georgian',
  armenian: 'Armenian',
  ethiopic: 'Ethiopic',
  khmer: 'Khmer',
  tibetan: 'Tibetan',
  mongolian: 'Mongolian',
  myanmar: 'Myanmar',
  historic: 'Gothic',
};

for (const [name, twin] of twins) {
  test(`${name} is read as its twin says`, () => {
    assert.equal(asTwin(readStanza(read(`${name}.xml`)), twin), twin);
  });

  test(`${name} is written and read back`, () => {
    const tree = readStanza(read(`${name}.xml`));
    // What is written declares every namespace itself, so it means the same inside and outside of a stream.
    assert.equal(readXml(writeXml(tree)), tree);
    assert.equal(readStanza(writeXml(tree)), tree);
    const line = writeXml(tree, { defaultNamespace: 'jabber:client', singleLine: true });
    assert.not.match(line, /[\r\n]/);
    assert.equal(readStanza(line), tree);
    for (const child of twin.stanza.children) assert.equal(readStanza(writeXml(child)), child);
  });
}

test('every twin has a stanza, and a reason where it is not sealed', () => {
  assert.equal(files.filter((file) => file.endsWith('.json')).length, names.length);
  for (const [name, twin] of twins) assert.is(twin.why === undefined, twin.sealable, name);
});

test('there are at least 60 stanzas to seal, all from Romeo, and no transport stanza among them', () => {
  const sealable = [...twins.values()].filter((twin) => twin.sealable);
  assert.ok(sealable.length >= 60, `${sealable.length}`);
  for (const { group, stanza } of sealable) {
    const { from, to } = stanza;
    assert.is.not(group, 'transport');
    assert.match(from ?? 'romeo@montague.example', /^romeo@montague\.example(\/|$)/);
    assert.match(to ?? '', /^(juliet@capulet\.example(\/balcony)?|coven@chat\.shakespeare\.example)$/);
  }
});

test('every group is there', () => {
  const groups = new Set([...twins.values()].map((twin) => twin.group));
  assert.equal(
    [...groups].sort(),
    (
      'attributes chat chat-states correction custom emoji fastening file-sharing groupchat iq markers oob origin-id ' +
      'outside presence reactions receipts references reply retraction scripts spoiler styling text transport xhtml-im'
    ).split(' '),
  );
});

test('every specification named above occurs in an element', () => {
  const found = new Set<string>();
  const visit = (node: XmlNode): void => {
    if (typeof node === 'string') return;
    found.add(node.namespace);
    node.children.forEach(visit);
  };
  for (const { stanza, outside = [] } of twins.values()) [...stanza.children, ...outside].forEach(visit);
  const absent = namespaces.filter((namespace) => !found.has(namespace));
  assert.equal(absent, []);
});

test('texts hold what their names promise', () => {
  for (const [name, script] of Object.entries(scripts)) {
    assert.match(body(`script-${name}`), new RegExp(`\\p{Script=${script}}`, 'u'));
  }
  assert.match(body('script-arabic'), /[\u200e\u2066]/);
  assert.match(body('emoji-zwj'), /\p{Emoji}\u200d\p{Emoji}/u);
  assert.match(body('emoji-skin-tones'), /\p{Emoji_Modifier}/u);
  assert.match(body('emoji-flags'), /\p{Regional_Indicator}{2}/u);
  assert.is(new TextEncoder().encode(body('text-long-body')).length, 50_000);
  assert.is(body('text-line-endings'), 'one\ntwo\nthree\nfour\r\nfive\r\nsix\nseven\neight\n\n');
  assert.is(body('text-cdata'), '<b>not & markup</b> ]]> &amp; "as" \'typed\' & outside\n\t');
  assert.is(body('text-empty-body'), '');
});

function read(file: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(new URL(file, corpus)));
}

function readStanza(text: string): XmlElement {
  return readXml(text, undefined, { defaultNamespace: 'jabber:client' });
}

function body(name: string): string {
  const found = twins.get(name)?.stanza.children.find((child) => child.name === 'body');
  assert.ok(found, `${name} has no body`);
  return (found?.children ?? []).join('');
}

/** The tree that was read, told in the words of its twin. */
function asTwin(root: XmlElement, { stanza: _stanza, outside: _outside, ...header }: Twin): Twin {
  const value = (name: string, namespace = ''): string | null =>
    root.attributes.find((one) => one.name === name && one.namespace === namespace)?.value ?? null;
  const elements = root.children.filter((node) => typeof node !== 'string');
  assert.is(root.namespace, 'jabber:client');
  const layout = root.children.filter((node) => typeof node === 'string');
  assert.is(layout.join('').trim(), '', 'text under the stanza');
  return {
    ...header,
    stanza: {
      kind: root.name,
      type: value('type') ?? (root.name === 'presence' ? 'available' : 'normal'),
      id: value('id'),
      lang: value('lang', 'http://www.w3.org/XML/1998/namespace'),
      from: value('from'),
      to: value('to'),
      children: elements.filter((element) => !isOutside(element)),
    },
    ...(elements.some(isOutside) ? { outside: elements.filter(isOutside) } : {}),
  };
}

function isOutside({ namespace, name }: XmlElement): boolean {
  if (namespace === 'urn:xmpp:sid:0') return name === 'stanza-id';
  return ['urn:xmpp:hints', 'http://jabber.org/protocol/address', 'urn:xmpp:eme:0'].includes(namespace);
}

test.run();
