/**
 * Whole stanzas through `messenger` over a memory store: XML, padding, contexts, prekeys, replay memory.
 * @module
 */
import { type CryptoProvider, decodeAuthEnvelopedData, fromBase64, type RandomSource } from '@stanzaseal/cms';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { child, NS, readXml, textOf, writeXml, type XmlElement } from '@stanzaseal/stanza';
import type { Job } from './rounds.js';

/**
 * Sealing and opening a stanza with so much text; opening without accepting, so that the same octets open again. `octets` is
 * what the stanza is padded to.
 */
export async function createMessengerJobs(
  crypto: CryptoProvider,
  random: RandomSource,
  textLength: number,
): Promise<{ seal: Job; open: Job; octets: number }> {
  const romeo = await account('romeo@montague.example', crypto, random);
  const juliet = await account('juliet@capulet.example', crypto, random);
  await introduce(juliet, romeo);
  await introduce(romeo, juliet);
  // One turn each way, so that both know each other's keys and answer on reply prekeys.
  await deliver(romeo, juliet);
  await deliver(juliet, romeo);
  const text = `<message xmlns='jabber:client' type='chat' to='${juliet.owner}' id='1'><body>${'x'.repeat(textLength)}</body></message>`;
  const sealed = writeXml((await romeo.seal(readXml(text), { to: juliet.owner })).stanza);
  const name = `messenger, ${crypto.name}`;
  const object = decodeAuthEnvelopedData(fromBase64(textOf(child(readXml(sealed), NS.SEALED, 'sealed') as XmlElement)));
  return {
    octets: object.encryptedContent.length,
    seal: { name, run: async () => writeXml((await romeo.seal(readXml(text), { to: juliet.owner })).stanza) },
    open: {
      name,
      run: async () => {
        const opened = await juliet.open(readXml(sealed));
        if (opened.status !== 'opened') throw new Error('stanza did not open');
        return writeXml(opened.stanza);
      },
    },
  };
}

async function account(owner: string, crypto: CryptoProvider, random: RandomSource): Promise<Messenger> {
  const clock = Date.now;
  const store = await createKeyStore(createMemoryStorage(), await createAccount({ owner, random, clock, crypto }));
  return createMessenger({ store, crypto, random, clock, onEvent: () => undefined });
}

async function introduce(who: Messenger, to: Messenger): Promise<void> {
  const { deviceList, prekeyBundle } = await who.publish();
  await to.importKeys([deviceList, prekeyBundle]);
}

async function deliver(from: Messenger, to: Messenger): Promise<void> {
  const stanza = readXml(`<message xmlns='jabber:client' type='chat' to='${to.owner}'><body>turn</body></message>`);
  const opened = await to.open((await from.seal(stanza, { to: to.owner })).stanza);
  if (opened.status === 'opened') await opened.accept();
}
