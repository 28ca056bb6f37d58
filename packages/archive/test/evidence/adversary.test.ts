// An operator with the log's key who edits, drops, swaps, reorders or cuts off entries, or shows two histories (K1, K2, K11): at the
// level of hashes. Whoever kept one checkpoint, or asks a witness, finds out.
import {
  contentHash,
  cosignedBy,
  createWitness,
  createWitnessMemory,
  decodeFork,
  encodeFork,
  encodeProof,
  findFork,
  forkPath,
  formatWitnessRequest,
  leafHash,
  parseWitnessRequest,
  verify,
  verifyCheckpoint,
  verifyConsistency,
  verifyFork,
} from '@stanzaseal/archive/evidence';
import { toHex } from '@stanzaseal/cms';
import { refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointOf, type Entry, entriesOf, entryOf, logOf, NOW, noteKey, ORIGIN } from './evidenceWorld.js';

const test = suite('an operator who lies');
const key = await noteKey('operator');
const witnessKey = await noteKey('witness');
const policy = { origin: ORIGIN, logKey: key.publicKey };
const entries = entriesOf(23);
const honest = logOf(entries);
const WITNESSED = 17;
const seen = await checkpointOf(honest, WITNESSED, key);
const other = entryOf('what was never said', unsafeSeededRandom('other'));

/** What an operator makes of the entries before the witnessed size. */
const histories: Readonly<Record<string, readonly Entry[]>> = {
  edits: entries.with(5, other),
  drops: entries.toSpliced(5, 1),
  swaps: entries.with(5, entries[6] as Entry).with(6, entries[5] as Entry),
  reorders: [...entries.slice(0, WITNESSED)].reverse().concat(entries.slice(WITNESSED)),
  inserts: entries.toSpliced(5, 0, other),
  'edits the last that was witnessed': entries.with(WITNESSED - 1, other),
  'edits the first': entries.with(0, other),
};

for (const [what, history] of Object.entries(histories)) {
  test(`K1: an operator who ${what} proves nothing from the old checkpoint on, and is convicted by a path`, async () => {
    const log = logOf(history);
    const now = await checkpointOf(log, log.size, key);
    const [first, second] = [verifyCheckpoint(seen, policy), verifyCheckpoint(now, policy)];
    const path = await log.consistencyProof(WITNESSED, log.size);
    const sizes = { first: first.size, firstRoot: first.root, second: second.size, secondRoot: second.root };
    assert.not(verifyConsistency({ ...sizes, path }));
    assert.not(verifyConsistency({ ...sizes, path: await honest.consistencyProof(WITNESSED, Math.min(log.size, 23)) }));
    const fork = findFork([now, seen], policy, await forkPath(log, WITNESSED, log.size));
    assert.ok(fork);
    const shown = verifyFork(decodeFork(encodeFork(fork)), policy);
    assert.is(shown.first.note, seen);
    assert.is(toHex(shown.rootInSecond), toHex((await log.root(WITNESSED)) as Uint8Array));
    const honestWitness = await witnessOf(seen);
    assert.is((await refusal(() => cosignedBy(honestWitness, now, log)))?.code, 'ERR_PROOF');
  });
}

test('K1: an operator who truncates the tail shows a log that is smaller than what was witnessed', async () => {
  const log = logOf(entries.slice(0, 12));
  const now = await checkpointOf(log, 12, key);
  assert.match((await refusal(async () => cosignedBy(await witnessOf(seen), now, log)))?.message ?? '', /greater log/);
  // Cut off and filled up anew, it is another history.
  const filled = logOf([...entries.slice(0, 12), ...entriesOf(11, 'fill')]);
  const again = await checkpointOf(filled, 23, key);
  assert.ok(findFork([seen, again], policy, await forkPath(filled, WITNESSED, 23)));
});

test('K2: two heads of one size are evidence by themselves', async () => {
  const log = logOf(entries.with(3, other));
  const [a, b] = [await checkpointOf(honest, 20, key), await checkpointOf(log, 20, key)];
  const fork = findFork([a, b], policy);
  assert.ok(fork);
  assert.equal(fork.path, []);
  const { first, second } = verifyFork(decodeFork(encodeFork(fork)), policy);
  assert.is(first.size, second.size);
  assert.is.not(toHex(first.root), toHex(second.root));
});

test('K2: two witnesses that are shown two histories find out when they compare', async () => {
  const log = logOf(entries.with(3, other));
  const [one, two] = [await witnessOf(undefined), await witnessOf(undefined)];
  const a = await cosignedBy(one, await checkpointOf(honest, 18, key), honest);
  const b = await cosignedBy(two, await checkpointOf(log, 21, key), log);
  const fork = findFork([a, b], policy, await forkPath(log, 18, 21));
  assert.ok(fork);
  assert.is(verifyFork(fork, policy).first.size, 18);
});

test('an honest log is convicted by nobody, whatever sizes and paths are put together', async () => {
  const notes = await Promise.all(Array.from({ length: 24 }, (_, size) => checkpointOf(honest, size, key)));
  for (let first = 0; first < 24; first++)
    for (let second = first; second < 24; second++) {
      const path = first > 0 && first < second ? await forkPath(honest, first, second) : [];
      assert.is(
        findFork([notes[first] as string, notes[second] as string], policy, path),
        undefined,
        `${first} ${second}`,
      );
      const fork = { first: notes[first] as string, second: notes[second] as string, path };
      assert.is((await refusal(() => verifyFork(fork, policy)))?.code, 'ERR_PROOF');
    }
  await fc.assert(
    fc.asyncProperty(
      fc.nat(23),
      fc.nat(23),
      fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 7 }),
      async (i, j, path) => {
        const fork = { first: notes[i] as string, second: notes[j] as string, path };
        assert.is((await refusal(() => verifyFork(fork, policy)))?.code, 'ERR_PROOF');
      },
    ),
    { numRuns: 300 },
  );
  // Paths of an honest log at other sizes, or of another log, lead to no root of it.
  const foreign = await forkPath(logOf(entries.with(3, other)), 9, 20);
  for (const path of [foreign, await forkPath(honest, 9, 21), (await forkPath(honest, 9, 20)).slice(1)])
    assert.is(
      (await refusal(() => verifyFork({ first: notes[9] as string, second: notes[20] as string, path }, policy)))?.code,
      'ERR_PROOF',
    );
});

test('evidence of a fork under the key of somebody else, of another log, or in another form is none', async () => {
  const log = logOf(entries.with(3, other));
  const fork = findFork([await checkpointOf(honest, 20, key), await checkpointOf(log, 20, key)], policy);
  assert.ok(fork);
  const refused = async (call: () => unknown) => assert.is((await refusal(call))?.code, 'ERR_PROOF');
  await refused(() => verifyFork(fork, { ...policy, logKey: witnessKey.publicKey }));
  await refused(() => verifyFork(fork, { ...policy, origin: 'archive.example/other' }));
  await refused(() => verifyFork({ ...fork, path: [new Uint8Array(32)] }, policy));
  const text = encodeFork(fork);
  for (const form of [
    text.trim(),
    ` ${text}`,
    text.replace('"path":[]', '"path":[],"x":1'),
    text.replace('@v1', '@v2'),
    '[]',
    'null\n',
    '{}\n',
    '',
  ])
    await refused(() => decodeFork(form));
});

test('K11: one changed bit in any node or leaf, and the entry is not proved any more', async () => {
  const note = await checkpointOf(honest, 23, key);
  const path = (await honest.inclusionProof(5, 23)) as Uint8Array[];
  const { salt1, salt2, meta, object, recipientInfos } = entries[5] as Entry;
  const proof = (changed: Partial<Entry>, nodes = path) => {
    const entry = { salt1, salt2, meta, object, recipientInfos, ...changed };
    const opening = { content: { state: 'present', ...entry }, recipients: { state: 'present', ...entry } } as const;
    return encodeProof({ opening, index: 5, path: nodes, checkpoint: note });
  };
  assert.is(verify(proof({}), policy).index, 5);
  for (const name of ['salt1', 'salt2', 'meta', 'object'] as const) {
    const octets = Uint8Array.from(entries[5]?.[name] ?? []);
    for (const at of [0, octets.length >> 1, octets.length - 1]) {
      const bad = octets.with(at, (octets[at] as number) ^ 1);
      assert.is((await refusal(() => verify(proof({ [name]: bad }), policy)))?.code, 'ERR_PROOF', name);
    }
  }
  path.forEach((hash, i) => {
    const nodes = path.with(i, hash.with(9, (hash[9] as number) ^ 64));
    assert.throws(
      () => verify(proof({}, nodes), policy),
      (error: { code: string }) => error.code === 'ERR_PROOF',
    );
  });
});

test("an entry proved is not another: neither its neighbour's place nor its halves can be exchanged", async () => {
  const note = await checkpointOf(honest, 23, key);
  const [five, six] = [entries[5] as Entry, entries[6] as Entry];
  const refused = async (content: Entry, recipients: Entry, index: number) => {
    const opening = {
      content: { state: 'present', ...content },
      recipients: { state: 'present', ...recipients },
    } as const;
    const text = encodeProof({
      opening,
      index,
      path: (await honest.inclusionProof(index, 23)) as Uint8Array[],
      checkpoint: note,
    });
    assert.is((await refusal(() => verify(text, policy)))?.code, 'ERR_PROOF');
  };
  await refused(five, five, 6);
  await refused(five, six, 5);
  await refused(six, five, 5);
  assert.is.not(toHex(contentHash(five)), toHex(contentHash(six)));
  assert.is.not(toHex(leafHash(five)), toHex(leafHash(six)));
});

test('a witness cosigns what continues what it saw, once each, and says where it stands', async () => {
  const memory = createWitnessMemory();
  const clock = () => NOW;
  const witness = createWitness({ name: 'w.example', key: witnessKey, logs: [policy], memory, clock });
  const asked = { name: 'w.example', key: witnessKey.publicKey, witness };
  for (const size of [0, 1, 4, 4, 9, 23]) {
    const cosigned = await cosignedBy(asked, await checkpointOf(honest, size, key), honest);
    const { cosignatures } = verifyCheckpoint(cosigned, { ...policy, witnesses: { keys: [asked], atLeast: 1 } });
    assert.equal(cosignatures, [{ name: 'w.example', time: NOW }]);
    assert.is(verifyCheckpoint((await memory.get(ORIGIN)) as string, policy).size, size);
  }
  const request = {
    oldSize: 4,
    consistencyProof: (await honest.consistencyProof(4, 23)) as Uint8Array[],
    checkpoint: await checkpointOf(honest, 23, key),
  };
  assert.equal(await witness.cosign(request), { kind: 'conflict', size: 23 });
  assert.equal(parseWitnessRequest(formatWitnessRequest(request)), request);
  const refused = async (checkpoint: string, oldSize = 23) =>
    assert.is((await refusal(() => witness.cosign({ oldSize, consistencyProof: [], checkpoint })))?.code, 'ERR_PROOF');
  await refused(await checkpointOf(logOf(entries.with(3, other)), 23, key));
  await refused(await checkpointOf(honest, 23, witnessKey));
  await refused(await checkpointOf(honest, 23, key, 'archive.example/unknown'));
  await refused(await checkpointOf(honest, 9, key));
  await refused('x');
  for (const body of ['', 'old 04\n\nx', 'old 4\nAAAA\n\nx', 'older 4\n\nx', `old 4\n${'x\n'.repeat(64)}\n`])
    assert.is((await refusal(() => parseWitnessRequest(body)))?.code, 'ERR_PROOF', body);
});

test('two requests at once: one is cosigned, the other told where the log now stands', async () => {
  const memory = createWitnessMemory();
  const witness = createWitness({ name: 'w.example', key: witnessKey, logs: [policy], memory, clock: () => NOW });
  const at = async (size: number) => ({
    oldSize: 0,
    consistencyProof: [],
    checkpoint: await checkpointOf(honest, size, key),
  });
  const requests = [await at(9), await at(12)];
  const answers = await Promise.all(requests.map((request) => witness.cosign(request)));
  assert.equal(
    answers.map(({ kind }) => kind),
    ['cosigned', 'conflict'],
  );
  assert.is(verifyCheckpoint((await memory.get(ORIGIN)) as string, policy).size, 9);
});

test("a witness that answers with somebody else's line, or never settles, is no witness", async () => {
  const note = await checkpointOf(honest, 23, key);
  const named = { name: 'w.example', key: witnessKey.publicKey };
  const foreign = createWitness({
    name: 'w.example',
    key: await noteKey('foreign'),
    logs: [policy],
    memory: createWitnessMemory(),
    clock: () => NOW,
  });
  assert.is((await refusal(() => cosignedBy({ ...named, witness: foreign }, note, honest)))?.code, 'ERR_PROOF');
  const restless = { cosign: async () => ({ kind: 'conflict', size: 3 }) as const };
  assert.match(
    (await refusal(() => cosignedBy({ ...named, witness: restless }, note, honest)))?.message ?? '',
    /does not say/,
  );
  const silent = { cosign: async () => ({ kind: 'cosigned', lines: '' }) as const };
  assert.is((await refusal(() => cosignedBy({ ...named, witness: silent }, note, honest)))?.code, 'ERR_PROOF');
});

async function witnessOf(last: string | undefined): Promise<Parameters<typeof cosignedBy>[0]> {
  const memory = createWitnessMemory();
  if (last !== undefined) await memory.replace(ORIGIN, undefined, last);
  const witness = createWitness({ name: 'w.example', key: witnessKey, logs: [policy], memory, clock: () => NOW });
  return { name: 'w.example', key: witnessKey.publicKey, witness };
}

test.run();
