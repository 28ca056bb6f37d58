// What a server says behind the end of its stream ends no process: a real client or component, a server that says it, and the library alone beside it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('H3: data behind the end of a stream');
const ENDS = { 'an ended stream': '</stream:stream>', 'a stream that is not well formed': '<a></b>' } as const;

for (const kind of ['client', 'component'] as const)
  for (const [name, end] of Object.entries(ENDS)) {
    test(`${kind}, ${name}: what follows is ignored`, () => assert.is(outcomeOf(end, 'protected', kind), 'quiet'));

    test(`${kind}, ${name}: the library alone does not outlive it; when it does, the protection can go`, () => {
      assert.is(outcomeOf(end, 'alone', kind), 'TypeError');
    });
  }

/** In a process of its own, since what is looked for ends it. */
function outcomeOf(end: string, protection: 'protected' | 'alone', kind: 'client' | 'component'): string {
  const program = fileURLToPath(new URL('talkBehind.ts', import.meta.url));
  const args = [...process.execArgv, program, end, protection, kind];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  if (status === 0) return stdout.trim();
  return /^(\w*Error):/m.exec(stderr)?.[1] ?? stderr;
}

test.run();
