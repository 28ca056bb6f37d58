import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Link } from '../src/link.js';
import { createConfirmer } from '../src/outbox/confirmer.js';
import type { Entry } from '../src/outbox/entry.js';

const test = suite('what may be unconfirmed');

/** A confirmer whose pings are answered when the test says so. */
function scene() {
  let now = 0;
  const pings: (() => void)[] = [];
  let timer: (() => void) | undefined;
  const confirmed: Entry[] = [];
  const link = {
    isOnline: () => true,
    query: () => new Promise<void>((resolve) => pings.push(resolve)),
  } as unknown as Link;
  const confirmer = createConfirmer({
    link,
    clock: () => now,
    schedule: (run) => {
      timer = run;
      return () => {
        timer = undefined;
      };
    },
    server: () => 'example',
    onConfirmed: (entries) => confirmed.push(...entries),
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  /** Writes until there is no room; gives how many octets were written. */
  const fill = async (each: number): Promise<number> => {
    for (let written = 0; ; written += each) {
      const hasRoom = await Promise.race([confirmer.room(), settle().then(() => false)]);
      if (!hasRoom) return written;
      confirmer.add({} as Entry, each);
      confirmer.confirmSoon();
    }
  };
  /** Answers every ping, each after so many ms, until nothing is unconfirmed. */
  const answer = async (ms: number): Promise<void> => {
    while (pings.length > 0 || timer !== undefined) {
      timer?.();
      now += ms;
      pings.shift()?.();
      await settle();
    }
  };
  return { confirmer, confirmed, fill, answer };
}

test('doubles while answers come fast, up to a megabyte', async () => {
  const { fill, answer, confirmed } = scene();
  const sizes: number[] = [];
  for (let i = 0; i < 8; i++) {
    sizes.push(await fill(8192));
    await answer(20);
  }
  assert.is(sizes[0], 65_536);
  assert.ok((sizes[1] as number) >= 131_072, `${sizes}`);
  assert.is(sizes.at(-1), 1_048_576);
  assert.is(
    confirmed.length * 8192,
    sizes.reduce((a, b) => a + b),
  );
});

test('stays where answers take their time, and goes back where they get slow', async () => {
  const { fill, answer } = scene();
  for (let i = 0; i < 3; i++) {
    assert.is(await fill(8192), 65_536);
    await answer(1_000);
  }
  for (let i = 0; i < 6; i++) {
    await fill(8192);
    await answer(20);
  }
  for (let i = 0; i < 6; i++) {
    await fill(8192);
    await answer(5_000);
  }
  assert.is(await fill(8192), 65_536);
});

test('begins anew with another connection; many small stanzas count for more than their octets', async () => {
  const { confirmer, fill, answer } = scene();
  await fill(8192);
  await answer(20);
  confirmer.lose();
  assert.is(await fill(100), 32 * 100);
});

test.run();
