// Evidence records (RFC 4998): the trees by hand, records made, renewed, spoilt; and Bouncy Castle as the stranger who verifies.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createEvidenceRecords,
  type DataGroup,
  decodeEvidenceRecord,
  type EvidenceRecord,
  encodeEvidenceRecord,
  evidenceRecordOf,
  renewHashTrees,
  renewTimestamps,
  type StampParameters,
  stamp,
  verifyEvidenceRecord,
} from '@stanzaseal/archive/evidence';
import { compare, toHex, toUtf8 } from '@stanzaseal/cms';
import { systemRandom } from '@stanzaseal/cms/provider';
import { refusal, repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildHashTree, rootOfReduced } from '../../src/evidence/records/hashTree.js';
import { plainHash } from './evidenceWorld.js';
import { createAuthority, hasOpenssl, type TestAuthority } from './timestampAuthority.js';

const test = suite('evidence record');
const data = (...texts: readonly string[]): DataGroup => texts.map(toUtf8) as unknown as DataGroup;
const groups: DataGroup[] = [
  data('one'),
  data('two', 'three'),
  data('four'),
  data('five', 'six', 'seven'),
  data('eight'),
];
const hashes = (group: DataGroup): Uint8Array[] => group.map((octets) => plainHash(octets));

test('the tree sorts, joins and hashes as RFC 4998 §4.2 says, and §4.3 comes back to the root', () => {
  const sorted = (...each: readonly Uint8Array[]) => plainHash(...[...each].sort(compare));
  const [a, [b, c], d] = [hashes(data('a'))[0], hashes(data('b', 'c')), hashes(data('d'))[0]] as [
    Uint8Array,
    Uint8Array[],
    Uint8Array,
  ];
  const { root, reduced } = buildHashTree([[a], [b, c] as Uint8Array[], [d]], 'SHA-256');
  const group = sorted(b as Uint8Array, c as Uint8Array);
  assert.is(toHex(root), toHex(sorted(sorted(a, group), d)));
  assert.equal(
    reduced[0]?.map((list) => list.map(toHex)),
    [[a, group].sort(compare).map(toHex), [toHex(d)]],
  );
  assert.equal(
    reduced[1]?.[0]?.map(toHex),
    [b, c].sort((x, y) => compare(x as Uint8Array, y as Uint8Array)).map((x) => toHex(x as Uint8Array)),
  );
  for (let count = 1; count <= 33; count++) {
    const many = Array.from({ length: count }, (_, i) =>
      hashes(data(...Array.from({ length: 1 + (i % 3) }, (__, j) => `${i} ${j}`))),
    );
    const tree = buildHashTree(many, 'SHA-256');
    many.forEach((each, i) => {
      const lists = tree.reduced[i] as Uint8Array[][];
      assert.is(toHex(rootOfReduced(lists, each, 'SHA-256') ?? root), toHex(tree.root));
      assert.is(rootOfReduced(lists, [root], 'SHA-256'), count === 1 && i === 0 ? root : undefined);
      // A part of a group, or a group with another object, is not proved as a group.
      if (each.length > 2) assert.is(rootOfReduced(lists, each.slice(1), 'SHA-256'), undefined);
      assert.is(rootOfReduced(lists, [...each, root], 'SHA-256'), undefined);
      assert.ok(lists.every((list, level) => level === 0 || list.length === 1));
      assert.ok(count === 1 || (lists[0] as Uint8Array[]).length > 1);
    });
  }
});

if (hasOpenssl()) {
  test('one stamp, a record for each group, verified with nothing but the root', async () => {
    await using(async (authority) => {
      const records = (await createEvidenceRecords(groups, asking(authority))).map(encodeEvidenceRecord);
      for (const [i, record] of records.entries()) {
        const { time, timestamps } = await verifyEvidenceRecord(record, groups[i] as DataGroup, trusting(authority));
        assert.ok(Math.abs(time - Date.now()) < 120_000);
        assert.is(timestamps.length, 1);
        assert.is(toHex(encodeEvidenceRecord(decodeEvidenceRecord(record))), toHex(record));
        for (const [j, other] of groups.entries())
          if (i !== j)
            assert.is(
              (await refusal(() => verifyEvidenceRecord(record, other, trusting(authority))))?.code,
              'ERR_PROOF',
            );
      }
      // One object of a group may be proved alone; two of three may not (RFC 4998 §4.3).
      assert.ok(await verifyEvidenceRecord(records[3] as Uint8Array, data('six'), trusting(authority)));
      assert.ok(
        await refusal(() => verifyEvidenceRecord(records[3] as Uint8Array, data('six', 'seven'), trusting(authority))),
      );
    });
  });

  test('the timestamp that a note has already becomes its record', async () => {
    await using(async (authority) => {
      const note = toUtf8('a checkpoint\n');
      const record = encodeEvidenceRecord(evidenceRecordOf(await stamp(note, asking(authority))));
      assert.ok(await verifyEvidenceRecord(record, [note], trusting(authority)));
      assert.ok(await refusal(() => verifyEvidenceRecord(record, [toUtf8('another')], trusting(authority))));
    });
  });

  test('renewed: timestamps first, then the tree with another digest, then timestamps again', async () => {
    await using(async (authority) => {
      const older = createAuthority();
      try {
        let records = await createEvidenceRecords(groups, asking(older));
        records = await renewTimestamps(records, asking(authority));
        const parameters = { ...asking(authority), digestName: 'SHA-512' } as const;
        const named = (): { record: EvidenceRecord; group: DataGroup }[] =>
          records.map((record, i) => ({ record, group: groups[i] as DataGroup }));
        records = await renewHashTrees(named(), parameters);
        records = await renewTimestamps(records, parameters);
        const policy = { ...trusting(authority), roots: [authority.root, older.root] };
        for (const [i, record] of records.entries()) {
          const der = encodeEvidenceRecord(record);
          const group = groups[i] as DataGroup;
          const { timestamps } = await verifyEvidenceRecord(der, group, policy);
          assert.equal(
            timestamps.map(({ digestName }) => digestName),
            ['SHA-256', 'SHA-256', 'SHA-512', 'SHA-512'],
          );
          assert.ok(await refusal(() => verifyEvidenceRecord(der, data('other'), policy)));
          // Every link counts: without the older root, or with the chains in another order, nothing is proved.
          for (const bad of [
            trusting(authority),
            { ...policy, roots: [older.root] },
            { ...policy, digests: ['SHA-512'] as const },
          ])
            assert.is((await refusal(() => verifyEvidenceRecord(der, group, bad)))?.code, 'ERR_PROOF');
          const [first, second] = record.chains as unknown as EvidenceRecord['chains'][number][];
          for (const chains of [
            [second, first],
            [second],
            [[first?.[1]], second],
            [[first?.[0]], second],
            [first, [second?.[1]]],
          ]) {
            const spoilt = encodeEvidenceRecord({ chains } as unknown as EvidenceRecord);
            assert.is((await refusal(() => verifyEvidenceRecord(spoilt, group, policy)))?.code, 'ERR_PROOF');
          }
        }
        assert.instance(await refusal(() => renewTimestamps(records, asking(authority))), RangeError);
      } finally {
        older.remove();
      }
    });
  });

  test('a record whose authority is no more valid proves nothing until it is renewed', async () => {
    await using(async (authority) => {
      const [record] = await createEvidenceRecords([data('x')], asking(authority));
      const der = encodeEvidenceRecord(record as EvidenceRecord);
      const late = { ...trusting(authority), validAt: Date.now() + 11 * 365 * 24 * 3600 * 1000 };
      assert.is((await refusal(() => verifyEvidenceRecord(der, data('x'), late)))?.code, 'ERR_PROOF');
      const early = { ...trusting(authority), validAt: Date.now() - 24 * 3600 * 1000 };
      assert.is((await refusal(() => verifyEvidenceRecord(der, data('x'), early)))?.code, 'ERR_PROOF');
    });
  });

  test('each changed octet outside of the token, and each truncation, is refused', async () => {
    await using(async (authority) => {
      const [, record] = await createEvidenceRecords(groups, asking(authority));
      const der = encodeEvidenceRecord(record as EvidenceRecord);
      const token = (record as EvidenceRecord).chains[0][0].token.length;
      for (let i = 0; i < der.length - token; i++) {
        const spoilt = der.with(i, (der[i] as number) ^ (1 << (i % 8)));
        const error = await refusal(() => verifyEvidenceRecord(spoilt, groups[1] as DataGroup, trusting(authority)));
        assert.is(error?.code, 'ERR_PROOF', `octet ${i}`);
      }
      for (let i = 0; i < der.length; i += 29)
        assert.is(
          (await refusal(() => verifyEvidenceRecord(der.subarray(0, i), groups[1] as DataGroup, trusting(authority))))
            ?.code,
          'ERR_PROOF',
        );
    });
  });

  for (const { name, folder } of castles())
    test(`${name} verifies our records, and we verify its`, async () => {
      await using(async (authority) => {
        const place = mkdtempSync(join(tmpdir(), 'stanzaseal-ers-'));
        try {
          const ask = castle(folder, place);
          writeFileSync(join(place, 'tsa.der'), authority.certificate);
          groups.forEach((group, i) => {
            mkdirSync(join(place, `g${i}`));
            group.forEach((octets, j) => {
              writeFileSync(join(place, `g${i}`, String(j)), octets);
            });
          });
          const made = await createEvidenceRecords(groups, asking(authority));
          const renewed = await renewTimestamps(made, asking(authority));
          const withTrees = await renewHashTrees(
            made.map((record, i) => ({ record, group: groups[i] as DataGroup })),
            { ...asking(authority), digestName: 'SHA-512' },
          );
          const asked = [made, renewed, withTrees].flatMap((records, kind) =>
            records.flatMap((record, i) => {
              writeFileSync(join(place, `ours${kind}${i}.ers`), encodeEvidenceRecord(record));
              return [i, (i + 1) % groups.length].map((j) => ({
                file: `ours${kind}${i}.ers`,
                group: `g${j}`,
                good: i === j,
              }));
            }),
          );
          const verdicts = ask('verify', 'tsa.der', ...asked.flatMap(({ file, group }) => [file, group])).split('\n');
          assert.is(verdicts.length, asked.length);
          asked.forEach(({ file, group, good }, i) => {
            assert.is(verdicts[i] === 'ok', good, `${file} ${group}: ${verdicts[i]}`);
          });
          const names = groups.map((_, i) => `g${i}`);
          assert.is(ask('request', 'theirs.tsq', ...names), 'ok');
          writeFileSync(
            join(place, 'theirs.tsr'),
            authority.answer(new Uint8Array(readFileSync(join(place, 'theirs.tsq')))),
          );
          assert.is(ask('build', 'theirs.tsr', 'theirs', ...names), 'ok');
          // It sorts its records by the hashes of their groups: each is some group's, none is nobody's.
          const found = new Set<number>();
          for (let i = 0; i < groups.length; i++) {
            const record = new Uint8Array(readFileSync(join(place, `theirs${i}.ers`)));
            for (const [j, group] of groups.entries())
              if ((await refusal(() => verifyEvidenceRecord(record, group, trusting(authority)))) === undefined)
                found.add(j);
          }
          assert.is(found.size, groups.length);
        } finally {
          rmSync(place, { recursive: true, force: true });
        }
      });
    });
}

/** The versions of Bouncy Castle that are here: the system's, and those that `scripts/fetchPeers.mjs` brought. */
function castles(): { name: string; folder: string }[] {
  const cache = join(repositoryRoot, 'node_modules', '.cache', 'peers');
  const folders = [
    '/usr/share/java',
    ...['trixie', 'sid'].map((suite) => join(cache, suite, 'root', 'usr', 'share', 'java')),
  ];
  const found = folders.filter((folder) => existsSync(join(folder, 'bcpkix.jar')));
  if (spawnSync('javac', ['-version']).status !== 0 || found.length === 0) {
    console.log('SKIPPED: no Bouncy Castle (apt-get install default-jdk-headless libbcpkix-java)');
    return [];
  }
  return found.map((folder) => ({ name: `Bouncy Castle in ${folder.replace(repositoryRoot, '')}`, folder }));
}

/** A way to ask one version: the last line that it prints, or its complaint. */
function castle(folder: string, place: string): (...words: readonly string[]) => string {
  const jars = ['bcpkix.jar', 'bcprov.jar', 'bcutil.jar'].map((jar) => join(folder, jar));
  const source = fileURLToPath(new URL('./peers/EvidenceRecords.java', import.meta.url));
  const compiled = spawnSync('javac', ['-nowarn', '-d', place, '-cp', jars.join(':'), source], { encoding: 'utf8' });
  assert.is(compiled.status, 0, compiled.stderr);
  return (...words) => {
    const { stdout, stderr } = spawnSync('java', ['-cp', [place, ...jars].join(':'), 'EvidenceRecords', ...words], {
      cwd: place,
      encoding: 'utf8',
    });
    return stdout.trim() || stderr.trim();
  };
}

function asking(authority: TestAuthority): StampParameters {
  return { roots: [authority.root], authority: (request) => authority.answer(request), random: systemRandom };
}

function trusting(authority: TestAuthority): { roots: Uint8Array[]; validAt: number } {
  return { roots: [authority.root], validAt: Date.now() };
}

async function using(work: (authority: TestAuthority) => unknown): Promise<void> {
  const authority = createAuthority();
  try {
    await work(authority);
  } finally {
    authority.remove();
  }
}

test.run();
