/**
 * Prosody on the loopback.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathOf } from './available.js';
import { makeCertificates } from './certificates.js';
import { registerInBand } from './inBandRegistration.js';
import { temporaryDirectory } from './leftovers.js';
import { freePort } from './ports.js';
import { Program } from './program.js';
import { prosodyConfiguration } from './prosodyConfiguration.js';
import { domainsOf, type ServerParts, type ServerPorts, startServer } from './runningServer.js';
import type { ServerOptions, XmppServer } from './server.js';

/** What Prosody alone takes. */
export interface ProsodyOptions extends ServerOptions {
  /** Modules besides the usual ones, for all domains. */
  readonly modules?: readonly string[];
  /** Folders with modules of our own. */
  readonly pluginPaths?: readonly string[];
  /** Lines for the section of every domain. */
  readonly hostSettings?: string;
}

/**
 * Starts one, in 0.2 to 0.6 s.
 * @example
 * const server = await startProsody();
 * await server.register('alice');
 * const alice = await connectClient(server, { username: 'alice' });
 */
export async function startProsody(options: ProsodyOptions = {}): Promise<XmppServer> {
  const command = pathOf('prosody');
  const ports: ServerPorts = { c2s: await freePort(), http: await freePort(), component: await freePort() };
  const directory = temporaryDirectory('prosody');
  const domains = domainsOf(options);
  // It looks for certificates there in any case.
  mkdirSync(join(directory.path, 'certs'));
  mkdirSync(join(directory.path, 'data'));
  const certificates = options.tls && makeCertificates(directory.path, domains);
  const configuration = join(directory.path, 'prosody.cfg.lua');
  writeFileSync(
    configuration,
    prosodyConfiguration(options, { directory: directory.path, domains, ports, certificates }),
  );
  const program = new Program({
    name: 'Prosody',
    command,
    args: ['--config', configuration, '-F'],
    directory: directory.path,
    logs: [join(directory.path, 'prosody.log')],
    ports: [
      ports.c2s,
      ports.http,
      // It listens for components once it has one.
      ...(Object.keys(options.components ?? {}).length > 0 ? [ports.component] : []),
      ...(options.federation ? [options.federation.s2sPort] : []),
    ],
  });
  // Where a stream has to be encrypted first, an account is made from the side: ten times slower.
  const register =
    options.tls === 'required'
      ? registerAside(configuration)
      : (user: string, password: string, domain: string) => registerInBand(ports.c2s, { user, password, domain });
  return startServer({
    name: 'prosody',
    options,
    directory,
    program,
    ports,
    wsPath: '/xmpp-websocket',
    certificates,
    register,
  });
}

function registerAside(configuration: string): ServerParts['register'] {
  return async (user, password, domain) => {
    const root = process.getuid?.() === 0 ? ['--root'] : [];
    await promisify(execFile)('prosodyctl', [...root, '--config', configuration, 'register', user, domain, password]);
  };
}
