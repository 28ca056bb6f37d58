/** The structures of urn:xmpp:sealed:0: they go there and back, and everything that does not fit is refused. */
import {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  childrenOf,
  GOLDEN_TIME,
  goldenWorld,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ClearContext,
  CmsError,
  concat,
  type DeviceList,
  decodeClearContext,
  decodeDeviceList,
  decodeEndorsement,
  decodePrekeyBundle,
  decodePrivateContext,
  decodeRecipients,
  decodeReplyPrekey,
  decodeSenderKeys,
  ENDORSEMENT_PURPOSES,
  encodeClearContext,
  encodeDeviceList,
  encodeEndorsement,
  encodePrekeyBundle,
  encodePrivateContext,
  encodeRecipients,
  encodeReplyPrekey,
  encodeSenderKeys,
  enumerated,
  fromHex,
  MAX_ARCHIVE_KEYS,
  MAX_DEVICES,
  MAX_ONE_TIME_PREKEYS,
  type PrekeyBundle,
  type RawPublicKey,
  RECIPIENT_CLASSES,
  STANZA_KINDS,
  toUtf8,
} from '../src/index.js';
import { createCryptoProvider } from '../src/provider/node.js';

const test = suite('profile structures');
const crypto = createCryptoProvider();
const world = await goldenWorld();
const der = (name: string): Uint8Array => world.object(name).der;
const octets = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const x25519 = (n: number): RawPublicKey => ({
  algorithm: 'X25519',
  raw: crypto.rawPublicKey('X25519', octets(32, n)) as Uint8Array,
});
const ed25519 = (n: number): RawPublicKey => ({
  algorithm: 'Ed25519',
  raw: crypto.rawPublicKey('Ed25519', octets(32, n)) as Uint8Array,
});

function refused(decode: () => unknown, why: string, code?: string): void {
  assert.throws(
    decode,
    (error: unknown) => error instanceof CmsError && (code === undefined || error.code === code),
    why,
  );
}

/** Decodes the golden structure after each change, which must make it unreadable. */
function refusedWhen(
  name: string,
  decode: (der: Uint8Array) => unknown,
  changes: Readonly<Record<string, (root: BadPeerValue) => void>>,
): void {
  decode(der(name));
  for (const [why, change] of Object.entries(changes))
    refused(() => decode(changed(der(name), change)), `${name}: ${why}`);
}
const set =
  (content: Uint8Array, ...path: number[]) =>
  (root: BadPeerValue) => {
    at(root, ...path).content = content;
  };
const without = (index: number) => (root: BadPeerValue) => void childrenOf(root).splice(index, 1);

test('every golden structure is written again to the same octets', () => {
  const codecs: readonly [string, (der: Uint8Array) => Uint8Array][] = [
    ['ClearContext', (octets) => encodeClearContext(decodeClearContext(octets))],
    ['PrivateContext', (octets) => encodePrivateContext(decodePrivateContext(octets))],
    ['Recipients', (octets) => encodeRecipients(decodeRecipients(octets))],
    ['ReplyPrekey', (octets) => encodeReplyPrekey(decodeReplyPrekey(octets))],
    ['SenderKeys', (octets) => encodeSenderKeys(decodeSenderKeys(octets))],
    ['Endorsement', (octets) => encodeEndorsement(decodeEndorsement(octets))],
    ['DeviceList', (octets) => encodeDeviceList(decodeDeviceList(octets))],
    ['PrekeyBundle', (octets) => encodePrekeyBundle(decodePrekeyBundle(octets))],
  ];
  for (const [name, recode] of codecs) assert.equal(recode(der(name)), der(name), name);
});

test('ClearContext: every kind and any text', () => {
  for (const kind of STANZA_KINDS) {
    const context: ClearContext = {
      suite: 1,
      kind,
      type: 'chat',
      from: 'mañana@例え.example',
      to: '🏰@capulet.example',
      messageId: octets(16, 1),
      recipientsDigest: octets(32, 2),
    };
    assert.equal(decodeClearContext(encodeClearContext(context)), context);
  }
  assert.throws(
    () => encodeClearContext({ ...decodeClearContext(der('ClearContext')), kind: 'letter' as 'iq' }),
    (error: unknown) => error instanceof RangeError,
  );
});

test('ClearContext: another version or suite, an unknown kind, other lengths, ill-formed UTF-8', () => {
  refusedWhen('ClearContext', decodeClearContext, {
    'version 1': set(Uint8Array.of(1), 0),
    'suite 0': set(Uint8Array.of(0), 1),
    'suite 2': set(Uint8Array.of(2), 1),
    'kind 3': set(Uint8Array.of(3), 2),
    'overlong UTF-8': set(fromHex('c0af'), 4),
    'a surrogate in UTF-8': set(fromHex('eda080'), 4),
    'message id of 15': set(octets(15, 1), 6),
    'message id of 17': set(octets(17, 1), 6),
    'digest of 31': set(octets(31, 1), 7),
    'nothing for to': without(5),
    'one more value': (root) => void childrenOf(root).push(badPeerValue(2, Uint8Array.of(1))),
  });
  refused(
    () => decodeClearContext(changed(der('ClearContext'), set(Uint8Array.of(2), 1))),
    'suite 2',
    'ERR_UNSUPPORTED',
  );
});

test('PrivateContext: the counter begins at 1 and then names the object before', () => {
  const context = decodePrivateContext(der('PrivateContext'));
  const { previous: _, inReplyTo: __, ...first } = context;
  assert.equal(decodePrivateContext(encodePrivateContext({ ...first, counter: 1 })), { ...first, counter: 1 });
  refused(() => decodePrivateContext(encodePrivateContext({ ...first, counter: 2 })), '2 without previous');
  refused(() => decodePrivateContext(encodePrivateContext({ ...context, counter: 1 })), '1 with previous');
  refused(() => decodePrivateContext(encodePrivateContext({ ...first, counter: 0 })), '0');
  assert.is(
    decodePrivateContext(encodePrivateContext({ ...context, counter: Number.MAX_SAFE_INTEGER })).counter,
    Number.MAX_SAFE_INTEGER,
  );
  assert.throws(
    () => encodePrivateContext({ ...context, counter: 2 ** 53 }),
    (error: unknown) => error instanceof RangeError,
  );
  refusedWhen('PrivateContext', decodePrivateContext, {
    'counter 2^53': set(fromHex('20000000000000'), 4),
    'device id of 31': set(octets(31, 1), 1),
    'previous of 31': set(octets(31, 1), 5),
    'inReplyTo of 17': set(octets(17, 1), 6),
    'previous and inReplyTo exchanged': (root) => void childrenOf(root).splice(5, 2, at(root, 6), at(root, 5)),
    'negative version': set(Uint8Array.of(0xff), 2),
  });
});

test('D3: Recipients: sorted, none twice, at least one, at most 512, known classes', () => {
  const recipient = (n: number) => ({
    rKeyId: octets(32, n),
    deviceKey: octets(32, 7),
    class: RECIPIENT_CLASSES[n % 4] as 'reply',
  });
  const sorted = [1, 2, 3, 4].map(recipient);
  assert.equal(decodeRecipients(encodeRecipients([...sorted].reverse())), sorted, 'sorted when written');
  refused(() => decodeRecipients(encodeRecipients([])), 'none');
  refused(() => decodeRecipients(encodeRecipients([recipient(1), recipient(1)])), 'twice');
  refused(
    () => decodeRecipients(changed(encodeRecipients(sorted), (root) => void childrenOf(root).reverse())),
    'unsorted',
  );
  const many = Array.from({ length: 513 }, (_, i) => ({
    ...recipient(1),
    rKeyId: concat(Uint8Array.of(i >> 8, i & 255), octets(30, 1)),
  }));
  assert.is(decodeRecipients(encodeRecipients(many.slice(0, 512))).length, 512);
  refused(() => decodeRecipients(encodeRecipients(many)), '513');
  refusedWhen('Recipients', decodeRecipients, {
    'class 4': set(Uint8Array.of(4), 0, 2),
    'id of 20': set(octets(20, 0), 0, 0),
    'device id of 33': set(octets(33, 0), 0, 1),
  });
});

test('E1, E2: ReplyPrekey: an acceptable X25519 key and nothing else', () => {
  assert.equal(decodeReplyPrekey(encodeReplyPrekey({ key: x25519(1), notAfter: GOLDEN_TIME })), {
    key: x25519(1),
    notAfter: GOLDEN_TIME,
  });
  refused(() => decodeReplyPrekey(encodeReplyPrekey({ key: ed25519(1), notAfter: GOLDEN_TIME })), 'Ed25519');
  refusedWhen('ReplyPrekey', decodeReplyPrekey, {
    'small order': set(octets(33, 0), 0, 1),
    'bit 255': set(concat(Uint8Array.of(0), octets(32, 0xff)), 0, 1),
    UTCTime: (root) => void Object.assign(at(root, 1), { tag: 0x17, content: toUtf8('261121040000Z') }),
    '30 February': set(toUtf8('20260230000000Z'), 1),
  });
});

test("SenderKeys: two keys and the endorsement's octets", () => {
  const keys = decodeSenderKeys(der('SenderKeys'));
  assert.equal(keys.endorsement, der('endorsement'));
  assert.equal(keys.identity.raw, world.keys.julietIdentity.publicKey.raw);
  assert.equal(keys.device.raw, world.keys.julietDevice.publicKey.raw);
  refusedWhen('SenderKeys', decodeSenderKeys, {
    'no endorsement': without(2),
    'one key': without(0),
    'identity of small order': set(concat(Uint8Array.of(0, 1), octets(31, 0)), 0, 1),
  });
});

test('Endorsement: every purpose; a validity that ends before it begins, an unknown purpose or version', () => {
  const endorsement = decodeEndorsement(der('Endorsement'));
  for (const purpose of ENDORSEMENT_PURPOSES)
    assert.is(decodeEndorsement(encodeEndorsement({ ...endorsement, purpose })).purpose, purpose);
  refused(
    () => decodeEndorsement(encodeEndorsement({ ...endorsement, notAfter: endorsement.notBefore - 1000 })),
    'ends before it begins',
  );
  refusedWhen('Endorsement', decodeEndorsement, {
    'version 1': set(Uint8Array.of(1), 0),
    'endorser of 20': set(octets(20, 1), 1),
    'purpose 5': set(Uint8Array.of(5), 4),
    'negative sequence': set(Uint8Array.of(0x80), 7),
    'a key of small order': set(concat(Uint8Array.of(0, 1), octets(31, 0)), 2, 1),
  });
});

test('DeviceList: version 1 has no list before it, later ones name it; keys are Ed25519, and none twice', () => {
  const list = decodeDeviceList(der('DeviceList'));
  const { previous: _, ...first } = list;
  assert.equal(decodeDeviceList(encodeDeviceList({ ...first, listVersion: 1 })), { ...first, listVersion: 1 });
  const bad: Readonly<Record<string, DeviceList>> = {
    'version 0': { ...first, listVersion: 0 },
    'version 2 without previous': { ...first, listVersion: 2 },
    'version 1 with previous': { ...list, listVersion: 1 },
    'previous of 31': { ...list, previous: octets(31, 1) },
    'no device': { ...list, devices: [] },
    'expires before issued': { ...list, expires: list.issued - 1000 },
    'a device twice': { ...list, devices: [list.devices[0] as never, list.devices[0] as never] },
    'an X25519 device': { ...list, devices: [{ key: x25519(1), role: 'primary', suites: [1] }] },
    'an Ed25519 archive': { ...list, archiveKeys: [{ key: ed25519(1), organisation: 'x', epoch: 1 }] },
    'an archive twice': { ...list, archiveKeys: [list.archiveKeys[0] as never, list.archiveKeys[0] as never] },
    'an X25519 identity': { ...list, identity: x25519(1) },
    'a device without a suite': { ...list, devices: [{ key: ed25519(1), role: 'primary', suites: [] }] },
    'nine suites': { ...list, devices: [{ key: ed25519(1), role: 'primary', suites: [1, 2, 3, 4, 5, 6, 7, 8, 9] }] },
    'too many devices': {
      ...list,
      devices: Array.from({ length: MAX_DEVICES + 1 }, (_, i) => ({
        key: ed25519(i + 1),
        role: 'secondary' as const,
        suites: [1],
      })),
    },
    'too many archives': {
      ...list,
      archiveKeys: Array.from({ length: MAX_ARCHIVE_KEYS + 1 }, (_, i) => ({
        key: x25519(i + 1),
        organisation: 'x',
        epoch: 1,
      })),
    },
  };
  for (const [why, value] of Object.entries(bad)) refused(() => decodeDeviceList(encodeDeviceList(value)), why);
  assert.throws(
    () => encodeDeviceList({ ...list, devices: [{ key: ed25519(1), role: 'boss' as 'primary', suites: [1] }] }),
    (error: unknown) => error instanceof RangeError,
  );
  refused(
    () => decodeDeviceList(changed(der('DeviceList'), set(Uint8Array.of(1), 0))),
    'another version',
    'ERR_UNSUPPORTED',
  );
});

test('PrekeyBundle: acceptable keys, none twice, at most 200', () => {
  const bundle = decodePrekeyBundle(der('PrekeyBundle'));
  const prekeys = Array.from({ length: MAX_ONE_TIME_PREKEYS + 1 }, (_, i) => x25519(i + 1).raw);
  assert.is(
    decodePrekeyBundle(encodePrekeyBundle({ ...bundle, oneTime: prekeys.slice(1) })).oneTime.length,
    MAX_ONE_TIME_PREKEYS,
  );
  assert.equal(decodePrekeyBundle(encodePrekeyBundle({ ...bundle, oneTime: [] })).oneTime, []);
  const [one] = bundle.oneTime as [Uint8Array];
  const bad: Readonly<Record<string, PrekeyBundle>> = {
    'sequence 0': { ...bundle, sequence: 0 },
    'too many': { ...bundle, oneTime: prekeys },
    'one twice': { ...bundle, oneTime: [one, one] },
    'the last resort as one-time prekey': { ...bundle, oneTime: [bundle.lastResort] },
    'small order': { ...bundle, oneTime: [octets(32, 0)] },
    'not canonical': { ...bundle, lastResort: octets(32, 0xff) },
    'of 31 octets': { ...bundle, oneTime: [one.subarray(1)] },
    'ends before it begins': { ...bundle, notAfter: bundle.notBefore - 1000 },
  };
  for (const [why, value] of Object.entries(bad)) refused(() => decodePrekeyBundle(encodePrekeyBundle(value)), why);
  refused(
    () => decodePrekeyBundle(changed(der('PrekeyBundle'), set(Uint8Array.of(1), 0))),
    'another version',
    'ERR_UNSUPPORTED',
  );
});

test('a bundle of 100 prekeys, signed, in base64, stays below 10,000 octets', async () => {
  const bundle = decodePrekeyBundle(der('PrekeyBundle'));
  const oneTime = Array.from({ length: 100 }, (_, i) => x25519(i + 1).raw);
  const growth = encodePrekeyBundle({ ...bundle, oneTime }).length - der('PrekeyBundle').length;
  assert.ok((der('prekey bundle').length + growth) * (4 / 3) < 9_000);
});

test('enumerated values out of range are a RangeError, not octets', () => {
  for (const bad of [-1, 128, 1.5, Number.NaN])
    assert.throws(
      () => enumerated(bad),
      (error: unknown) => error instanceof RangeError,
    );
});

test.run();
