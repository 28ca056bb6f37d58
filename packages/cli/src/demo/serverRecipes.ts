/**
 * How Prosody and ejabberd are found and set up: one domain, no TLS and no other servers, for nobody but this machine reaches them;
 * accounts for who asks; an archive that keeps everything.
 * @module
 */
import { accessSync, constants, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A server that the demo can start. */
export type ServerName = 'prosody' | 'ejabberd';

/** The address that it listens on. */
export const HOST = '127.0.0.1';

/** The domain that it serves. */
export const DOMAIN = 'localhost';

/** What a server is set up with. */
export interface Site {
  /** An empty directory. */
  readonly directory: string;
  /** TCP port for its clients. */
  readonly port: number;
  /** What `find` gave. */
  readonly program: string;
}

/** How a server is found and started. */
export interface Recipe {
  /** Where it is installed; `undefined` where it is not. */
  readonly find: () => string | undefined;
  /** What is started, by what `find` gave. */
  readonly command: (program: string) => string;
  /** Writes its configuration, and gives arguments and environment. */
  readonly prepare: (site: Site) => {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

/** The servers. */
export const RECIPES: Readonly<Record<ServerName, Recipe>> = {
  prosody: { find: () => onPath('prosody'), command: (program) => program, prepare: prepareProsody },
  // Without ejabberdctl, which changes the user, and without a node name, so that no epmd stays behind.
  ejabberd: { find: ejabberdLibraries, command: () => onPath('erl') ?? 'erl', prepare: prepareEjabberd },
};

function prepareProsody({ directory, port }: Site): ReturnType<Recipe['prepare']> {
  const configuration = join(directory, 'prosody.cfg.lua');
  // It looks for certificates in any case.
  for (const name of ['certs', 'data']) mkdirSync(join(directory, name));
  const quoted = (name: string): string => JSON.stringify(join(directory, name));
  const lines = [
    // It refuses to run as root otherwise.
    ...(process.getuid?.() === 0 ? ['run_as_root = true'] : []),
    'daemonize = false',
    `pidfile = ${quoted('prosody.pid')}`,
    `data_path = ${quoted('data')}`,
    `certificates = ${quoted('certs')}`,
    `log = { { levels = { min = "info" }, to = "file", filename = ${quoted('prosody.log')} } }`,
    `interfaces = { "${HOST}" }`,
    `c2s_ports = { ${port} }`,
    'c2s_direct_tls_ports = { }',
    's2s_ports = { }',
    's2s_direct_tls_ports = { }',
    'c2s_require_encryption = false',
    'allow_unencrypted_plain_auth = true',
    'authentication = "internal_hashed"',
    // The fewest that RFC 5802 §5.1 asks for: SCRAM in JavaScript blocks for a second at the usual 10,000.
    'default_iteration_count = 4096',
    'allow_registration = true',
    'archive_expires_after = "never"',
    'pep_max_items = 10000',
    'storage = "internal"',
    'network_settings = { nagle = false; opportunistic_writes = true }',
    'modules_enabled = { "disco"; "roster"; "saslauth"; "pep"; "carbons"; "offline"; "smacks"; "register"; "mam"; "posix" }',
    'modules_disabled = { "s2s"; "tls" }',
    `VirtualHost "${DOMAIN}"`,
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  return { args: ['--config', configuration, '-F'], env: {} };
}

function prepareEjabberd({ directory, port, program }: Site): ReturnType<Recipe['prepare']> {
  for (const name of ['mnesia', 'log']) mkdirSync(join(directory, name));
  const configuration = join(directory, 'ejabberd.yml');
  const lines = [
    `hosts: ["${DOMAIN}"]`,
    'loglevel: info',
    'auth_method: internal',
    // From which it can check PLAIN and every SCRAM.
    'auth_password_format: plain',
    'disable_sasl_mechanisms: ["DIGEST-MD5", "X-OAUTH2"]',
    'registration_timeout: infinity',
    'listen:',
    `  - { port: ${port}, ip: "${HOST}", module: ejabberd_c2s, max_stanza_size: 262144, access: all, starttls: false }`,
    'modules:',
    '  mod_caps: {}',
    '  mod_carboncopy: {}',
    '  mod_disco: {}',
    '  mod_mam: { assume_mam_usage: true, default: always }',
    '  mod_offline: { access_max_user_messages: infinity }',
    '  mod_pubsub: { access_createnode: all, plugins: ["flat", "pep"], max_items_node: 10000 }',
    '  mod_register: { access: all }',
    '  mod_roster: {}',
    '  mod_stream_mgmt: { resend_on_timeout: if_offline }',
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  const mnesia = `"${join(directory, 'mnesia')}"`;
  return {
    args: ['-noinput', '-noshell', '+K', 'true', '+S', '2:2', '-mnesia', 'dir', mnesia, '-s', 'ejabberd'],
    env: {
      ERL_LIBS: program,
      EJABBERD_CONFIG_PATH: configuration,
      EJABBERD_LOG_PATH: join(directory, 'log', 'ejabberd.log'),
      ERL_CRASH_DUMP_BYTES: '0',
    },
  };
}

/** The folder of Erlang's libraries with ejabberd among them: Debian has one for each architecture. */
function ejabberdLibraries(): string | undefined {
  if (onPath('ejabberdctl') === undefined || onPath('erl') === undefined) return undefined;
  const folders = [...namesIn('/usr/lib').filter((name) => name.includes('-linux-gnu')), 'erlang/lib'];
  return folders
    .map((name) => join('/usr/lib', name))
    .find((folder) => namesIn(folder).some((name) => name.startsWith('ejabberd-')));
}

function onPath(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, '/usr/sbin'].map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
