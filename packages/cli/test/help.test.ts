// Help and refusals as who is new here meets them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@stanzaseal/testkit';
import type { Command } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HELP } from '../src/chat/words.js';
import { createProgram } from '../src/program.js';
import { createSystem } from '../src/system.js';
import { stanzaseal, workspace } from './stanzaseal.js';

const test = suite('help and refusals');
const { path, passphrase, remove } = workspace();
test.after(remove);

function verbsOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(verbsOf);
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => void (text += piece) }).outputHelp();
  return text;
}

test('every verb says what it does, with examples of itself', () => {
  const verbs = verbsOf(createProgram(createSystem()));
  assert.ok(verbs.length > 60, `${verbs.length} verbs`);
  for (const verb of verbs) {
    const names: string[] = [];
    for (let at: Command | null = verb; at !== null; at = at.parent) names.unshift(at.name());
    const example = new RegExp(`\\nExamples:\\n(.*\\n)*.*${names.join(' ')}`);
    assert.match(helpOf(verb), example, names.join(' '));
    assert.match(verb.description(), /^[^]+[^.]$/, names.join(' '));
  }
});

test('every method of docs/trust.md is at the shell, and in a chat where it says so', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/trust.md'), 'utf8');
  const [, table = ''] =
    /^\| method \| `stanzaseal trust` \| in a chat \|\n\|[^\n]*\n((?:\|[^\n]*\n)+)/m.exec(text) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.split(' | '));
  assert.is(rows.length, 6);
  const program = createProgram(createSystem());
  const chat = HELP.join(' ');
  for (const [method = '', verbs = '', commands = ''] of rows) {
    const spans = [...verbs.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.split(' '));
    // What stands alone as an option belongs to the verb beside it.
    const named = spans
      .map((words) => words.filter((word) => !word.startsWith('--')))
      .filter(({ length }) => length > 0);
    assert.ok(named.length > 0, method);
    for (const words of named) {
      const path = words[0] === 'stanzaseal' ? words.slice(1) : ['trust', ...words];
      let at: Command | undefined = program;
      for (const word of path) at = at?.commands.find((command) => command.name() === word);
      assert.ok(at, `${method}: ${path.join(' ')}`);
    }
    for (const [, command = ''] of commands.matchAll(/`(\/[a-z]+)`/g)) assert.ok(chat.includes(command), command);
  }
});

test('without a verb, help on standard error shows where to begin', async () => {
  const { code, stdout, stderr } = await stanzaseal([]);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /To begin:\n {2}stanzaseal demo/);
});

test('what cannot be is refused in one line that names it, and no secret of it', async () => {
  writeFileSync(path('garbage'), 'to be or not to be\n');
  const garbage = path('garbage');
  const made = await stanzaseal([
    'store',
    'create',
    '--store',
    path('r'),
    '--owner',
    'romeo@montague.example',
    ...passphrase,
  ]);
  assert.is(made.code, 0, made.stderr);
  const store = ['--store', path('r'), ...passphrase];
  for (const [args, expected] of [
    [['seal', '--to', '@@', ...store], "ERR_ADDRESS: '@@' is no address: localpart is empty"],
    [['trust', 'verify', '--jid', 'a@', '--fingerprint', '00', ...store], "ERR_ADDRESS: 'a@' is no address: "],
    [['trust', 'verify', '--jid', 'a@b', '--fingerprint', '00', ...store], "ERR_USAGE: '--fingerprint' is neither "],
    [['trust', 'handshake', 'begin', '--to', 'Romeo@montague.example', ...store], "ERR_USAGE: '--to' is yourself"],
    [
      ['trust', 'endorse', '--check', '--root', garbage, '--in', garbage],
      `ERR_DER: ${garbage} is not one statement in PEM`,
    ],
    [
      ['store', 'create', '--join', garbage, '--store', path('s')],
      `ERR_VERIFY: ${garbage} is no invitation, or damaged`,
    ],
    [['store', 'devices', 'join', '--in', garbage, ...store], `ERR_VERIFY: ${garbage} is no admission, or damaged`],
    [['bundle', 'import', '--in', garbage, ...store], 'ERR_DER: input is no bundle: '],
    [['vouch', 'endorse', '--domain', 'a@b', '--domain-key', garbage], "ERR_USAGE: 'a@b' is not a domain"],
    [['archive', 'stats', '--archive', 'mysql://u:secret@h/x'], "ERR_USAGE: 'mysql://...@h/x' is neither "],
  ] as const) {
    const { code, stdout, stderr } = await stanzaseal(args);
    assert.is(stdout, '', args.join(' '));
    assert.ok(stderr.startsWith(`error: ${expected}`), `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, /^[^\n]+\n$/);
    assert.is(code, expected.startsWith('ERR_USAGE') ? 2 : 1);
    assert.not.match(stderr, /to be or not|wherefore|secret|\bat .*:\d+/);
  }
});

test.run();
