/**
 * ejabberd's configuration file.
 * @module
 */
import type { Certificates } from './certificates.js';
import type { EjabberdOptions } from './ejabberd.js';
import { HOST } from './ports.js';
import type { ServerPorts } from './runningServer.js';
import { STANZA_LIMIT } from './server.js';

/** What the options do not say. */
export interface EjabberdSite {
  readonly domains: readonly string[];
  readonly ports: ServerPorts;
  readonly certificates: Certificates | undefined;
}

/** Modules and their options, in YAML's flow style. */
const MODULES = {
  mod_adhoc: '{}',
  mod_admin_extra: '{}',
  mod_blocking: '{}',
  mod_bosh: '{}',
  mod_caps: '{}',
  mod_carboncopy: '{}',
  mod_client_state: '{}',
  mod_disco: '{}',
  mod_http_api: '{}',
  mod_last: '{}',
  mod_offline: '{ access_max_user_messages: infinity }',
  mod_ping: '{}',
  mod_privacy: '{}',
  mod_pubsub: '{ access_createnode: all, plugins: ["flat", "pep"], max_items_node: 10000 }',
  mod_roster: '{}',
  mod_s2s_dialback: '{}',
  mod_stream_mgmt: '{ resend_on_timeout: if_offline }',
  mod_vcard: '{}',
};

/** The whole file, in YAML. */
export function ejabberdConfiguration(options: EjabberdOptions, site: EjabberdSite): string {
  const { domains, ports, certificates } = site;
  const { archive = 'own', federation, octetsPerSecond, stanzaLimit = STANZA_LIMIT } = options;
  const stored = typeof archive === 'object' ? ', db_type: sql' : '';
  const rooms = 'access: all, access_create: all, access_persistent: all';
  const modules: Record<string, string> = {
    ...MODULES,
    ...(archive === 'none' ? {} : { mod_mam: `{ assume_mam_usage: true, default: always${stored} }` }),
    mod_muc: `{ ${rooms}, default_room_options: { mam: ${archive !== 'none'} } }`,
    ...options.modules,
  };
  const listening = (port: number, module: string, rest: string) =>
    `  - { port: ${port}, ip: "${HOST}", module: ${module}${rest} }`;
  const starttls = `, starttls: ${certificates !== undefined}, starttls_required: ${options.tls === 'required'}`;
  const shaper = octetsPerSecond === undefined ? '' : ', shaper: c2s';
  const components = Object.entries(options.components ?? {}).map(
    ([domain, secret]) => `${JSON.stringify(domain)}: { password: ${JSON.stringify(secret)} }`,
  );
  const handlers = '{ "/ws": ejabberd_http_ws, "/api": mod_http_api, "/bosh": mod_bosh }';
  const lines = [
    `hosts: ${JSON.stringify(domains)}`,
    'loglevel: info',
    'log_rotate_size: infinity',
    'auth_method: internal',
    // From which it can check PLAIN and every SCRAM.
    'auth_password_format: plain',
    'disable_sasl_mechanisms: ["DIGEST-MD5", "X-OAUTH2"]',
    ...(certificates ? [`certfiles: [${JSON.stringify(certificates.bundle)}]`] : []),
    'acl: { local: { user_regexp: "" }, loopback: { ip: ["127.0.0.0/8"] } }',
    'access_rules: { local: { allow: local } }',
    `api_permissions: { "tests": { from: [mod_http_api], who: { ip: "127.0.0.1/8" }, what: "*" } }`,
    // A burst of two seconds, as Prosody has it.
    ...(octetsPerSecond === undefined
      ? []
      : [
          `shaper: { slow: { rate: ${octetsPerSecond}, burst_size: ${2 * octetsPerSecond} } }`,
          'shaper_rules: { c2s: slow }',
        ]),
    'listen:',
    listening(ports.c2s, 'ejabberd_c2s', `, max_stanza_size: ${stanzaLimit}, access: all${shaper}${starttls}`),
    listening(ports.component, 'ejabberd_service', `, hosts: { ${components.join(', ')} }`),
    listening(ports.http, 'ejabberd_http', `, request_handlers: ${handlers}`),
    ...(federation ? [listening(federation.s2sPort, 'ejabberd_s2s_in', ', max_stanza_size: 524288')] : []),
    's2s_use_starttls: false',
    'outgoing_s2s_families: [ipv4]',
    'registration_timeout: infinity',
    ...(typeof archive === 'object'
      ? [
          'sql_type: pgsql',
          `sql_server: ${JSON.stringify(archive.host)}`,
          `sql_port: ${archive.port}`,
          `sql_database: ${JSON.stringify(archive.database)}`,
          `sql_username: ${JSON.stringify(archive.user)}`,
          'sql_password: ""',
          'sql_pool_size: 3',
        ]
      : []),
    'modules:',
    ...Object.entries(modules).map(([name, value]) => `  ${name}: ${value}`),
    options.settings ?? '',
  ];
  return `${lines.join('\n')}\n`;
}
