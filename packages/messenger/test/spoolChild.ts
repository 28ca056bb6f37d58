// A device at work: publishes, opens and accepts what waits in its spool, answers now and then, erases, and says each when it is done.
// Arguments: kind of storage, directory, file of the spool ([number, stanza] each), time in ms.
import { readFileSync } from 'node:fs';
import { toBase64 } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { openKeyStore } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import { element, NS, readXml, writeXml } from '@stanzaseal/stanza';
import { type DiskKind, deviceStorage } from './deviceStorage.js';

const [kind = 'file', directory = '', spool = '', now = '0'] = process.argv.slice(2);
const store = await openKeyStore(await deviceStorage(kind as DiskKind, directory).open());
const messenger = createMessenger({
  store,
  crypto: createCryptoProvider(),
  random,
  clock: () => Number(now),
  onEvent: () => undefined,
});
const say = (what: object) => new Promise((resolve) => process.stdout.write(`${JSON.stringify(what)}\n`, resolve));

const { deviceList, prekeyBundle } = await messenger.publish();
await say({ published: [deviceList, prekeyBundle].map(toBase64) });
for (const [number, text] of JSON.parse(readFileSync(spool, 'utf8')) as [number, string][]) {
  const opened = await messenger.open(readXml(text));
  if (opened.status === 'opened') await opened.accept();
  await say({ accepted: number });
  if (number % 5 !== 0 || opened.status !== 'opened') continue;
  const answer = element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.CLIENT, 'body', {}, ['and again'])]);
  const { stanza } = await messenger.seal(answer, { to: opened.sender.jid });
  await say({ answer: writeXml(stanza) });
}
await messenger.caughtUp();
await messenger.erase();
await say({ done: true });
process.stdin.resume(); // until it is killed
