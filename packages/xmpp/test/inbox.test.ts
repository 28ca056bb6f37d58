// What a crash brings to the application once more is bounded: messages are handled in groups of sixteen at most, in their order.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createInbox } from '../src/arrival/inbox.js';

const test = suite('inbox');
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('what came at once, or waited behind an archive, is handled in groups of sixteen at most', async () => {
  const groups: (readonly number[])[] = [];
  const inbox = createInbox<number>(async (items) => void groups.push(items));
  for (const number of numbers(40)) inbox.take('juliet@capulet.example', number);
  await inbox.settled();
  assert.equal(
    groups.splice(0).map(({ length }) => length),
    [16, 16, 8],
  );
  inbox.hold('juliet@capulet.example');
  for (const number of numbers(33)) inbox.take('juliet@capulet.example', number);
  inbox.release('juliet@capulet.example');
  await inbox.settled();
  assert.equal(
    groups.map(({ length }) => length),
    [16, 16, 1],
  );
  assert.equal(groups.flat(), numbers(33));
});

test('of a thousand that wait for an archive one more lets all of them go, and says so once', async () => {
  const groups: (readonly number[])[] = [];
  const inbox = createInbox<number>(async (items) => void groups.push(items));
  const [juliet, room] = ['juliet@capulet.example', 'orchard@rooms.capulet.example'];
  for (const archive of [juliet, room]) inbox.hold(archive);
  for (const number of numbers(1000)) for (const archive of [juliet, room]) inbox.take(archive, number);
  assert.equal([inbox.overflowed(juliet), inbox.overflowed(room)], [false, false]);
  inbox.take(juliet, 1000);
  assert.equal([inbox.overflowed(juliet), inbox.overflowed(room), inbox.overflowed(juliet)], [true, false, false]);
  inbox.take(juliet, 1001);
  for (const archive of [juliet, room]) inbox.release(archive);
  await inbox.settled();
  assert.equal(groups.flat(), [1001, ...numbers(1000)]);
});

test('what comes while a group is handled is not added to it', async () => {
  const groups: (readonly number[])[] = [];
  const inbox = createInbox<number>(async (items) => {
    groups.push([...items]);
    if (groups.length === 1) for (const number of [2, 3]) inbox.take('juliet@capulet.example', number);
  });
  inbox.take('juliet@capulet.example', 1);
  await inbox.settled();
  await inbox.settled();
  assert.equal(groups, [[1], [2, 3]]);
});

test.run();
