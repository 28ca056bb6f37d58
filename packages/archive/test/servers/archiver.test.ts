// examples/archiver.ts beside Prosody with its archive in PostgreSQL, while two people talk, sealed and plain; and the README, which shows it.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePem, exportPrivateKey, generatePrivateKey } from '@stanzaseal/cms';
import { connectClient, needing, startPostgres, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createActor } from '../../../xmpp/test/servers/actors.js';
import { verify } from '../../src/evidence/index.js';
import { openArchive } from '../../src/index.js';
import { bodyOf, crypto, random, temporaryDirectory } from '../fixture.js';

const test = suite('the archiver of examples');
test.after(stopEverything);

const program = fileURLToPath(new URL('../../examples/archiver.ts', import.meta.url));
const [ROMEO, JULIET] = ['romeo@localhost', 'juliet@localhost'];

test('the README shows the example as it is', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, shown] = /## Beside a server[^]*?```ts no-run\n([^]*?)```/.exec(readme) ?? [];
  assert.is(shown, readFileSync(program, 'utf8').replace(/^(\/\/.*\n)+/, ''));
});

test(
  'archives what two people say, sealed and plain, while they talk; goes on where it was; and proves it',
  needing(['prosody', 'postgres'], async () => {
    const directory = temporaryDirectory();
    const key = await generatePrivateKey('Ed25519', random, crypto);
    writeFileSync(join(directory, 'key.pem'), encodePem('PRIVATE KEY', exportPrivateKey(key)));
    const postgres = await startPostgres();
    const database = await postgres.createDatabase('prosody');
    const server = await startProsody({ archive: database });
    const romeo = await createActor(server, 'romeo');
    const juliet = await createActor(server, 'juliet');
    for (const actor of [romeo, juliet]) await actor.connection.start();
    const plain = await connectClient(server, { username: 'romeo', resource: 'plain' });
    const source = `postgres://${database.user}@${database.host}:${database.port}/${database.database}`;
    const url = `sqlite:${join(directory, 'archive.db')}`;
    // Prosody makes its table when it has something to keep.
    await plain.say(JULIET, 'in the clear');
    await juliet.until(() => juliet.messages.length === 1);
    const archiver = start([source, url, join(directory, 'key.pem')]);
    await archiver.until(/^2 so far$/m);
    await romeo.say(JULIET, 'under a seal');
    await juliet.until(() => juliet.messages.length === 2);
    await juliet.say(ROMEO, 'under another');
    await romeo.until(() => romeo.texts().includes('under another'));
    await archiver.until(/^6 so far$/m);
    assert.is(await archiver.end(), 0, archiver.output());
    assert.match(archiver.output(), /^kept 6$/m);

    await romeo.say(JULIET, 'meanwhile');
    await juliet.until(() => juliet.messages.length === 3);
    const again = start([source, url, join(directory, 'key.pem')]);
    await again.until(/^2 so far$/m);
    assert.is(await again.end(), 0, again.output());
    assert.match(again.output(), /^kept 2$/m);

    const origin = 'capulet.example/archive';
    const checkpointKey = await key.signingKey(crypto);
    const clock = Date.now;
    const archive = await openArchive(url, { origin, checkpointKey, random, clock, crypto, onEvent: () => undefined });
    for (const owner of [ROMEO, JULIET]) {
      const { entries, damaged } = await archive.page({ owner });
      assert.equal([entries.map((entry) => entry.sealed), damaged], [[false, true, true, true], []]);
      assert.is(bodyOf(entries[0]?.octets), 'in the clear');
      assert.ok(entries.slice(1).every(({ octets }) => !Buffer.from(octets ?? []).includes('seal</body>')));
      const { proof } = await archive.proofOf({ owner, id: entries[1]?.id as string });
      assert.ok(verify(proof, { origin, logKey: key.publicKey }).entry?.stanza?.includes('urn:xmpp:sealed:0'));
    }
    await archive.close();
    await plain.stop();
    for (const actor of [romeo, juliet]) await actor.connection.stop();
    await server.stop();
    await postgres.stop();
  }),
);

interface Started {
  output(): string;
  until(seen: RegExp): Promise<void>;
  end(): Promise<number | null>;
}

function start(args: readonly string[]): Started {
  const options = ['--import', import.meta.resolve('tsx'), '--conditions=@stanzaseal/source', program, ...args];
  const child = spawn(process.execPath, options);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += String(text);
    });
  return {
    output: () => output,
    async until(seen) {
      for (const end = performance.now() + 60_000; !seen.test(output); ) {
        if (performance.now() > end || child.exitCode !== null) throw new Error(`${seen} was not said: ${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    end() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test.run();
