import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { splitXml } from '../src/splitXml.js';
import { XML_LIMITS } from '../src/xml.js';

const test = suite('splitXml');
const BAD = null;

async function split(source: string | readonly string[], limits = XML_LIMITS): Promise<(string | null)[]> {
  async function* chunks(parts: readonly string[]): AsyncGenerator<string> {
    yield* parts;
  }
  const found: (string | null)[] = [];
  let index = 0;
  for await (const item of splitXml(typeof source === 'string' ? source : chunks(source), limits)) {
    assert.is(item.index, ++index);
    if (item.error !== undefined) assert.is(item.error.code, 'ERR_XML');
    found.push(item.text ?? BAD);
  }
  return found;
}

const cases: readonly [name: string, input: string, output: readonly (string | null)[]][] = [
  ['nothing', ' \r\n\t ', []],
  ['elements', "<a/> <b>x</b>\n<c d='>'/><e f=\"'/>\"></e>", ['<a/>', '<b>x</b>', "<c d='>'/>", '<e f="\'/>"></e>']],
  ['CDATA', '<a><![CDATA[</a>]]></a><b/>', ['<a><![CDATA[</a>]]></a>', '<b/>']],
  [
    'a forwarded stanza at the beginning of a line',
    '<message>\n<forwarded>\n<message>x</message>\n</forwarded></message>\n<iq/>',
    ['<message>\n<forwarded>\n<message>x</message>\n</forwarded></message>', '<iq/>'],
  ],
  ['an element left open inside', '<message><body>hi</message>\n<message/>', [BAD, '<message/>']],
  ['an end tag too many inside', '<a></b></a><c/>', [BAD, '<c/>']],
  ['an end tag too many outside', '<a/></a><c/>', ['<a/>', BAD, '<c/>']],
  [
    'an element that never ends',
    '<message><body>\n<message>1</message>\n<message>2</message>',
    [BAD, '<message>1</message>', '<message>2</message>'],
  ],
  ['several that never end', '<a>\n<a>\n<a/>\n<message>\n<iq/>', [BAD, BAD, '<a/>', BAD, '<iq/>']],
  ['an end tag cut off', '<message><body>1</body\n<message>2</message>\n', [BAD, '<message>2</message>']],
  ['a quote left open', "<a b='x><c/></a>\n<d/>", [BAD, '<d/>']],
  ['a bare less-than sign', '<a>x < y</a><b/>', [BAD, '<b/>']],
  ['text between', 'junk <a/> more junk <b/>', [BAD, '<a/>', BAD, '<b/>']],
  ['a declaration', "<?xml version='1.0'?>\n<a/>", [BAD, '<a/>']],
  ['comments', '<!-- <x/> --><a><!-- </a> --></a><b/>', [BAD, BAD, '<b/>']],
  ['a document type', '<!DOCTYPE a><a/>', [BAD, '<a/>']],
  ['the end inside a tag', '<a/><b c="', ['<a/>', BAD]],
  ['the end after a less-than sign', '<a/><', ['<a/>', BAD]],
];

for (const [name, input, output] of cases) {
  test(`${name}, whole and in chunks`, async () => {
    assert.equal(await split(input), output);
    assert.equal(await split([...input]), output);
    for (let at = 1; at < input.length; at++)
      assert.equal(await split([input.slice(0, at), '', input.slice(at)]), output);
  });
}

test('H3: an element beyond the limit is one error, and what follows it is found', async () => {
  const limits = { octets: 100, depth: 8 };
  const long = `<a>${'x'.repeat(200)}</a>`;
  assert.equal(await split(`${long} <b/>`, limits), [BAD, '<b/>']);
  assert.equal(await split([...`${long} <b/>`], limits), [BAD, '<b/>']);
  assert.equal(await split(`<a b='${'x'.repeat(200)}'/><b/>`, limits), [BAD, '<b/>']);
  assert.equal(await split(`<a>${'<b/>'.repeat(50)}</a><c/>`, limits), [BAD, '<c/>']);
  const followers = Array.from({ length: 20 }, (_, i) => `<message id='${i}'/>`);
  assert.equal(await split(`<message><body>\n${followers.join('\n')}`, limits), [BAD, ...followers]);
  assert.equal(await split(`${'<a>'.repeat(9)}${'</a>'.repeat(9)}<b/>`, limits), [
    `${'<a>'.repeat(9)}${'</a>'.repeat(9)}`,
    '<b/>',
  ]);
});

test('H3: hostile shapes take linear time, character by character too', async () => {
  const started = performance.now();
  const count = 20000;
  for (const shape of [
    '<a>\n'.repeat(count),
    '<message>\n'.repeat(count),
    '<a>'.repeat(count),
    '</a>'.repeat(count),
    `<a b='${'>'.repeat(count)}`,
    '<'.repeat(count),
    `<r>${'<a>'.repeat(60)}${'</b>'.repeat(count)}`,
    `<${'a'.repeat(count)}`,
    `<a><![CDATA[${']'.repeat(count)}`,
  ]) {
    await split(shape);
    await split([...shape]);
  }
  // A guard against quadratic time, not a measurement.
  assert.ok(performance.now() - started < 60000);
});

test('any sequence of elements in any chunks comes out as it went in', async () => {
  const element = fc.constantFrom(
    '<a/>',
    '<a>\n<b c="&gt;>">x</b></a>',
    "<message to='x'>y</message>",
    '<iq><![CDATA[<]]></iq>',
    '<a><a/><a></a></a>',
  );
  const space = fc.constantFrom('', ' ', '\n', '\r\n\t');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(space, element)),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (items, sizes) => {
        const input = items.map((item) => item.join('')).join('');
        const chunks: string[] = [];
        for (let at = 0, i = 0; at < input.length; i++) {
          const size = sizes[i % sizes.length] as number;
          chunks.push(input.slice(at, at + size));
          at += size;
        }
        assert.equal(
          await split(chunks),
          items.map((item) => item[1]),
        );
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});

test('one damaged element does not reach the next line of stanzas', async () => {
  const good = "<message to='a@b'><body>x</body></message>";
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: good.length - 1 }),
      fc.constantFrom('', '<', '>', '"', "'", '&', '</', '/>', '<x>', '</x>', '\0'),
      fc.nat(4),
      async (at, piece, cut) => {
        const broken = good.slice(0, at) + piece + good.slice(at + cut);
        const found = await split(`${broken}\n${good}\n${good}\n`);
        const readable = found.filter((item) => item === good).length;
        assert.ok(readable >= 2, JSON.stringify([broken, found]));
        for (const item of found) {
          // Whatever is made of the damaged one, it is a part of it alone.
          if (item !== null && item !== good) assert.ok(broken.includes(item), item);
        }
      },
    ),
    { seed: 4, numRuns: 2000 },
  );
});

test.run();
