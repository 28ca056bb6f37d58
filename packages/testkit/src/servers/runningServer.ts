/**
 * The life of a server, the same for all of them.
 * @module
 */
import type { Certificates } from './certificates.js';
import type { temporaryDirectory } from './leftovers.js';
import { HOST } from './ports.js';
import type { Program } from './program.js';
import { PASSWORD, type ServerOptions, type XmppServer } from './server.js';

/** What is known of a server before it was started. */
export interface ServerParts {
  readonly name: XmppServer['name'];
  readonly options: ServerOptions;
  readonly directory: ReturnType<typeof temporaryDirectory>;
  readonly program: Program;
  readonly ports: ServerPorts;
  /** Path of the WebSocket on the HTTP port. */
  readonly wsPath: string;
  readonly certificates: Certificates | undefined;
  readonly register: (user: string, password: string, domain: string) => Promise<void>;
}

/** Where a server listens for its clients. */
export interface ServerPorts {
  readonly c2s: number;
  readonly http: number;
  readonly component: number;
}

/** The domains of the options. */
export function domainsOf({ domains = ['localhost'] }: ServerOptions): readonly [string, ...string[]] {
  const [first, ...others] = domains;
  if (first === undefined) throw new RangeError('domains must name at least one domain');
  return [first, ...others];
}

/** Starts the server that the parts describe. */
export async function startServer(parts: ServerParts): Promise<XmppServer> {
  const { name, options, directory, program, ports, wsPath, certificates, register } = parts;
  const domains = domainsOf(options);
  let stopped = false;
  const server: XmppServer = {
    name,
    domain: domains[0],
    domains,
    roomsDomain: `conference.${domains[0]}`,
    host: HOST,
    c2sPort: ports.c2s,
    componentPort: ports.component,
    httpPort: ports.http,
    tcpUrl: `xmpp://${HOST}:${ports.c2s}`,
    wsUrl: `ws://${HOST}:${ports.http}${wsPath}`,
    components: options.components ?? {},
    authority: certificates?.authority,
    directory: directory.path,
    get pid() {
      return program.pid;
    },
    get readyMs() {
      return program.readyMs;
    },
    register: (user, password = PASSWORD, domain = domains[0]) => register(user, password, domain),
    halt: () => program.end(),
    kill: () => program.kill(),
    restart: async () => {
      await program.end();
      await program.start();
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      await program.end();
      directory.remove();
    },
    logTail: (lines) => program.logTail(lines),
  };
  try {
    await program.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
