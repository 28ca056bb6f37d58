// Proof files: whole, with recipients erased, with everything erased, and beside the object; and every way to spoil one.
import {
  contentHash,
  cutRecipientInfos,
  decodeProof,
  drawSalts,
  type EntryMeta,
  encodeMeta,
  encodeProof,
  type LeafOpening,
  leafHash,
  MerkleLog,
  recipientsHash,
  signCheckpoint,
  verify,
} from '@stanzaseal/archive/evidence';
import { concat, fromBase64, toBase64, toHex, toUtf8 } from '@stanzaseal/cms';
import { goldenWorld, refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointOf, type Entry, entriesOf, logOf, memoryNodes, noteKey, ORIGIN } from './evidenceWorld.js';

const test = suite('proof');
const key = await noteKey('log');
const policy = { origin: ORIGIN, logKey: key.publicKey };
const sealedDer = (await goldenWorld()).object('sealed').der;
const shell = { before: "<message><sealed xmlns='urn:xmpp:sealed:0'>", after: '</sealed></message>' };
const stanza = `${shell.before}${toBase64(sealedDer)}${shell.after}`;
const meta: EntryMeta = {
  kind: 'sealed',
  owner: 'juliet@example.com',
  receivedAt: 1_795_262_400_000,
  stanzaId: 'x',
  shell,
};
const sealed: Entry = {
  ...drawSalts(unsafeSeededRandom('sealed')),
  meta: encodeMeta(meta),
  ...cutRecipientInfos(sealedDer),
};
const entries = [...entriesOf(6), sealed, ...entriesOf(5, 'more')];
const SEALED = 6;
const log = logOf(entries);
const note = await checkpointOf(log, log.size, key);

const content = { state: 'present', salt1: sealed.salt1, meta: sealed.meta } as const;
const recipients = { state: 'present', salt2: sealed.salt2 } as const;
const erasedContent = { state: 'erased', hash: contentHash(sealed) } as const;
const erasedRecipients = { state: 'erased', hash: recipientsHash(sealed) } as const;
const { object, recipientInfos } = sealed;

test('whole: the stanza comes back octet for octet', () => {
  const {
    entry,
    index,
    leafHash: hash,
    checkpoint,
  } = verify(proofOf({ content: { ...content, object }, recipients: { ...recipients, recipientInfos } }), policy);
  assert.equal([index, checkpoint.size, toHex(hash)], [SEALED, 12, toHex(leafHash(sealed))]);
  assert.equal(entry?.meta, meta);
  assert.is(entry?.stanza, stanza);
});

test('K7: recipients erased, the content still proves; content erased, the place does', () => {
  const without = verify(proofOf({ content: { ...content, object }, recipients: erasedRecipients }), policy).entry;
  assert.is(without?.recipientInfos, undefined);
  assert.is(without?.stanza, undefined);
  assert.is(toHex(without?.object ?? new Uint8Array(0)), toHex(object));
  for (const each of [erasedRecipients, { ...recipients, recipientInfos }]) {
    const gone = proofOf({ content: erasedContent, recipients: each });
    assert.is(verify(gone, policy).entry, undefined);
    assert.is(toHex(verify(gone, policy).leafHash), toHex(leafHash(sealed)));
  }
  const nothing = fromBase64(
    proofOf({ content: erasedContent, recipients: erasedRecipients }).split('\n')[1]?.slice(6) as string,
  );
  assert.is(nothing.length, 2 + 3 + 34 + 34);
});

test('beside the object: the proof is short, and the object given must be the one', async () => {
  const proof = proofOf({ content, recipients });
  assert.is(verify(proof, { ...policy, object: sealedDer }).entry?.stanza, stanza);
  const cut = proofOf({ content, recipients: erasedRecipients });
  for (const given of [sealedDer, object])
    assert.is(verify(cut, { ...policy, object: given }).entry?.stanza, undefined);
  const held = proofOf({ content, recipients: { ...recipients, recipientInfos } });
  assert.is(verify(held, { ...policy, object }).entry?.stanza, stanza);
  const refused = async (text: string, given?: Uint8Array) =>
    assert.is(
      (await refusal(() => verify(text, given === undefined ? policy : { ...policy, object: given })))?.code,
      'ERR_PROOF',
    );
  await refused(proof);
  await refused(proof, object);
  await refused(proof, sealedDer.with(200, (sealedDer[200] as number) ^ 1));
  await refused(proof, concat(sealedDer, Uint8Array.of(0)));
  // An object that is not asked for could be taken for what is proved.
  await refused(proofOf({ content: { ...content, object }, recipients }), sealedDer);
  await refused(proofOf({ content: erasedContent, recipients: erasedRecipients }), sealedDer);
});

test('plain stanzas, records and quarantined octets', async () => {
  for (const kind of ['plain', 'record', 'quarantined'] as const) {
    const text = kind === 'quarantined' ? Uint8Array.of(0xff, 0x00) : toUtf8('<message/>');
    const entry: Entry = {
      ...drawSalts(unsafeSeededRandom(kind)),
      meta: encodeMeta({ kind, owner: 'a@b', receivedAt: 1 }),
      object: text,
      recipientInfos: new Uint8Array(0),
    };
    const proved = verify(await loneProof(entry), policy).entry;
    assert.equal([proved?.meta.kind, toHex(proved?.object ?? new Uint8Array(0))], [kind, toHex(text)]);
    assert.is(proved?.stanza, kind === 'plain' ? '<message/>' : undefined);
    const detached = await loneProof(entry, true);
    assert.is(verify(detached, { ...policy, object: text }).entry?.meta.kind, kind);
    // Recipients of what has none: a leaf that could be read in two ways.
    const double = await loneProof({ ...entry, recipientInfos: Uint8Array.of(0x31, 0x02, 0x05, 0x00) });
    assert.is((await refusal(() => verify(double, policy)))?.code, 'ERR_PROOF');
  }
});

test('an archive that logged nonsense as a sealed object proves nothing', async () => {
  for (const nonsense of [toUtf8('<message/>'), sealedDer, new Uint8Array(0)])
    for (const infos of [recipientInfos, new Uint8Array(0), Uint8Array.of(0x31, 0x00)]) {
      const entry: Entry = { ...sealed, object: nonsense, recipientInfos: infos };
      assert.is((await refusal(async () => verify(await loneProof(entry), policy)))?.code, 'ERR_PROOF');
    }
  const unread = { ...sealed, meta: Uint8Array.of(0x30, 0x00) };
  assert.is((await refusal(async () => verify(await loneProof(unread), policy)))?.code, 'ERR_PROOF');
  const undecodable = {
    ...sealed,
    meta: encodeMeta({ kind: 'plain', owner: 'a@b', receivedAt: 1 }),
    object: Uint8Array.of(0xff),
    recipientInfos: new Uint8Array(0),
  };
  assert.is((await refusal(async () => verify(await loneProof(undecodable), policy)))?.code, 'ERR_PROOF');
});

test('the file is C2SP tlog-proof@v1, and taken in that one form', async () => {
  const proof = proofOf({ content: { ...content, object }, recipients: { ...recipients, recipientInfos } });
  const lines = proof.split('\n');
  assert.is(lines[0], 'c2sp.org/tlog-proof@v1');
  assert.match(lines[1] as string, /^extra [A-Za-z0-9+/]+=*$/);
  assert.is(lines[2], `index ${SEALED}`);
  assert.is(lines.indexOf(''), 3 + 4);
  assert.is(lines.slice(8).join('\n'), note);
  assert.is(encodeProof(decodeProof(proof)), proof);
  const forms = [
    proof.slice(0, -1),
    `${proof}\n`,
    ` ${proof}`,
    proof.replace('@v1', '@v2'),
    proof.replace('extra ', 'Extra '),
    proof.replace(`${lines[1]}\n`, ''),
    proof.replace(`index ${SEALED}`, `index 0${SEALED}`),
    proof.replace(`index ${SEALED}`, 'index 7'),
    proof.replace(`index ${SEALED}`, 'index 9007199254740993'),
    proof.replace(`${lines[3]}\n`, ''),
    proof.replace(`${lines[3]}\n`, `${lines[3]}\n${lines[3]}\n`),
    proof.replace(`${lines[3]}\n`, `${lines[3]}=\n`),
    lines
      .with(3, lines[4] as string)
      .with(4, lines[3] as string)
      .join('\n'),
    proof.replaceAll('\n', '\r\n'),
    proof.replace('\n\n', '\n\n\n'),
    lines.slice(0, 7).join('\n'),
    '',
  ];
  for (const form of forms)
    assert.is((await refusal(() => verify(form, policy)))?.code, 'ERR_PROOF', form.slice(0, 60));
});

test('each changed bit and each truncation of a proof is refused', async () => {
  const proof = proofOf({ content: { ...content, object: object }, recipients: erasedRecipients });
  const octets = toUtf8(proof);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let seen = 0;
  for (let i = 0; i < octets.length; i++) {
    const bits = i % 4 === 0 ? [0, 1, 2, 3, 4, 5, 6, 7] : [i % 8];
    for (const bit of bits) {
      const text = decoder.decode(octets.with(i, (octets[i] as number) ^ (1 << bit)));
      const error = await refusal(() => verify(text, policy));
      assert.is(error?.code, 'ERR_PROOF', `octet ${i} bit ${bit} of ${text.slice(i - 20, i + 5)}`);
      assert.is(error?.message, 'proof does not verify');
      seen++;
    }
    if (i % 5 === 0 && i < proof.length)
      assert.is((await refusal(() => verify(proof.slice(0, i), policy)))?.code, 'ERR_PROOF');
  }
  assert.ok(seen > octets.length);
});

test('openings that are no openings come to the one error', () => {
  const proof = proofOf({ content: erasedContent, recipients: erasedRecipients });
  const [, extra = ''] = proof.split('\n');
  const der = fromBase64(extra.slice(6));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(der.length - 1), fc.nat(255), (random, at, value) => {
      const changed = der.with(at, value);
      for (const octets of [random, changed, concat(der, random), der.subarray(0, at)]) {
        if (toHex(octets) === toHex(der)) continue;
        try {
          verify(proof.replace(extra, `extra ${toBase64(octets)}`), policy);
          assert.unreachable();
        } catch (error) {
          assert.is((error as { code?: string }).code, 'ERR_PROOF');
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('the origin is compared, and witnesses that are asked for must have signed', async () => {
  const proof = proofOf({ content: erasedContent, recipients: erasedRecipients });
  assert.is((await refusal(() => verify(proof, { ...policy, origin: 'archive.example' })))?.code, 'ERR_PROOF');
  const witness = { name: 'w.example', key: (await noteKey('w')).publicKey };
  const witnesses = { keys: [witness], atLeast: 1 };
  assert.is((await refusal(() => verify(proof, { ...policy, witnesses })))?.code, 'ERR_PROOF');
  assert.instance(await refusal(() => verify('x', { ...policy, witnesses: { keys: [], atLeast: 1 } })), RangeError);
  assert.instance(await refusal(() => encodeProof({ ...decodeProof(proof), index: -1 })), RangeError);
});

function proofOf(opening: LeafOpening): string {
  return encodeProof({
    opening,
    index: SEALED,
    path: log.inclusionProof(SEALED, log.size) as Uint8Array[],
    checkpoint: note,
  });
}

/** A proof of an entry that is the only one of its log, logged as it is. */
async function loneProof(entry: Entry, detached = false): Promise<string> {
  const lone = new MerkleLog(memoryNodes(), 0);
  lone.append([leafHash(entry)]);
  const checkpoint = await signCheckpoint({ origin: ORIGIN, size: 1, root: leafHash(entry) }, key);
  const { salt1, salt2, ...rest } = entry;
  const opening: LeafOpening = {
    content: { state: 'present', salt1, meta: rest.meta, ...(detached ? {} : { object: rest.object }) },
    recipients: { state: 'present', salt2, recipientInfos: rest.recipientInfos },
  };
  return encodeProof({ opening, index: 0, path: [], checkpoint });
}

test.run();
