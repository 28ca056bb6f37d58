/** Makes `test-vectors/replay`: arrivals at a messenger, in order, with their outcome. */
import { fromUtf8, type RandomSource } from '@stanzaseal/cms';
import {
  createAccount,
  createKeyStore,
  createMemoryStorage,
  encodeRecord,
  type KeyStore,
  type StoredRecord,
  TABLE_NAMES,
} from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { readXml, writeXml } from '@stanzaseal/stanza';
import { JULIET, NOW, ROMEO } from './people.js';
import { crypto, type Draft, octets, writeVectors } from './vectorWriter.js';

function labelled(label: string): RandomSource {
  let drawn = 0;
  return (length) => Uint8Array.from(Buffer.from(octets(`${label} ${drawn++}`, length), 'hex'));
}

async function person(owner: string, label = owner): Promise<{ store: KeyStore; messenger: Messenger }> {
  const random = labelled(label);
  const clock = (): number => NOW;
  const changes = await createAccount({ owner, random, clock, crypto });
  // Four one-time prekeys are enough for a vector.
  const oneTime = changes.filter(({ record }) => (record as { class?: string }).class === 'one-time');
  const store = await createKeyStore(
    createMemoryStorage(),
    changes.filter((change) => !oneTime.slice(4).includes(change)),
  );
  const rules = { refillBelow: 1, oneTimePrekeys: 4 };
  return { store, messenger: createMessenger({ store, crypto, random, clock, onEvent: () => undefined, rules }) };
}

async function records(store: KeyStore): Promise<string> {
  const lines: string[] = [];
  for (const table of TABLE_NAMES) {
    for (const [key, record] of await store.entries(table))
      lines.push(fromUtf8(encodeRecord({ table, key, record } as StoredRecord)));
  }
  return lines.join('');
}

const romeo = await person(ROMEO);
const juliet = await person(JULIET);
const impostor = await person(ROMEO, 'impostor');
const { deviceList, prekeyBundle } = await juliet.messenger.publish();
for (const { messenger } of [romeo, impostor]) await messenger.importKeys([deviceList, prekeyBundle]);
const store = await records(juliet.store);

const send = async ({ messenger }: { messenger: Messenger }, body: string): Promise<string> => {
  const stanza = readXml(`<message xmlns="jabber:client" type="chat" to="${JULIET}"><body>${body}</body></message>`);
  return writeXml((await messenger.seal(stanza, { to: JULIET })).stanza);
};
const first = await send(romeo, 'one');
const second = await send(romeo, 'two');
const third = await send(romeo, 'three');
const forged = await send(impostor, 'it is I, Romeo');

const vector = (file: string, title: string, stanzas: string[], expect = 'success'): Draft => ({
  file,
  title,
  source: 'docs/specification.md, replay memories and warnings',
  operation: 'messenger.open',
  expect,
  input: { store, now: NOW + 60_000, stanzas },
});

await writeVectors('replay', [
  vector('in-order', 'three messages in order', [first, second, third]),
  vector('first-contact', 'a first message, its sender unknown', [first]),
  vector('duplicate', 'the same message twice', [first, first]),
  vector('duplicate-late', 'the first message again after the third', [first, second, third, first]),
  vector('gap', 'the second message is missing', [first, third]),
  vector('reordered', 'the second message comes last', [first, third, second]),
  vector('bounce', 'an error stanza is not opened', [first.replace('type="chat"', 'type="error"')]),
  vector('identity-changed', 'another identity under a pinned address', [first, forged], 'ERR_OPEN'),
  vector(
    'not-sealed',
    'a plain message',
    [`<message xmlns="jabber:client" type="chat" from="${ROMEO}" to="${JULIET}"><body>hi</body></message>`],
    'ERR_OPEN',
  ),
]);
