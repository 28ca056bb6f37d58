/** Every `--json` of the verbs that work with a store is of the form that its schema promises. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { stanzaseal, write } from './shell.js';

const test = suite('json of store verbs');
const romeo = '--store romeo --passphrase-file passphrase';
const juliet = '--store juliet --passphrase-file passphrase';

function json(args: string, input: Uint8Array | string = '', expected = 0): unknown[] {
  const { code, stdout, stderr } = stanzaseal(args, input);
  assert.is(code, expected, stderr);
  return stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('store, bundle, trust, seal and open', () => {
  write('passphrase', 'wherefore art thou\n');
  assert.is(stanzaseal(`store create --owner romeo@montague.example ${romeo}`).code, 0);
  assert.is(stanzaseal(`store create --owner juliet@capulet.example ${juliet}`).code, 0);
  conformsTo('storeShow')(json(`store show --json ${romeo}`)[0]);
  conformsTo('trustFingerprint')(json(`trust fingerprint --json ${romeo}`)[0]);

  const [imported] = json(`bundle import --json ${romeo}`, stanzaseal(`bundle export ${juliet}`).stdout);
  conformsTo('bundleImport')(imported);
  assert.equal(imported, { accounts: ['juliet@capulet.example'] });
  const [contacts] = json(`trust list --json ${romeo}`) as [unknown[]];
  conformsTo('trustList')(contacts);
  assert.is(contacts.length, 1);

  const message = "<message xmlns='jabber:client' type='chat'><body>Call me but love</body></message>";
  const lines = json(`seal --json --to juliet@capulet.example ${romeo}`, `${message}\n<iq/>\n${message}`, 1) as Record<
    string,
    unknown
  >[];
  for (const line of lines) conformsTo('stream')(line);
  assert.equal(
    lines.map(({ status }) => status),
    ['sealed', 'refused', 'sealed'],
  );

  const [first, , second] = lines.map(({ stanza }) => stanza);
  const opened = json(`open --json ${juliet}`, `${first}\n${first}\n${second}`, 1) as Record<string, unknown>[];
  for (const line of opened) conformsTo('stream')(line);
  assert.equal(
    opened.map(({ status, code }) => code ?? status),
    ['opened', 'ERR_DUPLICATE', 'opened'],
  );
});

test.run();
