/**
 * A connection as a component of a server (XEP-0114). Loaded when a verb that has one runs.
 * @module
 */
import { createRequire } from 'node:module';
import { ignoreLateData, type XmppEntity } from '@stanzaseal/xmpp';
import { CliFailure, usageFailure } from './failure.js';
import { passphraseText } from './passphrase.js';
import { printable } from './printable.js';

/** A component, with what brings a lost connection back. */
export type Component = XmppEntity & { readonly reconnect: { stop(): void } };

/** Options that say which component, and where. */
export interface ComponentOptions {
  readonly component: string;
  readonly service: string;
  readonly secretFile: string;
}

/**
 * Makes a component and connects it: a connection that is lost comes back by itself.
 * @param prepare what is to be done with it before it is connected
 * @throws CliFailure `ERR_USAGE`; `ERR_OFFLINE` where the server is not to be reached at the beginning, or refuses
 */
export async function startComponent<T>(
  { component: domain, service, secretFile }: ComponentOptions,
  prepare: (entity: Component) => T,
): Promise<{ readonly entity: Component; readonly prepared: T }> {
  if (!service.startsWith('xmpp://') || !URL.canParse(service))
    throw usageFailure(`'${service}' is not a service like xmpp://localhost:5347`);
  const password = await passphraseText({
    passphraseFile: secretFile,
    prompt: `secret of ${printable(domain)}`,
    what: 'password',
    option: '--secret-file',
  });
  const entity = componentOf({ service, domain, password });
  ignoreLateData(entity);
  const prepared = prepare(entity);
  // Without a listener the first error ends the process; that of the beginning is told by what comes of it.
  let isThere = false;
  entity.on('error', (thrown) => isThere && tellError(thrown as unknown as Error));
  await entity.start().catch(async (cause: Error) => {
    // It would try again for as long as the process lives.
    entity.reconnect.stop();
    await entity.stop().catch(() => undefined);
    throw new CliFailure('ERR_OFFLINE', `${service} takes no component ${domain}: ${cause.message}`, { cause });
  });
  isThere = true;
  return { entity, prepared };
}

/** 0.14 has none: the one before it, which is CommonJS and has no types. */
function componentOf(options: { service: string; domain: string; password: string }): Component {
  const require = createRequire(import.meta.url);
  const { component } = require('@xmpp/component') as { component(given: typeof options): Component };
  return component(options);
}

function tellError({ message }: Error): void {
  process.stderr.write(`warning: ${printable(message)}\n`);
}
