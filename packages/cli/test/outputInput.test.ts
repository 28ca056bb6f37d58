/** The shared frame: files appear whole or not at all, passphrases come from files or terminals, failures are told in one line. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CmsError } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CliFailure, tell, usageFailure } from '../src/failure.js';
import { readTextChunks } from '../src/input.js';
import { openOutput, writeOutput } from '../src/output.js';
import { readPassphrase } from '../src/passphrase.js';
import { printable } from '../src/printable.js';
import { folder, nodeOnSources, read, write } from './shell.js';

const test = suite('cli frame');
const unfinished = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));
const hasCode = (code: string) => (thrown: CliFailure) => thrown instanceof CliFailure && thrown.code === code;

async function rejects(promise: Promise<unknown>, expected: (thrown: never) => boolean): Promise<void> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(thrown !== undefined && expected(thrown as never), String(thrown));
}

test('a file appears at commit, replaces what was there, and is not left behind by discard', async () => {
  const file = join(folder, 'result.txt');
  write('result.txt', 'before');
  const output = await openOutput(file);
  await output.write('one, ');
  await output.write(Buffer.from('two'));
  assert.is(read('result.txt').toString(), 'before');
  assert.is(unfinished().length, 1);
  await output.commit();
  await output.discard();
  assert.is(read('result.txt').toString(), 'one, two', 'what has appeared stays, whatever goes wrong after it');
  const abandoned = await openOutput(file);
  await abandoned.write('three');
  await abandoned.discard();
  assert.is(read('result.txt').toString(), 'one, two');
  assert.equal(unfinished(), []);
});

test('a symbolic link stays one, a device is not replaced, a folder is refused', async () => {
  write('real.txt', 'before');
  symlinkSync(join(folder, 'real.txt'), join(folder, 'link.txt'));
  await writeOutput('after', join(folder, 'link.txt'));
  assert.ok(lstatSync(join(folder, 'link.txt')).isSymbolicLink());
  assert.is(read('real.txt').toString(), 'after');
  await writeOutput('gone', '/dev/null');
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
  await rejects(writeOutput('x', folder), (thrown) => tell(thrown).code === 'ERR_IO');
});

test('a signal leaves no unfinished file', () => {
  const source = `
    process.once('SIGTERM', () => process.exit(143));
    const { openOutput } = await import(${JSON.stringify(new URL('../src/output.ts', import.meta.url).href)});
    const output = await openOutput(${JSON.stringify(join(folder, 'cut.txt'))});
    await output.write('half');
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => {}, 20000);`;
  const { status } = spawnSync(process.execPath, [...nodeOnSources.slice(1), '--input-type=module', '--eval', source], {
    timeout: 30_000,
  });
  assert.is(status, 143);
  assert.not(existsSync(join(folder, 'cut.txt')));
  assert.equal(unfinished(), []);
});

test('text comes in pieces cut between characters; what is not UTF-8 is ERR_XML', async () => {
  const text = '<body>Ῥωμαῖος 🌹</body>'.repeat(20000);
  write('long.xml', text);
  const pieces: string[] = [];
  for await (const piece of readTextChunks(join(folder, 'long.xml'))) pieces.push(piece);
  assert.ok(pieces.length > 1);
  assert.is(pieces.join(''), text);
  for (const bad of [
    [0x61, 0xff],
    [0x61, 0xe2, 0x82],
  ]) {
    write('bad.xml', Uint8Array.from(bad));
    await rejects(
      (async () => {
        for await (const piece of readTextChunks(join(folder, 'bad.xml'))) assert.type(piece, 'string');
      })(),
      hasCode('ERR_XML'),
    );
  }
});

test('a passphrase file loses one line end; empty, long and absent ones are refused', async () => {
  for (const [text, expected] of [
    ['wherefore', 'wherefore'],
    ['art thou\n', 'art thou'],
    ['Romeo\r\n', 'Romeo'],
    ['two\n\n', 'two\n'],
  ]) {
    write('pass.txt', text as string);
    const passphrase = await readPassphrase({ passphraseFile: join(folder, 'pass.txt'), prompt: '' });
    assert.is(Buffer.from(passphrase).toString(), expected);
  }
  write('pass.txt', '\n');
  await rejects(readPassphrase({ passphraseFile: join(folder, 'pass.txt'), prompt: '' }), hasCode('ERR_PASSPHRASE'));
  write('pass.txt', 'x'.repeat(2000));
  await rejects(readPassphrase({ passphraseFile: join(folder, 'pass.txt'), prompt: '' }), hasCode('ERR_TOO_LARGE'));
  await rejects(
    readPassphrase({ passphraseFile: join(folder, 'none.txt'), prompt: '' }),
    (thrown) => tell(thrown).code === 'ERR_IO',
  );
});

const asking = `
  const { readPassphrase } = await import(${JSON.stringify(new URL('../src/passphrase.ts', import.meta.url).href)});
  const { tell } = await import(${JSON.stringify(new URL('../src/failure.ts', import.meta.url).href)});
  const { writeFileSync } = await import('node:fs');
  try {
    const passphrase = await readPassphrase({ prompt: 'passphrase', confirm: true });
    writeFileSync('asked.txt', Buffer.from(passphrase).toString());
  } catch (thrown) {
    writeFileSync('asked.txt', JSON.stringify(tell(thrown)));
  }
  process.exit();`;

test('without a terminal and without a file: exit code 2 and the way out', () => {
  write('asking.mjs', asking);
  // A session of its own has no terminal.
  const { status } = spawnSync('setsid', ['-w', ...nodeOnSources, 'asking.mjs'], { cwd: folder, timeout: 30_000 });
  assert.is(status, 0);
  const { code, exitCode, sentence } = JSON.parse(read('asked.txt').toString());
  assert.equal([code, exitCode], ['ERR_USAGE', 2]);
  assert.match(sentence, '--passphrase-file');
});

test('on a terminal it is asked twice, without echo, with rubbing out', async () => {
  if (spawnSync('script', ['--version']).status !== 0) {
    console.log('SKIPPED: no script(1) to make a terminal');
    return;
  }
  write('asking.mjs', asking);
  const { screen, asked } = await typeOnTerminal('montX\u007fague\r', 'montague\r');
  assert.is(asked, 'montague');
  assert.match(screen, /passphrase: .*passphrase, again: /s);
  assert.not.match(screen, 'mont');
  assert.match((await typeOnTerminal('montague\r', 'capulet\r')).asked, 'the two passphrases differ');
  assert.match((await typeOnTerminal('\u0003')).asked, 'no passphrase was given');
});

/** Runs the asking script on a terminal and types one answer at each prompt. */
function typeOnTerminal(...answers: string[]): Promise<{ screen: string; asked: string }> {
  const command = nodeOnSources.map((word) => `'${word}'`).join(' ');
  const terminal = spawn('script', ['-qec', `${command} asking.mjs`, '/dev/null'], { cwd: folder, timeout: 30_000 });
  let screen = '';
  let typed = 0;
  terminal.stdout.on('data', (octets: Buffer) => {
    screen += octets;
    const prompts = screen.split(/passphrase(?:, again)?: /).length - 1;
    while (typed < Math.min(prompts, answers.length)) terminal.stdin.write(answers[typed++] as string);
  });
  return new Promise((resolve) => {
    terminal.on('close', () => resolve({ screen, asked: read('asked.txt').toString() }));
  });
}

test('failures: codes of packages pass, those of Node and of bugs do not', () => {
  assert.equal(tell(new CmsError('ERR_DER', 'not DER')), { code: 'ERR_DER', sentence: 'not DER', exitCode: 1 });
  assert.equal(tell(usageFailure('no')), { code: 'ERR_USAGE', sentence: 'no', exitCode: 2 });
  const bug = tell(Object.assign(new TypeError('x is\nundefined'), { code: 'ERR_INVALID_ARG_TYPE' }));
  assert.is(bug.code, 'ERR_INTERNAL');
  assert.not.match(bug.sentence, '\n');
  assert.is(tell('thrown text').code, 'ERR_INTERNAL');
  assert.is(printable('a\nb\u0085\u2028\ud800🌹'), 'a\\u{a}b\\u{85}\\u{2028}\\u{d800}🌹');
});

test.run();
