// How a source is read into an archive, whichever database is under it: called by the test file of each.
import { type ChildProcess, spawn } from 'node:child_process';
import * as assert from 'uvu/assert';
import { exportEntries, follow, type RefusedItem, readSources, type Source } from '../src/index.js';
import { bundledProgram } from './bundledProgram.js';
import { countingSource, numberedItem as item } from './countingSource.js';
import { bodyOf, codeOf, JULIET, opened } from './fixture.js';
import type { AddTest, Wrap } from './keepingTests.js';

function gate(): { readonly isOpen: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { isOpen, open };
}

export function addSourceTests(test: AddTest, wrap: Wrap): void {
  test(
    'a source is read to its end, and the next time from there',
    wrap(async (place) => {
      const { archive, url } = await opened(place);
      assert.equal(await follow(archive, countingSource(600)), {
        kept: 600,
        duplicates: 0,
        quarantined: 0,
        refused: 0,
      });
      await archive.close();
      const again = await opened(place, {}, url);
      const begun: number[] = [];
      const { kept } = await follow(
        again.archive,
        countingSource(610, (cursor) => begun.push(cursor)),
      );
      assert.equal([kept, begun], [10, [599]]);
      const [state] = await readSources(again.archive);
      assert.equal([state?.name, state?.cursor, state?.items], ['counting', '609', 610]);
      const { entries } = await again.archive.page({ owner: JULIET, before: '' });
      assert.equal(bodyOf(entries.at(-1)?.octets), 'body 609');
      await again.archive.close();
    }),
  );

  test(
    'what cannot be put anywhere is told of and passed over; what is no stanza is in quarantine; copies are known',
    wrap(async (place) => {
      const { archive, events } = await opened(place);
      const refused: RefusedItem[] = [];
      const mixed: Source = {
        name: 'mixed',
        async *items() {
          yield { ...item(0), stanzaId: 'a' };
          yield { ...item(1), owner: 'no jid@@' };
          yield { ...item(2), stanzaId: '#7' };
          yield { cursor: '3', refused: 'it has no owner' };
          yield { ...item(4), stanza: '<message' };
          yield { ...item(5), stanza: item(0).stanza, stanzaId: 'a' };
        },
      };
      const sum = await follow(archive, mixed, { onRefused: (each) => refused.push(each) });
      assert.equal(sum, { kept: 1, duplicates: 1, quarantined: 1, refused: 3 });
      assert.equal(
        refused.map(({ cursor }) => cursor),
        ['1', '2', '3'],
      );
      assert.is(refused[2]?.refused, 'it has no owner');
      assert.is(events.filter(({ type }) => type === 'quarantined').length, 1);
      assert.is((await readSources(archive))[0]?.cursor, '5', 'the cursor moves though nothing new was at the end');
      await archive.close();
    }),
  );

  test(
    'a source that fails has what came before it kept; one that never ends is ended by the signal',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const broken: Source = {
        name: 'broken',
        async *items() {
          yield item(0);
          throw new Error('no more');
        },
      };
      assert.is(await codeOf(follow(archive, broken)), 'Error');
      assert.is((await readSources(archive))[0]?.items, 1);

      const ending = new AbortController();
      const kept: string[] = [];
      const endless: Source = {
        name: 'endless',
        async *items(_after, signal) {
          yield item(1);
          yield item(2);
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
        kept: (cursor) => {
          kept.push(cursor);
          if (cursor === '2') ending.abort();
        },
      };
      assert.is((await follow(archive, endless, { signal: ending.signal })).kept, 2);
      assert.is(kept.at(-1), '2');
      await archive.close();
    }),
  );

  test(
    'two who read one source: the slower one stops, and nothing is there twice',
    wrap(async (place) => {
      const { archive } = await opened(place);
      const [begun, free] = [gate(), gate()];
      const slow: Source = {
        name: 'counting',
        async *items() {
          begun.open();
          await free.isOpen;
          yield item(0);
        },
      };
      const late = codeOf(follow(archive, slow));
      await begun.isOpen;
      assert.is((await follow(archive, countingSource(5))).kept, 5);
      free.open();
      assert.is(await late, 'ERR_STORE');
      assert.is((await archive.page({ owner: JULIET })).entries.length, 5);
      await archive.close();
    }),
  );

  test(
    'a reader that is killed again and again leaves nothing out and has nothing twice, though ids are new each time',
    wrap(async (place) => {
      const [url, program] = [place.url(), await bundledProgram('followProcess.ts')];
      const start = () => spawn(process.execPath, [program, url, String(COUNT)]);
      let killed = 0;
      for (let round = 1; round <= 4; round++) if (await killedAfter(start(), 1 + (round % 4))) killed++;
      assert.ok(killed > 0, 'somebody was killed');
      assert.not.ok(await killedAfter(start(), Number.POSITIVE_INFINITY));
      const { archive } = await opened(place, {}, url);
      const bodies: string[] = [];
      for await (const { octets } of exportEntries(archive, [JULIET])) bodies.push(bodyOf(octets));
      assert.equal(
        bodies,
        Array.from({ length: COUNT }, (_, i) => `body ${i}`),
      );
      await archive.close();
    }),
  );
}

/** Stanzas that the reader which is killed is to read; 20 go into a transaction. */
const COUNT = 240;

/** Kills it after so many lines; `false` where it ended before. */
function killedAfter(child: ChildProcess, lines: number): Promise<boolean> {
  let printed = '';
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout?.on('data', (chunk) => {
    printed += chunk;
    if (printed.split('\n').length > lines) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(errors));
    });
  });
}
