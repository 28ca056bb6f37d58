/** X.690 as DER: what the strict reader refuses, by hand and over every value of every golden object (F1-F11, F14). */
import {
  type BadPeerValue,
  badPeerValue,
  changedEverywhere,
  changedInside,
  fastest,
  goldenWorld,
  refusal,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CmsError,
  concat,
  DerReader,
  decodeDerTree,
  equal,
  fromHex,
  oid,
  parseGeneralizedTime,
  parseUtcTime,
  toUtf8,
} from '../src/index.js';

const test = suite('X.690 DER');
const world = await goldenWorld();
/** The general profile reads BER by its contract (`general-structures.test.ts`); all else is strict. */
const strictObjects = world.objects.filter(({ name }) => !name.startsWith('general'));

function refused(der: Uint8Array, why: string): void {
  assert.throws(
    () => decodeDerTree(der),
    (error: unknown) => error instanceof CmsError,
    why,
  );
}

/** Changes each value of each golden object in turn; every mutant must be refused by the object's own reader. */
async function refusedEverywhere(change: (value: BadPeerValue) => boolean, strictTree = true): Promise<void> {
  let count = 0;
  for (const { name, der, read } of strictObjects) {
    for (const mutant of changedEverywhere(der, change)) {
      if (equal(mutant.der, der)) continue;
      count++;
      const error = await refusal(() => read(mutant.der));
      assert.ok(error !== undefined, `${name} at [${mutant.path}] was taken`);
      assert.ok(
        ['ERR_DER', 'ERR_UNSUPPORTED', 'ERR_VERIFY', 'ERR_OPEN'].includes(error.code ?? ''),
        `${name}: ${error}`,
      );
      if (strictTree) refused(mutant.der, `${name} at [${mutant.path}] is read as a tree`);
    }
  }
  assert.ok(count > 10, 'few mutants');
}

test('the golden objects are read, and are strict DER to the tree reader', async () => {
  for (const { name, der, read } of strictObjects) {
    assert.is(await refusal(() => read(der)), undefined, name);
    decodeDerTree(der);
  }
});

test('F1: the indefinite length, on every constructed value', () =>
  refusedEverywhere((value) => {
    if (value.content instanceof Uint8Array) return false;
    value.length = 'indefinite';
    return true;
  }));

for (const octets of [1, 2, 3, 4, 5, 126]) {
  test(`F2: a length of ${octets} octets where fewer do, on every value`, () =>
    refusedEverywhere((value) => {
      value.length = octets;
      return true;
    }));
}

test('F2: a length beyond what is left, up to 2^53 + 1, without allocating it', () => {
  for (const header of ['0405', '048200ff', '0484ffffffff', '04847fffffff', '04850100000000', '048720000000000001']) {
    const before = process.memoryUsage().arrayBuffers;
    refused(fromHex(`${header}01020304`), header);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000, header);
  }
  refused(fromHex('04'), 'no length');
  refused(fromHex('0482'), 'length cut short');
  refused(new Uint8Array(0), 'nothing');
});

test('F3: trailing octets behind the object and inside every constructed value', async () => {
  await refusedEverywhere((value) => {
    if (value.content instanceof Uint8Array) return false;
    value.content.push(badPeerValue(0x05, new Uint8Array(0)));
    return true;
  }, false);
  for (const { name, der, read } of strictObjects) {
    assert.ok((await refusal(() => read(concat(der, Uint8Array.of(0))))) !== undefined, name);
    refused(concat(der, Uint8Array.of(0)), name);
  }
});

/** `levels` SEQUENCEs in each other. */
function nested(levels: number): Uint8Array {
  const headers: Uint8Array[] = [];
  for (let length = 0, i = 0; i < levels; i++) {
    const octets =
      length < 0x80 ? [] : [length >>> 24, length >>> 16, length >>> 8, length].map((octet) => octet & 0xff);
    while (octets[0] === 0) octets.shift();
    const header =
      octets.length === 0 ? Uint8Array.of(0x30, length) : Uint8Array.of(0x30, 0x80 | octets.length, ...octets);
    headers.push(header);
    length += header.length;
  }
  return concat(...headers.reverse());
}

test('F4: 16 levels are read, 17 and more are refused before anything is spent on them', async () => {
  decodeDerTree(nested(16));
  for (const levels of [17, 1_000, 50_000]) {
    const der = nested(levels);
    const ms = await fastest(() => assert.throws(() => decodeDerTree(der, { octets: 2 ** 30, depth: 16 }), /deeper/));
    assert.ok(ms < 5, `${levels} levels: ${ms} ms`);
  }
  refused(nested(100_000), 'longer than the limit');
});

test('F5: reading again what was read earns no new depth', () => {
  let reader = new DerReader(nested(20));
  let levels = 0;
  assert.throws(() => {
    for (; levels < 20; levels++) reader = reader.over(reader.encodedAs(0x30)).sequence();
  }, /deeper/);
  assert.is(levels, 16);
});

test('F7: BOOLEAN, INTEGER, BIT STRING and NULL have one form', () => {
  for (const good of ['0101ff', '010100', '020100', '020200ff', '0201ff', '0500', '0a0101', '030100', '03020780'])
    decodeDerTree(fromHex(good));
  for (const bad of [
    '0100',
    '010101',
    '0101fe',
    '0102ffff', // BOOLEAN
    '0200',
    '02020000',
    '0202007f',
    '0202ffff',
    '0202ff80', // INTEGER
    '0a00',
    '0a020001', // ENUMERATED
    '0300',
    '030101',
    '03020801',
    '03020101',
    '030207c0', // BIT STRING
    '050100', // NULL
  ])
    refused(fromHex(bad), bad);
  assert.throws(() => new DerReader(fromHex('0201ff')).integer(), /range/);
  assert.throws(() => new DerReader(fromHex('02072000000000000000').subarray(0, 9)).integer(), /range/);
  assert.throws(() => new DerReader(fromHex('020900ffffffffffffffff')).integer(), /range/);
  assert.is(new DerReader(fromHex('02071fffffffffffff')).integer(), Number.MAX_SAFE_INTEGER);
});

test('F6: object identifiers: bare octets, no padded arc, 32 octets at most', () => {
  for (const bad of ['0600', '060180', '06022a80', '06032a8001', `0621${'2a'.repeat(33)}`]) refused(fromHex(bad), bad);
  decodeDerTree(fromHex(`0620${'2a'.repeat(32)}`));
});

test('F8: a SET OF out of order or with an element twice', async () => {
  refused(fromHex('3106020102020101'), 'unsorted');
  refused(fromHex('3106020101020101'), 'twice');
  assert.throws(() => new DerReader(fromHex('3106020102020101')).any(), /order/, 'any() promises strict DER');
  await refusedEverywhere((value) => {
    if ((value.tag !== 0x31 && value.tag !== 0xa0 && value.tag !== 0xa1) || value.content instanceof Uint8Array)
      return false;
    if (value.content.length < 2) return false;
    value.content.reverse();
    return true;
  }, false);
  await refusedEverywhere((value) => {
    if (value.tag !== 0x31 || value.content instanceof Uint8Array) return false;
    value.content.push(...value.content.slice(-1));
    return true;
  });
});

test('F8: 10^5 elements are read in order in less than 200 ms', async () => {
  const content = new Uint8Array(500_000);
  for (let i = 0; i < 100_000; i++) content.set([4, 3, i >>> 16, (i >>> 8) & 255, i & 255], 5 * i);
  const der = concat(Uint8Array.of(0x31, 0x83, 0x07, 0xa1, 0x20), content);
  const whole = () => new DerReader(der, { octets: der.length, depth: 16 });
  const ms = await fastest(() => assert.is(whole().setOf((reader) => reader.octetString(), 100_000).length, 100_000));
  assert.ok(ms < 200, `${ms} ms`);
  assert.throws(() => whole().setOf((reader) => reader.any(), 99_999), /limit/);
});

test('F9: the constructed form of a string, high tag numbers, and what stands out of place', async () => {
  refused(fromHex('24040402aabb'), 'constructed OCTET STRING');
  refused(fromHex('230403020001'), 'constructed BIT STRING');
  refused(fromHex('1f0500'), 'high tag number');
  refused(fromHex('bf0500'), 'high context tag number');
  await refusedEverywhere((value) => {
    if (!(value.content instanceof Uint8Array)) return false;
    value.tag |= 0x20;
    value.content = [badPeerValue(0x04, value.content)];
    return true;
  }, false);
});

test('F9, F10: each value of what is signed or sealed left out', async () => {
  for (const { name, der, read } of strictObjects.filter(({ authenticated }) => authenticated)) {
    for (const mutant of changedInside(der, (values, i) => void values.splice(i, 1))) {
      assert.ok((await refusal(() => read(mutant.der))) !== undefined, `${name} [${mutant.path}]`);
    }
  }
});

test('F9, F10: an unknown value before each value', async () => {
  for (const { name, der, read } of strictObjects) {
    const unknown = badPeerValue(0x85, new Uint8Array(0));
    for (const mutant of changedInside(der, (values, i) => void values.splice(i, 0, unknown))) {
      assert.ok((await refusal(() => read(mutant.der))) !== undefined, `${name} [${mutant.path}]`);
    }
  }
});

test('F11: of a year each day that is there is taken, and no other', () => {
  for (const year of [1, 4, 99, 100, 400, 1582, 1900, 1999, 2000, 2024, 2026, 9996, 9998]) {
    for (let month = 0; month < 100; month++) {
      for (let day = 0; day < 100; day += month > 13 ? 33 : 1) {
        const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const expected = new Date(`${text}T12:34:56Z`);
        const exists = !Number.isNaN(expected.getTime()) && expected.toISOString().startsWith(text);
        const read = () => parseGeneralizedTime(toUtf8(`${text.replaceAll('-', '')}123456Z`));
        if (exists) assert.is(read(), expected.getTime(), text);
        else assert.throws(read, (error: unknown) => error instanceof CmsError, text);
      }
    }
  }
});

test('F11: times that exist, in the one form', () => {
  assert.is(parseGeneralizedTime(toUtf8('20260228235959Z')), Date.UTC(2026, 1, 28, 23, 59, 59));
  assert.is(parseGeneralizedTime(toUtf8('20240229000000Z')), Date.UTC(2024, 1, 29));
  assert.is(parseUtcTime(toUtf8('500101000000Z')), Date.UTC(1950, 0, 1));
  assert.is(parseUtcTime(toUtf8('491231235959Z')), Date.UTC(2049, 11, 31, 23, 59, 59));
  for (const bad of [
    '20260230000000Z',
    '20230229000000Z',
    '20261301000000Z',
    '20260001000000Z',
    '20260100000000Z',
    '20260101240000Z',
    '20260101006000Z',
    '20260101000060Z',
    '20260101000000',
    '202601010000Z',
    '20260101000000.5Z',
    '20260101000000+0000',
    '00000101000000Z',
    '99991231235959Z',
    '2026010100000 Z',
    '20260101000000z',
    '20260101000000Z0',
  ])
    assert.throws(
      () => parseGeneralizedTime(toUtf8(bad)),
      (error: unknown) => error instanceof CmsError,
      bad,
    );
  for (const bad of ['260230000000Z', '2601010000Z', '260101000000+0000', '260101000000Z0', '261301000000Z']) {
    assert.throws(
      () => parseUtcTime(toUtf8(bad)),
      (error: unknown) => error instanceof CmsError,
      bad,
    );
  }
  assert.throws(
    () => new DerReader(concat(Uint8Array.of(0x18, 15), toUtf8('20260101000000Z'))).time(),
    /form/,
    'GeneralizedTime before 2050',
  );
});

test('F14: the primitive/constructed bit flipped on every value', () =>
  refusedEverywhere((value) => flip(value, 0x20), false));

for (const bits of [0x40, 0x80, 0xc0]) {
  test(`F14: the class bits flipped by ${bits.toString(16)} on every value`, () =>
    refusedEverywhere((value) => flip(value, bits), false));
}

test('F10: the tag number changed on every value', async () => {
  await refusedEverywhere((value) => flip(value, 0x01), false);
  await refusedEverywhere((value) => flip(value, 0x02), false);
});

test('F6: a cut arc does not alias a trusted one', () => {
  const trusted = oid('2.25.190310237082559258561972166712186265384.1.1');
  const open = trusted.slice(0, -1);
  open[open.length - 1] = 0x81;
  refused(concat(Uint8Array.of(6, open.length), open), 'cut in the middle of an arc');
  assert.not.equal(oid('2.25.190310237082559258561972166712186265384.1'), trusted);
});

function flip(value: BadPeerValue, bits: number): boolean {
  value.tag ^= bits;
  return true;
}

test.run();
