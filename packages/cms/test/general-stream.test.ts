/** Objects as they come in pieces: the same as in one piece, whatever the cuts, or refused. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeGeneralAuthEnvelopedData,
  encodeGeneralAuthenticatedData,
  encodeGeneralSignedData,
  GENERAL_LIMITS,
  type GeneralContentInfo,
  inPieces,
  octetsFrom,
  readContentStream,
  readGeneralContentInfo,
  signedDataFrame,
  toReadable,
} from '../src/general/index.js';
import { CmsError, concat, encodeParts, equal, fromHex, ID_DATA, toHex } from '../src/index.js';
import { authEnvelopedData, authenticatedData, signedData, toBer } from './generalSamples.js';

const test = suite('general CMS in pieces');

const ders: readonly (readonly [name: string, der: Uint8Array])[] = [
  ['SignedData', encodeGeneralSignedData(signedData)],
  ['SignedData, detached', encodeGeneralSignedData({ ...signedData, eContent: undefined })],
  ['SignedData, empty', encodeGeneralSignedData({ ...signedData, eContent: fromHex('') })],
  ['AuthEnvelopedData', encodeGeneralAuthEnvelopedData(authEnvelopedData)],
  [
    'AuthEnvelopedData, detached',
    encodeGeneralAuthEnvelopedData({ ...authEnvelopedData, encryptedContent: undefined }),
  ],
  ['AuthenticatedData', encodeGeneralAuthenticatedData(authenticatedData)],
];
/** The same with fewer recipients, for what is done at every octet. */
const few = { recipientInfos: authEnvelopedData.recipientInfos.slice(2, 5) };
const smallDers: typeof ders = [
  ['SignedData', encodeGeneralSignedData({ ...signedData, eContent: fromHex('010203') })],
  ['SignedData, detached', encodeGeneralSignedData({ ...signedData, eContent: undefined })],
  [
    'AuthEnvelopedData',
    encodeGeneralAuthEnvelopedData({ ...authEnvelopedData, ...few, encryptedContent: fromHex('010203') }),
  ],
  ['AuthenticatedData', encodeGeneralAuthenticatedData({ ...authenticatedData, ...few, eContent: fromHex('0102') })],
];
const small = smallDers.flatMap(([name, der]) => [[name, der] as const, [`${name}, BER`, toBer(der)] as const]);
const samples = ders.flatMap(([name, der]) => [[name, der] as const, [`${name}, BER`, toBer(der)] as const]);

function contentOf(object: GeneralContentInfo): Uint8Array | undefined {
  return object.kind === 'AuthEnvelopedData' ? object.encryptedContent : object.eContent;
}

/** The object with its content empty, as a stream gives it at the end. */
function without(object: GeneralContentInfo): GeneralContentInfo {
  if (contentOf(object) === undefined) return object;
  const empty = new Uint8Array(0);
  return object.kind === 'AuthEnvelopedData' ? { ...object, encryptedContent: empty } : { ...object, eContent: empty };
}

async function* cut(octets: Uint8Array, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < octets.length; at += length) yield octets.subarray(at, at + length);
}

async function readAll(
  octets: Uint8Array,
  length = 7,
  limits = GENERAL_LIMITS,
): Promise<{ head: unknown; content: Uint8Array; object: GeneralContentInfo }> {
  const stream = await readContentStream(cut(octets, length), limits);
  const pieces: Uint8Array[] = [];
  for await (const piece of stream.content) pieces.push(Uint8Array.from(piece));
  return { head: stream.head, content: concat(...pieces), object: stream.end() };
}

async function refusal(octets: Uint8Array, length?: number, limits = GENERAL_LIMITS): Promise<string> {
  try {
    await readAll(octets, length, limits);
    return 'taken';
  } catch (thrown) {
    assert.instance(thrown, CmsError);
    return (thrown as CmsError).code;
  }
}

for (const [name, octets] of samples) {
  test(`${name}: the same in pieces of every length as in one`, async () => {
    const whole = readGeneralContentInfo(octets, GENERAL_LIMITS);
    for (const length of [1, 2, 3, 7, 64, octets.length]) {
      const { head, content, object } = await readAll(octets, length);
      assert.equal(object, without(whole), `${length}`);
      assert.equal(content, contentOf(whole) ?? new Uint8Array(0));
      const { isDetached, ...parts } = head as { isDetached: boolean };
      assert.is(isDetached, contentOf(whole) === undefined);
      for (const [part, value] of Object.entries(parts)) assert.equal(value, (whole as never)[part], part);
    }
  });
}

for (const [name, octets] of small) {
  test(`${name}: cut at any octet or followed by one it is refused`, async () => {
    for (let end = 0; end < octets.length; end++)
      assert.is(await refusal(octets.subarray(0, end), 1024), 'ERR_DER', `${end}`);
    assert.is(await refusal(concat(octets, fromHex('00')), 1), 'ERR_DER');
    assert.is(await refusal(concat(octets, octets), 1024), 'ERR_DER');
  });

  test(`${name}: every octet changed, it is judged as in one piece`, async () => {
    for (let at = 0; at < octets.length; at++) {
      const changed = Uint8Array.from(octets);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const whole = judged(() => readGeneralContentInfo(changed, GENERAL_LIMITS));
      const inPieces = await refusal(changed, 64);
      assert.is(inPieces === 'taken', whole === 'taken', `octet ${at}: ${whole}, in pieces ${inPieces}`);
    }
  });
}

function judged(read: () => unknown): string {
  try {
    read();
    return 'taken';
  } catch (thrown) {
    return (thrown as CmsError).code;
  }
}

/** SignedData whose content is any value. */
function around(eContent: Uint8Array): Uint8Array {
  const head = signedDataFrame({ digestAlgorithms: [], eContentType: ID_DATA, signers: [] }, undefined, undefined).head;
  return concat(
    head.subarray(0, head.length - 2),
    eContent,
    fromHex('0000 0000 3100 0000 0000 0000'.replaceAll(' ', '')),
  );
}

test('content in chunks within chunks, definite and not, and empty ones', async () => {
  const chunks: readonly (readonly [hex: string, content: string])[] = [
    ['0403010203', '010203'],
    ['2400', ''],
    ['24800000', ''],
    ['240504030102 03', '010203'],
    ['2480 0401aa 2405 0403010203 2480 2480 0400 0402bbcc 0000 0000 0000', 'aa010203bbcc'],
    ['240c 0401aa 2480 0403010203 0000', 'aa010203'],
    ['24820007 0481 04 01020304', '01020304'],
  ];
  for (const [hex, content] of chunks) {
    const octets = around(fromHex(hex.replaceAll(' ', '')));
    assert.is(toHex((await readAll(octets, 1)).content), content, hex);
    const whole = readGeneralContentInfo(octets, GENERAL_LIMITS);
    assert.is(toHex(contentOf(whole) as Uint8Array), content, `${hex} in one piece`);
  }
  for (const hex of [
    '2480 0c01aa 0000',
    '2480 0401aa 3100 0000',
    '2403 0402aabb',
    '2403 0403aabbcc',
    '2480 000100 0000',
    '248081000000',
  ])
    assert.is(await refusal(around(fromHex(hex.replaceAll(' ', ''))), 1), 'ERR_DER', hex);
  assert.is(await refusal(around(fromHex('30020500'))), 'ERR_UNSUPPORTED', 'PKCS #7');
  let deep: Uint8Array = fromHex('040161');
  for (let i = 0; i < GENERAL_LIMITS.depth; i++) deep = encodeParts(0x24, deep);
  assert.is(await refusal(around(deep)), 'ERR_DER', 'too deep');
});

test('other kinds are refused by name, before their content has come', async () => {
  const others = [
    ['06092a864886f70d010703', 'envelopedData'],
    ['06092a864886f70d010701', 'data'],
  ];
  for (const [type, name] of others) {
    // 1 TiB announced, none of it there.
    const octets = concat(
      fromHex('3080'),
      fromHex(type as string),
      fromHex('a080 3080 2480 8600ffffffffff'.replaceAll(' ', '')),
    );
    const thrown = await readContentStream(cut(octets, 5), GENERAL_LIMITS).then(
      () => undefined,
      (refused: CmsError) => refused,
    );
    assert.is(thrown?.code, 'ERR_UNSUPPORTED');
    assert.match(thrown?.message ?? '', new RegExp(name as string, 'i'));
  }
});

test('G1: an announced length costs nothing, and what stands beside the content is bounded', async () => {
  const big = around(fromHex('0484ffffffff616263'));
  assert.is(await refusal(big.subarray(0, big.length - 10)), 'ERR_DER');
  // 4 GiB of recipients.
  const recipients = fromHex('3080 060b2a864886f70d0109100117 a080 3080 020100 3184ffffffff'.replaceAll(' ', ''));
  let asked = 0;
  const endless = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield recipients;
    for (; asked < 1000; asked++) yield new Uint8Array(65536);
  };
  const early = await readContentStream(endless(), GENERAL_LIMITS).catch((thrown: CmsError) => thrown.code);
  assert.equal([early, asked], ['ERR_DER', 0]);
  // The same in indefinite lengths, octet by octet: refused at 1 MiB.
  const values = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield concat(recipients.subarray(0, recipients.length - 6), fromHex('3180'));
    for (; asked < 100_000; asked++) yield fromHex('0400'.repeat(32));
  };
  assert.is(await readContentStream(values(), GENERAL_LIMITS).catch((thrown: CmsError) => thrown.code), 'ERR_DER');
  assert.ok(asked > 16_000 && asked < 16_500, `${asked} x 64 octets`);
  const nodes = { ...GENERAL_LIMITS, nodes: 40 };
  assert.is(await refusal(ders[3]?.[1] as Uint8Array, 64, nodes), 'ERR_DER');
});

test('G2: millions of chunks of one octet, and of none, take time in proportion', async () => {
  const chunk = fromHex(`${'040161'.repeat(8192)}${'0400'.repeat(8192)}`);
  const before = around(fromHex('24800000'));
  const at = before.length - 14;
  const timed = async (count: number): Promise<{ ms: number; length: number }> => {
    const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield before.subarray(0, at);
      for (let i = 0; i < count; i++) yield chunk;
      yield before.subarray(at);
    };
    const start = performance.now();
    let length = 0;
    let pieces = 0;
    const stream = await readContentStream(source(), GENERAL_LIMITS);
    for await (const piece of stream.content) {
      length += piece.length;
      pieces++;
    }
    assert.ok(pieces <= length / 32768 + 1, `${pieces} pieces`);
    assert.is(stream.end().kind, 'SignedData');
    return { ms: performance.now() - start, length };
  };
  await timed(8);
  const [once, eight] = [await timed(32), await timed(256)];
  assert.equal([once.length, eight.length], [32 * 8192, 256 * 8192]);
  // 4 million chunks in the longer run: 8 times the shorter one, and no more than a machine's moods.
  assert.ok(eight.ms < 40 * once.ms, `${once.ms} ms and ${eight.ms} ms`);
});

test('web streams: read to the end or cancelled, and made from pieces', async () => {
  const [, der] = ders[0] as (typeof ders)[0];
  const readable = toReadable(cut(der, 100));
  const stream = await readContentStream(readable, GENERAL_LIMITS);
  for await (const piece of stream.content) assert.ok(piece.length > 0);
  assert.ok(equal((stream.end() as { eContentType: Uint8Array }).eContentType, ID_DATA));
  assert.not(readable.locked);

  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(der.subarray(0, 60)),
    cancel: () => {
      cancelled = true;
    },
  });
  await readContentStream(source, GENERAL_LIMITS).catch((thrown: CmsError) => assert.is(thrown.code, 'ERR_DER'));
  assert.ok(cancelled);

  const failing = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield der.subarray(0, 200);
    throw new RangeError('disk on fire');
  };
  const broken = await readContentStream(failing(), GENERAL_LIMITS)
    .then(
      async ({ content }) => {
        for await (const piece of content) assert.ok(piece);
      },
      (thrown: unknown) => Promise.reject(thrown),
    )
    .catch((thrown: unknown) => thrown);
  assert.is((broken as Error).message, 'disk on fire');

  const early = await readContentStream(cut(der, 50), GENERAL_LIMITS);
  assert.throws(() => early.end(), /content has not been read/);
  const wrong = octetsFrom(
    (async function* () {
      yield 'text' as never;
    })(),
  );
  assert.instance(await wrong.next().catch((thrown: unknown) => thrown), TypeError);
});

test('pieces of one length, whatever came', async () => {
  const octets = Uint8Array.from({ length: 1000 }, (_, i) => i);
  for (const length of [1, 3, 64, 100, 999, 1000]) {
    const pieces: Uint8Array[] = [];
    for await (const piece of inPieces(cut(octets, length), 100)) pieces.push(piece);
    assert.is(pieces.length, 10);
    assert.equal(concat(...pieces), octets, `${length}`);
  }
  const none: Uint8Array[] = [];
  for await (const piece of inPieces(cut(new Uint8Array(0), 1))) none.push(piece);
  assert.is(none.length, 0);
});

test.run();
