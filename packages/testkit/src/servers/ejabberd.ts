/**
 * ejabberd on the loopback.
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './available.js';
import { makeCertificates } from './certificates.js';
import { ejabberdConfiguration } from './ejabberdConfiguration.js';
import { temporaryDirectory } from './leftovers.js';
import { freePort, HOST } from './ports.js';
import type { PostgresDatabase } from './postgres.js';
import { connectPostgres } from './postgresConnection.js';
import { Program, sleep } from './program.js';
import { domainsOf, type ServerPorts, startServer } from './runningServer.js';
import type { FederationLink, ServerOptions, XmppServer } from './server.js';

/** What ejabberd alone takes. */
export interface EjabberdOptions extends ServerOptions {
  /** Modules besides the usual ones, or instead of one of them: name to options in YAML's flow style, as `'{}'`. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** ejabberd, with its commands. */
export interface EjabberdServer extends XmppServer {
  readonly name: 'ejabberd';
  /** Calls a command of its HTTP interface, such as `registered_users`. @throws Error with its words when it refuses */
  command(name: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/**
 * How often its database writes down what it has accepted, in ms. By itself it waits two seconds, and what a server that is killed
 * has confirmed in them, an account included, is gone.
 */
const SYNC_INTERVAL = 50;
const SYNC =
  `spawn(fun Again() -> timer:sleep(${SYNC_INTERVAL}), catch mnesia:sync_log(), ` +
  '[dets:sync(Table) || Table <- dets:all()], Again() end).';

/** Starts one, in 1.5 to 3 s. */
export async function startEjabberd(options: EjabberdOptions = {}): Promise<EjabberdServer> {
  pathOf('ejabberd');
  const ports: ServerPorts = { c2s: await freePort(), http: await freePort(), component: await freePort() };
  if (typeof options.archive === 'object') await createTables(options.archive);
  const directory = temporaryDirectory('ejabberd');
  const inDirectory = (name: string) => join(directory.path, name);
  for (const name of ['mnesia', 'log']) mkdirSync(inDirectory(name));
  const domains = domainsOf(options);
  const certificates = options.tls && makeCertificates(directory.path, domains);
  writeFileSync(inDirectory('ejabberd.yml'), ejabberdConfiguration(options, { domains, ports, certificates }));
  const { federation } = options;
  if (federation) writeFileSync(inDirectory('inetrc'), resolverSettings(federation));
  const log = inDirectory('log/ejabberd.log');
  const program = new Program({
    name: 'ejabberd',
    // Without ejabberdctl, which changes the user, and without a node name, so that no epmd stays behind.
    command: 'erl',
    args: [
      ...['-noinput', '-noshell', '+K', 'true', '+S', '2:2', '-mnesia', 'dir', `"${inDirectory('mnesia')}"`],
      ...(federation ? ['-kernel', 'inetrc', `"${inDirectory('inetrc')}"`] : []),
      ...['-s', 'ejabberd', '-eval', SYNC],
    ],
    directory: directory.path,
    env: {
      ERL_LIBS: librariesOf(),
      EJABBERD_CONFIG_PATH: inDirectory('ejabberd.yml'),
      EJABBERD_LOG_PATH: log,
      ERL_CRASH_DUMP_BYTES: '0',
    },
    logs: [log],
    ports: [ports.c2s, ports.http, ports.component, ...(federation ? [federation.s2sPort] : [])],
    patience: 60_000,
  });
  const command = (name: string, parameters: Readonly<Record<string, unknown>> = {}) =>
    callCommand(ports.http, name, parameters);
  const register = async (user: string, password: string, host: string) => {
    await command('register', { user, host, password });
    await sleep(2 * SYNC_INTERVAL);
  };
  const parts = { options, directory, program, ports, certificates, register };
  const server = await startServer({ ...parts, name: 'ejabberd', wsPath: '/ws' });
  return Object.defineProperties({ command } as EjabberdServer, Object.getOwnPropertyDescriptors(server));
}

async function callCommand(port: number, name: string, parameters: object): Promise<unknown> {
  const answer = await fetch(`http://${HOST}:${port}/api/${name}`, {
    method: 'POST',
    body: JSON.stringify(parameters),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`ejabberd refuses ${name} (${answer.status}): ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Where Debian keeps Erlang's libraries of this architecture. */
function librariesOf(): string {
  const folder = readdirSync('/usr/lib').find((name) => /-linux-gnu/.test(name) && hasEjabberd(join('/usr/lib', name)));
  return folder === undefined ? '/usr/lib/erlang/lib' : join('/usr/lib', folder);
}

function hasEjabberd(folder: string): boolean {
  return readdirSync(folder).some((name) => name.startsWith('ejabberd-'));
}

/** Asks our name server and nobody else. One bad term, such as `{clear_ns}`, and Erlang drops the whole file in silence. */
function resolverSettings({ dnsPort }: FederationLink): string {
  const loopback = HOST.replaceAll('.', ',');
  return [
    '{lookup, [file, dns]}.',
    'clear_ns.',
    'clear_search.',
    '{resolv_conf, ""}.',
    '{hosts_file, ""}.',
    `{host, {${loopback}}, ["localhost"]}.`,
    `{nameserver, {${loopback}}, ${dnsPort}}.`,
    '',
  ].join('\n');
}

/** ejabberd does not make its tables by itself. */
async function createTables(database: PostgresDatabase): Promise<void> {
  const client = await connectPostgres(database);
  await client.query(readFileSync('/usr/share/ejabberd/sql/pg.sql', 'utf8')).finally(() => client.end());
}
