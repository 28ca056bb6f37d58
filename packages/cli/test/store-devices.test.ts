/** A device that joins at a shell by three texts, is compared, listed, removed; and one that was put back. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folder, type Outcome, stanzaseal, write } from './shell.js';

const test = suite('devices at the shell');
const phone = '--store phone --passphrase-file pass';
const tablet = '--store tablet --passphrase-file pass';
const romeo = '--store romeo --passphrase-file pass';
const message = "<message xmlns='jabber:client' type='chat'><body>Romeo?</body></message>";

function done(args: string, input: Uint8Array | string = ''): string {
  const { code, stdout, stderr } = stanzaseal(args, input);
  assert.is(code, 0, `${args}: ${stderr}`);
  return stdout.toString();
}

function refused({ code, stdout, stderr }: Outcome, expectedCode: number, error: string): void {
  assert.equal([code, stdout.length], [expectedCode, 0], stderr);
  assert.match(stderr, new RegExp(`^error: ${error}: `, 'm'));
}

test.before(() => {
  write('pass', 'wherefore art thou\n');
  done(`store create --owner juliet@capulet.example ${phone}`);
  done(`store create --owner romeo@montague.example ${romeo}`);
});

test('invitation, request, challenge and code, admission: the tablet is in, and both read', () => {
  write('invitation', done(`store devices invite ${phone}`));
  const request = done(`store create ${tablet} --join invitation`);
  write('request', request);
  write('swapped', done('store create --store mallory --passphrase-file pass --join invitation'));
  refused(stanzaseal(`bundle export ${tablet}`), 1, 'ERR_NO_KEYS');

  const challenge = done('store devices challenge').trim();
  const code = done(`store devices code ${tablet} --in request --challenge ${challenge.toLowerCase()}`).trim();
  assert.match(`${challenge} ${code}`, /^[0-9A-HJKMNP-TV-Z]{6} [0-9A-HJKMNP-TV-Z]{6}$/);
  const compared = `--challenge ${challenge} --code ${code}`;
  refused(stanzaseal(`store devices add ${phone} --in swapped ${compared}`), 1, 'ERR_VERIFY');
  refused(stanzaseal(`store devices code ${tablet} --in swapped --challenge ${challenge}`), 1, 'ERR_VERIFY');
  refused(
    stanzaseal(`store devices add ${phone} --in request --challenge ${challenge} --code 000000`),
    1,
    'ERR_VERIFY',
  );
  refused(stanzaseal(`store devices add ${phone} --in request ${compared} --carried`), 2, 'ERR_USAGE');
  const admission = done(`store devices add ${phone} --in request ${compared}`);
  done(`store devices join ${tablet}`, admission);

  const bundles = done(`bundle export ${phone}`) + done(`bundle export ${tablet}`);
  done(`bundle import ${romeo}`, bundles);
  const sealed = done(`seal --to juliet@capulet.example ${romeo}`, message);
  for (const device of [phone, tablet]) assert.match(done(`open ${device}`, sealed), /Romeo\?/);
  assert.match(
    done(`store devices list ${phone}`),
    /^listed {4}primary {4}[0-9a-f]{64} {2}this one\nlisted {4}secondary {2}[0-9a-f]{64}\n$/,
  );
});

test('what is not there is said: a store, a contact’s devices; store devices alone lists', () => {
  refused(stanzaseal('store show --store nowhere --passphrase-file pass'), 1, 'ERR_IO');
  assert.match(stanzaseal('store show --store nowhere --passphrase-file pass').stderr, /no key store in nowhere/);
  const unknown = stanzaseal(`store devices list ${phone} --jid nobody@verona.example`);
  assert.equal([unknown.code, unknown.stdout.length], [0, 0]);
  assert.is(unknown.stderr, 'warning: no device of nobody@verona.example is known\n');
  assert.is(done(`store devices ${phone}`), done(`store devices list ${phone}`));
  const domain = stanzaseal('store create --store domain --owner capulet.example --passphrase-file pass');
  assert.equal([domain.code, domain.stdout.length], [0, 0]);
  assert.is(domain.stderr, 'warning: capulet.example is a domain, not the address of an account\n');
});

test('a device is removed and revoked; who is not primary is refused', () => {
  const [, , device] = /^listed {4}secondary {2}(([0-9a-f]{64}))$/m.exec(done(`store devices list ${phone}`)) ?? [];
  refused(stanzaseal(`store devices remove ${tablet} --device ${device}`), 1, 'ERR_NO_KEYS');
  refused(stanzaseal(`store devices remove ${phone} --device ${'0'.repeat(64)}`), 1, 'ERR_NO_KEYS');
  assert.is(done(`store devices remove ${phone} --device ${device} --revoke`).split('BEGIN CMS').length, 3);
  assert.match(done(`store devices list ${phone}`), /^revoked/m);
  write('again', done(`store devices request ${tablet} --sequence 9`));
  assert.match(done(`store devices add ${phone} --in again --carried`), /^STANZASEAL:ADMISSION:[A-Z2-7]+\n$/);
});

test('I6, I9: a copied store answers ERR_ROLLBACK once it sees what the other published, until it goes on as a new device', () => {
  const [nurse, image] = ['--store nurse --passphrase-file pass', '--store image --passphrase-file pass'];
  done(`store create --owner nurse@capulet.example ${nurse}`);
  cpSync(join(folder, 'nurse'), join(folder, 'image'), { recursive: true });
  const published = done(`bundle export ${nurse}`);
  refused(stanzaseal(`bundle import ${image}`, published), 1, 'ERR_ROLLBACK');
  refused(stanzaseal(`open ${image}`, message.replace('>', " from='romeo@montague.example'>")), 1, 'ERR_ROLLBACK');
  assert.match(done(`store show ${image}`), /^state {8}put back or copied/m);
  const renewed = stanzaseal(`store devices renew ${image}`);
  assert.match(renewed.stdout.toString(), /^STANZASEAL:REQUEST:/);
  const [, old] = /^device ([0-9a-f]{64}) is given up/m.exec(renewed.stderr) ?? [];
  done(`store devices add --self ${image}`);
  const lost = done(`store devices remove ${image} --device ${old} --revoke`);
  done(`bundle import ${romeo}`, lost + done(`bundle export ${image}`));
  const sealed = done(`seal --to nurse@capulet.example ${romeo}`, message);
  assert.match(done(`open ${image}`, sealed), /Romeo\?/);
});

test.run();
