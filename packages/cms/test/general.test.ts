/** The general reader: names by structure, BER, bounds, and no secrets. */
import { goldenWorld } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findPemBlocks, GENERAL_LIMITS, type GeneralNode, readGeneral } from '../src/general/index.js';
import { CmsError, concat, encodePem, exportPrivateKey, fromHex, toHex } from '../src/index.js';
import { byPath } from './generalTree.js';

const test = suite('general reader');
const world = await goldenWorld();

const golden = (name: string): Uint8Array => {
  const found = world.objects.find((each) => each.name === name);
  assert.ok(found, `golden object ${name}`);
  return found.der;
};
const isDerError = (thrown: Error): boolean => thrown instanceof CmsError && thrown.code === 'ERR_DER';

/** A definite-length value. */
function tlv(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const content = concat(...contents);
  const { length } = content;
  const header =
    length < 128
      ? [tag, length]
      : [tag, 0x84, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return concat(Uint8Array.from(header), content);
}

test('every node of every golden object lies where it says', () => {
  for (const { name, der } of world.objects) {
    const { root, isStrictDer, trailingOctets } = readGeneral(der, GENERAL_LIMITS);
    assert.ok(isStrictDer, name);
    assert.is(trailingOctets, 0);
    const walk = (node: GeneralNode): void => {
      const identifier = der[node.offset] as number;
      assert.is(identifier & 0x1f, node.tagNumber, name);
      assert.is((identifier & 0x20) !== 0, node.constructed, name);
      if (node.constructed) {
        const inside = (node.children ?? []).reduce((sum, child) => sum + child.headerLength + child.contentLength, 0);
        assert.is(inside, node.contentLength, `${name} at ${node.offset}`);
      }
      for (const child of node.children ?? []) walk(child);
    };
    walk(root);
  }
});

test('a sealed object: originator, recipients, our attributes and what is in them', () => {
  const sealed = world.objects.find(({ der }) =>
    byPath(readGeneral(der, GENERAL_LIMITS).root).has('content.recipientInfos[0].kari.ukm'),
  );
  assert.ok(sealed);
  const { structure, root } = readGeneral(sealed.der, GENERAL_LIMITS);
  assert.is(structure, 'ContentInfo');
  const nodes = byPath(root);
  assert.equal(nodes.get('contentType')?.value, {
    kind: 'objectIdentifier',
    oid: '1.2.840.113549.1.9.16.1.23',
    name: 'id-ct-authEnvelopedData',
  });
  assert.is(nodes.get('content')?.structure, 'AuthEnvelopedData');
  assert.is(nodes.get('content.recipientInfos[0].kari.originator.originatorKey')?.structure, 'OriginatorPublicKey');
  assert.ok(nodes.get('content.recipientInfos[0].kari.recipientEncryptedKeys[0].rid.rKeyId.subjectKeyIdentifier'));
  assert.is(
    nodes.get('content.authEncryptedContentInfo.contentEncryptionAlgorithm.parameters.parameters')?.structure,
    'GCMParameters',
  );
  const contexts = [...nodes.values()].filter((node) => node.structure === 'ClearContext');
  assert.is(contexts.length, 1);
  const kind = nodes.get(`${contexts[0]?.path}.kind`)?.value;
  assert.ok(kind?.kind === 'integer' && kind.name === 'message');
});

test('signed things of the profile are read inside their octet string', () => {
  const seen = new Set(
    world.objects.flatMap(({ der }) =>
      [...byPath(readGeneral(der, GENERAL_LIMITS).root).values()].map((node) => node.structure),
    ),
  );
  for (const structure of [
    'SignedData',
    'SignerInfo',
    'DeviceList',
    'PrekeyBundle',
    'Endorsement',
    'PrivateContext',
    'Recipients',
    'SenderKeys',
  ]) {
    assert.ok(seen.has(structure), structure);
  }
});

test('no secret of a private key comes out, in any form', () => {
  for (const [name, key] of Object.entries(world.keys)) {
    const object = readGeneral(exportPrivateKey(key), GENERAL_LIMITS);
    assert.is(object.structure, 'OneAsymmetricKey', name);
    const shown = JSON.stringify(object);
    assert.not.match(shown, toHex(key.secret()).slice(0, 16), name);
    assert.match(shown, '"kind":"secret"', name);
  }
  // SEC 1, in BER, the secret cut into two chunks.
  const { nurse } = world.keys;
  const secret = nurse.secret();
  const chunks = concat(fromHex('2480'), tlv(4, secret.subarray(0, 16)), tlv(4, secret.subarray(16)), fromHex('0000'));
  const sec1 = readGeneral(
    tlv(0x30, fromHex('020101'), chunks, tlv(0xa0, fromHex('06082a8648ce3d030107'))),
    GENERAL_LIMITS,
  );
  assert.is(sec1.structure, 'ECPrivateKey');
  assert.not.match(JSON.stringify(sec1), toHex(secret).slice(0, 16));
  assert.not.match(JSON.stringify(sec1), toHex(secret.subarray(16)).slice(0, 16));
});

test('BER is read and called so', () => {
  const der = golden(world.objects[0]?.name ?? '');
  const { headerLength } = readGeneral(der, GENERAL_LIMITS).root;
  const ber = concat(fromHex('3080'), der.subarray(headerLength), fromHex('0000'));
  const { structure, isStrictDer, trailingOctets, root } = readGeneral(ber, GENERAL_LIMITS);
  assert.is(structure, 'ContentInfo');
  assert.is(isStrictDer, false);
  assert.is(trailingOctets, 0);
  assert.ok(root.indefinite);
  assert.is(root.contentLength, der.length - headerLength);
  assert.is(readGeneral(concat(der, fromHex('00')), GENERAL_LIMITS).trailingOctets, 1);
  assert.is(readGeneral(fromHex('3003020105'), GENERAL_LIMITS).structure, undefined);
  // Lengths that are longer than they need be.
  assert.is(readGeneral(fromHex('30810402020005'), GENERAL_LIMITS).isStrictDer, false);
});

test('what is not BER, or beyond the limits, is ERR_DER at once', () => {
  const refused: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['truncated', fromHex('30050201')],
    ['child beyond its parent', fromHex('30030205010203')],
    ['primitive of indefinite length', fromHex('0480aa0000')],
    ['endless tag number', new Uint8Array(64).fill(0xff)],
    ['length of 2^40', fromHex('308501000000000200')],
    ['nested to the end', new Uint8Array(60000).map((_, i) => (i % 2 === 0 ? 0x30 : 0x80))],
    [
      'many values',
      tlv(
        0x30,
        new Uint8Array(2 * (GENERAL_LIMITS.nodes + 1)).map((_, i) => (i % 2 === 0 ? 5 : 0)),
      ),
    ],
    // Either would cost asn1js gigabytes or many seconds (see berBounds.ts).
    ['RELATIVE-OID of 8 MB', tlv(0x0d, new Uint8Array(8_000_000).fill(0x73))],
    ['UTF8String of 8 MB', tlv(0x0c, new Uint8Array(8_000_000).fill(0xc3))],
    [
      'RELATIVE-OIDs of 4 MB in all',
      tlv(0x30, ...Array.from({ length: 64 }, () => tlv(0x0d, new Uint8Array(62500).fill(0x73)))),
    ],
  ];
  for (const [name, octets] of refused) assert.throws(() => readGeneral(octets, GENERAL_LIMITS), isDerError, name);
  const small = { octets: 100, depth: 2, nodes: 3 };
  assert.ok(readGeneral(fromHex('300430020500'), small));
  assert.throws(() => readGeneral(fromHex('3006300430020500'), small), isDerError, 'depth');
  assert.throws(() => readGeneral(fromHex('3006050005000500'), small), isDerError, 'nodes');
  assert.throws(() => readGeneral(tlv(4, new Uint8Array(99)), small), isDerError, 'octets');
});

test('an octet string of 30 MB costs nothing', () => {
  const { root } = readGeneral(tlv(4, new Uint8Array(30_000_000)), GENERAL_LIMITS);
  assert.equal(root.value, { kind: 'octets', hex: '00'.repeat(64), truncated: true });
});

test('PEM as others write it', () => {
  const der = exportPrivateKey(world.keys.nurse);
  const pem = encodePem('PRIVATE KEY', der);
  const [first, second, ...more] = findPemBlocks(`Some words: 1\r\n${pem.replaceAll('\n', '\r\n')}more\n${pem}`);
  assert.equal(more, []);
  assert.equal([first?.label, second?.octets], ['PRIVATE KEY', der]);
  assert.equal(findPemBlocks('nothing here'), []);
  assert.throws(() => findPemBlocks('-----BEGIN CMS-----\nAAAA\n'), isDerError);
  assert.throws(() => findPemBlocks('-----BEGIN CMS-----\nA$AA\n-----END CMS-----'), isDerError);
  const encrypted = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n';
  assert.throws(
    () => findPemBlocks(encrypted),
    (thrown: CmsError) => thrown.code === 'ERR_UNSUPPORTED',
  );
});

test.run();
