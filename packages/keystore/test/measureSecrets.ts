// How long each kind of secret takes to open a store, and a token to sign, agree and forget: the figures of
// docs/where-secrets-live.md. The keyring is that of the session, and its row is left out where there is none.
//   node --import tsx --conditions=@stanzaseal/source packages/keystore/test/measureSecrets.ts
import {
  createFileStorage,
  type ErasurePlace,
  givenKeySecret,
  openFileStorage,
  passphraseSecret,
  type ScryptCost,
  type StoreSecret,
} from '../src/fileStorage.js';
import { createAccount, createKeyStore } from '../src/index.js';
import { keyringSecret, systemKeyring } from '../src/keyringSecret.js';
import {
  generatePkcs11Key,
  pkcs11AgreementKey,
  pkcs11Erasure,
  pkcs11Secret,
  pkcs11SigningKey,
  pkcs11Token,
} from '../src/pkcs11/index.js';
import { clock, crypto, owner, random, temporaryDirectory } from './fixture.js';
import { PIN, softHsm } from './softToken.js';

const account = await createAccount({ owner, random, clock, crypto });
const key = random(32);

await row('a key of the application', () => givenKeySecret(key));
for (const log of [16, 17, 18]) {
  const cost = { N: 2 ** log, r: 8, p: 1 };
  await row(`passphrase, scrypt N = 2^${log}`, (isNew) =>
    passphraseSecret({ passphrase: 'x', ...(isNew && { cost }) }),
  );
  tell(`a guess, processor time, N = 2^${log}`, await guesses(cost));
}
await keyringRow();
await tokenRows();

/** Median of openings, each with a secret of its own. */
async function row(name: string, secretOf: (isNew: boolean) => StoreSecret, erasure?: ErasurePlace): Promise<void> {
  const directory = temporaryDirectory();
  const more = { random, crypto, ...(erasure && { erasure }) };
  const storage = await createFileStorage({ directory, secret: secretOf(true), ...more });
  await (await createKeyStore(storage, account)).close();
  const times = await timed(9, async () =>
    (await openFileStorage({ directory, secret: secretOf(false), ...more })).close(),
  );
  tell(`open: ${name}`, times);
}

async function keyringRow(): Promise<void> {
  const service = 'stanzaseal measurement';
  const keyring = systemKeyring();
  const shared = { keyring, service, account: 'one', random };
  try {
    await keyring.remove(service, 'one');
  } catch (error) {
    return void console.log(`open: keyring: left out, ${(error as Error).message}`);
  }
  await row('keyring', () => keyringSecret(shared));
  await keyring.remove(service, 'one');
}

async function tokenRows(): Promise<void> {
  const hsm = await softHsm('measured');
  if (hsm === undefined) return;
  const { library } = hsm;
  const open = () => pkcs11Token({ library, label: 'measured', pin: PIN });
  const closing: { close(): Promise<void> }[] = [];
  await row('token, with its log-in', () => {
    void closing.pop()?.close();
    const token = open();
    closing.push(token);
    return pkcs11Secret({ token, keyLabel: 'store', random, crypto });
  });
  const token = open();
  const secret = () => pkcs11Secret({ token, keyLabel: 'store', random, crypto });
  await row('token, logged in', secret);
  await row('token, logged in, erasure key there too', secret, pkcs11Erasure(token));
  for (const algorithm of ['Ed25519', 'P-256'] as const) {
    const keyLabel = `sign ${algorithm}`;
    await generatePkcs11Key({ token, keyLabel, algorithm, use: 'sign', random, crypto });
    const signer = await pkcs11SigningKey({ token, keyLabel, crypto });
    tell(`sign in the token: ${algorithm}`, await timed(300, () => signer.sign(key)));
  }
  for (const algorithm of ['X25519', 'P-256'] as const) {
    const keyLabel = `agree ${algorithm}`;
    await generatePkcs11Key({ token, keyLabel, algorithm, use: 'agree', random, crypto });
    const agreement = await pkcs11AgreementKey({ token, keyLabel, crypto });
    tell(`agree in the token: ${algorithm}`, await timed(300, () => agreement.agree(agreement.publicKey)));
  }
  await eraseRow('the file', undefined);
  await eraseRow('the token', pkcs11Erasure(token));
  await token.close();
}

/** Time of a commit that erases a prekey. */
async function eraseRow(where: string, erasure: ErasurePlace | undefined): Promise<void> {
  const parameters = { directory: temporaryDirectory(), secret: givenKeySecret(key), random, crypto };
  const store = await createKeyStore(await createFileStorage({ ...parameters, ...(erasure && { erasure }) }), account);
  const names = (await store.entries('prekeys')).map(([name]) => name);
  const times = await timed(30, (i) =>
    store.commit([{ table: 'prekeys', key: names[i] as string, record: undefined }]),
  );
  tell(`erase a prekey, its key in ${where}`, times);
  await store.close();
}

/** What a guess takes of a core, whoever else uses it. */
async function guesses(cost: ScryptCost): Promise<number[]> {
  const secret = passphraseSecret({ passphrase: 'x', cost });
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = process.cpuUsage();
    await secret.create(random(32));
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b);
}

async function timed(runs: number, work: (i: number) => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    await work(i);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b);
}

function tell(name: string, times: readonly number[]): void {
  const [median, worst] = [times[times.length >> 1] ?? 0, times.at(-1) ?? 0];
  console.log(`${name.padEnd(48)} median ${median.toFixed(2)} ms, worst ${worst.toFixed(2)} ms`);
}
