/** `archive feed` outlives a server that ends its stream and talks on (H3), comes back, and keeps what comes then. */
import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cli, folder, write } from './shell.js';

const test = suite('archive feed and a server that talks behind its end');
const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>";
const COPY =
  "<message from='capulet.example' to='archiver.capulet.example'><forwarded xmlns='urn:xmpp:forward:0'>" +
  "<message xmlns='jabber:client' from='romeo@montague.example/r' to='juliet@capulet.example' id='1' type='chat'><body>soft</body></message>" +
  '</forwarded></message>';

test('its second connection is kept as the first one was', async () => {
  let connections = 0;
  const server = createServer((socket: Socket) => {
    const isFirst = ++connections === 1;
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(HEADER);
      socket.once('data', () => {
        socket.write('<handshake/>');
        // Apart from what is said behind it: what comes in one piece with the end is read before the parser goes.
        setTimeout(() => socket.write(isFirst ? '</stream:stream>' : COPY), 50);
        if (!isFirst) return;
        const talking = setInterval(() => socket.write('<late/>'), 5);
        setTimeout(() => {
          clearInterval(talking);
          socket.end();
        }, 200);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve).unref());
  const { port } = server.address() as { port: number };
  write('secret', 'a secret');
  const feed = `archive feed --archive sqlite:late.db --domain capulet.example --component archiver.capulet.example --service xmpp://127.0.0.1:${port} --secret-file secret --json`;
  const [command, ...before] = cli as [string, ...string[]];
  const child = spawn(command, [...before, ...feed.split(' ')], { cwd: folder });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text) => (out += String(text)));
  child.stderr.on('data', (text) => (errors += String(text)));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const last = performance.now() + 20_000; connections < 2 && child.exitCode === null; ) {
    if (performance.now() > last) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  setTimeout(() => child.kill('SIGTERM'), 500);
  assert.is(await ended, 0, errors);
  assert.is(connections, 2);
  assert.is(errors.match(/^listening as archiver\.capulet\.example$/gm)?.length, 1, errors);
  assert.match(errors, /^warning: the server is away; /m);
  assert.not.match(errors, /TypeError/);
  assert.is(JSON.parse(out).kept, 1, errors);
});

test.run();
