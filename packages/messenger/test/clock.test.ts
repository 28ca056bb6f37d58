// I14: a clock that jumps, ahead or back. What waits is not lost to a wrong clock, and what must die dies, whoever keeps silent.
import { toHex } from '@stanzaseal/cms';
import type { AccountRecord } from '@stanzaseal/keystore';
import {
  accepts,
  accountOf,
  createPair,
  createPerson,
  DAY,
  introduce,
  type Person,
  restart,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { believedJump, isClockInDoubt, timeNoted, wasWrong } from '../src/clockDoubt.js';
import { listOf } from '../src/lists.js';
import { RULES } from '../src/rules.js';
import { storeStatus } from '../src/status.js';

const test = suite('clock');
const YEARS = 730 * DAY;
const JUMP = 42 * DAY;
const WEEK = 7 * DAY;

/** Key identifiers of a person's prekeys. */
const keysOf = async ({ store }: Person): Promise<string[]> =>
  (await store.entries('prekeys')).map(([key]) => key).sort();

/** Juliet, who knows Romeo and two others, each with an object of theirs; none of whom she opened anything of since she last erased. */
async function company(seed: string): Promise<[juliet: Person, romeo: Person, nurse: Person, stranger: Person]> {
  const [romeo, juliet] = await createPair(seed);
  const nurse = await createPerson('nurse@capulet.example', juliet.world);
  const stranger = await createPerson('paris@verona.example', juliet.world);
  for (const each of [nurse, stranger]) await introduce(juliet, each);
  for (const each of [romeo, nurse]) {
    await tell(each, juliet, 'before');
    await tell(juliet, each, 'before');
  }
  await juliet.messenger.caughtUp();
  return [juliet, romeo, nurse, stranger];
}

test('the farthest jump that is believed is shorter than any prekey of a week-old bundle lives', () => {
  assert.is(believedJump(RULES), JUMP);
  assert.is(RULES.clockPatience, WEEK);
});

test('I14: a clock that jumps ahead by two years erases nothing for its age; put right, all is as it was, and what waited opens', async () => {
  const [juliet, romeo] = await company('two years');
  const waiting = await say(romeo, juliet, 'still here?');
  const before = await keysOf(juliet);
  const right = juliet.world.now;
  juliet.world.now += YEARS;
  await juliet.messenger.erase();
  await restart(juliet);
  await juliet.messenger.caughtUp();
  assert.equal(await keysOf(juliet), before);
  const { clockAt, bundleAt = 0 } = await accountOf(juliet);
  const known = clockAt ?? bundleAt;
  const doubt = { known, until: right + YEARS + WEEK };
  assert.ok(known > right - DAY);
  assert.equal(juliet.events, [{ kind: 'clock-in-doubt', ...doubt, shown: right + YEARS }]);
  const status = await storeStatus(juliet.messenger);
  assert.equal(status.clockDoubt, doubt);
  assert.equal(status.due.find(({ what }) => what === 'erasure')?.at, doubt.until);
  juliet.world.now = right + 1;
  await juliet.messenger.erase();
  assert.is((await storeStatus(juliet.messenger)).clockDoubt, undefined);
  assert.equal(await keysOf(juliet), before);
  await accepts(juliet, waiting);
});

test('I14: a clock that jumps back by two years erases nothing, and nothing when it is right again', async () => {
  const [juliet, romeo] = await company('back');
  const waiting = await say(romeo, juliet, 'still here?');
  const before = await keysOf(juliet);
  juliet.world.now -= YEARS;
  await juliet.messenger.caughtUp();
  juliet.world.now += 3 * WEEK;
  await juliet.messenger.erase();
  assert.equal(await keysOf(juliet), before);
  juliet.world.now += YEARS - 3 * WEEK;
  await juliet.messenger.caughtUp();
  assert.equal(await keysOf(juliet), before);
  assert.equal(juliet.events, []);
  await accepts(juliet, waiting);
});

test('I14: who sends nothing holds nothing back: after a week the clock is believed, and what is too old dies', async () => {
  const [juliet] = await company('silence');
  const before = await keysOf(juliet);
  juliet.world.now += 60 * DAY;
  await juliet.messenger.erase();
  for (let day = 0; day < 6; day++) {
    juliet.world.now += DAY;
    await juliet.messenger.erase();
  }
  assert.equal(await keysOf(juliet), before, 'six days');
  await restart(juliet);
  juliet.world.now += DAY;
  await juliet.messenger.erase();
  assert.equal(await keysOf(juliet), [], 'seven');
  assert.is((await storeStatus(juliet.messenger)).clockDoubt, undefined);
});

test('I14: two others’ objects bear it out; one of them, the same one twice, old ones and strangers do not', async () => {
  const [juliet, romeo, nurse, stranger] = await company('witnesses');
  const old = await say(nurse, juliet, 'two months ago');
  const before = (await keysOf(juliet)).length;
  juliet.world.now += 60 * DAY;
  await juliet.messenger.erase();
  // All of them seal to what Juliet publishes now.
  for (const each of [romeo, nurse, stranger]) await introduce(juliet, each);
  const isInDoubt = async (): Promise<boolean> => isClockInDoubt(await accountOf(juliet));
  await tell(stranger, juliet, 'I was never here before');
  await tell(stranger, juliet, 'but again');
  await tell(romeo, juliet, 'it is January');
  await tell(romeo, juliet, 'it is, it is');
  await accepts(juliet, old);
  await juliet.messenger.erase();
  assert.ok((await isInDoubt()) && (await keysOf(juliet)).length > before);
  await tell(nurse, juliet, 'January');
  assert.not(await isInDoubt());
  await juliet.messenger.erase();
  const born = (await juliet.store.entries('prekeys')).map(([, { createdAt }]) => createdAt);
  assert.ok(born.length > 0 && Math.min(...born) > juliet.world.now - DAY);
});

test('I14: the application bears it out by confirmClock()', async () => {
  const [juliet] = await company('confirmed');
  juliet.world.now += YEARS;
  await juliet.messenger.erase();
  await juliet.messenger.confirmClock();
  assert.equal(await keysOf(juliet), []);
  assert.is((await storeStatus(juliet.messenger)).clockDoubt, undefined);
});

for (const days of [21, 41]) {
  test(`I14: ${days} days away are believed at once: the ceilings hold to the millisecond, and nothing of the bundle is lost`, async () => {
    const [juliet, romeo] = await company(`${days} days`);
    const published = (await juliet.store.entries('prekeys')).filter(([, each]) => each.class !== 'reply');
    juliet.world.now += 6 * DAY;
    await juliet.messenger.erase();
    const waiting = await say(romeo, juliet, 'on your return');
    juliet.world.now += days * DAY;
    await juliet.messenger.caughtUp();
    assert.not(juliet.events.some(({ kind }) => kind === 'clock-in-doubt'));
    await accepts(juliet, waiting);
    const left = new Set(await keysOf(juliet));
    // What was used and left behind is gone, as it would be without a jump.
    assert.ok(published.filter(([key]) => !left.has(key)).length <= 2);
    const [key, { notAfter }] = published.find(([each]) => left.has(each)) as (typeof published)[number];
    juliet.world.now = notAfter + RULES.ceiling - 1;
    await juliet.messenger.erase();
    assert.ok(await juliet.store.get('prekeys', key));
    juliet.world.now += 1;
    await juliet.messenger.erase();
    assert.is(await juliet.store.get('prekeys', key), undefined);
  });
}

test('I14: in doubt, what was used and left behind still dies after catching up', async () => {
  const [juliet, romeo] = await company('left behind');
  const opened = await tell(romeo, juliet, 'one');
  const key = toHex(opened.recipients[0]?.rKeyId as Uint8Array);
  await tell(juliet, romeo, 'two');
  await tell(romeo, juliet, 'three');
  juliet.world.now += YEARS;
  await juliet.messenger.erase();
  assert.ok(await juliet.store.get('prekeys', key));
  await juliet.messenger.caughtUp();
  assert.ok(isClockInDoubt(await accountOf(juliet)));
  assert.is(await juliet.store.get('prekeys', key), undefined);
});

test('I14: a second jump does not bear out the first, nor does going back to it', async () => {
  const [juliet] = await company('twice');
  const before = await keysOf(juliet);
  const right = juliet.world.now;
  for (const ahead of [60, 800, 1600, 800, 60]) {
    juliet.world.now = right + ahead * DAY;
    await juliet.messenger.erase();
    assert.ok(isClockInDoubt(await accountOf(juliet)), `${ahead}`);
  }
  assert.equal(await keysOf(juliet), before);
  juliet.world.now += 6 * DAY;
  await juliet.messenger.erase();
  assert.equal(await keysOf(juliet), before);
  juliet.world.now += DAY;
  await juliet.messenger.erase();
  assert.equal(await keysOf(juliet), []);
});

for (const days of [3, 30]) {
  test(`I14: what a clock made that was wrong for ${days} days does not outlive its ceilings: it is of the day when the clock was put right`, async () => {
    const [juliet, romeo] = await company(`wrong for ${days}`);
    const right = juliet.world.now;
    juliet.world.now += YEARS;
    for (let day = 0; day <= days; day++) {
      await juliet.messenger.erase();
      await juliet.messenger.publish();
      await juliet.messenger.caughtUp();
      juliet.world.now += DAY;
    }
    await introduce(juliet, romeo);
    await tell(romeo, juliet, 'x');
    const ahead = await juliet.messenger.publish();
    juliet.world.now = right + days * DAY;
    assert.ok(wasWrong(await accountOf(juliet), juliet.world.now));
    await juliet.messenger.erase();
    for (const [, { createdAt, notAfter, replacedAt = 0, uses }] of await juliet.store.entries('prekeys')) {
      assert.ok(Math.max(createdAt, replacedAt, ...uses.map(({ at }) => at)) <= juliet.world.now);
      assert.ok(notAfter <= juliet.world.now + RULES.validity);
    }
    for (const table of ['seen', 'accepted'] as const) {
      for (const [, { at }] of await juliet.store.entries(table)) assert.ok(at <= juliet.world.now);
    }
    assert.is((await accountOf(juliet)).caughtUpAt, undefined);
    const anew = await juliet.messenger.publish();
    assert.not.equal(anew.prekeyBundle, ahead.prekeyBundle);
    assert.is(listOf(await accountOf(juliet))?.issued, Math.floor(juliet.world.now / 1000) * 1000);
    assert.ok(anew.due <= juliet.world.now + WEEK);
    // Those that nobody used were published for another 35 days.
    for (let day = 0; day < 84; day += 7) {
      juliet.world.now += WEEK;
      await juliet.messenger.publish();
      await juliet.messenger.erase();
    }
    const oldest = Math.min(...(await juliet.store.entries('prekeys')).map(([, { createdAt }]) => createdAt));
    assert.ok(oldest > right + days * DAY);
  });
}

test('I14: sealing by a clock that jumped, before anything looked at it, does not bear it out', async () => {
  const [romeo, juliet] = await createPair('sealed first');
  const before = await keysOf(juliet);
  juliet.world.now += 90 * DAY;
  await introduce(romeo, juliet);
  await say(juliet, romeo, 'x');
  await juliet.messenger.erase();
  assert.ok(isClockInDoubt(await accountOf(juliet)));
  const after = await keysOf(juliet);
  assert.ok(after.length > before.length && before.every((key) => after.includes(key)));
});

test('I14: catching up does not bear out the clock that it is noted by', async () => {
  const [, juliet] = await createPair('first caught up');
  const before = await keysOf(juliet);
  juliet.world.now += 50 * DAY;
  await juliet.messenger.caughtUp();
  assert.ok(isClockInDoubt(await accountOf(juliet)));
  assert.equal(await keysOf(juliet), before);
});

test('the time is noted once a day and not oftener', async () => {
  const [romeo, juliet] = await createPair('noted');
  await tell(romeo, juliet, 'x');
  assert.is((await accountOf(juliet)).clockAt, undefined, 'when the bundle was published is note enough');
  juliet.world.now += DAY;
  await tell(romeo, juliet, 'x');
  const { clockAt } = await accountOf(juliet);
  assert.is(clockAt, juliet.world.now);
  await tell(romeo, juliet, 'x');
  const before = await snapshot(juliet);
  await juliet.messenger.erase();
  assert.is((await accountOf(juliet)).clockAt, clockAt);
  assert.is(await snapshot(juliet), before);
});

test('a jump that stood for a week and six more is forgotten; a clock behind is not taken for one put right', () => {
  const base: Pick<AccountRecord, 'clockAt'> = { clockAt: DAY * 1000 };
  let account = base as AccountRecord;
  const note = (day: number): AccountRecord => {
    account = timeNoted(account, day * DAY, RULES);
    return account;
  };
  assert.equal(note(1043).clockJump, { from: 1000 * DAY, to: 1043 * DAY, confirmed: false });
  assert.is(note(1050).clockJump?.confirmed, true);
  assert.ok(wasWrong(account, 1010 * DAY), 'the clock may have been put right');
  assert.not(wasWrong(account, 900 * DAY), 'it is behind');
  assert.equal(note(900), account);
  assert.ok(note(1080).clockJump);
  assert.equal(note(1090), { clockAt: 1090 * DAY });
  assert.not(wasWrong(account, 1010 * DAY));
});

test.run();
