// Two people at two terminals: node chat.js JID PASSWORD-FILE DIRECTORY THEIR-JID. Lines typed are sent, lines that come are shown; it ends
// with the input. What is written while the other side is away, or nobody is connected, comes later.
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createFileStorage, openFileStorage } from '@stanzaseal/keystore/file';
import { createMessenger } from '@stanzaseal/messenger';
import { child, element, NS, textOf } from '@stanzaseal/stanza';
import { sealed } from '@stanzaseal/xmpp';
import { client } from '@xmpp/client';

const [jid = '', passwordFile = '', directory = '', to = ''] = process.argv.slice(2);
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
const messenger = createMessenger({
  store,
  crypto,
  random,
  clock,
  onEvent: ({ kind }) =>
    kind === 'key-changed' && console.log(`THE KEY OF SOMEBODY CHANGED: ask them before you go on`),
});
const xmpp = client({ service: process.env.XMPP_SERVICE ?? domain, domain, username, password });
xmpp.on('error', (error) => console.error(error.message));

const chat = sealed(xmpp, messenger, {
  store,
  clock,
  random,
  // A real one keeps the text here, before it is accepted: nothing opens twice.
  onMessage: (message) => {
    const body = child(message.stanza, NS.CLIENT, 'body');
    if (body === undefined) return;
    const how = message.plain ? 'NOT SEALED' : message.sender.trust;
    console.log(`${message.isOwn ? jid : message.conversation} (${how}): ${textOf(body)}`);
  },
  onEvent: (event) => event.kind === 'failed' && console.log(`not sent, yet: ${event.condition}`),
});
await chat.start();
console.log(`${jid} is there`);
for await (const line of createInterface({ input: process.stdin })) {
  const body = element(NS.CLIENT, 'body', {}, [line]);
  await chat.send(element(NS.CLIENT, 'message', { to, type: 'chat' }, [body]));
}
while (chat.outbox.pending().some(({ state }) => state === 'waiting' || state === 'sent'))
  await new Promise((go) => setTimeout(go, 50));
await chat.stop();
await store.close();
