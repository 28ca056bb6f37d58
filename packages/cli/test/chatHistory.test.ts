// The history of a chat is closed when the store is, also where the device key is in a token and gives no octets.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePrivateKey } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { type AccountRecord, createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openHistory, type Said } from '../src/chat/history.js';

const test = suite('chat history');
const crypto = createCryptoProvider();
const clock = Date.now;
const [owner, romeo] = ['juliet@capulet.example', 'romeo@montague.example'];
const said: Said = { name: 'one', at: 1, conversation: romeo, from: romeo, plain: false, text: 'wherefore' };
const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-history-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

for (const place of ['the store', 'a token'] as const) {
  test(`with the device key in ${place} it is read again, and by no other store`, async () => {
    const device = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
    const held = place === 'a token' ? { device } : {};
    const changes = await createAccount({ owner, ...held, random, clock, crypto });
    const store = await createKeyStore(createMemoryStorage(), changes, held);
    const before = new Set(await readdir(directory));
    const history = await openHistory(directory, store, { crypto, random });
    assert.is(await history.add(said), true);
    assert.is(await history.add(said), false);
    await history.close();
    const again = await openHistory(directory, store, { crypto, random });
    assert.equal(again.said, [said]);
    await again.close();

    const file = (await readdir(directory)).find((name) => !before.has(name)) as string;
    assert.not.match(readFileSync(join(directory, file), 'latin1'), 'wherefore');
    const account = (await store.get('account', 'self')) as AccountRecord;
    const other = place === 'a token' ? { localSecret: random(32) } : { deviceSecret: random(32) };
    const thief = await createKeyStore(
      createMemoryStorage(),
      [{ table: 'account', key: 'self', record: { ...account, ...other } }],
      held,
    );
    try {
      await openHistory(directory, thief, { crypto, random });
      assert.unreachable('it was read under another secret');
    } catch (error) {
      assert.is((error as { code?: string }).code, 'ERR_CORRUPT');
    }
  });
}

test.run();
