/** A store that was last looked at long ago, at a shell: its clock is in doubt, is shown so, and is confirmed (I14). */
import { join } from 'node:path';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore } from '@stanzaseal/keystore';
import { createFileStorage } from '@stanzaseal/keystore/file';
import { createMessenger } from '@stanzaseal/messenger';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { folder, stanzaseal, write } from './shell.js';

const test = suite('a clock in doubt at the shell');
const DAY = 86_400_000;

test('I14: store show tells it, store rotate erases nothing for its age, --confirm-clock does', async () => {
  write('pass', 'wherefore art thou\n');
  const crypto = createCryptoProvider();
  const then = Date.now() - 90 * DAY;
  const clock = (): number => then;
  const cost = { N: 2 ** 16, r: 8, p: 1 };
  const directory = join(folder, 'juliet');
  const storage = await createFileStorage({ directory, passphrase: 'wherefore art thou', cost, random, crypto });
  const changes = await createAccount({ owner: 'juliet@capulet.example', random, clock, crypto });
  const store = await createKeyStore(storage, changes);
  await createMessenger({ store, crypto, random, clock, onEvent: () => undefined }).publish();
  await store.close();
  const run = (args: string) => stanzaseal(`${args} --store juliet --passphrase-file pass`);
  const shown = JSON.parse(run('store show --json').stdout.toString());
  conformsTo('storeShow')(shown);
  assert.is(shown.clockDoubt.known, new Date(then).toISOString());
  assert.match(run('store show').stdout.toString(), /^clock {8}in doubt: the latest time known is 20\d\d-/m);
  const first = run('store rotate --json');
  assert.is(JSON.parse(first.stdout.toString()).erased, 0);
  assert.match(first.stderr, /^warning: the clock shows 20/m);
  assert.is(JSON.parse(run('store rotate --json --confirm-clock').stdout.toString()).erased, 101);
  assert.is(JSON.parse(run('store show --json').stdout.toString()).clockDoubt, undefined);
});

test.run();
