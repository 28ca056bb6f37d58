/**
 * A program: a client of a server that ends its stream with the first argument and talks on; the second says whether it is protected. It
 * prints `quiet` when all is over.
 * @module
 */
import { createServer, type Socket } from 'node:net';
import { client } from '@xmpp/client';
import { ignoreLateData } from '../src/lateData.js';

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>";
const [end = '', protection] = process.argv.slice(2);
await talkBehind(end, protection === 'protected');

/** A server that ends the stream and goes on talking for a while, whatever the client does. */
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
  const made = client({ service: `xmpp://127.0.0.1:${port}`, domain: 'a.example', username: 'romeo', password: 'x' });
  made.reconnect.stop();
  made.on('error', () => undefined);
  if (isProtected) ignoreLateData(made as unknown as Parameters<typeof ignoreLateData>[0]);
  const ended = new Promise((resolve) => made.on('disconnect', resolve));
  void made.start().catch(() => undefined);
  await ended;
  await made.stop().catch(() => undefined);
  server.close();
  console.log('quiet');
}
