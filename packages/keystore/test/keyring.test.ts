import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex, toUtf8 } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoreSecret } from '../src/fileStorage.js';
import {
  type Keyring,
  type KeyringBinding,
  type KeyringKind,
  keyringSecret,
  systemKeyring,
} from '../src/keyringSecret.js';
import { codeOf, errorOf, owner, random, temporaryDirectory } from './fixture.js';

const test = suite('keyring');
const salt = random(32);
const service = 'stanzaseal test';

/** A keyring in memory. */
function memoryKeyring(kind: KeyringKind = 'secret-service'): Keyring & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  const name = (...parts: string[]) => JSON.stringify(parts);
  return {
    kind,
    entries,
    get: async (...entry) => entries.get(name(...entry))?.slice(),
    set: async (of, account, octets) => void entries.set(name(of, account), octets.slice()),
    remove: async (...entry) => void entries.delete(name(...entry)),
  };
}

const secretOf = (keyring: Keyring, more: { service?: string; account?: string } = {}): StoreSecret =>
  keyringSecret({ keyring, service, random, ...more });

test('a store key is random, kept in an entry of its own, and the same ever after', async () => {
  const keyring = memoryKeyring();
  const { key, parameters } = await secretOf(keyring).create(salt);
  const other = await secretOf(keyring).create(random(32));
  assert.is(keyring.entries.size, 2);
  assert.is.not(toHex(other.key), toHex(key));
  assert.equal(await secretOf(keyring).open(salt, parameters), key);
  const account = `store ${toHex(salt.subarray(0, 16))}`;
  assert.is(
    secretOf(keyring).describe(parameters),
    `a key in the keyring (secret-service), entry '${account}' of '${service}'`,
  );
  assert.not.match(Buffer.from(parameters).toString('hex'), toHex(key));
});

test('an entry that is there is never written over', async () => {
  const keyring = memoryKeyring();
  const { key, parameters } = await secretOf(keyring, { account: 'a' }).create(salt);
  assert.is(await codeOf(() => secretOf(keyring, { account: 'a' }).create(random(32))), 'ERR_IN_USE');
  assert.equal(await secretOf(keyring, { account: 'a' }).open(salt, parameters), key);
});

test('a store is opened by its own entry of its own keyring, or not at all', async () => {
  const keyring = memoryKeyring();
  const { parameters } = await secretOf(keyring).create(salt);
  const elsewhere = memoryKeyring('macos-keychain');
  for (const [entry, octets] of keyring.entries) elsewhere.entries.set(entry, octets);
  assert.is(await codeOf(() => secretOf(elsewhere).open(salt, parameters)), 'ERR_PASSPHRASE');
  assert.is(await codeOf(() => secretOf(keyring, { service: 'other' }).open(salt, parameters)), 'ERR_PASSPHRASE');
  assert.is(await codeOf(() => secretOf(keyring, { account: 'other' }).open(salt, parameters)), 'ERR_PASSPHRASE');
  for (const entry of keyring.entries.keys()) keyring.entries.set(entry, random(31));
  assert.is(await codeOf(() => secretOf(keyring).open(salt, parameters)), 'ERR_PASSPHRASE');
  keyring.entries.clear();
  assert.is(await codeOf(() => secretOf(keyring).open(salt, parameters)), 'ERR_PASSPHRASE');
});

test('a keyring that keeps something else is noticed before a store lies under it', async () => {
  for (const kept of [undefined, random(32)]) {
    let asked = 0;
    const forgetful: Keyring = { ...memoryKeyring(), get: async () => (asked++ === 0 ? undefined : kept) };
    assert.is(await codeOf(() => secretOf(forgetful).create(salt)), 'ERR_LOCKED');
  }
});

test('an entry named in a file is judged before it is looked up', async () => {
  const keyring: Keyring = { ...memoryKeyring(), get: async () => assert.unreachable('it was looked up') as never };
  const text = (value: string) => [...toUtf8(value)];
  const bad = [
    [],
    [1],
    [1, 1],
    [1, 1, 65],
    [0, 1, 65, 66],
    [4, 1, 65, 66],
    [1, 0, 66],
    [1, 1, 0xff, 66],
    [1, 1, 65, 0xff],
    [1, 1, 65, ...text('x'.repeat(256))],
  ];
  for (const octets of bad) {
    assert.is(await codeOf(() => secretOf(keyring).open(salt, Uint8Array.from(octets))), 'ERR_CORRUPT', `${octets}`);
  }
  for (const name of ['', 'x'.repeat(256)]) {
    assert.throws(() => secretOf(keyring, { service: name }), /service is empty or longer/);
    assert.throws(() => secretOf(keyring, { account: name }), /account is empty or longer/);
  }
});

/** A module like @napi-rs/keyring over a map; `pins`: whether it listens to the store asked for, which versions before 2.1.0 do not. */
function binding(pins: boolean, opened: unknown[]): KeyringBinding {
  return {
    AsyncEntry: class {
      constructor(of: string, account: string, options: { linux: { store: string } }) {
        if (pins && options.linux.store !== 'secret-service') throw new Error('no variant of enum LinuxStore');
        opened.push([of, account, options.linux.store]);
      }
      getSecret = async () => [1, 2, 3];
      setSecret = async () => undefined;
      deleteCredential = async () => true;
    },
  };
}

if (process.platform === 'linux') {
  test('a package that does not listen to the store asked for is never used', async () => {
    const opened: unknown[] = [];
    const keyring = systemKeyring({ binding: binding(false, opened) });
    const error = await errorOf(() => keyring.get(service, 'a'));
    assert.is(error.code, 'ERR_LOCKED');
    assert.match(error.message, 'too old');
    assert.is(opened.length, 1, 'but for the question');
    assert.is(await codeOf(() => keyring.set(service, 'a', salt)), 'ERR_LOCKED');
  });

  test('every entry is held to the Secret Service', async () => {
    const opened: unknown[] = [];
    const keyring = systemKeyring({ binding: binding(true, opened) });
    assert.is(keyring.kind, 'secret-service');
    assert.equal(await keyring.get(service, 'a'), Uint8Array.of(1, 2, 3));
    await keyring.set(service, 'b', salt);
    await keyring.remove(service, 'c');
    assert.equal(
      opened,
      ['a', 'b', 'c'].map((account) => [service, account, 'secret-service']),
    );
  });

  test('without a session bus the real package answers ERR_LOCKED, and nothing is kept anywhere', async () => {
    const directory = temporaryDirectory();
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
    const { code, message } = step(env, 'make', directory, service);
    assert.is(code, 'ERR_LOCKED', message);
    assert.not.ok(existsSync(directory));
  });
}

const missing = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'].find(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined,
);

test('in a session of its own: kept by gnome-keyring, refused while it is locked, opened when it is not', async () => {
  if (missing !== undefined) return void console.log(`SKIPPED: no ${missing} (apt-get install gnome-keyring dbus)`);
  const home = dirname(temporaryDirectory());
  const directory = temporaryDirectory();
  const sealedBy = await inSession(home, (env) => {
    const made = step(env, 'make', directory, service);
    assert.match(made.sealedBy ?? made.message ?? '', /^a key in the keyring \(secret-service\), entry 'store /);
    assert.is(step(env, 'open', directory, service).owner, owner);
    assert.is(step(env, 'open', directory, 'other').code, 'ERR_PASSPHRASE');
    lock(env);
    assert.is(step(env, 'open', directory, service).code, 'ERR_LOCKED');
    assert.is(step(env, 'make', temporaryDirectory(), service).code, 'ERR_LOCKED');
    return made.sealedBy ?? '';
  });
  await inSession(home, (env) => {
    const { owner: again, unlocked } = step(env, 'open', directory, service);
    assert.is(again, owner, 'after the next log-in');
    console.log(`(opened by gnome-keyring in ${unlocked?.toFixed(0)} ms)`);
    const account = /'(store \w+)'/.exec(sealedBy)?.[1] ?? '';
    const file = join(home, '.local/share/keyrings/login.keyring');
    const { ino } = statSync(file);
    step(env, 'set', directory, service, account);
    assert.is.not(
      statSync(file).ino,
      ino,
      'a new file: gnome-keyring does not overwrite in place, so it cannot forget',
    );
    assert.is(step(env, 'open', directory, service).code, 'ERR_PASSPHRASE', 'another key in the entry');
    assert.is(step(env, 'remove', directory, service, account).left, false);
    assert.is(step(env, 'open', directory, service).code, 'ERR_PASSPHRASE', 'no entry');
  });
});

interface Outcome {
  readonly code?: string;
  readonly message?: string;
  readonly sealedBy?: string;
  readonly owner?: string;
  readonly unlocked?: number;
  readonly left?: boolean;
}

function step(env: NodeJS.ProcessEnv, ...args: readonly string[]): Outcome {
  const child = fileURLToPath(new URL('keyringChild.ts', import.meta.url));
  const options = ['--import', 'tsx', '--conditions=@stanzaseal/source'];
  const run = spawnSync(process.execPath, [...options, child, ...args], { env, encoding: 'utf8', timeout: 30_000 });
  assert.match(run.stdout, /^\{.*\}\n$/, run.stderr);
  return JSON.parse(run.stdout);
}

/** Runs something in a session of its own: a bus with gnome-keyring on it, unlocked, which ends with the bus. */
async function inSession<T>(home: string, run: (env: NodeJS.ProcessEnv) => T): Promise<T> {
  const runtime = mkdtempSync(join(home, 'run-'));
  // A configuration of our own names no services, so that the bus starts no window to ask somebody who is not there.
  const configuration = join(runtime, 'bus.conf');
  writeFileSync(
    configuration,
    `<busconfig><type>session</type><listen>unix:dir=${runtime}</listen><policy context="default">
<allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`,
  );
  const bus = spawn('dbus-daemon', [`--config-file=${configuration}`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      bus.stdout.once('data', (octets) => resolve(String(octets).trim()));
      bus.once('error', reject);
      bus.once('exit', () => reject(new Error('the session bus ended')));
    });
    const { PATH, LANG } = process.env;
    const env = { PATH, LANG, HOME: home, XDG_RUNTIME_DIR: runtime, DBUS_SESSION_BUS_ADDRESS: address };
    execFileSync('gnome-keyring-daemon', ['--unlock', '--components=secrets'], {
      env,
      input: 'of Montague\n',
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: 10_000,
    });
    return run(env);
  } finally {
    bus.kill();
  }
}

function lock(env: NodeJS.ProcessEnv): void {
  const name = 'org.freedesktop.secrets';
  const call = ['/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock'];
  const what = 'array:objpath:/org/freedesktop/secrets/collection/login';
  const message = ['--session', '--print-reply', `--dest=${name}`, ...call, what];
  execFileSync('dbus-send', message, { env, stdio: 'ignore' });
}

test.run();
