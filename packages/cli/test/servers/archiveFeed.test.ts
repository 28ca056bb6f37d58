// An archiver at the shell beside real servers: `archive feed` as a component of Prosody and of ejabberd, and `archive import` of Prosody's own archive.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  connectClient,
  needing,
  startEjabberd,
  startPostgres,
  startProsody,
  stopEverything,
  type XmppServer,
} from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { done } from '../archiveFixture.js';
import { conformsTo } from '../jsonSchema.js';
import { cli, folder, stanzaseal, write } from '../shell.js';

const test = suite('an archiver at the shell');
test.after(stopEverything);

const COMPONENT = 'archiver.localhost';
const components = { [COMPONENT]: 'a secret' };
const plugins = fileURLToPath(new URL('../../../archive/examples/prosody', import.meta.url));

interface Running {
  output(): string;
  until(seen: RegExp): Promise<void>;
  /** Ends it as its user would; gives what it wrote on standard output. */
  end(): Promise<string>;
}

function start(args: string): Running {
  const [command, ...before] = cli as [string, ...string[]];
  const child: ChildProcess = spawn(command, [...before, ...args.split(' ')], { cwd: folder });
  let [out, errors] = ['', ''];
  child.stdout?.on('data', (text) => {
    out += String(text);
  });
  child.stderr?.on('data', (text) => {
    errors += String(text);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output: () => out + errors,
    async until(seen) {
      for (const end = performance.now() + 60_000; !seen.test(out + errors); ) {
        if (performance.now() > end || child.exitCode !== null)
          throw new Error(`${seen} was not said: ${out}${errors}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async end() {
      child.kill('SIGTERM');
      assert.is(await ended, 0, errors);
      return out;
    },
  };
}

/** Two people who are there, and one who is not, while a feed listens. */
async function talk(server: XmppServer, archive: string): Promise<void> {
  for (const user of ['romeo', 'juliet', 'nurse']) await server.register(user);
  write('secret', 'a secret');
  const at = `--archive sqlite:${archive}`;
  const service = `xmpp://${server.host}:${server.componentPort}`;
  const feed = start(
    `archive feed ${at} --domain localhost --component ${COMPONENT} --service ${service} --secret-file secret --json`,
  );
  await feed.until(/^listening as /m);
  const romeo = await connectClient(server, { username: 'romeo', resource: 'r' });
  const juliet = await connectClient(server, { username: 'juliet', resource: 'j' });
  await romeo.say('juliet@localhost', 'one');
  await juliet.waitFor((stanza) => stanza.getChildText('body') === 'one');
  await romeo.say('nurse@localhost', 'to nobody yet');
  await juliet.say('romeo@localhost', 'two');
  await romeo.waitFor((stanza) => stanza.getChildText('body') === 'two');
  await romeo.flush();
  const nurse = await connectClient(server, { username: 'nurse', resource: 'n' });
  await nurse.waitFor((stanza) => stanza.getChildText('body') === 'to nobody yet');
  const sum = JSON.parse(await feed.end());
  conformsTo('archiveImport')(sum);
  assert.equal([sum.kept, sum.quarantined, sum.refused], [6, 0, 0], JSON.stringify(sum));
  const lines = done(stanzaseal(`archive export ${at}`))
    .trim()
    .split('\n');
  const owners = lines.map((line) => JSON.parse(line).owner.split('@')[0]);
  assert.equal(owners.sort(), ['juliet', 'juliet', 'nurse', 'romeo', 'romeo', 'romeo']);
  for (const client of [romeo, juliet, nurse]) await client.stop();
}

test(
  'ejabberd with mod_service_log: each message once in each archive, though it comes twice',
  needing(['ejabberd'], async () => {
    const modules = { mod_service_log: `{ loggers: ["${COMPONENT}"] }` };
    const server = await startEjabberd({ components, modules });
    await talk(server, 'ejabberd.db');
    await server.stop();
  }),
);

test(
  'Prosody with the tap of examples, and a second time from its own archive in PostgreSQL, followed until SIGTERM',
  needing(['prosody', 'postgres'], async () => {
    const postgres = await startPostgres();
    const database = await postgres.createDatabase('prosody');
    const hostSettings = `modules_enabled = { "archive_tap" }\narchive_tap_component = "${COMPONENT}"`;
    const server = await startProsody({ components, archive: database, pluginPaths: [plugins], hostSettings });
    await talk(server, 'prosody.db');
    const from = `postgres://${database.user}@${database.host}:${database.port}/${database.database}`;
    const follow = start(`archive import --archive sqlite:own.db --format prosody --from ${from} --follow`);
    const juliet = await connectClient(server, { username: 'juliet', resource: 'j' });
    await juliet.say('romeo@localhost', 'three');
    await juliet.flush();
    // The archive is one process's until it ends; the end comes when all that is there was read.
    await follow.until(/^following/m);
    assert.match(await follow.end(), /^\d+ kept, 0 in quarantine, 0 there already, 0 refused\n$/);
    const rest = done(stanzaseal(`archive import --archive sqlite:own.db --format prosody --from ${from} --json`));
    conformsTo('archiveImport')(JSON.parse(rest));
    const lines = done(stanzaseal('archive page --archive sqlite:own.db --owner juliet@localhost')).trim().split('\n');
    assert.is(lines.length, 3);
    await juliet.stop();
    await server.stop();
    await postgres.stop();
  }),
);

test.run();
