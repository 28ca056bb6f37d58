import { toBase64, toUtf8 } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NS } from '../src/namespaces.js';
import { StanzaError } from '../src/stanzaError.js';
import {
  attribute,
  child,
  childrenOf,
  element,
  type PlainTextElement,
  textOf,
  withAttributes,
  XML_LIMITS,
} from '../src/xml.js';
import { type ReadXmlOptions, readXml, readXmlOctets } from '../src/xmlReader.js';
import { writeXml } from '../src/xmlWriter.js';

const test = suite('RFC 6120 §11: XML in stanzas');

function refused(text: string, limits = XML_LIMITS): void {
  try {
    readXml(text, limits);
  } catch (error) {
    assert.instance(error, StanzaError, `${JSON.stringify(text)}: ${error}`);
    assert.is((error as StanzaError).code, 'ERR_XML');
    return;
  }
  assert.unreachable(`accepted ${JSON.stringify(text.slice(0, 200))}`);
}

function text(source: string): string {
  return textOf(readXml(source));
}

test('a stanza becomes a tree with resolved names', () => {
  const tree = readXml(
    `\n<message to='romeo@example.net' xml:lang="en"><body>Hi &amp; bye</body><x:y xmlns:x='urn:x' x:z = '1' z='2'/><p xmlns='urn:p'><q/></p></message> `,
    XML_LIMITS,
    { defaultNamespace: 'jabber:client' },
  );
  assert.equal(tree, {
    namespace: 'jabber:client',
    name: 'message',
    attributes: [
      { namespace: '', name: 'to', value: 'romeo@example.net' },
      { namespace: NS.XML, name: 'lang', value: 'en' },
    ],
    children: [
      { namespace: 'jabber:client', name: 'body', attributes: [], children: ['Hi & bye'] },
      {
        namespace: 'urn:x',
        name: 'y',
        attributes: [
          { namespace: 'urn:x', name: 'z', value: '1' },
          { namespace: '', name: 'z', value: '2' },
        ],
        children: [],
      },
      {
        namespace: 'urn:p',
        name: 'p',
        attributes: [],
        children: [{ namespace: 'urn:p', name: 'q', attributes: [], children: [] }],
      },
    ],
  });
});

test('H1: document types, instructions, comments and foreign entities are refused', () => {
  for (const source of [
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<?xml version="1.0"?><a/>',
    '<a><?b c?></a>',
    '<a><!-- b --></a>',
    '<a/><!-- b -->',
    '<a><!DOCTYPE b></a>',
    '<a><![cdata[b]]></a>',
    '<a><![CDATA[b</a>',
    '<![CDATA[b]]>',
    '<a/><![CDATA[]]>',
    '<a>&nbsp;</a>',
    '<a>&b;</a>',
    '<a>&AMP;</a>',
    '<a>&amp</a>',
    '<a>&;</a>',
    '<a>& </a>',
    '<a>&</a>',
    '<a b="&"/>',
    '<a b="&c;"/>',
    '<a>]]></a>',
  ]) {
    refused(source);
  }
});

test('H1: references by number are to XML characters only', () => {
  for (const number of [
    '0',
    'x0',
    '1',
    'x1F',
    'xD800',
    'xDFFF',
    '55296',
    'xFFFE',
    'xFFFF',
    '1114112',
    'x110000',
    '',
    'x',
    '-1',
    '+65',
    ' 65',
    '65 ',
    '0x41',
    'X41',
    '1e3',
    '6_5',
    `${'9'.repeat(5000)}`,
  ]) {
    refused(`<a>&#${number};</a>`);
    refused(`<a b='&#${number};'/>`);
  }
  assert.is(
    text('<a>&#65;&#x42;&#x00043;&#x10FFFF;&#x1F600;&#xd7ff;&#xE000;&#xfffd;</a>'),
    'ABC\u{10FFFF}\u{1F600}\uD7FF\uE000\uFFFD',
  );
  assert.is(text('<a>&amp;lt;&#38;lt;&lt;&gt;&quot;&apos;</a>'), '&lt;&lt;<>"\'');
});

test('CDATA is text: merged with what stands beside it, no reference in it', () => {
  const tree = readXml('<a>1<![CDATA[<b>&amp;]]]]><![CDATA[>]]>2<![CDATA[]]></a>');
  assert.equal(tree.children, ['1<b>&amp;]]>2']);
  assert.equal(readXml('<a><![CDATA[]]></a>').children, []);
});

test('line ends and attribute values are normalised (XML 1.0 §2.11, §3.3.3)', () => {
  assert.is(text('<a>1\r\n2\r3\n\r4&#13;&#13;\n<![CDATA[5\r\n6]]></a>'), '1\n2\n3\n\n4\r\r\n5\n6');
  assert.is(attribute(readXml("<a b='1\r\n2\r3\n4\t5&#10;&#9;&#13;6  7'/>"), 'b'), '1 2 3 4 5\n\t\r6  7');
});

test('H2: names are plain data', () => {
  const tree = readXml(
    "<__proto__ constructor='1' __proto__='2' toString='3'><prototype/><hasOwnProperty/></__proto__>",
  );
  assert.is(tree.name, '__proto__');
  assert.equal(
    tree.attributes.map((item) => item.name),
    ['constructor', '__proto__', 'toString'],
  );
  assert.is(attribute(tree, '__proto__'), '2');
  assert.equal(
    childrenOf(tree).map((item) => item.name),
    ['prototype', 'hasOwnProperty'],
  );
  assert.is(({} as Record<string, unknown>)['polluted'], undefined);
  assert.is(attribute(readXml('<a/>'), 'toString'), undefined);
});

test('H3: depth and length are capped while reading', () => {
  const nest = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.ok(readXml(nest(64)));
  refused(nest(65));
  refused('<a>'.repeat(64) + '<b/>' + '</a>'.repeat(64));
  refused('<a>'.repeat(170000));
  assert.ok(readXml(nest(30000), { octets: 1 << 20, depth: 30000 }), 'no recursion');
  const limits = { octets: 10, depth: 64 };
  assert.is(textOf(readXml('<a>abc</a>', limits)), 'abc');
  refused('<a>abcd</a>', limits);
  assert.is(textOf(readXml('<a>\u20ac</a>', limits)), '\u20ac');
  refused('<a>\u20acx</a>', limits);
  refused('<a>\u{1F600}</a>', limits);
  assert.is(textOf(readXml('<a>\u00e9x</a>', limits)), '\u00e9x');
  refused('<a>\u00e9\u00e9</a>', limits);
});

test('H3: costly shapes take linear time', () => {
  const started = performance.now();
  const many = Array.from({ length: 20000 }, (_, i) => i);
  assert.is(readXml(`<a ${many.map((i) => `b${i}=''`).join(' ')}/>`).attributes.length, 20000);
  const declared = many.map((i) => `xmlns:p${i}='u'`).join(' ');
  refused(`<a ${many.map((i) => `b${i}=''`).join(' ')} b0=''/>`);
  assert.ok(
    readXml(
      `<a ${declared}>${many
        .slice(0, 9000)
        .map((i) => `<p${i}:b/>`)
        .join('')}</a>`,
    ),
  );
  assert.ok(readXml(`<a>${'&#65;'.repeat(100000)}</a>`));
  assert.ok(readXml(`<a>${'<b/>x'.repeat(100000)}</a>`));
  refused(`<a>${'<![CDATA[x'.repeat(50000)}</a>`);
  refused(`<a>${']]&gt;'.repeat(80000)}]]></a>`);
  // A guard against quadratic time (which takes minutes here), not a measurement.
  assert.ok(performance.now() - started < 20000);
});

test('H3: a long namespace name that thousands of attributes share is not joined with each of them', () => {
  const before = process.memoryUsage().rss;
  const attributes = Array.from({ length: 20000 }, (_, i) => `p:b${i}=''`).join(' ');
  const root = `a xmlns:p='${'u'.repeat(200000)}' xmlns:q='u' q:b0='' ${attributes}`;
  assert.is(readXml(`<${root}/>`).attributes.length, 20001);
  refused(`<${root} p:b0=''/>`);
  // Joined, they took four gigabytes.
  assert.ok(process.memoryUsage().rss - before < 1e9);
});

test('exactly one element, and all of it', () => {
  for (const source of [
    '',
    ' ',
    'a',
    '<',
    '<a',
    '<a ',
    '<a b',
    '<a b=',
    '<a b="',
    '<a b="c',
    '<a/',
    '<a>',
    '<a>b',
    '<a><',
    '<a></',
    '<a></a',
    '<a></a ',
    '</a>',
    '<a/><b/>',
    '<a/>b',
    '<a></a>&#32;',
    'b<a/>',
    '<a></b>',
    '<a><b></a></b>',
    '<a></ab>',
    '<ab></a>',
    '<a></a b="c">',
    '<a></ a>',
    '< a/>',
    '<a / >',
    '<a/ >',
    '<a b=c/>',
    '<a b/>',
    '<a b="c"d="e"/>',
    '<a b="c\'/>',
    '<a b="<"/>',
    '<a ="c"/>',
    '<a "c"/>',
    '<a/b="c">',
    '<>',
    '</>',
    '<a></>',
    '<a b="1" b="2"/>',
    '<a><b c="1" c="1"/></a>',
    '<1/>',
    '<-a/>',
    '<.a/>',
    '<a 1="b"/>',
    '<a\u00d7/>',
    '<\u0300a/>',
    '<a b\u037e="c"/>',
    '<a\0/>',
    '\u00a0<a/>',
    '<a\u00a0b="c"/>',
    '<a\u2028/>',
  ]) {
    refused(source);
  }
  for (const source of [
    '<a/>',
    '\t\r\n <a\n/>\n',
    '<a></a\n>',
    '<a b = \'c\'\td\r\n=\n"e"/>',
    '<a b=">"/>',
    '<a b="]]>"/>',
    '<a>]] ></a>',
    '<a>></a>',
    '<\u00e9\u0300/>',
    '<_a.b-c1/>',
    '<\u{10000}/>',
    '<a b\u00b7="c"/>',
  ]) {
    assert.ok(readXml(source), source);
  }
});

test('H7: names are expanded names', () => {
  for (const source of [
    '<p:a/>',
    '<a p:b=""/>',
    '<a xmlns:p="u"/><p:b/>',
    '<a><b xmlns:p="u"/><p:c/></a>',
    '<a xmlns:p=""/>',
    '<a xmlns:xmlns="u"/>',
    '<a xmlns:p="http://www.w3.org/2000/xmlns/"/>',
    '<a xmlns="http://www.w3.org/2000/xmlns/"/>',
    '<a xmlns="http://www.w3.org/XML/1998/namespace"/>',
    '<a xmlns:xml="u"/>',
    '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>',
    '<xmlns:a/>',
    '<a xmlns="u" xmlns="u"/>',
    '<a xmlns:p="u" xmlns:p="u"/>',
    '<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>',
    '<a:b:c xmlns:a="u"/>',
    '<:a/>',
    '<a:/>',
    '<a: xmlns:a="u"/>',
    '<a :b=""/>',
    '<a xmlns:="u"/>',
    '<a xmlns:p="u"><p:b></b></a>',
    '<a xmlns:p="u" xmlns:q="u"><p:b></q:b></a>',
    '<p:1 xmlns:p="u"/>',
    '<a xmlns:1="u"/>',
  ]) {
    refused(source);
  }
  const tree = readXml(
    '<p:a xmlns:p="1" xmlns="2"><b/><p:c xmlns:p="3" p:d="" d=""><p:e/></p:c><p:f xmlns=""><g/></p:f><h/></p:a>',
  );
  const names: string[] = [];
  const walk = (node: typeof tree): void => {
    names.push(`{${node.namespace}}${node.name}`);
    childrenOf(node).forEach(walk);
  };
  walk(tree);
  assert.equal(names, ['{1}a', '{2}b', '{3}c', '{3}e', '{1}f', '{}g', '{2}h']);
  assert.ok(readXml('<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en"/>'));
  assert.is(readXml('<p:a xmlns:p="&#117;"/>').namespace, 'u', 'references count before names are compared');
  assert.is(readXml('<a p:b="" xmlns:p="u"/>').attributes[0]?.namespace, 'u', 'a declaration may come after its use');
});

test('T23: jabber:client and jabber:server are two namespaces, and the surrounding default is a choice of the caller', () => {
  const client = readXml('<message><body>x</body></message>', XML_LIMITS, { defaultNamespace: NS.CLIENT });
  const server = readXml('<message><body>x</body></message>', XML_LIMITS, { defaultNamespace: NS.SERVER });
  assert.ok(child(client, NS.CLIENT, 'body'));
  assert.is(child(client, NS.SERVER, 'body'), undefined);
  assert.ok(child(server, NS.SERVER, 'body'));
  assert.is(readXml('<message/>').namespace, '');
  assert.is(
    readXml("<message xmlns='jabber:server'/>", XML_LIMITS, { defaultNamespace: NS.CLIENT }).namespace,
    NS.SERVER,
  );
});

test('T01: one spelling of each namespace', () => {
  const values = Object.values(NS);
  assert.is(new Set(values).size, values.length);
  assert.is(
    child(
      readXml("<a><b xmlns='urn:xmpp:sealed:0'/><b xmlns='urn:xmpp:Sealed:0'/><b xmlns='urn:xmpp:sealed:0 '/></a>"),
      NS.SEALED,
      'b',
    )?.namespace,
    NS.SEALED,
  );
  assert.is(
    childrenOf(
      readXml("<a><b xmlns='urn:xmpp:sealed:0'/><b xmlns='urn:xmpp:Sealed:0'/><b xmlns='urn:xmpp:sealed:0 '/></a>"),
      NS.SEALED,
    ).length,
    1,
  );
});

test('H8: characters and octets', () => {
  for (let unit = 0; unit < 32; unit++) {
    if (unit === 9 || unit === 10 || unit === 13) continue;
    refused(`<a>${String.fromCharCode(unit)}</a>`);
    refused(`<a b='${String.fromCharCode(unit)}'/>`);
  }
  for (const bad of ['\uFFFE', '\uFFFF', '\uD800', '\uDC00', '\uDC00\uD800', '\uD800\uD800\uDC00'])
    refused(`<a>${bad}</a>`);
  refused('\uFEFF<a/>');
  assert.is(text('<a>\u{1FFFE}\u{10FFFF}\uFEFF\u007f\u0085</a>'), '\u{1FFFE}\u{10FFFF}\uFEFF\u007f\u0085');
  const octets = (...inside: number[]): Uint8Array =>
    Uint8Array.from([0x3c, 0x61, 0x3e, ...inside, 0x3c, 0x2f, 0x61, 0x3e]);
  assert.is(textOf(readXmlOctets(octets(0xe2, 0x82, 0xac))), '\u20ac');
  for (const inside of [
    [0xc0, 0x80],
    [0xc1, 0xa1],
    [0xe0, 0x80, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0x80],
    [0xe2, 0x82],
    [0xff],
    [0xef, 0xbf, 0xbe],
  ]) {
    assert.throws(
      () => readXmlOctets(octets(...inside)),
      (error: StanzaError) => error.code === 'ERR_XML',
    );
  }
  assert.throws(
    () => readXmlOctets(Uint8Array.from([0xef, 0xbb, 0xbf, ...octets()])),
    (error: StanzaError) => error.code === 'ERR_XML',
  );
  assert.throws(
    () => readXmlOctets(octets(), { octets: 6, depth: 9 }),
    (error: StanzaError) => error.code === 'ERR_XML',
  );
});

test('long octets are read in pieces, and are the same element wherever a piece ends and whatever stands there', () => {
  const long = (character: string, octets: number): string =>
    character.repeat(Math.ceil(octets / Buffer.byteLength(character)));
  const frame = (inside: string): string => `<m xmlns="u"><b>${inside}</b><c d="e"/><f>${long('p', 60_000)}</f></m>`;
  // No two pieces of it are alike, so that none can stand in another's place.
  const x = Array.from({ length: 18_000 }, (_, i) => `x${i}`).join('');
  const documents = [
    ...['x', 'é', '愛', '\u{1f339}', '\n', 'x\t', '&amp;', 'x]', 'x>'].map((character) =>
      frame(long(character, 100_000)),
    ),
    frame(`${x}<i/>${x}<i>${x}</i>${x}`),
    frame(`${x}]]${x}&gt;${x}\r${x}\n`),
    frame(`<![CDATA[${x}]]>`),
    frame(`${x}<![CDATA[${x}]]&x<]]>${x}`),
    `<m${long(' ', 100_000)}a="${x}" b='${x}" c="${x}'>${x}</m>`,
    `<m a='${x}" b="${x}'/>`,
    `<m a="${x}">y</m>`,
    `<m><b a="${x}">y</b><c/><f>${x}</f></m>`,
    `<m><b>y</b${long(' ', 100_000)}>y</m>`,
    `${long(' ', 100_000)}<m/>`,
    `<m>${x}</m>${long(' ', 100_000)}`,
    `<${x}>${x}</${x}>`,
  ];
  for (const source of documents) {
    for (const before of ['', ' ', '   ']) {
      const [read, all] = [readXmlOctets(toUtf8(before + source)), readXml(before + source)];
      assert.equal(read, all, source.slice(0, 60));
      assert.is(writeXml(read), writeXml(all));
    }
  }
  const refusals = [
    `<m>${x}`,
    `<m>${x}</n>`,
    `<m>${x}</m>${x}`,
    `${x}<m/>`,
    `<m a="${x}>`,
    `<m a="${x}</m>`,
    `<m><![CDATA[${x}</m>`,
    `<m>${x}]]>${x}</m>`,
    `<m>${x}&am${x}p;</m>`,
    `<m><!--${x}--></m>`,
  ];
  for (const source of refusals) {
    refused(source);
    assert.throws(
      () => readXmlOctets(toUtf8(source)),
      (error: StanzaError) => error.code === 'ERR_XML',
      source.slice(0, 60),
    );
  }
});

test('F13: a long object is decoded when it is read, and the element is the same; what is no base64 is read as without', () => {
  const { base64 } = createCryptoProvider();
  const object = Uint8Array.from({ length: 9000 }, (_, i) => i * i);
  const text = toBase64(object);
  const sealed = (inside: string, around = ''): string =>
    `<message to="j"><body>a</body>${around}<sealed xmlns='urn:xmpp:sealed:0'>${inside}</sealed><c d="e">f</c></message>`;
  const read = readXml(sealed(text), XML_LIMITS, { base64 });
  assert.equal(child(read, NS.SEALED, 'sealed')?.children, [text]);
  assert.equal((child(read, NS.SEALED, 'sealed') as PlainTextElement).octets, object);
  assert.is(writeXml(read), writeXml(readXml(sealed(text))));
  assert.is((child(readXml(sealed(text)), NS.SEALED, 'sealed') as PlainTextElement).octets, undefined);

  const x = 'x'.repeat(6000);
  const others = [
    sealed(`${text} `),
    sealed(`${text.slice(0, -1)}-`),
    sealed(`${text}é`),
    sealed(`${text}\u{1f339}\u{1f339}`),
    sealed(`<![CDATA[${text}]]>`),
    sealed(`${text}<![CDATA[${text}]]>`),
    sealed(`<![CDATA[${text}]]>${text}`),
    sealed(`${text}<!-- -->`),
    sealed(`${text}<i/>`),
    sealed(`<i/>${text}`),
    sealed(`${text}&amp;`),
    sealed(''),
    sealed(text, `<b a=">${x}">b</b>`),
    sealed(text, `<b a="<sealed ">b</b>`),
    sealed(text, `<b a="&lt;sealed >${x}">b</b>`),
    sealed(text, `<b><![CDATA[<sealed >${x}]]></b>`),
    sealed(text, `<b a='<sealed '>b</b>`),
    sealed(text, `<sealed b='>${text}'>b</sealed>`),
    sealed(text, `<sealed b='${text}'>${text}</sealed>`),
    sealed(text, `<sealed xmlns='b'>b</sealed>`),
    sealed(text, '<sealed />'),
    sealed(text, '&#0;'),
    sealed(text, '\ud800'),
    sealed(text, '\0'),
    sealed(text).replace('</message>', ''),
    sealed(text).replace('</sealed>', '</sealed '),
    sealed(text).replace('</sealed>', '</seale>'),
    sealed(text).replace('<message ', '<message <sealed >'),
    `${text}${sealed(text)}`,
    `<sealed >${text}`,
    `<m>${x}</m>`,
    `<sealed >${x}</sealed>`,
    x,
    `<${x}`,
  ];
  const defaultNamespace = NS.CLIENT;
  for (const other of others)
    assert.is(outcome(other, { base64, defaultNamespace }), outcome(other, { defaultNamespace }), other.slice(0, 80));

  // Its octets count, and those of what is around it.
  for (const character of ['y', 'é', '愛']) {
    const long = sealed(text, character.repeat(3000));
    const octets = toUtf8(long).length;
    for (const options of [{}, { base64 }]) {
      assert.is(readXml(long, { octets, depth: 4 }, options).name, 'message');
      assert.throws(
        () => readXml(long, { octets: octets - 1, depth: 4 }, options),
        (error: StanzaError) => error.code === 'ERR_XML',
      );
    }
  }
});

/** What becomes of a text: the element as it is written, or a code. Octets that came along are those of the text beside them. */
function outcome(source: string, options: ReadXmlOptions): string {
  try {
    const read = readXml(source, XML_LIMITS, options);
    for (const each of childrenOf(read)) {
      const { octets } = each as PlainTextElement;
      if (octets) assert.is(toBase64(octets), textOf(each));
    }
    return writeXml(read);
  } catch (error) {
    return (error as StanzaError).code;
  }
}

test('H8: a character that XML has not, and an octet that is not UTF-8, are found at every place of a long text', () => {
  for (const length of [8192, 8195, 30_000]) {
    for (let at = length - 40; at < length; at++) {
      const source = toUtf8(`<m>${'x'.repeat(length)}</m>`);
      assert.is(readXmlOctets(source).children[0], 'x'.repeat(length));
      for (const wrong of [0, 8, 11, 12, 14, 31, 0x80, 0xc3, 0xff]) {
        source[3 + at] = wrong;
        assert.throws(
          () => readXmlOctets(source),
          (error: StanzaError) => error.code === 'ERR_XML',
          `${wrong} at ${at} of ${length}`,
        );
        if (wrong < 0x80) refused(new TextDecoder().decode(source));
      }
      for (const right of [9, 10, 32, 127]) {
        source[3 + at] = right;
        const text = 'x'.repeat(at) + String.fromCharCode(right) + 'x'.repeat(length - at - 1);
        assert.is(readXmlOctets(source).children[0], text);
        assert.is(readXml(`<m>${text}</m>`).children[0], text);
      }
    }
    for (const wrong of ['\ud800', '\udc00', '\uffff', '\0']) refused(`<m>${'é'.repeat(length)}${wrong}</m>`);
  }
});

test('H8: nor does it matter where a text is cut to be looked at, for reading or for writing', () => {
  for (const cut of [4096, 16_384, 32_768]) {
    for (let at = cut - 6; at < cut + 3; at++) {
      for (const right of ['\u{1f339}', 'é', '\n', '\u{1f339}é\u{1f339}']) {
        const text = `${'x'.repeat(at)}${right}${'x'.repeat(17_000)}`;
        const read = readXml(`<m>${text}</m>`);
        assert.is(read.children[0], text);
        assert.is(writeXml(element('', 'm', {}, [text])), `<m>${text}</m>`);
      }
      for (const wrong of ['\ud83c', '\udf39', '\udf39\ud83c', '\0', 'é\0', '\u{1f339}\uffff', '\x1f']) {
        const text = `${'x'.repeat(at)}${wrong}${'x'.repeat(17_000)}`;
        refused(`<m>${text}</m>`);
        assert.throws(
          () => writeXml(element('', 'm', {}, [text])),
          (error: StanzaError) => error.code === 'ERR_XML',
        );
      }
    }
  }
});

test('octets are read wherever they stand in their memory, at its very end too', () => {
  for (let offset = 0; offset < 8; offset++) {
    for (let length = 0; length < 40; length++) {
      const memory = new Uint8Array(offset + 7 + length);
      const source = memory.subarray(offset);
      source.set(toUtf8(`<m>${'x'.repeat(length)}</m>`));
      assert.is(textOf(readXmlOctets(source)), 'x'.repeat(length));
      for (let at = 0; at < length; at++) {
        source[3 + at] = 1;
        assert.throws(
          () => readXmlOctets(source),
          (error: StanzaError) => error.code === 'ERR_XML',
          `${at} of ${length} at ${offset}`,
        );
        source[3 + at] = 0x78;
      }
      // What is not XML before and behind is none of its business.
      memory.fill(1, 0, offset);
      assert.is(textOf(readXmlOctets(source)), 'x'.repeat(length));
    }
    for (const short of ['', '<', '<a'])
      assert.throws(() =>
        readXmlOctets(new Uint8Array([...new Uint8Array(offset), ...toUtf8(short)]).subarray(offset)),
      );
  }
});

test('the small questions', () => {
  const tree = element('u', 'a', { b: '1', c: undefined, d: '2' }, ['x', element('u', 'e'), element('v', 'e'), 'y']);
  assert.is(textOf(tree), 'xy');
  assert.is(childrenOf(tree, 'u').length, 1);
  assert.is(childrenOf(tree, 'v', 'f').length, 0);
  assert.is(attribute(tree, 'c'), undefined);
  assert.is(attribute(tree, 'b', 'u'), undefined);
  const changed = withAttributes(tree, { b: undefined, d: '3', f: '4', g: undefined });
  assert.equal(
    changed.attributes.map(({ name, value }) => `${name}=${value}`),
    ['d=3', 'f=4'],
  );
  assert.is(attribute(tree, 'b'), '1', 'the original is as it was');
});

test.run();
