import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readWithFastXmlParser } from '../src/fastXmlParser.js';
import { StanzaError } from '../src/stanzaError.js';
import type { XmlElement, XmlNode } from '../src/xml.js';
import { readXml } from '../src/xmlReader.js';
import { writeXml } from '../src/xmlWriter.js';

const test = suite('XML: two readers and the writer');
const RUNS = { numRuns: 2000, seed: 6120 };
// It guards its own objects, and knows names of the basic plane only.
const NAMES_REFUSED_BY_FXP = /__proto__|constructor|prototype|[<:= ][^<>"'= ]*[\u{10000}-\u{EFFFF}]/u;

const name = fc.constantFrom('a', 'b', 'message', 'body', 'x1', '_-.', '\u00e9', 'xml', 'ns1', 'toString');
const namespace = fc.constantFrom('', 'jabber:client', 'urn:a', 'urn:b', 'u & <v> "w"\'', '\u{1F600}');
const characters = fc.string({
  unit: fc.constantFrom(
    ...'ab <>&"\'\n\t\r];[!-',
    '\u00e9',
    '\u{1F600}',
    '\u2028',
    '\ufeff',
    ']]>',
    '<![CDATA[',
    '&amp;',
    '&#65;',
  ),
  maxLength: 12,
});
const attributes = fc.uniqueArray(
  fc.record(
    {
      namespace: fc.oneof(fc.constant(''), namespace, fc.constant('http://www.w3.org/XML/1998/namespace')),
      name,
      value: characters,
    },
    { noNullPrototype: true },
  ),
  { maxLength: 4, selector: (item) => `${item.name} ${item.namespace}` },
);
const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.record(
    {
      namespace,
      name,
      attributes,
      children: fc
        .array(fc.oneof({ maxDepth: 4, depthSize: 'small' }, characters, tie('tree')) as fc.Arbitrary<XmlNode>, {
          maxLength: 4,
        })
        .map(mergeTexts),
    },
    { noNullPrototype: true },
  ),
}));

function mergeTexts(nodes: XmlNode[]): XmlNode[] {
  const merged: XmlNode[] = [];
  for (const node of nodes) {
    const last = merged.length - 1;
    if (typeof node === 'string' && typeof merged[last] === 'string') merged[last] += node;
    else if (node !== '') merged.push(node);
  }
  return merged;
}

function attempt(read: () => XmlElement): XmlElement | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof StanzaError && error.code === 'ERR_XML') return undefined;
    throw error;
  }
}

test('what is written is read as it was, by both readers', () => {
  fc.assert(
    fc.property(tree, namespace, fc.boolean(), (element, defaultNamespace, singleLine) => {
      const text = writeXml(element, { defaultNamespace, singleLine });
      if (singleLine) assert.not.match(text, /[\r\n]/);
      assert.equal(readXml(text, undefined, { defaultNamespace }), element);
      if (!NAMES_REFUSED_BY_FXP.test(text))
        assert.equal(readWithFastXmlParser(text, undefined, { defaultNamespace }), element);
    }),
    RUNS,
  );
});

const pieces = [
  '<a>',
  '</a>',
  '<b/>',
  '<a',
  '>',
  '/>',
  '</',
  '<',
  ' ',
  '\n',
  '\r\n',
  '\t',
  'b="c"',
  " b='c'",
  ' b = "&lt;"',
  ' xmlns="u"',
  ' xmlns:p="u"',
  ' xmlns:p=""',
  ' p:b="1"',
  '<p:a>',
  '</p:a>',
  ' xmlns:q="u" q:b="2"',
  ' xml:lang="en"',
  ' xmlns:xml="u"',
  '<xml:a/>',
  '&amp;',
  '&#65;',
  '&#x0;',
  '&#xD800;',
  '&b;',
  '&',
  ';',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?',
  '?>',
  '<!DOCTYPE a>',
  '"',
  "'",
  '=',
  ':',
  'x',
  '\u00e9',
  '\u{1F600}',
  '\0',
  '\uFFFE',
  '\uD800',
  '__proto__',
];

/** Whatever our reader takes, the other takes too and understands in the same way; it may take more. */
function agree(text: string): boolean {
  const own = attempt(() => readXml(text));
  if (own === undefined) return false;
  if (NAMES_REFUSED_BY_FXP.test(text)) return true;
  const other = attempt(() => readWithFastXmlParser(text));
  assert.ok(other, `only our reader takes ${JSON.stringify(text)}`);
  assert.equal(own, other, JSON.stringify(text));
  assert.equal(readXml(writeXml(own)), own);
  return true;
}

test('H1 H7 H8: on hostile texts our reader takes nothing that the other does not', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), fc.boolean(), (parts, wrapped) => {
      const text = parts.join('');
      if (agree(wrapped ? `<a>${text}</a>` : text)) taken++;
    }),
    { numRuns: 20000, seed: 1 },
  );
  assert.ok(taken > 500, `${taken} texts were well formed`);
});

test('and on mutants of well-formed texts', () => {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(tree, fc.nat(), fc.nat(3), fc.constantFrom('', ...pieces), (element, at, cut, piece) => {
      const text = writeXml(element);
      const index = at % text.length;
      if (agree(text.slice(0, index) + piece + text.slice(index + cut))) taken++;
      else refused++;
    }),
    { numRuns: 10000, seed: 2 },
  );
  assert.ok(taken > 500 && refused > 500, `${taken} taken, ${refused} refused`);
});

test('arbitrary text never throws anything but ERR_XML', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      attempt(() => readXml(text));
      attempt(() => readXml(`<a b='${text}'>${text}</a>`));
    }),
    RUNS,
  );
});

test('the second reader refuses by itself what H1, H3, H7 and H8 name', () => {
  for (const text of [
    '<!DOCTYPE a><a/>',
    '<a><!--b--></a>',
    '<a><?b?></a>',
    '<a/><b/>',
    '<a/>x',
    '<p:a/>',
    '<a>&#0;</a>',
    '<a>&nbsp;</a>',
    '<a>\0</a>',
    '<a b="1" b="2"/>',
    '<a>]]></a>',
    '<a xmlns:xml="u"/>',
    '',
  ]) {
    assert.is(
      attempt(() => readWithFastXmlParser(text)),
      undefined,
      text,
    );
  }
  assert.is(
    attempt(() => readWithFastXmlParser('<a>'.repeat(65) + '</a>'.repeat(65))),
    undefined,
  );
});

test.run();
