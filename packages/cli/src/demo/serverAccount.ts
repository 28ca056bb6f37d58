/**
 * Somebody with an account on the demo's server: keys in memory that outlast the connection, and one connection at a time.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import type { XmlElement } from '@stanzaseal/stanza';
import { type SealedMessage, sealed, type XmppEvent } from '@stanzaseal/xmpp';
import { clientOf } from '../connect.js';
import { CliFailure } from '../failure.js';
import type { System } from '../system.js';
import type { LocalServer } from './localServer.js';
import { register } from './registration.js';
import { DOMAIN } from './serverRecipes.js';

/** An account and who has it. */
export interface ServerAccount {
  /** Bare JID. */
  readonly jid: string;
  /** What opened here, of others, in the order in which it came. */
  readonly received: readonly SealedMessage[];
  /** What went wrong, by its name. */
  readonly troubles: readonly string[];
  /** Logs in; resolves when the keys are published and all that waited was taken in. */
  login(): Promise<void>;
  /** Logs out; the keys stay. */
  logout(): Promise<void>;
  /** Sends messages; resolves with their message ids when the server has them, or something went wrong. @throws CliFailure `ERR_OFFLINE` */
  send(stanzas: readonly XmlElement[]): Promise<Uint8Array[]>;
  /** A client of the account that has no keys: what anybody sees who has the password, and the server. */
  strange(): ReturnType<typeof clientOf>;
}

const PATIENCE = 15_000;

/** Makes an account on the server, with keys of its own. @throws CliFailure `ERR_REFUSED` */
export async function createServerAccount(server: LocalServer, user: string, system: System): Promise<ServerAccount> {
  const { crypto, random, now: clock } = system;
  const jid = `${user}@${DOMAIN}`;
  const password = randomBytes(16).toString('hex');
  await register(server.port, user, password);
  const store = await createKeyStore(createMemoryStorage(), await createAccount({ owner: jid, random, clock, crypto }));
  const received: SealedMessage[] = [];
  const troubles: string[] = [];
  const makeClient = (): ReturnType<typeof clientOf> => clientOf({ jid, password, service: server.service });
  let sent = 0;
  let logout = async (): Promise<void> => undefined;
  let online: ReturnType<typeof sealed> | undefined;

  function told(event: XmppEvent): void {
    if (event.kind === 'sent') sent += 1;
    if (/^(unopened|forged|failed|held|bounced|handler-failed|archive-|catch-up-failed|login-step)/.test(event.kind))
      troubles.push(`${jid}: ${event.kind}`);
  }

  return {
    jid,
    received,
    troubles,
    async login() {
      const client = makeClient();
      const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => undefined });
      online = sealed(client, messenger, {
        store,
        clock,
        random,
        onEvent: told,
        onMessage(message) {
          if (message.plain) troubles.push(`${jid}: a message came in the clear`);
          else if (!message.isOwn) received.push(message);
        },
      });
      const connection = online;
      logout = async () => {
        client.reconnect.stop();
        // A client that never got through does not end by itself.
        await Promise.race([
          connection.stop().catch(() => undefined),
          new Promise((go) => setTimeout(go, 3000).unref()),
        ]);
      };
      await connection.start();
    },
    logout: () => logout(),
    async send(stanzas) {
      const [end, faults] = [sent + stanzas.length, troubles.length];
      const ids: Uint8Array[] = [];
      for (const stanza of stanzas) ids.push((await online?.send(stanza)) as Uint8Array);
      await until(() => sent >= end || troubles.length > faults, `the server does not take what ${jid} sends`);
      return ids;
    },
    strange: makeClient,
  };
}

/** Waits until something is so. @throws CliFailure `ERR_OFFLINE` with the words, after 15 s */
export async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  for (const end = performance.now() + PATIENCE; !isSo(); await new Promise((go) => setTimeout(go, 10)))
    if (performance.now() > end) throw new CliFailure('ERR_OFFLINE', otherwise);
}
