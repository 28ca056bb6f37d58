/**
 * A client that is killed at any moment: a history on disk by the messages' names, and a stream of numbered messages of its own. It
 * says `ready` when it has caught up.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { toHex } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createFileStorage, givenKeySecret, openFileStorage } from '@stanzaseal/keystore/file';
import { createMessenger } from '@stanzaseal/messenger';
import { child, element, NS, textOf } from '@stanzaseal/stanza';
import { client, xml } from '@xmpp/client';
import { sealed } from '../../src/index.js';

const [service = '', owner = '', password = '', peer = '', folder = ''] = process.argv.slice(2);
const [username = '', domain = ''] = owner.split('@');
const [crypto, clock] = [createCryptoProvider(), Date.now];
const place = { directory: `${folder}/keys`, secret: givenKeySecret(new Uint8Array(32)), random, crypto };

/** Lines of a file that are whole; appending makes a line durable. */
function linesOf(path: string): { readonly lines: Set<string>; append(line: string): void } {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const file = openSync(path, 'a');
  // What a kill left of a line ends here.
  if (whole.length < text.length) writeSync(file, '\n');
  process.on('exit', () => closeSync(file));
  return {
    lines: new Set(text.split('\n').filter((line) => line !== '')),
    append(line) {
      writeSync(file, `${line}\n`);
      fsyncSync(file);
    },
  };
}

const store = existsSync(place.directory)
  ? await openKeyStore(await openFileStorage(place))
  : await createKeyStore(await createFileStorage(place), await createAccount({ owner, random, clock, crypto }));
const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => undefined });
const [history, given, taken] = ['history', 'given', 'taken'].map((name) => linesOf(`${folder}/${name}`)) as [
  ReturnType<typeof linesOf>,
  ReturnType<typeof linesOf>,
  ReturnType<typeof linesOf>,
];
const xmpp = client({
  service,
  domain,
  username,
  password,
  resource: 'killed',
  credentials: async (authenticate: (...args: unknown[]) => Promise<void>) =>
    authenticate({ username, password }, 'PLAIN', xml('user-agent', { id: globalThis.crypto.randomUUID() })),
} as Parameters<typeof client>[0]);
xmpp.on('error', () => undefined);
const connection = sealed(xmpp, messenger, {
  store,
  clock,
  random,
  onEvent: (event) => {
    if (event.kind === 'unopened' && !event.isOwn) given.append(`unopened ${event.id}`);
  },
  onMessage: (message) => {
    const body = child(message.stanza, NS.CLIENT, 'body');
    const text = body === undefined ? '' : textOf(body);
    if (message.plain) return given.append(`plain ${text}`);
    const name = `${toHex(message.sender.device)} ${toHex(message.messageId)} ${text}`;
    given.append(name);
    if (history.lines.has(name)) return undefined;
    history.append(name);
    history.lines.add(name);
    return undefined;
  },
});
await connection.start();
console.log('ready');

// Each number has its own message id: taken twice, because the process ended before it was noted, it is one message.
for (let i = taken.lines.size; ; i++) {
  const messageId = new Uint8Array(16);
  new DataView(messageId.buffer).setUint32(0, i);
  const body = element(NS.CLIENT, 'body', {}, [`${i}`]);
  await connection
    .send(element(NS.CLIENT, 'message', { to: peer, type: 'chat' }, [body]), { messageId })
    .catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
    });
  taken.append(`${i}`);
  await new Promise((resolve) => setTimeout(resolve, 40));
}
