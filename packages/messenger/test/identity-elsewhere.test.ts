// An account whose identity key is in a token keeps its device list alive as any other does.
import { generatePrivateKey, type SigningKey } from '@stanzaseal/cms';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import { verifyDeviceList } from '@stanzaseal/signer';
import { createWorld, DAY } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('an identity key held elsewhere');

test('the device list is signed anew by it when it grows old; an absent token is told, and changes nothing', async () => {
  const world = createWorld('elsewhere');
  const { crypto, random } = world;
  const clock = (): number => world.now;
  const key = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  let absent = false;
  const identity: SigningKey = {
    publicKey: key.publicKey,
    sign: (octets) => (absent ? Promise.reject(new Error('token is not there')) : key.sign(octets)),
  };
  const changes = await createAccount({ owner: 'juliet@capulet.example', identity, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes, { identity });
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => {} });
  const versionOf = async (): Promise<number> => {
    const { list } = await verifyDeviceList((await messenger.publish()).deviceList, crypto);
    assert.equal(list.identity.raw, key.publicKey.raw);
    return list.listVersion;
  };
  assert.is(await versionOf(), 1);
  world.now += 8 * DAY;
  absent = true;
  try {
    await messenger.publish();
    assert.unreachable('it was signed without the token');
  } catch (error) {
    assert.match((error as Error).message, 'token is not there');
  }
  absent = false;
  assert.is(await versionOf(), 2);
});

test.run();
