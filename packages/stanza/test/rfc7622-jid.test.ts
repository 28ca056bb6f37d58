import { domainToUnicode } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bareJid, fullJid, parseJid } from '../src/jid.js';
import { decodePunycode } from '../src/punycode.js';
import { StanzaError } from '../src/stanzaError.js';

const test = suite('RFC 7622: JIDs');

function refused(text: string, read: (text: string) => unknown = fullJid): void {
  try {
    read(text);
  } catch (error) {
    assert.instance(error, StanzaError, `${JSON.stringify(text)}: ${error}`);
    assert.is((error as StanzaError).code, 'ERR_ADDRESS');
    return;
  }
  assert.unreachable(`accepted ${JSON.stringify(text)}`);
}

// RFC 7622 §3.5, tables 1 and 2; the second column is the normal form where it differs.
const valid: readonly [number, string, string?][] = [
  [1, 'juliet@example.com'],
  [2, 'juliet@example.com/foo'],
  [3, 'juliet@example.com/foo bar'],
  [4, 'juliet@example.com/foo@bar'],
  [5, 'foo\\20bar@example.com'],
  [6, 'fussball@example.com'],
  [7, 'fu\u00dfball@example.com'],
  [8, '\u03c0@example.com'],
  [9, '\u03a3@example.com/foo', '\u03c3@example.com/foo'],
  [10, '\u03c3@example.com/foo'],
  [11, '\u03c2@example.com/foo'],
  [12, 'king@example.com/\u265a'],
  [13, 'example.com'],
  [14, 'example.com/foobar'],
  [15, 'a.example.com/b@example.net'],
];
const invalid: readonly [number, string][] = [
  [16, '"juliet"@example.com'],
  [17, 'foo bar@example.com'],
  [18, 'juliet@example.com/ foo'],
  [19, '@example.com/'],
  [20, 'henry\u2163@example.com'],
  [21, '\u265a@example.com'],
  [22, 'juliet@'],
  [23, '/foobar'],
];

for (const [number, text, normal = text] of valid) {
  test(`§3.5 example ${number} is valid`, () => {
    assert.is(fullJid(text), normal);
    assert.is(bareJid(text), normal.split('/')[0]);
  });
}
for (const [number, text] of invalid) test(`§3.5 example ${number} is not`, () => refused(text));

test('parts', () => {
  assert.equal(parseJid('Juliet@Example.COM/Balcony'), { local: 'juliet', domain: 'example.com', resource: 'Balcony' });
  assert.equal(parseJid('a.example.com/b@example.net/c'), {
    local: '',
    domain: 'a.example.com',
    resource: 'b@example.net/c',
  });
  refused('a@b@example.com');
  refused('');
});

test('T22: variants in case, width and composition are one address', () => {
  for (const variant of [
    'JULIET@EXAMPLE.COM',
    'juliet@example.com.',
    '\uff2auliet@example.com',
    'juliet@\uff45xample\u3002com',
    'juliet@example.com/x',
    'Juliet@ex\u00adample.com',
  ]) {
    assert.is(bareJid(variant), 'juliet@example.com', variant);
  }
  assert.is(bareJid('e\u0301@example.com'), '\u00e9@example.com');
  assert.is(bareJid('\u00c9@example.com'), '\u00e9@example.com');
  assert.is.not(bareJid('fu\u00dfball@example.com'), bareJid('fussball@example.com'));
  assert.is.not(bareJid('\u03c2@example.com'), bareJid('\u03c3@example.com'));
  // Unicode's toLowerCase knows the final sigma (RFC 8265 §3.3.2 prefers it to a table of single letters).
  assert.is(bareJid('\u0391\u03a3@example.com'), '\u03b1\u03c2@example.com');
  // Latin and Cyrillic look alike and stay two addresses: no mapping is defined, and trust is in keys.
  assert.is.not(bareJid('p\u0430ul@example.com'), bareJid('paul@example.com'));
});

test('normalising again changes nothing', () => {
  for (const text of [
    'Juliet@Example.COM/Balcony',
    '\uff2a\u00c9@B\u00dcCHER.example/a\u3000b',
    '\u0130@x',
    '\u05d01@\u05d0.example',
    '[::FFFF:1.2.3.4]',
  ]) {
    assert.is(fullJid(fullJid(text)), fullJid(text));
    assert.is(bareJid(bareJid(text)), bareJid(text));
  }
});

test('T22: localparts that are no identifiers (RFC 8264 §4.2) are refused', () => {
  for (const local of [
    ...'"&\'/:<>@ \t\n\0\u007f',
    '\uff20',
    '\uff02', // also by width mapping
    '\u00a0',
    '\u3000',
    '\u200b',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\ufe0f',
    '\u{e0061}', // spaces and ignorables
    '\u202e',
    '\u200e',
    '\u2066', // bidi controls (H8)
    '\u2163',
    '\ufb01',
    '\u212b',
    '\u00aa',
    '\u0132',
    '\u{1d400}',
    '\u0958', // HasCompat
    '\u1100\u1161',
    '\uffa1\uffc2',
    '\ua960', // old Hangul jamo
    '\u265a',
    '\u{1f600}',
    '\u00d7',
    '\u20ac',
    '\u2026',
    '\u00b2', // symbols, punctuation, other digits
    '\u01c5',
    '\u16ee',
    '\u20dd', // titlecase, letter number, enclosing mark
    '\u0640',
    '\u07fa',
    '\u302e',
    '\u3031',
    '\u303b', // exceptions
    '\ue000',
    '\ufdd0',
    '\u{1ffff}',
    '\u0378',
    '\ud800',
    '\udc00',
    'a\ud800', // private, non-characters, unassigned, surrogates
  ]) {
    // A slash begins the resourcepart: what is left has no localpart, and `a` alone is a domain.
    if (local === '/') continue;
    refused(`a${local}b@example.com`, bareJid);
    refused(`${local}@example.com`, bareJid);
  }
  for (const local of [
    '\u00df',
    '\u03c2',
    '\u3007',
    '\u06fd',
    '\u5f20',
    '\u0915\u094d',
    '\uac00',
    'a!#$%()*+,-.;=?[\\]^_`{|}~',
    '\u{20000}',
    '\u0e01\u0e33'.slice(0, 1),
  ]) {
    assert.is(bareJid(`${local}@example.com`), `${local}@example.com`);
  }
});

test('T22: code points that depend on their neighbours (RFC 5892 Appendix A)', () => {
  const good = [
    'l\u00b7l',
    '\u0375\u03b1',
    '\u05d0\u05f3',
    '\u30a2\u30fb',
    '\u0915\u094d\u200c\u0937',
    '\u0915\u094d\u200d\u0937',
    '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc',
    '\u0627\u0661',
    '\u0627\u06f1',
  ];
  const bad = [
    '\u00b7',
    'a\u00b7l',
    'l\u00b7',
    '\u0375a',
    '\u05f3',
    'a\u05f3',
    '\u30fb',
    'a\u30fb',
    '\u200c',
    'a\u200cb',
    '\u200d',
    '\u0628\u200d\u0628',
    '\u0627\u200c\u0628',
    '\u0628\u200c',
    '\u0627\u0661\u06f1',
  ];
  for (const local of good) assert.is(bareJid(`${local}@x`), `${local}@x`);
  for (const local of bad) refused(`${local}@x`, bareJid);
});

test('H8: the bidi rule (RFC 5893 §2)', () => {
  for (const local of ['\u05d0', '\u05d01', '\u05d0-1', '\u0627\u0661', '\u0628\u064e', '\u05d0\u05b0'])
    assert.is(bareJid(`${local}@x`), `${local}@x`);
  for (const local of [
    'a\u05d0',
    '\u05d0a',
    '1\u05d0',
    '-\u05d0',
    '\u05d0-',
    '\u0661',
    '\u0661a',
    '\u05b0\u05d0',
    '\u06f1\u0627',
    '\u05d0\u03b1\u05d0',
    '\u05d0\u5f20',
  ])
    refused(`${local}@x`, bareJid);
});

test('resourceparts are opaque (RFC 8265 §4.2)', () => {
  assert.is(parseJid('x/a\u3000b\u00a0c').resource, 'a b c');
  assert.is(parseJid('x/e\u0301').resource, '\u00e9');
  assert.is(parseJid('x/\u2163 \u{1f600} \ufb01').resource, '\u2163 \u{1f600} \ufb01');
  assert.is(parseJid('x/"&\'<>:').resource, '"&\'<>:');
  for (const resource of [
    '',
    '\0',
    '\n',
    '\u0085',
    '\u202e',
    '\u200b',
    '\u2028',
    '\ue000',
    '\ud800',
    '\u1100',
    '\u0378',
    '\u200d',
    '\u3000a',
  ])
    refused(`x/${resource}`);
  // Real nicknames hold variation selectors and joiners; the bare JID of such an occupant must not depend on them.
  refused('room@x/\u2764\ufe0f');
  assert.is(bareJid('room@x/\u2764\ufe0f'), 'room@x');
  refused('room@x/', bareJid);
});

test('UTS 46: domainparts', () => {
  const normal: readonly [string, string][] = [
    ['EXAMPLE.com', 'example.com'],
    ['b\u00fccher.example', 'b\u00fccher.example'],
    ['B\u00dcCHER.example', 'b\u00fccher.example'],
    ['bu\u0308cher.example', 'b\u00fccher.example'],
    ['xn--bcher-kva.example', 'b\u00fccher.example'],
    ['XN--BCHER-KVA.Example', 'b\u00fccher.example'],
    ['fa\u00df.de', 'fa\u00df.de'], // non-transitional
    ['xn--fa-hia.de', 'fa\u00df.de'],
    ['\uff41\uff0ecom', 'a.com'],
    ['a\u3002com\uff61', 'a.com'],
    ['\u2168.com', 'ix.com'],
    ['\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com', '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com'],
    ['\u65e5\u672c\u8a9e.\u4e2d\u56fd', '\u65e5\u672c\u8a9e.\u4e2d\u56fd'],
    ['127.0.0.1', '127.0.0.1'],
    ['\uff11\uff12\uff17.1', '127.1'], // a name, never read as an IPv4 address
    ['0x7f.1', '0x7f.1'],
    ['localhost', 'localhost'],
    ['a--b.c', 'a--b.c'],
    ['[::1]', '[::1]'],
    ['[2001:DB8:0:0:0:0:0:1]', '[2001:db8::1]'],
    ['[::ffff:1.2.3.4]', '[::ffff:102:304]'],
  ];
  for (const [text, expected] of normal) {
    assert.is(parseJid(text).domain, expected, text);
  }
  for (const text of [
    '.',
    '..',
    '.a',
    'a..b',
    'a..',
    'a.\u3002',
    '-a',
    'a-',
    'a.-b',
    'ab--c',
    'a_b',
    'a b',
    'a:80',
    'a%41',
    'a%2eb',
    'a\\b',
    'a?b',
    'a#b',
    'a\tb',
    'a\nb',
    '\u0000',
    'a\u0000b',
    '*.a',
    'xn--',
    'xn--a',
    'xn--foo-',
    'xn--\u00fc',
    'xn--bcher-kva-',
    'xn--99999999',
    '\u2603.net',
    'xn--n3h.net',
    '\u{1f600}.net',
    '\u2100.net',
    '\u0300a.net',
    'a\u05d0.net',
    '\u200d.net',
    '\u00ad',
    '\u00b7.net',
    '\u0378.net',
    '\ud800.net',
    '\ufe0f',
    '[',
    '[]',
    '[::1',
    '[::1]a',
    '[::1]:80',
    '[::1%25eth0]',
    '[v1.a]',
    '[1.2.3.4]',
    '[::g]',
    `${'a'.repeat(64)}.b`,
    `${'\u00fc'.repeat(60)}${'\u4e2d'.repeat(20)}.b`,
  ]) {
    refused(text, bareJid);
  }
  assert.is(bareJid(`${'a'.repeat(63)}.b`), `${'a'.repeat(63)}.b`);
});

test('U-labels agree with another decoder of Punycode (RFC 3492 §7.1)', () => {
  for (const label of [
    'xn--ihqwcrb4cv8a8dqg056pqjye',
    'xn--ihqwctvzc91f659drss3x8bo0yb',
    'xn--4dbcagdahymbxekheh6e0a7fei0b',
    'xn--i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd',
    'xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa',
    'xn--b1abfaaepdrnnbgefbadotcwatmq2g4l',
    'xn--80aswg',
    'xn--d1abbgf6aiiy',
  ]) {
    const expected = domainToUnicode(label);
    assert.match(expected, /[^\0-\x7f]/);
    assert.is(bareJid(`${label}.example`), `${expected}.example`);
  }
  // Its question mark is Punycode's business, but stands in no U-label.
  assert.is(decodePunycode('egbpdaj6bu4bxfgehfvwxn'), domainToUnicode('xn--egbpdaj6bu4bxfgehfvwxn'));
  refused('xn--egbpdaj6bu4bxfgehfvwxn.example', bareJid);
  for (const bad of ['-', 'b_', '99999999', '\u00fc']) assert.is(decodePunycode(bad), undefined, bad);
});

test('a part has at most 1023 octets', () => {
  const long = 'a'.repeat(1023);
  assert.is(bareJid(`${long}@x`), `${long}@x`);
  assert.is(parseJid(`x/${long}`).resource.length, 1023);
  refused(`a${long}@x`, bareJid);
  refused(`x/a${long}`, bareJid);
  refused(`${'\u00e9'.repeat(512)}@x`, bareJid);
  refused(`x/${'\u00e9'.repeat(512)}`);
  assert.is(bareJid(`${'\u00e9'.repeat(511)}@x`).length, 513);
  assert.is(bareJid(`${'abcdefg.'.repeat(127)}abcdefg`).length, 1023);
  refused(`${'abcdefg.'.repeat(128)}`.slice(0, -1) + 'aa', bareJid);
  refused('\u00fc.'.repeat(100000), bareJid);
});

test.run();
