/** Makes `test-vectors/evidence`: leaves, trees, checkpoints, proofs, forks, timestamps, evidence records. */

import { type EntryMeta, encodeFork, forkPath, formatVerifierKey } from '@stanzaseal/archive/evidence';
import { fromHex, toHex } from '@stanzaseal/cms';
import {
  at,
  cosigned,
  cut,
  forged,
  forkOf,
  log,
  metas,
  noContent,
  noRecipients,
  note,
  oddProof,
  plain,
  policy,
  present,
  proofOf,
  raw,
  readable,
  record,
  sealed,
  sealedObject,
  twoHistories,
  twoRoots,
  whole,
  witnesses,
  witnessOne,
} from './evidenceLog.js';
import { stampVectors } from './evidenceStamps.js';
import { treeVectors } from './evidenceTrees.js';
import { bad, type Draft, good, SPEC, write } from './evidenceWriter.js';
import { flipped } from './vectorWriter.js';

const C2SP_CHECKPOINT = 'C2SP tlog-checkpoint v1.0.0, signed-note v1.0.0';
const C2SP_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

const leafVector = (file: string, title: string, each: typeof sealed, meta: EntryMeta): Draft => {
  const { salt1, salt2, object, recipientInfos } = each;
  const input = {
    salt1: toHex(salt1),
    salt2: toHex(salt2),
    meta,
    object: toHex(object),
    recipientInfos: toHex(recipientInfos),
  };
  return { file, title, source: SPEC, evidence: 'leaf', input };
};

const { salt1, salt2, meta } = sealed;

await write([
  leafVector('leaf-sealed', 'the leaf of a sealed object', sealed, metas.sealed),
  leafVector('leaf-plain', 'the leaf of an ordinary stanza: no recipients', plain, metas.plain),
  leafVector('leaf-record', 'the leaf of a record of the archive itself', record, metas.record),
  good('meta-sealed', 'a meta with all that it may hold', 'meta', { meta: toHex(sealed.meta) }),
  bad(
    'meta-other-version',
    'a meta of another version',
    'meta',
    { meta: toHex(plain.meta).replace('020100', '020101') },
    SPEC,
    'ERR_UNSUPPORTED',
  ),
  bad(
    'meta-plain-with-shell',
    'a shell around what is no sealed object',
    'meta',
    { meta: toHex(sealed.meta).replace('0a0100', '0a0101') },
    SPEC,
    'ERR_DER',
  ),
  good('cut-two-recipients', 'an object without its recipients', 'cut', { object: sealedObject }),
  bad('cut-twice', 'an object that is cut already', 'cut', { object: toHex(cut.object) }, SPEC, 'ERR_DER'),
  good('join-two-recipients', 'the object with its recipients again', 'join', {
    object: toHex(cut.object),
    recipientInfos: toHex(cut.recipientInfos),
  }),
  bad(
    'join-whole',
    'an object that is whole',
    'join',
    { object: sealedObject, recipientInfos: toHex(cut.recipientInfos) },
    SPEC,
    'ERR_DER',
  ),

  ...treeVectors,

  good(
    'verifier-key-of-c2sp',
    'the verifier key that the specification prints',
    'verifier-key',
    { text: C2SP_VKEY },
    'C2SP signed-note v1.0.0',
  ),
  bad(
    'verifier-key-other-id',
    "a key id that is not the key's",
    'verifier-key',
    { text: C2SP_VKEY.replace('530d', '530e') },
    'C2SP signed-note v1.0.0',
  ),
  good(
    'verifier-key-witness',
    'the key of a witness',
    'verifier-key',
    {
      text: formatVerifierKey({ name: 'one.witness.example', use: 'cosignature', key: witnessOne.key.publicKey }),
    },
    'C2SP tlog-cosignature',
  ),
  good('checkpoint', 'a checkpoint of seven leaves', 'checkpoint', { note, ...policy }, C2SP_CHECKPOINT),
  good(
    'checkpoint-empty',
    'a checkpoint of an empty log',
    'checkpoint',
    { note: await at(log, 0), ...policy },
    C2SP_CHECKPOINT,
  ),
  good(
    'checkpoint-cosigned',
    'a checkpoint that two witnesses saw',
    'checkpoint',
    { note: cosigned, ...policy, witnesses: witnesses(2) },
    'C2SP tlog-cosignature, cosignature/v1',
  ),
  bad(
    'checkpoint-other-origin',
    'a checkpoint of another log',
    'checkpoint',
    { note, ...policy, origin: 'archive.example/other' },
    C2SP_CHECKPOINT,
  ),
  bad(
    'checkpoint-other-key',
    'a checkpoint by another key',
    'checkpoint',
    { note, ...policy, logKey: raw(witnessOne) },
    C2SP_CHECKPOINT,
  ),
  bad(
    'checkpoint-leading-zero',
    'a size with a leading zero',
    'checkpoint',
    { note: note.replace('\n7\n', '\n07\n'), ...policy },
    C2SP_CHECKPOINT,
  ),
  bad(
    'checkpoint-no-final-newline',
    'no newline at the end',
    'checkpoint',
    { note: note.slice(0, -1), ...policy },
    C2SP_CHECKPOINT,
  ),
  bad(
    'checkpoint-too-few-witnesses',
    'one witness where two are asked for',
    'checkpoint',
    { note: cosigned.slice(0, cosigned.indexOf('— two')), ...policy, witnesses: witnesses(2) },
    'C2SP tlog-cosignature',
  ),
  bad(
    'checkpoint-cosignature-moved',
    'a cosignature of another checkpoint',
    'checkpoint',
    { note: (await at(log, 6)) + cosigned.slice(note.length), ...policy, witnesses: witnesses(1) },
    'C2SP tlog-cosignature',
  ),

  good('proof-whole', 'an entry with all that was received', 'proof', {
    proof: whole,
    ...policy,
    witnesses: witnesses(2),
  }),
  good('proof-recipients-erased', 'an entry whose recipients were erased', 'proof', {
    proof: proofOf(present, noRecipients),
    ...policy,
  }),
  good('proof-erased', 'an entry that was erased: only its place is proved', 'proof', {
    proof: proofOf(noContent, noRecipients),
    ...policy,
  }),
  good('proof-detached', 'a proof beside the object', 'proof', {
    proof: proofOf({ state: 'present', salt1, meta }, { state: 'present', salt2 }),
    object: sealedObject,
    ...policy,
  }),
  bad('proof-detached-without-object', 'the same without the object', 'proof', {
    proof: proofOf({ state: 'present', salt1, meta }, { state: 'present', salt2 }),
    ...policy,
  }),
  bad('proof-object-not-asked-for', 'an object that the proof does not need', 'proof', {
    proof: whole,
    object: sealedObject,
    ...policy,
  }),
  bad('proof-other-index', 'the index of the neighbour', 'proof', {
    proof: proofOf(present, readable, cosigned, 3),
    ...policy,
  }),
  bad('proof-salt-changed', 'one bit of a salt', 'proof', {
    proof: proofOf({ ...present, salt1: fromHex(flipped(toHex(salt1), 5)) }, readable),
    ...policy,
  }),
  bad('proof-other-checkpoint', 'a checkpoint of another tree', 'proof', {
    proof: proofOf(present, readable, await at(forged, 7)),
    ...policy,
  }),
  bad('proof-recipients-of-a-plain-entry', 'a plain entry with recipients', 'proof', {
    proof: await oddProof(),
    ...policy,
  }),

  good('fork-two-roots', 'two roots of one size', 'fork', { fork: encodeFork(twoRoots), ...policy }),
  good('fork-two-histories', 'two sizes, and a path that leads elsewhere', 'fork', {
    fork: encodeFork(twoHistories),
    ...policy,
  }),
  bad('fork-honest', 'a path of an honest log', 'fork', {
    fork: forkOf({ second: note, path: await forkPath(log, 4, 7) }),
    ...policy,
  }),
  bad('fork-path-of-another-tree', 'a path that does not lead to the greater root', 'fork', {
    fork: forkOf({ path: await forkPath(log, 4, 7) }),
    ...policy,
  }),
  bad('fork-other-key', 'two checkpoints by another key', 'fork', {
    fork: encodeFork(twoRoots),
    ...policy,
    logKey: raw(witnessOne),
  }),

  ...stampVectors,
]);
