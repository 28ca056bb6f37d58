// Claim 5: it runs in JavaScript, in browsers too. The browser-facing packages are bundled for a page, where no Node built-in
// can be had, and the bundle runs in a process from which Node's globals were taken away: WebCrypto is all there is.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@stanzaseal/testkit';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('claim 5: runs in JavaScript, without Node and without native code');

/** Two people talk, one of them offline for a week; says what was read. */
const page = `
  import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
  import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
  import { createMessenger } from '@stanzaseal/messenger';
  import { readXml, writeXml } from '@stanzaseal/stanza';
  const crypto = createCryptoProvider();
  let now = Date.UTC(2026, 10, 21);
  const clock = () => now;
  const person = async (owner) => {
    const store = await createKeyStore(createMemoryStorage(), await createAccount({ owner, random, clock, crypto }));
    return createMessenger({ store, crypto, random, clock, onEvent() {} });
  };
  const [romeo, juliet] = [await person('romeo@montague.example'), await person('juliet@capulet.example')];
  const { deviceList, prekeyBundle } = await juliet.publish();
  await romeo.importKeys([deviceList, prekeyBundle]);
  const message = (body) => readXml('<message xmlns="jabber:client" type="chat"><body>' + body + '</body></message>');
  const carry = async (from, to, body) => {
    const wire = writeXml((await from.seal(message(body), { to: to.owner })).stanza);
    now += 7 * 86_400_000;
    const opened = await to.open(readXml(wire));
    await opened.accept();
    return { body: opened.stanza.children[0].children[0], class: opened.class };
  };
  const read = [await carry(romeo, juliet, 'Ay me!'), await carry(juliet, romeo, 'Romeo?')];
  const globals = ['process', 'Buffer', 'require', 'global', 'setImmediate'].filter((name) => name in globalThis);
  console.log(JSON.stringify({ provider: crypto.name, read, globals }));
`;

async function bundle(contents: string): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: join(repositoryRoot, 'packages', 'messenger'), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@stanzaseal/source', 'browser'],
    metafile: true,
    logLevel: 'silent',
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

test('the bundle for a page holds our packages alone, and runs where only WebCrypto is', async () => {
  const { text, inputs } = await bundle(page);
  const ours = inputs.filter((path) => path !== '<stdin>');
  assert.ok(ours.length > 50, `${ours.length}`);
  for (const path of ours) assert.match(path, /packages\/(cms|signer|envelope|stanza|keystore|trust|messenger)\/src\//);
  assert.not(
    ours.some((path) => path.endsWith('provider/node.ts')),
    'the provider of Node is left out by the conditions',
  );
  const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-page-'));
  try {
    const file = join(directory, 'page.mjs');
    const bare =
      "for (const name of ['process', 'Buffer', 'global', 'setImmediate', 'require']) delete globalThis[name];";
    writeFileSync(file, `${bare}\n${text}`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', file], { timeout: 30_000 });
    const answer = JSON.parse(stdout);
    assert.equal(answer.globals, []);
    assert.is(answer.provider, 'WebCrypto');
    assert.equal(answer.read, [
      { body: 'Ay me!', class: 'one-time' },
      { body: 'Romeo?', class: 'reply' },
    ]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a Node built-in in a bundle for a page would have been noticed', async () => {
  for (const name of ['node:crypto', 'fs']) {
    assert.ok(builtinModules.includes(name.replace('node:', '')));
    const failed = await bundle(`import * as built from '${name}'; console.log(built);`).then(
      () => false,
      () => true,
    );
    assert.ok(failed, name);
  }
});

test.run();
