// A page that talks (page.html): private keys are in IndexedDB, where nobody gets their octets, and one tab at a time has them.
import { toHex } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createIndexedDbStorage, openIndexedDbStorage } from '@stanzaseal/keystore/indexeddb';
import { createMessenger } from '@stanzaseal/messenger';
import { child, element, NS, textOf } from '@stanzaseal/stanza';
import { type Message, type SealedConnection, sealed } from '@stanzaseal/xmpp';
import { client } from '@xmpp/client';

const [crypto, clock] = [createCryptoProvider(), Date.now];
const at = (id: string) => document.getElementById(id) as HTMLFormElement;
let connection: SealedConnection | undefined;
keep();

/** Kept once, however often it comes; in the clear, as all that a page keeps; and read anew, for other tabs write too. */
function keep(name?: string, line = ''): void {
  const history = new Map<string, string>(JSON.parse(localStorage.history ?? '[]'));
  if (name && !history.has(name)) localStorage.history = JSON.stringify([...history.set(name, line)]);
  at('history').replaceChildren([...history.values()].join('\n'));
}

function received(message: Message): void {
  const body = child(message.stanza, NS.CLIENT, 'body');
  const line = `${message.isOwn ? 'to ' : ''}${message.conversation}: ${body && textOf(body)}`;
  if (message.plain) keep(message.archiveId ?? `${message.time}`, `PLAIN ${line}`);
  else keep(toHex(message.sender.device) + toHex(message.messageId), line);
}

async function logIn(service: string, jid: string, password: string): Promise<void> {
  const [username = '', domain = ''] = jid.split('@');
  const place = { name: jid, crypto, patience: 1000 }; // then ERR_IN_USE, where another tab has it
  const isNew = (await indexedDB.databases()).every(({ name }) => name !== jid);
  const store = isNew
    ? await createKeyStore(
        await createIndexedDbStorage(place),
        await createAccount({ owner: jid, random, clock, crypto }),
      )
    : await openKeyStore(await openIndexedDbStorage(place));
  await navigator.storage.persist();
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: console.log });
  const xmpp = client({ service, domain, username, password });
  xmpp.on('error', (error) => at('state').replaceChildren(error.message));
  connection = sealed(xmpp, messenger, { store, clock, random, onMessage: received, onEvent: console.log });
  await connection.start();
  at('state').replaceChildren(`online as ${jid}`);
}

at('login').onsubmit = at('say').onsubmit = (event) => {
  event.preventDefault();
  const [a = '', b = '', c] = [...new FormData(event.target as HTMLFormElement).values()].map(String);
  (c ? logIn(a, b, c) : say(a, b)).catch((error) => at('state').replaceChildren(error.message));
};

async function say(to: string, text: string): Promise<void> {
  const body = element(NS.CLIENT, 'body', {}, [text]);
  const id = await connection?.send(element(NS.CLIENT, 'message', { to, type: 'chat' }, [body]));
  if (id) keep(toHex(id), `to ${to}: ${text}`);
}
