// Devices by their accounts: what was put is found, what was removed is not, and an account without devices costs nothing.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceIndex } from '../src/deviceIndex.js';
import type { PeerDeviceRecord } from '../src/records.js';

const test = suite('device index');
const JULIET = 'juliet@capulet.example';
const deviceOf = (owner: string, octet: number): PeerDeviceRecord => ({
  owner,
  device: new Uint8Array(32).fill(octet),
  endorsed: true,
  bundleSequence: 0,
  bundleNotAfter: 0,
  oneTime: [],
});

test('a record replaces the one before, goes when it is removed, and moves with its owner', () => {
  const index = new DeviceIndex();
  const [first, second, newer] = [deviceOf(JULIET, 1), deviceOf(JULIET, 2), deviceOf(JULIET, 3)];
  index.change('1', undefined, first);
  index.change('2', undefined, second);
  index.change('1', first, newer);
  assert.equal(index.of(JULIET), [newer, second]);
  index.change('2', second, undefined);
  assert.equal(index.of(JULIET), [newer]);
  const moved = deviceOf('nurse@capulet.example', 3);
  index.change('1', newer, moved);
  assert.equal([index.of(JULIET), index.of(moved.owner)], [[], [moved]]);
  index.clear();
  assert.equal(index.of(moved.owner), []);
});

test.run();
