/**
 * Servers that find each other by a name server of their own, on the loopback.
 * @module
 */
import { startEjabberd } from './ejabberd.js';
import { type NameServer, startNameServer } from './nameServer.js';
import { freePort } from './ports.js';
import { startProsody } from './prosody.js';
import type { ServerOptions, XmppServer } from './server.js';

/** One server of a federation. */
export interface FederationMember {
  readonly program: 'prosody' | 'ejabberd';
  /** As for the server alone; the domains are given by the federation. */
  readonly options?: Omit<ServerOptions, 'domains' | 'federation'>;
}

/** Servers for `a.example`, `b.example` and so on; the components of each are found by the others too. */
export interface Federation<Members extends readonly unknown[]> {
  readonly servers: { readonly [Index in keyof Members]: XmppServer };
  readonly nameServer: NameServer;
  /** Stops all of them. */
  stop(): Promise<void>;
}

/**
 * Starts the servers together.
 * @example
 * const { servers: [a, b], stop } = await startFederation([{ program: 'prosody' }, { program: 'ejabberd' }]);
 * await a.register('alice'); // alice@a.example
 */
export async function startFederation<const Members extends readonly FederationMember[]>(
  members: Members,
): Promise<Federation<Members>> {
  const plans = await Promise.all(
    members.map(async ({ program, options = {} }, index) => {
      // `.test` would not do: libunbound answers for it by itself that there is no such name (RFC 6761 §6.2).
      const domain = `${String.fromCharCode(97 + index)}.example`;
      return { program, options, domain, s2sPort: await freePort() };
    }),
  );
  const names = plans.flatMap(({ domain, options, s2sPort }) =>
    [domain, `conference.${domain}`, ...Object.keys(options.components ?? {})].map((name) => [name, s2sPort] as const),
  );
  const nameServer = await startNameServer(Object.fromEntries(names));
  const starts = plans.map(({ program, options, domain, s2sPort }) => {
    const start = program === 'prosody' ? startProsody : startEjabberd;
    return start({ ...options, domains: [domain], federation: { s2sPort, dnsPort: nameServer.port } });
  });
  const started = await Promise.allSettled(starts);
  const servers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    nameServer.stop();
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { servers: servers as unknown as Federation<Members>['servers'], nameServer, stop };
}
