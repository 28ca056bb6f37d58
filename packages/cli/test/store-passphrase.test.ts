/** `store passphrase` and `store create --storage sqlite` at a shell. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folder, type Outcome, stanzaseal, write } from './shell.js';

const test = suite('passphrases and storages at the shell');
const owner = 'juliet@capulet.example';
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
  done(`store create --owner romeo@montague.example ${romeo}`);
  write('romeo.bundle', done(`bundle export ${romeo}`));
});

test('store passphrase: the new one opens the store and all that is in it, the old one nothing; a store in SQLite likewise', () => {
  write('new', 'O be some other name\n');
  write('empty', '\n');
  const kinds = [
    ['passed', ''],
    ['passed-sqlite', '--storage sqlite '],
  ] as const;
  for (const [store, storage] of kinds) {
    done(`store create ${storage}--owner ${owner} --store ${store} --passphrase-file pass`);
    // What is due at once is due now.
    const shown = (passphrase: string) => ({
      ...json(`store show --store ${store} --passphrase-file ${passphrase}`),
      due: [],
    });
    const before = shown('pass');
    const change = `store passphrase --store ${store} --passphrase-file`;
    refused(stanzaseal(`${change} other --new-passphrase-file new`), 1, 'ERR_PASSPHRASE');
    refused(stanzaseal(`${change} pass --new-passphrase-file empty`), 1, 'ERR_PASSPHRASE');
    refused(stanzaseal(`${change} pass --new-passphrase-file nowhere`), 1, 'ERR_IO');
    assert.is(done(`${change} pass --new-passphrase-file new`), '');
    refused(stanzaseal(`store show --store ${store} --passphrase-file pass`), 1, 'ERR_PASSPHRASE');
    assert.equal(shown('new'), before);
  }
});

test('store create --storage sqlite: every verb opens it; one directory holds one store', () => {
  const bot = '--store bot --passphrase-file pass';
  done(`store create --storage sqlite --owner bot@capulet.example ${bot}`);
  assert.equal(readdirSync(join(folder, 'bot')).sort(), ['keystore.db', 'keystore.db-erasure']);
  refused(stanzaseal(`store create --owner bot@capulet.example ${bot}`), 1, 'ERR_IN_USE');
  refused(stanzaseal(`store create --storage sqlite --owner ${owner} ${romeo}`), 1, 'ERR_IN_USE');
  refused(stanzaseal(`store create --storage cards --owner ${owner} ${romeo}`), 2, 'ERR_USAGE');
  assert.match(json(`store unlock-test ${bot}`).sealedBy as string, /scrypt/);
  done(`bundle import ${bot} --in romeo.bundle`);
  write('bot.bundle', done(`bundle export ${bot}`));
  done(`bundle import ${romeo} --in bot.bundle`);
  const sealed = done(`seal --to bot@capulet.example ${romeo}`, message);
  assert.match(done(`open ${bot}`, sealed), /Call me but love/);
  refused(stanzaseal(`open ${bot}`, sealed), 1, 'ERR_DUPLICATE');
  done(`store rotate ${bot}`);
});

test.run();
