// Verifying a contact at the shell: sealed messages in files, which may be days apart.
import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { stanzaseal, workspace } from './stanzaseal.js';

const test = suite('trust runs at the shell');
const { path, passphrase, remove } = workspace();
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';
const checks = { run: conformsTo('trustRun'), runs: conformsTo('trustRuns'), log: conformsTo('trustLog') };
const STORES = { romeo: path('romeo'), juliet: path('juliet') };
type Who = keyof typeof STORES;

interface Line {
  status: string;
  run: string;
  stanza: string;
  value?: { characters: string };
  trust?: string;
  question?: string;
  reason?: string;
}

/** A verb that writes one object. */
async function trust(who: Who, args: readonly string[], input = ''): Promise<Line & { code: number | null }> {
  const { code, stdout } = await stanzaseal(['trust', ...args, '--store', STORES[who], ...passphrase, '--json'], input);
  const line = JSON.parse(stdout.split('\n')[0] as string);
  checks.run(line);
  return { ...line, code };
}

async function levels(who: Who): Promise<string[]> {
  const { stdout } = await stanzaseal(['trust', 'list', '--store', STORES[who], ...passphrase, '--json']);
  return JSON.parse(stdout).map((contact: { jid: string; trust: string; evidence?: string }) =>
    [contact.jid, contact.trust, contact.evidence ?? ''].join(' '),
  );
}

test.before(async () => {
  for (const [who, owner] of [
    ['romeo', ROMEO],
    ['juliet', JULIET],
  ] as const) {
    await stanzaseal(['store', 'create', '--store', STORES[who], '--owner', owner, ...passphrase]);
  }
  for (const [from, to] of [
    ['romeo', 'juliet'],
    ['juliet', 'romeo'],
  ] as const) {
    const { stdout } = await stanzaseal(['bundle', 'export', '--store', STORES[from], ...passphrase]);
    await stanzaseal(['bundle', 'import', '--store', STORES[to], ...passphrase], stdout);
  }
});

test.after(remove);

test('a short string, from the request to both sides being verified', async () => {
  const begun = await trust('romeo', ['sas', 'begin', '--to', JULIET]);
  assert.is(begun.status, 'waiting');
  assert.match(begun.stanza, /^<message [^>]*>.*<sealed /);
  const asked = await trust('juliet', ['receive'], begun.stanza);
  assert.equal([asked.status, asked.run, asked.stanza], ['requested', begun.run, '']);
  const answered = await trust('juliet', ['sas', 'accept', '--run', asked.run]);
  const opened = await trust('romeo', ['receive'], answered.stanza);
  const compared = await trust('juliet', ['receive'], opened.stanza);
  assert.equal([opened.status, compared.status], ['compare', 'compare']);
  assert.equal(opened.value, compared.value);
  assert.match(opened.value?.characters ?? '', /^[0-9A-HJKMNP-TV-Z]{6}$/);
  const typed = compared.value?.characters.toLowerCase() as string;
  assert.is((await trust('romeo', ['sas', 'confirm', '--run', begun.run, '--typed', typed])).trust, 'verified');
  assert.is((await trust('juliet', ['sas', 'confirm', '--run', begun.run, '--same'])).trust, 'verified');
  assert.equal(await levels('romeo'), [`${JULIET} verified sas`]);
  const log = await stanzaseal(['trust', 'log', '--store', STORES.romeo, '--jid', JULIET, ...passphrase, '--json']);
  checks.log(JSON.parse(log.stdout));
  assert.equal(
    JSON.parse(log.stdout).map(({ kind }: { kind: string }) => kind),
    ['sas'],
  );
  const runs = await stanzaseal(['trust', 'runs', '--store', STORES.romeo, ...passphrase, '--json']);
  checks.runs(JSON.parse(runs.stdout));
  assert.equal(
    JSON.parse(runs.stdout).map(({ stage }: { stage: string }) => stage),
    ['done'],
  );
});

test('question and answer; a wrong answer verifies nobody and is said to both', async () => {
  writeFileSync(path('right'), 'the Orchard\n');
  writeFileSync(path('wrong'), 'the tomb\n');
  for (const [file, status] of [
    ['wrong', 'ended'],
    ['right', 'verified'],
  ] as const) {
    const begin = ['password', 'begin', '--to', JULIET, '--question', 'Where?', '--password-file', path('right')];
    const begun = await trust('romeo', begin);
    const asked = await trust('juliet', ['receive'], begun.stanza);
    assert.equal([asked.status, asked.question], ['requested', 'Where?']);
    const answered = await trust('juliet', ['password', 'accept', '--run', asked.run, '--password-file', path(file)]);
    const first = await trust('romeo', ['receive'], answered.stanza);
    const second = await trust('juliet', ['receive'], first.stanza);
    assert.equal([first.status, second.status], [status, status]);
    if (status === 'ended') assert.is(first.reason, 'mismatch');
  }
  assert.equal(await levels('romeo'), [`${JULIET} verified password`]);
});

test.run();
