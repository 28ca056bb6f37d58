/** A domain vouches for an account, from the shell to the shell, beside a real Prosody and a real ejabberd. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  connectClient,
  needing,
  PASSWORD,
  startEjabberd,
  startProsody,
  stopEverything,
  type XmppServer,
  xml,
} from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificatesIn } from '../certificates.js';
import { conformsTo } from '../jsonSchema.js';
import { stanzaseal, workspace } from '../stanzaseal.js';

const test = suite('vouch serve at the shell');
const { path, passphrase, remove } = workspace();
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const COMPONENT = 'vouch.localhost';
const SECRET = 'secret of the component';
const domainKey = ['--domain', 'localhost', '--domain-key', path('vouching.pem')];
const juliet = ['--store', path('juliet'), ...passphrase];
let serving: ChildProcess | undefined;
/** Her published keys, once the first test made them. */
let bundle = '';

async function done(args: string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await stanzaseal(args, input);
  assert.is(code, 0, stderr);
  return stdout;
}

/** Starts the component beside a server. Gives what it has said until now. */
async function serveBeside(server: XmppServer): Promise<() => string> {
  const place = ['--component', COMPONENT, '--service', `xmpp://${server.host}:${server.componentPort}`];
  const secret = ['--secret-file', path('secret')];
  return serve(['vouch', 'serve', ...domainKey, '--statement', path('domain.cms'), ...place, ...secret]);
}

const loginAt = (server: XmppServer): string[] => [
  '--password-file',
  path('password'),
  '--service',
  server.tcpUrl,
  '--component',
  COMPONENT,
];

test.after(async () => {
  serving?.kill();
  await stopEverything();
  remove();
});

test(
  'an account has its domain vouch for its key, and another store takes it in',
  needing(['prosody', 'openssl'], async () => {
    const server = await startProsody({ components: { [COMPONENT]: SECRET } });
    const { authority, issue } = certificatesIn(path('.'));
    authority('root');
    issue('domain', 'subjectAltName=DNS:localhost');
    writeFileSync(path('secret'), `${SECRET}\n`);
    writeFileSync(path('password'), `${PASSWORD}\n`);
    await done(['key', 'generate', '--algorithm', 'ed25519', '--out', path('vouching.pem')]);
    const by = ['--key', path('domain.key'), '--certificate', path('domain.crt')];
    await done(['vouch', 'endorse', ...domainKey, ...by, '--out', path('domain.cms')]);

    const log = await serveBeside(server);
    assert.is(log(), 'vouching for localhost as vouch.localhost\n');

    await server.register('juliet');
    await done(['store', 'create', '--owner', 'juliet@localhost', ...juliet]);
    bundle = await done(['bundle', 'export', ...juliet]);
    const early = await stanzaseal(['trust', 'vouch', ...juliet, ...loginAt(server)]);
    assert.is(early.code, 1);
    assert.match(early.stderr, /^error: ERR_REFUSED: the account has not published its keys yet/);

    await publish(server, bundle);
    const vouch = await done(['trust', 'vouch', ...juliet, ...loginAt(server)]);
    assert.match(log(), /juliet@localhost\/\S+: refused: no-list\n[^\n]*: vouched for [0-9a-f]{64}, list 1, until /);

    const other = ['--store', path('romeo'), ...passphrase];
    await done(['store', 'create', '--owner', 'romeo@montague.example', ...other]);
    await done(['bundle', 'import', ...other], bundle);
    const check = ['trust', 'vouch', '--check', '--root', path('root.crt')];
    const json = JSON.parse(await done([...check, ...other, '--json'], vouch));
    conformsTo('trustStatement')(json);
    assert.equal([json.jid, json.by, json.level, json.sequence], ['juliet@localhost', 'localhost', 'vouched', 1]);
    assert.match(await done([...check, '--jid', 'juliet@localhost'], vouch), /: vouched by localhost until /);
    assert.is((await stanzaseal([...check, '--jid', 'romeo@localhost'], vouch)).code, 1);
  }),
);

test(
  'the same component beside ejabberd',
  needing(['prosody', 'ejabberd', 'openssl'], async () => {
    // Keys, statement and store are those that the first test made.
    assert.is.not(bundle, '');
    serving?.kill();
    const server = await startEjabberd({ components: { [COMPONENT]: SECRET } });
    await serveBeside(server);
    await server.register('juliet');
    await publish(server, bundle);
    const vouch = await done(['trust', 'vouch', ...juliet, ...loginAt(server)]);
    const check = ['trust', 'vouch', '--check', '--root', path('root.crt'), '--jid', 'juliet@localhost'];
    assert.match(await done(check, vouch), /: vouched by localhost until /);
  }),
);

/** Publishes the device list of a bundle file as a client of the account does. */
async function publish(server: XmppServer, bundle: string): Promise<void> {
  const [, list = ''] = /-----BEGIN CMS-----([^-]+)-----END CMS-----/.exec(bundle) ?? [];
  const client = await connectClient(server, { username: 'juliet' });
  const node = 'urn:xmpp:sealed:0:devices';
  const item = xml('item', { id: 'current' }, xml('devices', { xmlns: 'urn:xmpp:sealed:0' }, list.replace(/\s/g, '')));
  const field = (name: string, value: string, type?: string) =>
    xml('field', { var: name, ...(type && { type }) }, xml('value', {}, value));
  const form = xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    field('FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options', 'hidden'),
    field('pubsub#access_model', 'open'),
  );
  const pubsub = xml(
    'pubsub',
    { xmlns: 'http://jabber.org/protocol/pubsub' },
    xml('publish', { node }, item),
    xml('publish-options', {}, form),
  );
  await client.request(xml('iq', { type: 'set' }, pubsub));
  await client.stop();
}

/** Starts the component; resolves when it vouches. Gives what it has said. */
function serve(args: readonly string[]): Promise<() => string> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@stanzaseal/source', MAIN, ...args]);
  serving = child;
  let said = '';
  return new Promise((resolve, reject) => {
    child.on('close', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('vouching for')) resolve(() => said);
    });
  });
}

test.run();
