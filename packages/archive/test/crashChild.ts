// Rewraps or shreds an archive until it is done or killed: a process of its own for the crash tests. Its keys are those of the test: both draw
// them first from the same seed.
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openRetention, openRights } from '../src/index.js';
import { JULIET, opened, type Place } from './fixture.js';
import { agreementPair, recordKey, token } from './rightsFixture.js';

const [, , work = '', url = '', end = ''] = process.argv;
const [epoch1, epoch2] = [await agreementPair(), await agreementPair()];
/** Erasing draws for the new key and for each entry that stays: a line for each, so that it is killed anywhere between. */
const random = (length: number) => {
  if (work === 'shred') writeSync(1, 'drew\n');
  return new Uint8Array(randomBytes(length));
};
const { archive } = await opened(undefined as unknown as Place, { random }, url);
if (work === 'rewrap') {
  const options = { recordKey, privateKeys: token(epoch1, epoch2), onEvent: () => undefined };
  const rights = await openRights(archive, options);
  process.stdout.write('begun\n');
  const { left, mismatched, count } = await rights.rewrap('organisation', undefined, ({ done }) => {
    process.stdout.write(`${done}\n`);
  });
  process.stdout.write(`${JSON.stringify({ left, mismatched, count })}\n`);
} else {
  const retention = await openRetention(archive, { recordKey });
  process.stdout.write('begun\n');
  const resumed = await retention.resume();
  const shredded = resumed.length > 0 ? [] : await retention.shred({ owner: JULIET, end: Number(end) }, 'crash');
  process.stdout.write(`${JSON.stringify([...resumed, ...shredded])}\n`);
}
await archive.close();
