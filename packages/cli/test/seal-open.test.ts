import { existsSync, writeFileSync } from 'node:fs';
import { fromBase64, toBase64 } from '@stanzaseal/cms';
import { readXml } from '@stanzaseal/stanza';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Outcome, stanzaseal, stateOf, workspace } from './stanzaseal.js';

const test = suite('seal and open at the shell');
const { path, passphrase, remove } = workspace();
const [a, b, c] = [path('a'), path('b'), path('c')];
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';
const STANZA = `<message type='chat' id='m1' to='${JULIET}' xml:lang='en'><body>O, be some other name!\n\u{1F339} &lt;3</body></message>`;

const seal = (input: string, ...more: string[]): Promise<Outcome> =>
  stanzaseal(['seal', '--store', a, '--to', JULIET, ...passphrase, ...more], input);
const open = (input: string, ...more: string[]): Promise<Outcome> =>
  stanzaseal(['open', '--store', b, ...passphrase, ...more], input);

test.before(async () => {
  for (const [store, owner] of [
    [a, ROMEO],
    [b, JULIET],
    [c, 'paris@verona.example'],
  ] as const) {
    assert.is((await stanzaseal(['store', 'create', '--store', store, '--owner', owner, ...passphrase])).code, 0);
  }
  const bundle = await stanzaseal(['bundle', 'export', '--store', b, ...passphrase]);
  assert.match(bundle.stdout, /^-----BEGIN CMS-----/);
  assert.is((await stanzaseal(['bundle', 'import', '--store', a, ...passphrase], bundle.stdout)).code, 0);
});

test.after(remove);

test('what was sealed is given back, on one line', async () => {
  const sealed = await seal(STANZA);
  assert.is(sealed.code, 0);
  assert.is(sealed.stderr, '');
  assert.is(sealed.stdout.split('\n').length, 2);
  assert.not.match(sealed.stdout, /other name/);
  const opened = await open(sealed.stdout);
  assert.is(opened.code, 0);
  assert.is(opened.stdout.split('\n').length, 2);
  const [back, sent] = [
    readXml(opened.stdout.trim()),
    readXml(STANZA, undefined, { defaultNamespace: 'jabber:client' }),
  ];
  assert.equal(back.children, sent.children);
  for (const { name, namespace, value } of sent.attributes) {
    assert.is(
      back.attributes.find((other) => other.name === name && other.namespace === namespace)?.value,
      value,
      name,
    );
  }
});

test('a second copy is a duplicate and changes nothing (C6)', async () => {
  const { stdout } = await seal(STANZA);
  assert.is((await open(stdout)).code, 0);
  const before = stateOf(b);
  refused(await open(stdout), /^error: ERR_DUPLICATE: stanza 1: [^\n]+\n$/);
  assert.is(stateOf(b), before);
});

test('a copy in the same stream and an output file is a duplicate too', async () => {
  const { stdout } = await seal(STANZA);
  const before = stateOf(b);
  refused(await open(stdout + stdout, '--out', path('twice.xml')), /ERR_DUPLICATE: stanza 2/);
  assert.not.ok(existsSync(path('twice.xml')));
  // The file did not appear, so nothing was accepted: the first copy still opens.
  assert.is(stateOf(b), before);
  assert.is((await open(stdout, '--out', path('once.xml'))).code, 0);
  assert.ok(existsSync(path('once.xml')));
});

test('a flipped bit, a truncated file, another recipient, an empty input: one line, exit 1, nothing changed', async () => {
  const { stdout } = await seal(STANZA);
  const before = stateOf(b);
  refused(await open(flipBit(stdout)), /^error: ERR_OPEN: stanza 1: [^\n]+\n$/);
  refused(await open(stdout.slice(0, stdout.length >> 1)), /^error: ERR_XML: stanza 1: [^\n]+\n$/);
  refused(await open(''), /^error: ERR_XML: [^\n]+\n$/);
  assert.is(stateOf(b), before);
  const elsewhere = stateOf(c);
  refused(await stanzaseal(['open', '--store', c, ...passphrase], stdout), /^error: ERR_OPEN: stanza 1: [^\n]+\n$/);
  assert.is(stateOf(c), elsewhere);
});

test('of a stream the good ones come through, the bad ones are told by number', async () => {
  const { stdout } = await seal(`${STANZA} ${STANZA.replace('m1', 'm2')}\n${STANZA.replace('m1', 'm3')}`);
  const lines = stdout.trim().split('\n');
  assert.is(lines.length, 3);
  const opened = await open([lines[0], flipBit(lines[1] as string), lines[2]].join('\n'), '--json');
  assert.is(opened.code, 1);
  assert.match(opened.stderr, /^error: ERR_OPEN: stanza 2: [^\n]+\n$/);
  const results = opened.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    results.map(({ index, status }) => [index, status]),
    [
      [1, 'opened'],
      [2, 'refused'],
      [3, 'opened'],
    ],
  );
  assert.is(results[0].sender.jid, ROMEO);
  assert.is(results[0].trust, 'unverified');
  assert.is(results[1].code, 'ERR_OPEN');
  assert.is(results[2].warnings[0].code, 'gap');
});

test('what cannot be sealed is refused with a code', async () => {
  const before = stateOf(a);
  refused(
    await stanzaseal(
      ['seal', '--store', a, '--to', 'stranger@example.net', ...passphrase],
      STANZA.replace(JULIET, 'stranger@example.net'),
    ),
    /ERR_NO_KEYS/,
  );
  refused(await seal(STANZA.replace(JULIET, 'paris@verona.example')), /ERR_ADDRESS/);
  refused(await seal("<message type='error'/>"), /ERR_UNSUPPORTED/);
  refused(await seal(`<message><body>${'x'.repeat(262144)}</body></message>`), /ERR_TOO_LARGE/);
  refused(await seal('<message>&nope;</message>'), /ERR_XML/);
  refused(await seal(''), /ERR_XML/);
  assert.is(stateOf(a), before);
});

test('the wrong passphrase, no passphrase, no recipient', async () => {
  writeFileSync(path('wrong'), 'guess');
  refused(
    await stanzaseal(['open', '--store', b, '--passphrase-file', path('wrong')], STANZA),
    /^error: ERR_PASSPHRASE: [^\n]+\n$/,
  );
  assert.is((await stanzaseal(['open', '--store', b], STANZA)).code, 2);
  assert.is((await stanzaseal(['seal', '--store', a, ...passphrase], STANZA)).code, 2);
});

test('a fingerprint that came another way makes a contact verified; another one exits 1', async () => {
  const { stdout: own } = await stanzaseal(['trust', 'fingerprint', '--store', b, ...passphrase]);
  const verify = (fingerprint: string): Promise<Outcome> =>
    stanzaseal(['trust', 'verify', '--store', a, '--jid', JULIET, '--fingerprint', fingerprint, ...passphrase]);
  refused(await verify('00'.repeat(32)), /^error: ERR_VERIFY: /);
  assert.is((await verify(own)).code, 0);
  const { stdout } = await stanzaseal(['trust', 'list', '--store', a, '--json', ...passphrase]);
  assert.is(JSON.parse(stdout)[0].trust, 'verified');
});

function refused({ code, stdout, stderr }: Outcome, line: RegExp): void {
  assert.is(code, 1, stderr);
  assert.match(stderr, line);
  assert.is(stderr.trim().split('\n').length, 1);
  assert.not.match(stdout, /<body>/);
}

function flipBit(sealed: string): string {
  return sealed.replace(/(<sealed[^>]*>)([^<]+)/, (_, tag: string, text: string) => {
    const object = fromBase64(text);
    const middle = object.length >> 1;
    object[middle] = (object[middle] as number) ^ 1;
    return tag + toBase64(object);
  });
}

test.run();
