/** The readers of the README do what they say, on the vectors as they are; and so does the index. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { directory, index } from '../src/index.js';

const test = suite('@stanzaseal/vectors');
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const folder = fileURLToPath(directory);
const workspace = mkdtempSync(join(tmpdir(), 'stanzaseal-vectors-'));
test.after(() => rmSync(workspace, { recursive: true, force: true }));

const counts: Record<string, number> = {};
for (const { group } of index.vectors) counts[group] = (counts[group] ?? 0) + 1;

function block(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(readme)?.[1];
  assert.ok(found, `a ${language} block in the README`);
  const { length } = found.trimEnd().split('\n');
  assert.ok(length <= 35, `${length} lines are not some 30`);
  return found;
}

/** Runs a reader on the vectors, then on a copy of one vector with one value changed, which it must not take. */
function runs(command: string, language: string, file: string): void {
  const script = join(workspace, file);
  writeFileSync(script, block(language));
  const { status, stdout, stderr } = spawnSync(command, [script, folder], { encoding: 'utf8', timeout: 30_000 });
  assert.is(status, 0, stderr);
  const said = JSON.parse(stdout);
  assert.equal(said.counts, counts);
  assert.ok(said.checked >= 16, `${said.checked} values computed anew`);

  const bad = mkdtempSync(join(workspace, 'bad-'));
  const text = readFileSync(new URL('envelope/encrypt-one-recipient.json', directory), 'utf8');
  const changed = text.replace(
    /("commitment": ")([0-9a-f]{2})/,
    (_, name, octet) => `${name}${octet === '00' ? '01' : '00'}`,
  );
  assert.is.not(changed, text);
  mkdirSync(join(bad, 'envelope'));
  writeFileSync(join(bad, 'envelope', 'changed.json'), changed);
  const refused = spawnSync(command, [script, bad], { encoding: 'utf8', timeout: 30_000 });
  assert.is.not(refused.status, 0);
  assert.match(refused.stderr, 'envelope/encrypt-one-recipient: another commitment');
}

test('the reader in JavaScript', () => runs(process.execPath, 'js', 'read.mjs'));

test('the reader in Python', () => {
  const { status, stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  if (status !== 0 || !/^Python 3\./.test(stdout)) return void console.log('SKIPPED: no python3');
  runs('python3', 'python', 'read.py');
});

test('the index names every file that is there, each as it calls itself', () => {
  assert.ok(index.vectors.length >= 158, `${index.vectors.length} vectors`);
  assert.is(index.stanzas.length, 167);
  const schema = JSON.parse(readFileSync(new URL('vector.schema.json', directory), 'utf8'));
  for (const { path, group, operation, expect } of index.vectors) {
    const vector = JSON.parse(readFileSync(new URL(path, directory), 'utf8'));
    assert.is(`${vector.name}.json`, path);
    assert.equal([vector.operation, vector.expect, path.split('/')[0]], [operation, expect, group]);
    assert.ok(schema.properties.operation.enum.includes(operation), operation);
    assert.ok(schema.properties.expect.enum.includes(expect), expect);
  }
  for (const { path, count } of index.examples) assert.ok(count > 0, path);
  for (const { xml } of index.stanzas) assert.ok(existsSync(new URL(xml, directory)), xml);
});

test.run();
