/**
 * The end of a client or component, whatever state it is in. xmpp.js waits for its last words to be written; where there is no way to
 * write them (a server that takes connections and says nothing, a network that is gone) that is never, or when the system gives up.
 * @module
 */
import type { XmppEntity } from './xmppEntity.js';

/** How long the other side may take to end the stream, in ms. */
const PATIENCE = 2_000;

/**
 * Logs out where it is logged in, and ends the attempt to log in where it is not. It resolves in some seconds at most, and throws nothing.
 * @param starting an attempt to log in that may be under way: should it get through after all, it is ended then
 */
export async function stopEntity(entity: XmppEntity, starting: Promise<unknown> | undefined): Promise<void> {
  // To whom there is no session nobody has to say goodbye.
  if (entity.status !== 'online') destroy(entity.socket);
  const stopping = entity.stop();
  if (!(await endsInTime(stopping))) {
    destroy(entity.socket);
    await endsInTime(stopping);
  }
  starting?.then(
    () => (entity.status === 'online' ? entity.stop() : undefined),
    () => undefined,
  );
}

async function endsInTime(work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  const isEnded = await Promise.race([ended, late]);
  clearTimeout(timer);
  return isEnded;
}

/** A socket of Node, or what xmpp.js wraps around one of TLS or around a WebSocket, of which pages have no `terminate`. */
interface Closable {
  destroy?(): void;
  terminate?(): void;
  readonly socket?: Closable | null;
}

function destroy(socket: unknown): void {
  const outer = socket as Closable | null;
  const inner = outer?.destroy === undefined ? outer?.socket : outer;
  inner?.destroy?.();
  inner?.terminate?.();
}
