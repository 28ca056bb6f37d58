/**
 * A client of xmpp.js for an account.
 * @module
 */
import { parseJid } from '@stanzaseal/stanza';
import { type Client, client } from '@xmpp/client';
import { CliFailure, usageFailure } from './failure.js';

/** How an account is reached. */
export interface Login {
  /** Bare JID. */
  readonly jid: string;
  /** Password at the server. */
  readonly password: string;
  /** `xmpp://HOST:PORT` or `wss://HOST/PATH`; looked up by DNS where it is left out. */
  readonly service: string | undefined;
}

/** Makes a client that is not yet started; xmpp.js gives no password away without TLS, but answers SCRAM. @throws CliFailure `ERR_USAGE` */
export function clientOf({ jid, password, service }: Login): Client {
  const { local, domain } = parseJid(jid);
  if (local === undefined) throw usageFailure(`'${jid}' is not an address like juliet@capulet.example`);
  if (service !== undefined && !(/^(xmpps?|wss?):\/\//.test(service) && URL.canParse(service)))
    throw usageFailure(
      `'${service}' is not a service like xmpp://localhost:5222 or wss://capulet.example/xmpp-websocket`,
    );
  if (service?.startsWith('ws') && globalThis.WebSocket === undefined)
    throw usageFailure('this Node has no WebSocket; take xmpp:// or Node 22');
  const made = client({ service: service ?? domain, domain, username: local, password });
  // Without a listener an error, a lost connection among them, ends the process; who starts the client is told of the first.
  made.on('error', () => undefined);
  return made;
}

/** Why logging in failed, for who reads it. */
export function loginFailure(thrown: unknown): unknown {
  const { condition, syscall, name, code } = thrown as { [field: string]: unknown };
  if (typeof condition === 'string')
    return new CliFailure('ERR_REFUSED', `the server refuses: ${condition}`, { cause: thrown });
  if (typeof syscall === 'string' || name === 'AggregateError' || name === 'TimeoutError' || code === 'ECONNERROR')
    return new CliFailure('ERR_OFFLINE', 'the server is not to be reached', { cause: thrown });
  return thrown;
}
