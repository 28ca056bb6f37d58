/**
 * What the servers of the harness have in common: a test that names none of them runs against each.
 * @module
 */
import type { PostgresDatabase } from './postgres.js';

/** How a server is set up. Without options: one domain, plain TCP and WebSocket, archive, rooms, no limits. */
export interface ServerOptions {
  /** The domains it serves; the first is the one meant where none is named. `['localhost']` */
  readonly domains?: readonly string[];
  /** STARTTLS under a certificate of `authority`: offered, or demanded of every client. */
  readonly tls?: 'offered' | 'required';
  /** What each client may send, in octets per second; Debian's Prosody has 10,000. */
  readonly octetsPerSecond?: number;
  /** The largest stanza it takes of a client, in octets: 262,144. ejabberd allows a tenth more, and over WebSocket anything. */
  readonly stanzaLimit?: number;
  /** Message archive (XEP-0313): the server's own storage, none, or a PostgreSQL database. `'own'` */
  readonly archive?: 'own' | 'none' | PostgresDatabase;
  /** Domain of an external component (XEP-0114) to its secret. */
  readonly components?: Readonly<Record<string, string>>;
  /** Lines for the server's configuration, in its language, at the end of the global part. */
  readonly settings?: string;
  /** How it finds other servers; `startFederation` gives it. */
  readonly federation?: FederationLink;
}

/** How a server takes part in a federation on the loopback. */
export interface FederationLink {
  /** Where it listens for other servers. */
  readonly s2sPort: number;
  /** Port of the name server that it asks, and nobody else. */
  readonly dnsPort: number;
}

/** A real XMPP server on the loopback, with a temporary directory. */
export interface XmppServer {
  readonly name: 'prosody' | 'ejabberd';
  /** The first of its domains. */
  readonly domain: string;
  readonly domains: readonly string[];
  /** Domain of the rooms (XEP-0045) of `domain`. */
  readonly roomsDomain: string;
  /** The address it listens on. */
  readonly host: string;
  readonly c2sPort: number;
  /** Where external components connect. */
  readonly componentPort: number;
  readonly httpPort: number;
  /** `xmpp://host:port`, as @xmpp/client takes it. */
  readonly tcpUrl: string;
  /** `ws://host:port/path`. */
  readonly wsUrl: string;
  /** Secrets of the components by domain. */
  readonly components: Readonly<Record<string, string>>;
  /** With `tls`: file of the certificate to trust; a Node that is to trust it is started with NODE_EXTRA_CA_CERTS. */
  readonly authority: string | undefined;
  /** Its temporary directory. */
  readonly directory: string;
  /** Process id, while it runs. */
  readonly pid: number | undefined;
  /** How long its last start took, in ms. */
  readonly readyMs: number;
  /** Makes an account. @throws Error when there is one of that name */
  register(user: string, password?: string, domain?: string): Promise<void>;
  /** Ends it and keeps ports, accounts and messages; `restart()` brings it back. */
  halt(): Promise<void>;
  /** Ends it without warning (SIGKILL), likewise. */
  kill(): Promise<void>;
  /** Starts it again on the same ports with the same data, ending it before where it still runs. */
  restart(): Promise<void>;
  /** Ends it and removes its directory; does nothing the second time. */
  stop(): Promise<void>;
  /** The last lines of its logs. */
  logTail(lines?: number): string;
}

/** The password of every account for which none is given. */
export const PASSWORD = 'secret of a test';

/** The stanza limit that servers come with (XEP-0205 leaves it to them; Prosody and ejabberd agree), in octets. */
export const STANZA_LIMIT = 262_144;
