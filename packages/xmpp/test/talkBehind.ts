/**
 * A program: a client or component, which the third argument says, of a server that ends its stream with the first one and talks on; the
 * second says whether it is protected. It prints `quiet` when all is over.
 * @module
 */
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { client } from '@xmpp/client';
import { ignoreLateData } from '../src/lateData.js';
import type { XmppEntity } from '../src/xmppEntity.js';

type Entity = XmppEntity & { readonly reconnect: { stop(): void } };

const [end = '', protection, kind] = process.argv.slice(2);
const NS = kind === 'component' ? 'jabber:component:accept' : 'jabber:client';
const HEADER = `<?xml version='1.0'?><stream:stream xmlns='${NS}' xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>`;
await talkBehind(end, protection === 'protected');

/** A server that ends the stream and goes on talking for a while, whatever the other side does. */
async function talkBehind(end: string, isProtected: boolean): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(HEADER + end);
      let said = 0;
      const talking = setInterval(() => {
        if (++said < 50) socket.write('<late/>');
        else {
          clearInterval(talking);
          socket.end();
        }
      }, 2);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const given = { service: `xmpp://127.0.0.1:${port}`, domain: 'a.example', password: 'x' };
  const made =
    kind === 'component' ? componentOf(given) : (client({ ...given, username: 'romeo' }) as unknown as Entity);
  made.reconnect.stop();
  made.on('error', () => undefined);
  if (isProtected) ignoreLateData(made);
  const ended = new Promise((resolve) => made.on('disconnect', resolve));
  void made.start().catch(() => undefined);
  await ended;
  await made.stop().catch(() => undefined);
  server.close();
  console.log('quiet');
}

/** CommonJS, and without types. */
function componentOf(given: { service: string; domain: string; password: string }): Entity {
  const { component } = createRequire(import.meta.url)('@xmpp/component') as { component(of: typeof given): Entity };
  return component(given);
}
