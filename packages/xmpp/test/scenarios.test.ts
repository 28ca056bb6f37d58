// The README's table of what is tried on real servers, held against the tests that there are.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('the table of scenarios');
const servers = new URL('./servers/', import.meta.url);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** What has to stand in one of a row's files. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  P: /needing\(\[[^\]]*('prosody'|program)/,
  E: /'ejabberd'/,
  T: /start(Prosody|Ejabberd)|xmpp:/,
  W: /byWebSocket|'websocket'|chromium/,
  PP: /startFederation/,
  PE: /startFederation[^]*'ejabberd'|'ejabberd'[^]*startFederation/,
};

const rows = [...readme.matchAll(/^\| ([^|]+) \| ((?:(?:PP|PE|[PETW]) ?)+)\| ([^|]+) \|$/gm)].map(
  ([, scenario = '', on = '', files = '']) => ({
    scenario,
    on: on.trim().split(' '),
    files: [...files.matchAll(/`([^`]+)`/g)].map(([, name]) => `${name}.test.ts`),
  }),
);

test('each row names tests that there are, on the servers and ways that it says', () => {
  assert.ok(rows.length >= 15, `${rows.length} rows`);
  for (const { scenario, on, files } of rows) {
    assert.ok(files.length > 0, scenario);
    for (const file of files) assert.ok(existsSync(new URL(file, servers)), `${scenario}: ${file}`);
    const texts = files.map((file) => readFileSync(new URL(file, servers), 'utf8'));
    for (const sign of on)
      assert.ok(
        texts.some((text) => SIGNS[sign]?.test(text)),
        `${scenario}: ${sign}`,
      );
  }
});

test('each test is in a row', () => {
  const named = new Set(rows.flatMap(({ files }) => files));
  const all = readdirSync(fileURLToPath(servers)).filter((name) => name.endsWith('.test.ts'));
  assert.equal(all.filter((name) => !named.has(name)).sort(), []);
});

test.run();
