/**
 * Free ports of the loopback.
 * @module
 */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/** The address every server of the harness listens on. */
export const HOST = '127.0.0.1';

const given = new Set<number>();

/**
 * A free port that stays ours over a restart of the server: below the range from which systems number outgoing connections,
 * which `listen(0)` draws from as well.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** Whether something accepts connections there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
