// A component that tells the time: node component.js DOMAIN SECRET-FILE DIRECTORY. No server keeps keys for it, so it writes what it publishes to
// DIRECTORY.bundle; who wants to write to it takes that in first (`stanzaseal bundle import`). It ends by SIGTERM.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { encodePem } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createFileStorage, openFileStorage } from '@stanzaseal/keystore/file';
import { createMessenger } from '@stanzaseal/messenger';
import { element, NS } from '@stanzaseal/stanza';
import { sealed, type XmppEntity } from '@stanzaseal/xmpp';

// There is no release 0.14 of @xmpp/component; 0.13 is CommonJS.
const { component } = createRequire(import.meta.url)('@xmpp/component') as { component(options: object): XmppEntity };

const [domain = '', secretFile = '', directory = ''] = process.argv.slice(2);
const password = readFileSync(secretFile, 'utf8').trim();
const [crypto, clock, owner] = [createCryptoProvider(), Date.now, `time@${domain}`];

const place = { directory, passphrase: password, random, crypto };
const store = existsSync(directory)
  ? await openKeyStore(await openFileStorage(place))
  : await createKeyStore(
      await createFileStorage({ ...place, cost: { N: 2 ** 16, r: 8, p: 1 } }),
      await createAccount({ owner, random, clock, crypto }),
    );
const messenger = createMessenger({ store, crypto, random, clock, onEvent: console.log });
const { deviceList, prekeyBundle } = await messenger.publish();
writeFileSync(`${directory}.bundle`, [deviceList, prekeyBundle].map((der) => encodePem('CMS', der)).join(''));

const entity = component({ service: process.env.XMPP_SERVICE, domain, password });
entity.on('error', (error) => console.error(String(error)));
const service = sealed(entity, messenger, {
  store,
  clock,
  random,
  // A component has no archive of its own: what comes while it is away is lost, or bounced to who sent it.
  archive: 'absent-ok',
  plaintext: { received: 'drop' },
  onMessage: async ({ plain, conversation }) => {
    if (plain) return;
    const answer = element(NS.CLIENT, 'body', {}, [`it is ${new Date(clock()).toISOString()}`]);
    await service.send(element(NS.CLIENT, 'message', { to: conversation, type: 'chat' }, [answer]));
  },
  onEvent: ({ kind }) => console.log(kind),
});
process.once('SIGTERM', async () => {
  await service.stop();
  await store.close();
});
await service.start();
console.log(`${owner} is there`);
