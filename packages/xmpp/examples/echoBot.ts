// A bot that says back what it is told: node echoBot.js JID PASSWORD-FILE DIRECTORY. It ends by SIGTERM, and answers later what came meanwhile.
import { existsSync, readFileSync } from 'node:fs';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createFileStorage, openFileStorage } from '@stanzaseal/keystore/file';
import { createMessenger } from '@stanzaseal/messenger';
import { child, element, NS, textOf } from '@stanzaseal/stanza';
import { sealed } from '@stanzaseal/xmpp';
import { client } from '@xmpp/client';

const [jid = '', passwordFile = '', directory = ''] = process.argv.slice(2);
const [username = '', domain = ''] = jid.split('@');
const password = readFileSync(passwordFile, 'utf8').trim();
const [crypto, clock] = [createCryptoProvider(), Date.now];

const place = { directory, passphrase: password, random, crypto };
const store = existsSync(directory)
  ? await openKeyStore(await openFileStorage(place))
  : await createKeyStore(
      await createFileStorage({ ...place, cost: { N: 2 ** 16, r: 8, p: 1 } }),
      await createAccount({ owner: jid, random, clock, crypto }),
    );
const messenger = createMessenger({ store, crypto, random, clock, onEvent: console.log });
const xmpp = client({ service: process.env.XMPP_SERVICE ?? domain, domain, username, password });
xmpp.on('error', (error) => console.error(error.message));

const bot = sealed(xmpp, messenger, {
  store,
  clock,
  random,
  // What nobody sealed might be from anybody: it gets no answer.
  plaintext: { received: 'drop' },
  // Once the answer is durable in the outbox the question is accepted; who dies in between answers twice.
  onMessage: async (message) => {
    const body = child(message.stanza, NS.CLIENT, 'body');
    if (message.plain || message.isOwn || body === undefined) return;
    const answer = element(NS.CLIENT, 'body', {}, [`you said: ${textOf(body)}`]);
    const stanza = element(NS.CLIENT, 'message', { to: message.conversation, type: 'chat' }, [answer]);
    await bot.send(stanza);
  },
  onEvent: ({ kind }) => console.log(kind),
});
process.once('SIGTERM', async () => {
  await bot.stop();
  await store.close();
});
await bot.start();
console.log(`${jid} is there`);
