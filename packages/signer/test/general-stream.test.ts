/** SignedData in pieces: the same as in one, and nothing out before it is verified. */
import {
  concat,
  encodeDer,
  encodeParts,
  equal,
  fromHex,
  generalizedTime,
  ID_DATA,
  objectIdentifier,
  oid,
} from '@stanzaseal/cms';
import { createGeneralCrypto as createWebCrypto } from '@stanzaseal/cms/general/provider/webcrypto';
import {
  at,
  childrenOf,
  gathered,
  inPiecesOf,
  memorySpill,
  refusal,
  SIGNED_PATH,
  unsafeSeededRandom,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type GeneralSigner,
  type GeneralVerified,
  SignerError,
  type StreamSignParameters,
  sign,
  signStream,
  verify,
  verifyStream,
} from '../src/general/index.js';
import {
  content,
  contentType,
  crypto,
  keyOf,
  laxPolicy,
  mailPolicy,
  policy,
  resigned,
  SIGNING_ALGORITHMS,
  signingTime,
} from './generalWorld.js';

const test = suite('general SignedData in pieces');

const long = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) & 0xff);
const key = await keyOf('Ed25519');

function parameters(
  signers: StreamSignParameters['signers'] = [{ key }],
  more: Partial<StreamSignParameters> = {},
): StreamSignParameters {
  return {
    profile: 'general',
    signers,
    contentType,
    signingTime,
    random: unsafeSeededRandom('signed'),
    crypto,
    ...more,
  };
}

const verifying = { profile: 'general', signers: [{ key: key.publicKey }], policy, crypto } as const;

async function refused(call: () => Promise<unknown>, what?: string): Promise<void> {
  const error = await refusal(call);
  assert.instance(error, SignerError, what);
  assert.is(error?.message, 'signed data does not verify', what);
}

for (const algorithm of SIGNING_ALGORITHMS) {
  test(`${algorithm}: there and back, in DER where that can be, however the content is cut`, async () => {
    const signer: GeneralSigner = { key: await keyOf(algorithm) };
    const signers = [{ key: signer.key.publicKey }] as const;
    for (const octets of [new Uint8Array(0), content, long]) {
      for (const length of [octets.length < 1000 ? 1 : 65536, 70_000]) {
        const ber = await gathered(signStream(inPiecesOf(octets, length), parameters([signer])));
        const der = await gathered(
          signStream(inPiecesOf(octets, length), parameters([signer], { contentLength: octets.length })),
        );
        assert.is(ber[1], 0x80);
        // A signature by ECDSA or RSA-PSS is never made twice.
        if (algorithm === 'Ed25519' || algorithm.startsWith('ML'))
          assert.ok(equal(der, await sign(octets, parameters([signer]))));
        else assert.is(der[1] === 0x80, algorithm.startsWith('P-'));
        for (const object of [ber, der]) {
          const spill = memorySpill();
          const inPieces = await verifyStream(inPiecesOf(object, 3000), { ...verifying, signers, spill });
          const whole: GeneralVerified = await verify(object, { ...verifying, signers });
          assert.equal(inPieces, whole);
          assert.equal(inPieces.content, octets);
        }
      }
    }
  });
}

test('several signers by several digests, content is digested once by each', async () => {
  const [p256, p384] = [await keyOf('P-256'), await keyOf('P-384')];
  const object = await gathered(
    signStream(inPiecesOf(long, 1234), parameters([{ key }, { key: p256 }, { key: p384 }])),
  );
  const signers = [{ key: key.publicKey }, { key: p256.publicKey }, { key: p384.publicKey }] as const;
  const { signatures, content: verified } = await verifyStream(inPiecesOf(object, 999), {
    ...verifying,
    signers,
    spill: memorySpill(),
  });
  assert.equal(
    signatures.map(({ hash }) => hash),
    ['SHA-512', 'SHA-256', 'SHA-384'],
  );
  assert.equal(verified, long);
  const others = await verifyStream(inPiecesOf(object, 999), { ...verifying, spill: memorySpill() });
  assert.is(others.others.length, 2);
});

test('detached: the object alone; verified with or without a spill', async () => {
  const object = await gathered(signStream(inPiecesOf(long, 77), parameters(undefined, { detached: true })));
  assert.ok(equal(object, await sign(long, parameters(undefined, { detached: true }))));
  const source = (): AsyncGenerator<Uint8Array> => inPiecesOf(long, 5000);
  const digestOnly = await verifyStream(inPiecesOf(object, 9), { ...verifying, content: source() });
  assert.is(digestOnly.content, undefined);
  const spill = memorySpill();
  assert.equal((await verifyStream(inPiecesOf(object, 9), { ...verifying, content: source(), spill })).content, long);
  for (const wrong of [long.subarray(1), concat(long, fromHex('00')), new Uint8Array(0)]) {
    const discarded = memorySpill();
    await refused(() =>
      verifyStream(inPiecesOf(object, 9), { ...verifying, content: inPiecesOf(wrong, 5000), spill: discarded }),
    );
    assert.is(discarded.calls.at(-1), 'discard');
  }
  await refused(() => verifyStream(inPiecesOf(object, 9), { ...verifying, spill: memorySpill() }), 'content missing');
  const attached = await sign(long, parameters());
  await refused(() => verifyStream(inPiecesOf(attached, 999), { ...verifying, content: source() }), 'content twice');
});

test('cut or changed anywhere: judged as in one piece, and what was spilled is discarded', async () => {
  const der = await sign(content, parameters());
  const ber = await gathered(signStream(inPiecesOf(content, 9), parameters()));
  for (const octets of [der, ber]) {
    for (let at = 0; at < octets.length; at++) {
      const changed = Uint8Array.from(octets);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      for (const bad of [octets.subarray(0, at), changed]) {
        const spill = memorySpill();
        const whole = await verify(bad, verifying).then(
          () => 'verified',
          (thrown: SignerError) => thrown.code,
        );
        const inPieces = await verifyStream(inPiecesOf(bad, 40), { ...verifying, spill }).then(
          () => 'verified',
          (thrown: SignerError) => thrown.code,
        );
        assert.is(inPieces, whole, `${at}`);
        assert.is(spill.calls.at(-1), inPieces === 'verified' ? 'commit' : 'discard');
      }
    }
  }
});

test('B3: content that would pass as signed attributes is not signed, whatever its length', async () => {
  const attribute = (count: number): Uint8Array =>
    encodeParts(0x30, encodeDer(objectIdentifier(oid('1.2.3'))), encodeParts(0x31, new Uint8Array(count).fill(5)));
  for (const octets of [
    encodeParts(0x31, attribute(0)),
    encodeParts(0x31, encodeParts(0x04, new Uint8Array(70_000))),
  ]) {
    for (const detached of [false, true]) {
      const stream = signStream(inPiecesOf(octets, 7), parameters(undefined, { detached }));
      const thrown = await gathered(stream).catch((reason: unknown) => reason);
      assert.instance(thrown, RangeError);
      assert.match(String(thrown), /parses as signed attributes/);
    }
  }
  const harmless = [
    concat(encodeParts(0x31, new Uint8Array(70_000)), fromHex('00')),
    encodeParts(0x30, new Uint8Array(70_000)),
    fromHex('31'),
    concat(fromHex('3180'), new Uint8Array(70_000)),
    encodeDer(generalizedTime(signingTime)),
  ];
  for (const octets of harmless)
    assert.ok((await gathered(signStream(inPiecesOf(octets, 7000), parameters()))).length > 0);
});

test('B2: a signature without signed attributes is never verified in pieces', async () => {
  const der = await sign(content, parameters(undefined, { contentType: ID_DATA }));
  const bare = await resigned(der, key, { name: 'Ed25519' }, (root) => {
    const signerInfo = childrenOf(at(root, ...SIGNED_PATH.signerInfo));
    signerInfo.splice(
      signerInfo.findIndex(({ tag }) => tag === 0xa0),
      1,
    );
  });
  assert.equal((await verify(bare, { ...verifying, policy: laxPolicy })).content, content);
  await refused(() => verifyStream(inPiecesOf(bare, 40), { ...verifying, policy: laxPolicy, spill: memorySpill() }));
  await refused(
    () => verifyStream(inPiecesOf(der, 40), { ...verifying, spill: memorySpill() }),
    'id-data by policy alone',
  );
  assert.equal(
    (await verifyStream(inPiecesOf(der, 40), { ...verifying, policy: mailPolicy, spill: memorySpill() })).content,
    content,
  );
});

test('another content type than asked for is refused before the content is read', async () => {
  const object = await sign(long, parameters());
  let taken = 0;
  const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of inPiecesOf(object, 1000)) {
      taken += piece.length;
      yield piece;
    }
  };
  await refused(() => verifyStream(source(), { ...verifying, contentType: ID_DATA, spill: memorySpill() }));
  assert.is(taken, 1000);
});

test('failures of sources, spill and arguments are their own', async () => {
  const object = await sign(long, parameters());
  for (const failing of ['write', 'commit'] as const) {
    const spill = memorySpill(failing);
    assert.instance(await refusal(() => verifyStream(inPiecesOf(object, 999), { ...verifying, spill })), RangeError);
    assert.equal(spill.calls.slice(-2), [failing, 'discard']);
  }
  const spill = memorySpill();
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(object.subarray(0, 1000)),
    pull: (controller) => controller.error(new TypeError('line is dead')),
  });
  assert.match(String(await refusal(() => verifyStream(broken, { ...verifying, spill }))), /line is dead/);
  assert.is(spill.calls.at(-1), 'discard');
  for (const contentLength of [content.length - 1, content.length + 1]) {
    const stream = signStream(inPiecesOf(content, 5), parameters(undefined, { contentLength }));
    assert.instance(await refusal(() => gathered(stream)), RangeError);
  }
  assert.throws(
    () => signStream(inPiecesOf(content, 5), parameters(undefined, { contentLength: 2 ** 32 })),
    /contentLength/,
  );
  assert.throws(() => signStream(inPiecesOf(content, 5), parameters([{ key }, { key }])), /twice/);
  const twice = [{ key: key.publicKey }, { key: key.publicKey }] as const;
  assert.instance(
    await refusal(() => verifyStream(inPiecesOf(object, 9), { ...verifying, signers: twice, spill })),
    TypeError,
  );
});

test('a provider without streams is ERR_UNSUPPORTED', async () => {
  const web = createWebCrypto();
  const unsupported = (thrown: { code?: string }): boolean => thrown.code === 'ERR_UNSUPPORTED';
  assert.throws(() => signStream(inPiecesOf(content, 5), parameters(undefined, { crypto: web })), unsupported);
  const spill = memorySpill();
  const object = await sign(content, parameters());
  const thrown = await refusal(() => verifyStream(inPiecesOf(object, 5), { ...verifying, crypto: web, spill }));
  assert.ok(unsupported(thrown as { code: string }));
  assert.equal(spill.calls, ['discard']);
});

test.run();
