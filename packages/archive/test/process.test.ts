// K10: a process that is killed at any moment has lost nothing that it acknowledged, and its log goes on from every checkpoint.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyCheckpoint, verifyConsistency } from '../src/evidence/index.js';
import { checkpointKey, JULIET, ORIGIN, opened, type Place, temporaryDirectory } from './fixture.js';

const test = suite('archive in a process that is killed');

const KILLS = 5;
const program = fileURLToPath(new URL('./ingestProcess.ts', import.meta.url));
const policy = { origin: ORIGIN, logKey: checkpointKey.publicKey };

test('K10: nothing acknowledged is lost, nothing is there twice, and no history is another', async () => {
  const directory = temporaryDirectory();
  const [file, acknowledged] = [join(directory, 'archive.db'), join(directory, 'acknowledged')];
  const place = { url: () => `sqlite:${file}` } as Place;
  const witnessed: { size: number; root: Uint8Array }[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const known = readAcknowledged(acknowledged).length;
    // From some that are there already: a feed repeats what it got no answer for.
    const from = Math.max(0, known - 5);
    const child = spawn(process.execPath, [...process.execArgv, program, file, String(from), acknowledged]);
    child.stdout.setEncoding('utf8');
    const errors: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text) => errors.push(text));
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    while (child.exitCode === null && readAcknowledged(acknowledged).length === known) await setTimeout(5);
    assert.is(child.exitCode, null, errors.join(''));
    await setTimeout(13 * kill);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const { archive } = await opened(place);
    const seen: string[] = [];
    for (let page = await archive.page({ owner: JULIET }); ; ) {
      assert.equal(page.damaged, []);
      seen.push(...page.entries.map(({ id }) => id));
      if (page.complete) break;
      page = await archive.page({ owner: JULIET, after: page.last as string });
    }
    assert.is(new Set(seen).size, seen.length);
    assert.equal(
      seen,
      seen.map((_, i) => `id${i}`),
    );
    const ids = existsSync(acknowledged) ? readFileSync(acknowledged, 'utf8').split('\n').slice(0, -1) : [];
    assert.equal(
      ids.filter((id) => !seen.includes(id)),
      [],
    );

    const checkpoint = verifyCheckpoint((await archive.checkpoint())?.note ?? '', policy);
    assert.is(checkpoint.size, seen.length);
    for (const { size: first, root: firstRoot } of witnessed) {
      const path = await archive.consistencyProof(first, checkpoint.size);
      const claim = { first, firstRoot, second: checkpoint.size, secondRoot: checkpoint.root, path };
      assert.ok(verifyConsistency(claim));
    }
    witnessed.push(checkpoint);
    await archive.close();
  }
  assert.ok((witnessed.at(-1)?.size ?? 0) > KILLS);
});

/** Whole lines alone: the process may have been killed within one. */
function readAcknowledged(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

test.run();
