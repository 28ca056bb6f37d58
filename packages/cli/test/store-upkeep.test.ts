/** `store show`, `unlock-test`, `rotate`, `backup`, `restore` at a shell, and that their JSON is of the form promised. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { folder, type Outcome, stanzaseal, write } from './shell.js';

const test = suite('upkeep of a store at the shell');
const owner = 'juliet@capulet.example';
const juliet = '--store juliet --passphrase-file pass';
const romeo = '--store romeo --passphrase-file pass';
const message = "<message xmlns='jabber:client' type='chat'><body>Call me but love</body></message>";

function done(args: string, input: Uint8Array | string = ''): string {
  const { code, stdout, stderr } = stanzaseal(args, input);
  assert.is(code, 0, `${args}: ${stderr}`);
  return stdout.toString();
}

function json(args: string): Record<string, unknown> {
  return JSON.parse(done(`${args} --json`));
}

function refused({ code, stdout, stderr }: Outcome, expectedCode: number, error: string): void {
  assert.equal([code, stdout.length], [expectedCode, 0], stderr);
  assert.match(stderr, new RegExp(`^error: ${error}: `, 'm'));
}

test.before(() => {
  write('pass', 'wherefore art thou\n');
  write('other', 'something else\n');
  write('word', 'a rose by any other name\n');
  done(`store create --owner ${owner} ${juliet}`);
  done(`store create --owner romeo@montague.example ${romeo}`);
  write('juliet.bundle', done(`bundle export ${juliet}`));
  write('romeo.bundle', done(`bundle export ${romeo}`));
  done(`bundle import ${romeo} --in juliet.bundle`);
  done(`bundle import ${juliet} --in romeo.bundle`);
});

test('store show: prekeys by class with their ages, list, bundle, and what is due', () => {
  const shown = json(`store show ${juliet}`);
  conformsTo('storeShow')(shown);
  const { prekeys, deviceList, bundle, due, admitted, rolledBack } = shown as {
    [name: string]: Record<string, { count: number; unused: number; oldest?: string }> & {
      listVersion: number;
      sequence: number;
    };
  };
  assert.equal(
    [prekeys?.oneTime?.count, prekeys?.oneTime?.unused, prekeys?.lastResort?.count, prekeys?.reply?.count],
    [100, 100, 1, 0],
  );
  assert.equal([deviceList?.listVersion, bundle?.sequence, admitted, rolledBack], [1, 1, true, false]);
  const week = Date.now() + 7 * 86_400_000;
  const items = due as unknown as { what: string; at: string }[];
  assert.equal(
    items.map(({ what }) => what),
    ['last-resort', 'device-list', 'bundle', 'erasure'].sort((a, b) => at(a) - at(b)),
  );
  for (const what of ['last-resort', 'device-list', 'bundle']) assert.ok(Math.abs(at(what) - week) < 300_000);
  function at(what: string): number {
    return Date.parse(items.find((item) => item.what === what)?.at ?? '');
  }
  const text = done(`store show ${juliet}`);
  assert.match(text, /^prekeys {6}100 one-time, 1 last-resort, 0 reply\n {13}one-time: 100 unused, made \d+ min ago$/m);
  assert.match(text, /^due {10}(device list signed anew|last-resort prekey replaced): in 6 days$/m);
});

test('I10: store unlock-test: what opens it, what a guess costs, how long it takes; a wrong passphrase is refused; nothing changes', () => {
  const before = readFileSync(join(folder, 'juliet', 'keystore'));
  const tested = json(`store unlock-test ${juliet}`) as { owner: string; sealedBy: string; seconds: number };
  conformsTo('storeUnlockTest')(tested);
  assert.is(tested.owner, owner);
  assert.match(tested.sealedBy, /scrypt N = 65536.*64 MiB/);
  assert.ok(tested.seconds >= 0.1, 'a guess costs what it must');
  refused(stanzaseal('store unlock-test --store juliet --passphrase-file other'), 1, 'ERR_PASSPHRASE');
  assert.equal(readFileSync(join(folder, 'juliet', 'keystore')), before);
});

test('store rotate: says what it did and what is next, and does it once', () => {
  const first = json(`store rotate ${juliet} --caught-up`) as { erased: number; due: string };
  conformsTo('storeRotate')(first);
  assert.equal(Object.keys(first), ['erased', 'due'], 'nothing was due');
  assert.ok(typeof json(`store show ${juliet}`).caughtUpAt === 'string');
});

test('store backup and restore: a new device that holds the identity; the old object does not open there', () => {
  const sealed = done(`seal --to ${owner} ${romeo}`, message);
  const output = stanzaseal(`store backup ${juliet} --password-file word --out juliet.backup`);
  assert.equal([output.code, output.stdout.length, output.stderr], [0, 0, '']);
  assert.is(statSync(join(folder, 'juliet.backup')).mode & 0o777, 0o600);
  assert.match(done(`store backup ${juliet} --password-file word --pem`), /^-----BEGIN CMS-----/);

  const place = '--store juliet2 --passphrase-file pass';
  refused(stanzaseal(`store restore ${place} --in juliet.backup --password-file other`), 1, 'ERR_PASSPHRASE');
  refused(stanzaseal(`store restore ${place} --in pass --password-file word`), 1, 'ERR_PASSPHRASE');
  const restored = json(`store restore ${place} --in juliet.backup --password-file word --published juliet.bundle`);
  conformsTo('storeRestore')(restored);
  assert.equal([restored.owner, restored.admitted], [owner, true]);
  refused(stanzaseal(`store restore ${place} --in juliet.backup --password-file word`), 1, 'ERR_IN_USE');

  const [before, after] = [json(`store show ${juliet}`), json(`store show ${place}`)];
  assert.is(after.fingerprint, before.fingerprint);
  assert.not.equal(after.device, before.device);
  assert.equal([after.role, after.admitted, after.contacts], ['primary', true, 1]);
  refused(stanzaseal(`open ${place}`, sealed), 1, 'ERR_OPEN');

  const lost = done(`store devices remove ${place} --device ${before.device} --revoke`);
  assert.is(lost.split('BEGIN CMS').length, 3);
  done(`bundle import ${romeo}`, lost + done(`bundle export ${place}`));
  const late = done(`seal --to romeo@montague.example ${juliet}`, message);
  refused(stanzaseal(`open ${romeo}`, late), 1, 'ERR_OPEN');
  done(`bundle import ${place} --in romeo.bundle`);
  done(`open ${place}`, done(`seal --to ${owner} ${romeo}`, message));
  const devices = JSON.parse(done(`store devices list --jid ${owner} --json ${romeo}`)) as { state: string }[];
  conformsTo('storeDevices')(devices);
  assert.equal(devices.map(({ state }) => state).sort(), ['listed', 'revoked']);
});

test('a backup restored without the newest list waits until it is taken in and entered by hand', () => {
  const place = '--store later --passphrase-file pass';
  const text = done(`store restore ${place} --in juliet.backup --password-file word`);
  assert.match(text, /store devices add --self/);
  refused(stanzaseal(`bundle export ${place}`), 1, 'ERR_NO_KEYS');
  done(`bundle import ${place}`, done('bundle export --store juliet2 --passphrase-file pass'));
  assert.match(done(`store devices add --self ${place}`), /^STANZASEAL:ADMISSION:/);
  assert.match(done(`bundle export ${place}`), /BEGIN CMS/);
});

test('a secondary device has no backup to make', () => {
  write('invitation', done('store devices invite --store juliet2 --passphrase-file pass'));
  done('store create --store watch --join invitation --passphrase-file pass');
  refused(stanzaseal('store backup --store watch --passphrase-file pass --password-file word'), 1, 'ERR_NO_KEYS');
});

test.run();
