/** Makes `test-vectors/archive`: wraps, releases, records and approvals (specification 25.7). */

import { cutRecipientInfos } from '@stanzaseal/archive/evidence';
import {
  concat,
  DerReader,
  equal,
  fromBase64,
  fromHex,
  type PrivateKey,
  readKeyAgreeRecipientInfo,
  toHex,
} from '@stanzaseal/cms';
import { element, NS, sealStanza, writeXml } from '@stanzaseal/stanza';
import { type ArchiveAct, encodeRecord } from '../../packages/archive/src/records/archiveRecord.js';
import { signRecord } from '../../packages/archive/src/records/recordLog.js';
import { approve, createReleaseRequest, wrapForArchive } from '../../packages/archive/src/rights/index.js';
import { factsOf } from '../../packages/archive/src/rights/objectFacts.js';
import { createWrapper, encodeWrap, wrapUkm } from '../../packages/archive/src/rights/wrap.js';
import { bad, type Draft, good, write } from './evidenceWriter.js';
import { JULIET, julietDevice, julietPrekey, keyOf, NOW, ROMEO, romeoDevice, romeoReply } from './people.js';
import { crypto, flipped, octets } from './vectorWriter.js';

const SPEC = 'docs/specification.md, wraps and records';
const ORIGIN = 'capulet.example/archive';
const [epoch1, epoch2, auditor] = [
  await keyOf('X25519', 'archive epoch 1'),
  await keyOf('X25519', 'archive epoch 2'),
  await keyOf('X25519', 'auditor device'),
];
const [recordKey, officers] = [
  await keyOf('Ed25519', 'archive record key'),
  await Promise.all(['escalus', 'friar', 'nurse'].map((name) => keyOf('Ed25519', `officer ${name}`))),
];
/** Octets of a label and the place of the draw. */
const random = (label: string) => {
  let draws = 0;
  return (length: number) => new Uint8Array(fromHex(octets(`${label} ${draws++}`, length)));
};

const { stanza, cek } = await sealStanza(
  element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.CLIENT, 'body', {}, ['Call me but love'])]),
  {
    from: ROMEO,
    to: JULIET,
    recipients: [
      { prekey: julietPrekey.key.publicKey, deviceKey: julietDevice.key.publicKey.keyIdentifier, class: 'reply' },
      { prekey: epoch1.key.publicKey, deviceKey: epoch1.key.publicKey.keyIdentifier, class: 'archive' },
    ],
    device: await romeoDevice.key.signingKey(crypto),
    context: { senderListVersion: 1, peerListVersion: 1, counter: 1 },
    replyPrekey: { key: romeoReply.key.publicKey, notAfter: NOW + 1e9 },
    limit: 262_144,
    now: NOW,
    random: random('archived object'),
    crypto,
  },
);
const object = fromBase64(/<sealed[^>]*>([^<]*)</.exec(writeXml(stanza, { defaultNamespace: NS.CLIENT }))?.[1] ?? '');
const { object: withoutRecipients, recipientInfos } = cutRecipientInfos(object);

/** The object's own wrap for the first archive key. */
const set = readKeyAgreeRecipientInfo(new DerReader(recipientInfos).constructed(0x31), 2);
const own = encodeWrap({
  ...set,
  recipientEncryptedKeys: set.recipientEncryptedKeys.filter(({ rKeyId }) =>
    equal(rKeyId, epoch1.key.publicKey.keyIdentifier),
  ),
});
const moved = await wrapForArchive(object, cek, epoch2.key.publicKey, { random: random('moved'), crypto });
const request = createReleaseRequest(
  {
    origin: ORIGIN,
    owner: JULIET,
    purpose: 'case 17',
    auditor: auditor.key.publicKey,
    leafIndexes: [4, 2],
    notBefore: NOW,
    notAfter: NOW + 86_400_000,
  },
  random('request'),
);
const other = createReleaseRequest(
  {
    origin: ORIGIN,
    owner: JULIET,
    purpose: 'case 18',
    auditor: auditor.key.publicKey,
    leafIndexes: [2],
    notBefore: NOW,
    notAfter: NOW,
  },
  random('other request'),
);
const released = async (secret: Uint8Array, asked: Uint8Array) => {
  const wrapper = await createWrapper(auditor.key.publicKey, { random: random('released'), crypto });
  const facts = await factsOf(object, crypto);
  return wrapper(secret, await wrapUkm('release', facts, await crypto.sha256(asked), crypto));
};
const secretOf = ({ secret }: { secret: { secret: string } }): string => secret.secret;
const approval = async (asked: Uint8Array, key: PrivateKey) =>
  toHex(await approve(asked, await key.signingKey(crypto), { signingTime: NOW, crypto }));
const [escalus, friar, nurse] = await Promise.all(officers.map(({ key }) => approval(request, key)));
const rawOf = (key: PrivateKey) => toHex(key.publicKey.raw);

const root = fromHex(octets('root of wraps', 32));
const acts: readonly ArchiveAct[] = [
  { act: 'archiveKey', owner: '', organisation: 'Capulet', epoch: 1, key: epoch1.key.publicKey.raw },
  { act: 'rewrap', owner: '', epoch: 2, count: 7, mismatched: 1, root },
  { act: 'release', approvals: [fromHex(escalus as string), fromHex(friar as string)], epoch: 2, count: 2, root },
  { act: 'hold', owner: JULIET, start: 0, end: NOW, reason: 'case 17' },
  { act: 'lift', hold: 9, reason: 'case 17 is closed' },
  { act: 'refusal', owner: JULIET, hold: 9, reason: 'asked for' },
  { act: 'erasure', owner: JULIET, start: 0, end: NOW, reason: 'asked for' },
  { act: 'erased', erasure: 11, keys: 2, entries: 40 },
  { act: 'rules', rules: '[{"days":365}]' },
];
const records = acts.map((act): Draft => {
  const record = toHex(encodeRecord({ origin: ORIGIN, time: NOW, act }));
  return good(`record-${act.act.toLowerCase()}`, `a record: ${act.act}`, 'archive-record', { record }, SPEC);
});
const hold = { origin: ORIGIN, time: NOW, act: acts[3] as ArchiveAct };
const signed = toHex(await signRecord(hold, await recordKey.key.signingKey(crypto), { crypto }));
const holdDer = toHex(encodeRecord(hold));
const wrapped = (wrap: Uint8Array, secret: string, of: Uint8Array = object) => ({
  wrap: toHex(wrap),
  object: toHex(of),
  secret,
});
const wrong = await createWrapper(epoch2.key.publicKey, { random: random('wrong'), crypto });
const facts = await factsOf(object, crypto);
const another = await wrong(
  fromHex(octets('another key', 32)),
  await wrapUkm('archive', facts, new Uint8Array(0), crypto),
);
const ofRequest = { request: toHex(request) };

await write(
  [
    good(
      'wrap-own',
      "the object's own wrap for an archive key, the other recipients left out",
      'wrap',
      wrapped(own, secretOf(epoch1)),
      SPEC,
    ),
    good('wrap-moved', 'a wrap of a later epoch', 'wrap', wrapped(moved, secretOf(epoch2)), SPEC),
    good(
      'wrap-without-recipients',
      'the same, of an object whose recipients were erased',
      'wrap',
      wrapped(moved, secretOf(epoch2), withoutRecipients),
      SPEC,
    ),
    bad('wrap-other-key', "another archive's key", 'wrap', wrapped(moved, secretOf(epoch1)), SPEC, 'ERR_DER'),
    bad(
      'wrap-mismatch',
      'a wrap that holds another key than the object commits to (K3)',
      'wrap',
      wrapped(another, secretOf(epoch2)),
      SPEC,
      'ERR_DER',
    ),
    bad(
      'wrap-trailing',
      'a wrap with an octet behind it',
      'wrap',
      wrapped(concat(moved, Uint8Array.of(0)), secretOf(epoch2)),
      SPEC,
      'ERR_DER',
    ),
    good(
      'release',
      'a key for an auditor, by a request',
      'release',
      { ...wrapped(await released(cek, request), secretOf(auditor)), ...ofRequest },
      SPEC,
    ),
    bad(
      'release-other-request',
      'the same by another request (K6)',
      'release',
      { ...wrapped(await released(cek, request), secretOf(auditor)), request: toHex(other) },
      SPEC,
      'ERR_DER',
    ),
    bad(
      'release-of-an-archive-wrap',
      'a wrap for an archive, given out as a release',
      'release',
      { ...wrapped(moved, secretOf(epoch2)), ...ofRequest },
      SPEC,
      'ERR_DER',
    ),
    bad(
      'release-mismatch',
      'another key than the object commits to',
      'release',
      { ...wrapped(await released(fromHex(octets('another key', 32)), request), secretOf(auditor)), ...ofRequest },
      SPEC,
      'ERR_DER',
    ),
    good(
      'wrap-root',
      'the root of two wraps',
      'wrap-root',
      {
        wraps: [
          { leafIndex: 2, epoch: 1, wrap: toHex(own) },
          { leafIndex: 4, epoch: 2, wrap: toHex(moved) },
        ],
      },
      SPEC,
    ),
    good('record-request', 'a record: request', 'archive-record', { record: toHex(request) }, SPEC),
    ...records,
    bad(
      'record-other-version',
      'a record of version 1',
      'archive-record',
      { record: holdDer.replace('020100', '020101') },
      SPEC,
      'ERR_UNSUPPORTED',
    ),
    bad(
      'record-other-act',
      'a record of act 10',
      'archive-record',
      { record: holdDer.replace(/a4(..0c16)/, 'aa$1') },
      SPEC,
      'ERR_UNSUPPORTED',
    ),
    bad(
      'record-trailing',
      'a record with an octet behind it',
      'archive-record',
      { record: `${holdDer}00` },
      SPEC,
      'ERR_DER',
    ),
    good(
      'signed-record',
      'a record as it stands in the log',
      'signed-record',
      { signed, key: rawOf(recordKey.key) },
      SPEC,
    ),
    bad(
      'signed-record-changed',
      'one bit of it',
      'signed-record',
      { signed: flipped(signed, signed.length / 2 - 8), key: rawOf(recordKey.key) },
      SPEC,
      'ERR_VERIFY',
    ),
    bad(
      'signed-record-by-another',
      'by another key',
      'signed-record',
      { signed, key: rawOf((officers[0] as { key: PrivateKey }).key) },
      SPEC,
      'ERR_VERIFY',
    ),
    good(
      'approvals',
      'two of three officers, in another order; one twice, and one for another request, count for nothing',
      'approvals',
      {
        ...ofRequest,
        approvals: [nurse, escalus, escalus, await approval(other, (officers[1] as { key: PrivateKey }).key)],
        officers: officers.map(({ key }) => rawOf(key)),
      },
      SPEC,
    ),
    good(
      'approvals-by-a-stranger',
      'a stranger, and octets that are no approval, count for nothing',
      'approvals',
      {
        ...ofRequest,
        approvals: [await approval(request, recordKey.key), 'ff', friar],
        officers: officers.map(({ key }) => rawOf(key)),
      },
      SPEC,
    ),
  ],
  'archive',
);
