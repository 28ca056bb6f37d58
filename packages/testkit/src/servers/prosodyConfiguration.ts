/**
 * Prosody's configuration file.
 * @module
 */
import type { Certificates } from './certificates.js';
import { HOST } from './ports.js';
import type { ProsodyOptions } from './prosody.js';
import type { ServerPorts } from './runningServer.js';
import { STANZA_LIMIT } from './server.js';

/** What the options do not say. */
export interface ProsodySite {
  readonly directory: string;
  readonly domains: readonly string[];
  readonly ports: ServerPorts;
  readonly certificates: Certificates | undefined;
}

const MODULES =
  'disco roster saslauth pep blocklist carbons offline smacks csi_simple websocket bosh http ping vcard4 vcard_legacy ' +
  'register admin_shell time version posix';

/** The whole file, in Lua. What stands later wins, so `settings` may overrule the rest. */
export function prosodyConfiguration(options: ProsodyOptions, site: ProsodySite): string {
  const { directory, domains, ports, certificates } = site;
  const { archive = 'own', federation, octetsPerSecond, stanzaLimit = STANZA_LIMIT } = options;
  const modules = [
    ...MODULES.split(' '),
    ...(archive === 'none' ? [] : ['mam']),
    ...(certificates ? ['tls'] : []),
    ...(federation ? ['dialback'] : []),
    ...(octetsPerSecond === undefined ? [] : ['limits']),
    ...(options.modules ?? []),
  ];
  const lines = [
    // It refuses to run as root otherwise.
    process.getuid?.() === 0 ? 'run_as_root = true' : '',
    'daemonize = false',
    `pidfile = ${quoted(`${directory}/prosody.pid`)}`,
    `data_path = ${quoted(`${directory}/data`)}`,
    `certificates = ${quoted(`${directory}/certs`)}`,
    `admin_socket = ${quoted(`${directory}/admin.sock`)}`,
    `plugin_paths = ${list(options.pluginPaths ?? [])}`,
    `log = { { levels = { min = "info" }, to = "file", filename = ${quoted(`${directory}/prosody.log`)} } }`,
    `interfaces = ${list([HOST])}`,
    `c2s_ports = { ${ports.c2s} }`,
    'c2s_direct_tls_ports = { }',
    `http_interfaces = ${list([HOST])}`,
    `http_ports = { ${ports.http} }`,
    'https_ports = { }',
    `http_default_host = ${quoted(domains[0] ?? '')}`,
    'http_cors_override = { websocket = { enabled = true } }',
    `component_interfaces = ${list([HOST])}`,
    `component_ports = { ${ports.component} }`,
    's2s_direct_tls_ports = { }',
    `s2s_ports = { ${federation?.s2sPort ?? ''} }`,
    'consider_websocket_secure = true',
    'consider_bosh_secure = true',
    `c2s_require_encryption = ${options.tls === 'required'}`,
    'allow_unencrypted_plain_auth = true',
    'authentication = "internal_hashed"',
    // The fewest that RFC 5802 §5.1 asks for: SCRAM in JavaScript blocks for a second at the usual 10,000.
    'default_iteration_count = 4096',
    'allow_registration = true',
    'archive_expires_after = "never"',
    'max_archive_query_results = 250',
    'pep_max_items = 10000',
    `c2s_stanza_size_limit = ${stanzaLimit}`,
    // Else Nagle's algorithm makes 40 ms of every round trip.
    'network_settings = { nagle = false; opportunistic_writes = true }',
    `modules_enabled = ${list(modules)}`,
    `modules_disabled = ${list([...(federation ? [] : ['s2s']), ...(certificates ? [] : ['tls'])])}`,
    ...(certificates
      ? [`ssl = { key = ${quoted(certificates.key)}; certificate = ${quoted(certificates.certificate)} }`]
      : []),
    // `b` is ten octets to it (mod_limits: 10^1).
    ...(octetsPerSecond === undefined ? [] : [`limits = { c2s = { rate = "${Math.ceil(octetsPerSecond / 10)}b/s" } }`]),
    ...(typeof archive === 'object'
      ? [
          'default_storage = "internal"',
          'storage = { archive = "sql"; muc_log = "sql" }',
          `sql = { driver = "PostgreSQL"; host = ${quoted(archive.host)}; port = ${archive.port}; ` +
            `database = ${quoted(archive.database)}; username = ${quoted(archive.user)}; password = "unused" }`,
        ]
      : ['storage = "internal"']),
    ...(federation
      ? [
          's2s_secure_auth = false',
          's2s_require_encryption = false',
          // Asks our name server and nobody else, by a route that libunbound refuses unless told otherwise.
          `unbound = { hoststxt = false; resolvconf = false; forward = { "${HOST}@${federation.dnsPort}" }; ` +
            'options = { ["do-not-query-localhost:"] = "no" } }',
        ]
      : []),
    options.settings ?? '',
    ...domains.flatMap((domain) => [
      `VirtualHost ${quoted(domain)}`,
      options.hostSettings ?? '',
      `Component ${quoted(`conference.${domain}`)} "muc"`,
      ...(archive === 'none' ? [] : ['modules_enabled = { "muc_mam" }']),
      'restrict_room_creation = false',
      'muc_log_by_default = true',
    ]),
    ...Object.entries(options.components ?? {}).flatMap(([domain, secret]) => [
      `Component ${quoted(domain)}`,
      `component_secret = ${quoted(secret)}`,
    ]),
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function list(words: readonly string[]): string {
  return `{ ${words.map(quoted).join('; ')} }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
