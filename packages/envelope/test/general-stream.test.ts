/** AuthEnvelopedData and AuthenticatedData in pieces: the same as in one, and nothing out before all is checked. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, encodeDer, equal, fromHex, ID_DATA, ID_SIGNED_DATA, oid, toUtf8, utf8String } from '@stanzaseal/cms';
import {
  encodeGeneralAuthenticatedData,
  GENERAL_LIMITS,
  readContentStream,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import { createGeneralCrypto as createWebCrypto } from '@stanzaseal/cms/general/provider/webcrypto';
import { temporarySpill } from '@stanzaseal/cms/general/spill';
import { systemRandom } from '@stanzaseal/cms/provider';
import { gathered, inPiecesOf, memorySpill, refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  authenticate,
  decrypt,
  decryptStream,
  EnvelopeError,
  encrypt,
  encryptStream,
  GENERAL_POLICY,
  type GeneralEncryptParameters,
  type StreamEncryptParameters,
  verifyAuthenticatedStream,
} from '../src/general/index.js';
import { countedGeneral } from './countedGeneral.js';
import { by, KEK, LETTER, openWith, to } from './generalWorld.js';
import { generalCrypto } from './world.js';

const test = suite('general profile in pieces');

const ATTRIBUTE = { attrType: oid('1.2.3.4'), value: encodeDer(utf8String('Verona')) };
const long = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) & 0xff);

function parameters(more: Partial<GeneralEncryptParameters> = {}): GeneralEncryptParameters {
  return {
    profile: 'general',
    recipients: [to('X25519'), KEK],
    contentType: ID_SIGNED_DATA,
    contentEncryption: 'AES-256-GCM',
    cekHkdf: false,
    random: systemRandom,
    crypto: generalCrypto,
    ...more,
  };
}

const opening = { profile: 'general', keys: [by('X25519')], policy: GENERAL_POLICY, crypto: generalCrypto } as const;

async function refusedToOpen(open: () => Promise<unknown>): Promise<void> {
  const error = await refusal(open);
  assert.instance(error, EnvelopeError);
  assert.is(error?.message, 'object is not for us, or damaged');
}

async function openInPieces(octets: Uint8Array, length = 1000, spill = memorySpill()): Promise<Uint8Array> {
  const { content } = await decryptStream(inPiecesOf(octets, length), { ...opening, spill });
  return content;
}

test('with a length given: octet by octet what is written in one piece; without: BER of the same', async () => {
  const variants: Partial<GeneralEncryptParameters>[] = [
    {},
    { contentType: ID_DATA },
    { cekHkdf: true, contentEncryption: 'AES-128-GCM' },
    { contentEncryption: 'ChaCha20-Poly1305', authAttrs: [ATTRIBUTE] },
  ];
  for (const variant of variants) {
    for (const content of [new Uint8Array(0), LETTER, long]) {
      const seeded = (): GeneralEncryptParameters =>
        parameters({ ...variant, random: unsafeSeededRandom(`stream ${content.length}`) });
      const { der } = await encrypt(content, seeded());
      for (const length of [1, 7, 65536, 70_000]) {
        if (length === 1 && content === long) continue;
        const contentLength = content.length;
        const stream = encryptStream(inPiecesOf(content, length), { ...seeded(), contentLength });
        assert.ok(equal(await gathered(stream), der), `${length} of ${content.length}`);
      }
      const ber = await gathered(encryptStream(inPiecesOf(content, 999), seeded()));
      assert.is(ber[1], 0x80);
      assert.equal((await openWith(ber, [by('X25519')])).content, content);
      for (const octets of [ber, der]) {
        for (const length of content === long ? [4096, 100_000] : [1, 2, 3, 7])
          assert.equal(await openInPieces(octets, length), content);
      }
    }
  }
});

test('what comes out is what comes out in one piece', async () => {
  const { der } = await encrypt(LETTER, parameters({ authAttrs: [ATTRIBUTE] }));
  const whole = await decrypt(der, opening);
  const spill = memorySpill();
  const inPieces = await decryptStream(inPiecesOf(der, 10), { ...opening, spill });
  assert.equal(inPieces, whole);
  assert.equal(spill.calls, ['write', 'read', 'commit'], 'other attributes than usual: read once more for the tag');
  const usual = memorySpill();
  await openInPieces((await encrypt(LETTER, parameters())).der, 10, usual);
  assert.equal(usual.calls, ['write', 'commit']);
});

test('A8, rule U: cut or changed anywhere it is ERR_OPEN, and what was spilled is discarded', async () => {
  for (const contentType of [ID_SIGNED_DATA, ID_DATA]) {
    for (const authAttrs of [[], [ATTRIBUTE]]) {
      const { der } = await encrypt(LETTER, parameters({ recipients: [to('X25519')], contentType, authAttrs }));
      const ber = await gathered(encryptStream(inPiecesOf(LETTER, 9), parameters({ contentType, authAttrs })));
      for (const octets of [der, ber]) {
        for (let at = 0; at < octets.length; at++) {
          const changed = Uint8Array.from(octets);
          changed[at] = (changed[at] as number) ^ (1 << (at % 8));
          for (const bad of [octets.subarray(0, at), changed]) {
            const spill = memorySpill();
            const judged = await decrypt(bad, opening).then(
              () => 'opened',
              (thrown: { code: string }) => thrown.code,
            );
            const thrown = await openInPieces(bad, 50, spill).then(
              () => 'opened',
              (reason: { code: string }) => reason.code,
            );
            assert.is(thrown, judged, `${at}`);
            assert.is(spill.calls.includes('commit'), thrown === 'opened');
            if (thrown !== 'opened') assert.is(spill.calls.at(-1), 'discard');
          }
        }
      }
    }
  }
});

test('what is refused without a key is refused before any, and before the content is read', async () => {
  const { der } = await encrypt(long, parameters({ recipients: [to('P-256')], contentType: ID_DATA }));
  const { crypto, total } = countedGeneral();
  let taken = 0;
  const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of inPiecesOf(der, 1000)) {
      taken += piece.length;
      yield piece;
    }
  };
  const spill = memorySpill();
  await refusedToOpen(() => decryptStream(source(), { ...opening, spill, crypto }));
  assert.ok(taken < 2000 && total() === 0, `${taken} octets, ${total()} operations`);
  assert.equal(spill.calls, ['discard']);
  const noGcm = { ...GENERAL_POLICY, contentEncryption: ['ChaCha20-Poly1305'] as const };
  await refusedToOpen(() =>
    decryptStream(source(), { ...opening, keys: [by('P-256')], policy: noGcm, spill: memorySpill() }),
  );
});

test('a wrong key fails at the end, as a wrong tag does', async () => {
  const { der } = await encrypt(LETTER, parameters({ recipients: [KEK], contentType: ID_DATA }));
  const spill = memorySpill();
  const keys = [{ ...KEK, key: new Uint8Array(32) }];
  await refusedToOpen(() => decryptStream(inPiecesOf(der, 9), { ...opening, keys, spill }));
  assert.equal(spill.calls, ['write', 'discard']);
});

test('failures of source and spill are their own, and discard', async () => {
  const { der } = await encrypt(LETTER, parameters({ authAttrs: [ATTRIBUTE] }));
  for (const failing of ['write', 'read', 'commit'] as const) {
    const spill = memorySpill(failing);
    const thrown = await openInPieces(der, 10, spill).catch((reason: unknown) => reason);
    assert.instance(thrown, RangeError);
    assert.equal(spill.calls.slice(-2), [failing, 'discard']);
  }
  let cancelled = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(der.subarray(0, der.length - 20)),
    cancel: () => void cancelled++,
  });
  const spill = memorySpill();
  await decryptStream(source, { ...opening, spill }).catch((thrown) => assert.instance(thrown, EnvelopeError));
  assert.equal([cancelled, spill.calls.at(-1)], [1, 'discard']);
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new TypeError('line is dead')),
  });
  assert.instance(
    await decryptStream(broken, { ...opening, spill: memorySpill() }).catch((thrown) => thrown),
    TypeError,
  );
});

test('lengths that are not true, and arguments out of range, are errors of the caller', async () => {
  for (const contentLength of [LETTER.length - 1, LETTER.length + 1]) {
    const stream = encryptStream(inPiecesOf(LETTER, 5), { ...parameters(), contentLength });
    assert.instance(await gathered(stream).catch((thrown) => thrown), RangeError);
  }
  for (const contentLength of [-1, 1.5, 2 ** 32])
    assert.throws(() => encryptStream(inPiecesOf(LETTER, 5), { ...parameters(), contentLength }), /contentLength/);
  const none: StreamEncryptParameters = { ...parameters(), recipients: [] };
  assert.match(
    String(await gathered(encryptStream(inPiecesOf(LETTER, 5), none)).catch((thrown) => thrown)),
    'RangeError',
  );
  let isRead = false;
  const source = new ReadableStream<Uint8Array>({ pull: () => void (isRead = true) }, { highWaterMark: 0 });
  const cancelled = encryptStream(source, parameters());
  await cancelled.cancel();
  assert.not(isRead, 'nothing is read before somebody reads');
});

test('a provider without streams is ERR_UNSUPPORTED', async () => {
  const crypto = createWebCrypto();
  const has = (thrown: { code?: string }): boolean => thrown.code === 'ERR_UNSUPPORTED';
  assert.throws(() => encryptStream(inPiecesOf(LETTER, 5), parameters({ crypto })), has);
  const { der } = await encrypt(LETTER, parameters());
  const spill = memorySpill();
  assert.ok(has(await decryptStream(inPiecesOf(der, 5), { ...opening, crypto, spill }).catch((thrown) => thrown)));
  assert.equal(spill.calls, ['discard']);
});

test('AuthenticatedData: verified in pieces where the MAC is over attributes', async () => {
  const der = await authenticate(long, {
    profile: 'general',
    recipients: [to('X25519')],
    contentType: ID_DATA,
    macAlgorithm: 'HMAC-SHA-256',
    random: systemRandom,
    crypto: generalCrypto,
  });
  const verifyIt = (octets: Uint8Array, spill = memorySpill()): Promise<Uint8Array> =>
    verifyAuthenticatedStream(inPiecesOf(octets, 5000), { ...opening, spill }).then(({ content }) => content);
  assert.equal(await verifyIt(der), long);
  for (const at of [der.length - 1, der.length - 100, 1000, 150_000]) {
    const changed = Uint8Array.from(der);
    changed[at] = (changed[at] as number) ^ 1;
    const spill = memorySpill();
    await refusedToOpen(() => verifyIt(changed, spill));
    assert.is(spill.calls.at(-1), 'discard');
  }
  const data = readGeneralContentInfo(der, GENERAL_LIMITS);
  if (data.kind !== 'AuthenticatedData') throw new Error('other kind');
  const bare = encodeGeneralAuthenticatedData({ ...data, digestAlgorithm: undefined, authAttrs: undefined });
  const thrown = await verifyIt(bare).catch((reason: { code: string }) => reason);
  assert.is((thrown as { code: string }).code, 'ERR_UNSUPPORTED');
  // Each kind by its own function, and the head tells which.
  await refusedToOpen(() => openInPieces(der));
  const stream = await readContentStream(inPiecesOf(der, 64), GENERAL_LIMITS);
  assert.is(stream.head.kind, 'AuthenticatedData');
  assert.equal((await verifyAuthenticatedStream(stream, { ...opening, spill: memorySpill() })).content, long);
});

test('detached ciphertext is refused', async () => {
  const { der } = await encrypt(toUtf8(''), parameters({ recipients: [to('X25519')] }));
  // [0] of no octets, and all lengths around it: as it is, it opens; without it, it is detached.
  assert.equal(await openInPieces(der), new Uint8Array(0));
  const at = der.findIndex((_, i) => equal(der.subarray(i, i + 2), fromHex('8000')));
  const ber = await gathered(encryptStream(inPiecesOf(toUtf8(''), 1), parameters({ recipients: [to('X25519')] })));
  const hole = ber.findIndex((_, i) => equal(ber.subarray(i, i + 4), fromHex('a0800000')));
  assert.ok(at > 0 && hole > 0);
  const detached = concat(ber.subarray(0, hole), ber.subarray(hole + 4));
  await refusedToOpen(() => openInPieces(detached));
});

test('a temporary spill: nothing is seen of it, and nothing is left', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-spill-'));
  try {
    const { der } = await encrypt(long, parameters());
    const spill = await temporarySpill({ directory, random: systemRandom });
    const { content } = await decryptStream(inPiecesOf(der, 10_000), { ...opening, spill });
    assert.equal(readdirSync(directory), []);
    assert.equal(await gathered(content), long);
    const other = await temporarySpill({ directory, random: systemRandom });
    const again = await decryptStream(inPiecesOf(der, 10_000), { ...opening, spill: other });
    await again.content.cancel();
    const third = await temporarySpill({ directory, random: systemRandom });
    await decryptStream(inPiecesOf(der.subarray(0, -1), 10_000), { ...opening, spill: third }).catch(() => {});
    assert.instance(await Promise.resolve(third.write(long)).catch((thrown) => thrown), Error, 'it is closed');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
