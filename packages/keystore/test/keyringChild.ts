// One step with the session's keyring, for keyring.test.ts: its outcome is one line of JSON.
//   node keyringChild.ts make|open|set|remove DIRECTORY SERVICE [ACCOUNT]
import { createFileStorage, openFileStorage } from '../src/fileStorage.js';
import { createAccount, createKeyStore, openKeyStore } from '../src/index.js';
import { keyringSecret, systemKeyring } from '../src/keyringSecret.js';
import { clock, crypto, owner, random } from './fixture.js';

const [step, directory = '', service = '', account = ''] = process.argv.slice(2);
const keyring = systemKeyring();
const secret = keyringSecret({ keyring, service, random });

try {
  const begun = performance.now();
  if (step === 'make') {
    const storage = await createFileStorage({ directory, secret, random, crypto });
    const { sealedBy } = storage;
    await (await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }))).close();
    tell({ sealedBy });
  } else if (step === 'open') {
    const storage = await openFileStorage({ directory, secret, random, crypto });
    const unlocked = performance.now() - begun;
    const store = await openKeyStore(storage);
    tell({ owner: store.owner, unlocked });
    await store.close();
  } else if (step === 'set') {
    await keyring.set(service, account, random(32));
    tell({});
  } else if (step === 'remove') {
    await keyring.remove(service, account);
    tell({ left: (await keyring.get(service, account)) !== undefined });
  } else throw new Error(`no step ${step}`);
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  tell({ code, message });
}

function tell(outcome: object): void {
  console.log(JSON.stringify(outcome));
}
