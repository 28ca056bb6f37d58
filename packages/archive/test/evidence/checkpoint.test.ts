// Checkpoints, notes, keys of notes: the form that C2SP gives them, and no other.
import {
  checkpointText,
  cosign,
  formatVerifierKey,
  mergeNotes,
  parseCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  verifyCheckpoint,
} from '@stanzaseal/archive/evidence';
import { fromBase64, fromHex, importPublicKey, type PublicKey, toBase64, toHex } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { refusal } from '@stanzaseal/testkit';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NOW, noteKey, ORIGIN, plainHash } from './evidenceWorld.js';

const test = suite('checkpoint');
const crypto = createCryptoProvider();
const [log, next, stranger, w1, w2, w3] = (await Promise.all(
  ['log', 'next', 'stranger', 'w1', 'w2', 'w3'].map(noteKey),
)) as [Key, Key, Key, Key, Key, Key];
type Key = Awaited<ReturnType<typeof noteKey>>;
const root = plainHash(Uint8Array.of(7));
const note = await signCheckpoint({ origin: ORIGIN, size: 42, root }, log);
const policy = { origin: ORIGIN, logKey: log.publicKey };
const witness = (name: string, key: Key): { name: string; key: PublicKey } => ({ name, key: key.publicKey });

test('a checkpoint is the note that C2SP says', () => {
  const lines = note.split('\n');
  assert.equal(lines.slice(0, 4), [ORIGIN, '42', toBase64(root), '']);
  assert.is(lines.length, 6);
  const [dash, name, base64] = (lines[4] as string).split(' ');
  assert.equal([dash, name, lines[5]], ['—', ORIGIN, '']);
  const octets = fromBase64(base64 as string);
  const id = plainHash(new TextEncoder().encode(`${ORIGIN}\n`), Uint8Array.of(1), log.publicKey.raw).subarray(0, 4);
  assert.is(toHex(octets.subarray(0, 4)), toHex(id));
  assert.is(octets.length, 68);
  const verified = verifyCheckpoint(note, policy);
  assert.equal(
    [verified.size, toHex(verified.root), verified.note, verified.cosignatures],
    [42, toHex(root), note, []],
  );
  assert.is(parseCheckpoint(note).origin, ORIGIN);
});

test('the verifier key and the note that the specification of signed notes prints', async () => {
  const text = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const key = await parseVerifierKey(text, crypto);
  assert.equal([key.name, key.use, formatVerifierKey(key)], ['example.com/foo', 'ed25519', text]);
  // That note is no checkpoint, so only its signature can be looked at: it is good for its text, and so must be ours.
  const signature = fromBase64(
    'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=',
  );
  assert.is(toHex(signature.subarray(0, 4)), '530d903a');
  const printed = new TextEncoder().encode('This is an example message.\n');
  assert.ok(await crypto.verify(key.key, printed, signature.subarray(4)));
  for (const bad of [
    text.replace('530d903a', '530d903b'),
    text.replace('530d903a', '530D903A'),
    text.replace('example.com/foo', 'example.com/fo'),
    text.replace('+Aeky', '+Beky'),
    text.slice(0, -1),
    `${text}\n`,
    text.replace('example.com/foo', ''),
    'x',
  ])
    assert.is((await refusal(() => parseVerifierKey(bad, crypto)))?.code, 'ERR_PROOF', bad);
  const own = formatVerifierKey({ name: 'w1.example', use: 'cosignature', key: w1.publicKey });
  assert.is((await parseVerifierKey(own, crypto)).use, 'cosignature');
});

test('the checkpoint that C2SP prints reads as it says', () => {
  const printed =
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
    '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';
  const { origin, size, root: read } = parseCheckpoint(printed);
  assert.equal(
    [origin, size, toBase64(read)],
    ['example.com/behind-the-sofa', 20852163, 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='],
  );
});

test('any other form is refused', async () => {
  const swap = (from: string | RegExp, to: string): string => note.replace(from, to);
  const forms: Record<string, string> = {
    'no final newline': note.slice(0, -1),
    'a newline more': `${note}\n`,
    'a carriage return': swap(/\n/g, '\r\n'),
    'a tab': swap('42', '42\t'),
    'a leading zero': swap('42', '042'),
    'a plus': swap('42', '+42'),
    'a size beyond 2^53': swap('42', '9007199254740993'),
    'a negative size': swap('42', '-42'),
    'base64 without padding': swap('=\n\n', '\n\n'),
    'a root of 31 octets': swap(toBase64(root), toBase64(root.subarray(1))),
    'no empty line': swap('\n\n', '\n'),
    'no signature': note.slice(0, note.indexOf('—')),
    'an empty line within the text': swap('\n42', '\n\n42'),
    'a hyphen for the dash': swap('—', '-'),
    'two spaces': swap('— ', '—  '),
    'a word more': swap(/\n$/, ' x\n'),
    'an empty extension line': swap('\n\n—', '\n\n\n—'),
    'a half of a character': swap('42', '4\ud8002'),
    'too long': `${note}${'— a AAAAAAA=\n'.repeat(20000)}`,
    'too many signatures': `${note}${'— a AAAAAAA=\n'.repeat(64)}`,
    'a key id alone': `${note}— a AAAAAA==\n`,
    'a name with a plus': `${note}— a+b AAAAAAA=\n`,
    'a name with a no-break space': `${note}— a\u00a0b AAAAAAA=\n`,
    'a size of 0 with a root': await signCheckpoint({ origin: ORIGIN, size: 0, root }, log),
    'another origin': await signCheckpoint({ origin: 'archive.example/other', size: 42, root }, log),
    'the key of somebody else': await signCheckpoint({ origin: ORIGIN, size: 42, root }, stranger),
    'an origin with a space': note.replaceAll(ORIGIN, 'archive example'),
    nothing: '',
  };
  for (const [what, form] of Object.entries(forms)) {
    assert.is((await refusal(() => verifyCheckpoint(form, policy)))?.code, 'ERR_PROOF', what);
    assert.is((await refusal(() => verifyCheckpoint(form, policy)))?.message, 'proof does not verify', what);
  }
  const extended = await signCheckpoint({ origin: ORIGIN, size: 42, root, extensions: ['one', 'two words'] }, log);
  assert.equal(verifyCheckpoint(extended, policy).extensions, ['one', 'two words']);
});

test('each changed bit and each truncation is refused', async () => {
  const octets = new TextEncoder().encode(note);
  let refused = 0;
  for (let i = 0; i < octets.length * 8; i++) {
    const flipped = Uint8Array.from(octets);
    flipped[i >> 3] = (flipped[i >> 3] as number) ^ (1 << (i & 7));
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(flipped);
    assert.is((await refusal(() => verifyCheckpoint(text, policy)))?.code, 'ERR_PROOF', `bit ${i}`);
    refused++;
  }
  assert.is(refused, octets.length * 8);
  for (let i = 0; i < note.length; i++)
    assert.is((await refusal(() => verifyCheckpoint(note.slice(0, i), policy)))?.code, 'ERR_PROOF');
});

test('texts at random are refused and nothing else happens', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(note.length), (text, at) => {
      for (const form of [text, note.slice(0, at) + text, note.slice(0, at) + text + note.slice(at)]) {
        if (form === note) continue;
        try {
          // Lines of keys that nobody knows are passed over, as the specification has it.
          assert.is(verifyCheckpoint(form, policy).size, 42);
        } catch (error) {
          assert.is((error as { code?: string }).code, 'ERR_PROOF');
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('a key is rotated: both sign for a while, and either is enough; a bad line of a known key spoils all', async () => {
  const both = await signCheckpoint({ origin: ORIGIN, size: 42, root }, [log, next]);
  for (const logKey of [
    log.publicKey,
    next.publicKey,
    [log.publicKey, next.publicKey],
    [stranger.publicKey, next.publicKey],
  ])
    assert.is(verifyCheckpoint(both, { origin: ORIGIN, logKey }).size, 42);
  const spoilt = both.replace(/(.)(=\n)$/, (_, c: string, end: string) => (c === 'A' ? `Q${end}` : `A${end}`));
  assert.is(verifyCheckpoint(spoilt, policy).size, 42);
  const refused = await refusal(() =>
    verifyCheckpoint(spoilt, { origin: ORIGIN, logKey: [log.publicKey, next.publicKey] }),
  );
  assert.is(refused?.code, 'ERR_PROOF');
});

test('K1: k of n witnesses, each once, none of them the log', async () => {
  const lines = await Promise.all([w1, w2, w3].map((key, i) => cosign(note, `w${i + 1}.example`, key, NOW + i * 1000)));
  const keys = [w1, w2, w3].map((key, i) => witness(`w${i + 1}.example`, key));
  const cosigned = mergeNotes(note, ...lines.map((line) => note + line));
  assert.is(cosigned, note + lines.join(''));
  assert.equal(verifyCheckpoint(cosigned, { ...policy, witnesses: { keys, atLeast: 3 } }).cosignatures, [
    { name: 'w1.example', time: NOW },
    { name: 'w2.example', time: NOW + 1000 },
    { name: 'w3.example', time: NOW + 2000 },
  ]);
  const under = (text: string, atLeast: number) =>
    refusal(() => verifyCheckpoint(text, { ...policy, witnesses: { keys, atLeast } }));
  assert.is(await under(note + lines[0] + lines[2], 2), undefined);
  assert.is((await under(note + lines[0] + lines[2], 3))?.code, 'ERR_PROOF');
  assert.is((await under(note, 1))?.code, 'ERR_PROOF');
  // One witness twice is one witness, with its earlier time.
  const later = await cosign(note, 'w1.example', w1, NOW + 60_000);
  const twice = note + later + lines[0];
  assert.is((await under(twice, 2))?.code, 'ERR_PROOF');
  assert.equal(verifyCheckpoint(twice, { ...policy, witnesses: { keys, atLeast: 1 } }).cosignatures, [
    { name: 'w1.example', time: NOW },
  ]);
  // A witness's line for another checkpoint, or at another time, is a bad line.
  const other = await signCheckpoint({ origin: ORIGIN, size: 43, root }, log);
  assert.is((await under(other + lines[0], 1))?.code, 'ERR_PROOF');
  const moved = String(lines[0]).replace(/^(— \S+ ).*$/m, (_, head: string) => {
    const octets = fromBase64(String(lines[0]).trim().split(' ')[2] as string);
    octets[11] = (octets[11] as number) ^ 1;
    return head + toBase64(octets);
  });
  assert.is((await under(note + moved, 1))?.code, 'ERR_PROOF');
  // The log's line is no cosignature, a cosignature no log's line.
  assert.is((await under(note + String(lines[0]).replace('w1.example', 'w2.example'), 1))?.code, 'ERR_PROOF');
});

test("policies that make no sense are the caller's mistake", async () => {
  const p256 = await importPublicKey(
    fromHex(
      '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
    ),
    crypto,
  );
  const zero: PublicKey = { ...log.publicKey, raw: Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)) };
  const one = [witness('w1.example', w1)];
  for (const [kind, bad] of [
    [TypeError, { ...policy, logKey: [] }],
    [TypeError, { ...policy, logKey: p256 }],
    [TypeError, { ...policy, logKey: zero }],
    [TypeError, { ...policy, witnesses: { keys: [...one, witness('other', w1)], atLeast: 1 } }],
    [TypeError, { ...policy, witnesses: { keys: [witness(ORIGIN, log)], atLeast: 1 } }],
    [TypeError, { ...policy, witnesses: { keys: [witness('a b', w1)], atLeast: 1 } }],
    [RangeError, { ...policy, witnesses: { keys: one, atLeast: 0 } }],
    [RangeError, { ...policy, witnesses: { keys: one, atLeast: 2 } }],
  ] as const)
    assert.instance(await refusal(() => verifyCheckpoint(note, bad)), kind);
  for (const bad of [
    { origin: '', size: 1, root },
    { origin: 'a\nb', size: 1, root },
    { origin: 'a b', size: 1, root },
    { origin: 'a', size: -1, root },
    { origin: 'a', size: 2 ** 53, root },
    { origin: 'a', size: 1, root: root.subarray(1) },
    { origin: 'a', size: 1, root, extensions: [''] },
    { origin: 'a', size: 1, root, extensions: ['a\nb'] },
  ])
    assert.instance(await refusal(() => checkpointText(bad)), RangeError);
  assert.instance(await refusal(() => signCheckpoint({ origin: ORIGIN, size: 1, root }, [])), TypeError);
  assert.instance(await refusal(() => cosign(note, 'a b', w1, NOW)), RangeError);
  assert.instance(await refusal(() => cosign(note, 'a', w1, 0)), RangeError);
});

test.run();
