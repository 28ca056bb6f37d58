/** What every server of the harness must do, one as the other. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import {
  connectClient,
  createClient,
  needing,
  type ServerOptions,
  sleep,
  startClient,
  type XmppServer,
  xml,
} from '../../src/servers/index.js';

/** What is to be tested: `test` is the suite's own function. */
export interface Subject {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly program: 'prosody' | 'ejabberd';
  readonly start: (options?: ServerOptions) => Promise<XmppServer>;
  /** The running server. */
  readonly server: () => XmppServer;
}

/** Adds the tests. They want the accounts alice and bob, and the last of them stops the server. */
export function addCommonTests({ test, program, start, server }: Subject): void {
  const add = (name: string, body: () => Promise<void>) => test(name, needing([program], body));

  for (const transport of ['tcp', 'websocket'] as const) {
    add(`a message goes from a client to another over ${transport}`, async () => {
      const alice = await connectClient(server(), { username: 'alice', resource: 'a', transport });
      const bob = await connectClient(server(), { username: 'bob', resource: 'b', transport });
      const id = await alice.say(bob.bareJid, `by ${transport} & <back>`);
      const received = await bob.waitFor((stanza) => stanza.attrs.id === id);
      assert.is(received.getChildText('body'), `by ${transport} & <back>`);
      assert.is(received.attrs.from, 'alice@localhost/a');
      await Promise.all([alice.stop(), bob.stop()]);
    });
  }

  add('SCRAM, a wrong password and an account that is there already', async () => {
    const alice = await connectClient(server(), { username: 'alice', mechanism: 'SCRAM-SHA-1' });
    await alice.stop();
    const login = { username: 'alice', password: 'wrong' };
    await assertRejects(connectClient(server(), login), /alice cannot log in/);
    await assertRejects(server().register('alice'), /alice|refuses/);
  });

  add('stream management is on before anything is sent', async () => {
    const client = createClient(server(), { username: 'bob' });
    await startClient(client);
    assert.is(client.streamManagement.enabled, true);
    // Prosody closed the stream here: one acknowledgement too many.
    for (let count = 0; count < 5; count++) {
      await client.iqCaller.request(xml('iq', { type: 'get' }, xml('query', 'jabber:iq:roster')));
    }
    await sleep(400);
    assert.is(client.status, 'online');
    await client.stop();
  });

  add('a restart keeps accounts, ports and what waits for a user', async () => {
    const alice = await connectClient(server(), { username: 'alice' });
    const id = await alice.say('bob@localhost', 'after the restart');
    await alice.flush();
    await alice.stop();
    const { pid, tcpUrl, wsUrl } = server();
    await server().restart();
    assert.is.not(server().pid, pid);
    assert.equal([server().tcpUrl, server().wsUrl], [tcpUrl, wsUrl]);
    const bob = await connectClient(server(), { username: 'bob' });
    await bob.waitFor((stanza) => stanza.attrs.id === id);
    await bob.stop();
  });

  add('a server that was killed can be started again, and knows an account of the moment before', async () => {
    const bob = await connectClient(server(), { username: 'bob' });
    const lost = new Promise((resolve) => bob.client.once('disconnect', resolve));
    await server().register('carol');
    await server().kill();
    assert.is(server().pid, undefined);
    await lost;
    await server().restart();
    const carol = await connectClient(server(), { username: 'carol' });
    await Promise.all([bob.stop(), carol.stop()]);
  });

  add('messages of the archive, or none', async () => {
    const archived = async (of: XmppServer) => {
      const alice = await connectClient(of, { username: 'alice' });
      const id = await alice.say('bob@localhost', 'for the archive');
      await alice.flush();
      const bob = await connectClient(of, { username: 'bob' });
      await bob.waitFor((stanza) => stanza.attrs.id === id);
      const query = xml('iq', { type: 'set' }, xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'q' }));
      const answer = await bob.request(query).then(
        () => bob.stanzas.filter((stanza) => stanza.getChild('result', 'urn:xmpp:mam:2')).length,
        () => undefined,
      );
      await Promise.all([alice.stop(), bob.stop()]);
      return answer;
    };
    assert.ok(Number(await archived(server())) > 0);
    const without = await start({ archive: 'none' });
    await Promise.all(['alice', 'bob'].map((user) => without.register(user)));
    assert.is(await archived(without), undefined);
    await without.stop();
  });

  add('the limits that it is given: size of a stanza, octets per second', async () => {
    const limited = await start({ stanzaLimit: 20_000, octetsPerSecond: 10_000 });
    await limited.register('alice');
    const alice = await connectClient(limited, { username: 'alice' });
    const other = await connectClient(limited, { username: 'alice', resource: 'other' });
    const started = performance.now();
    for (let count = 0; count < 4; count++) await alice.say(other.jid, 'x'.repeat(9000));
    await other.waitFor(() => other.stanzas.filter((stanza) => stanza.is('message')).length === 4);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 1, `36 kB went in ${seconds.toFixed(2)} s at 10 kB a second`);
    const lost = new Promise((resolve) => other.client.once('disconnect', resolve));
    await other.say(alice.jid, 'x'.repeat(30_000)).catch(() => undefined);
    await lost;
    await Promise.all([alice.stop(), other.stop()]);
    await limited.stop();
  });

  add('TLS that is demanded is taken by a client that trusts the authority, and by no other', async () => {
    const secured = await start({ tls: 'required' });
    await secured.register('alice');
    const script = `
      import { connectClient } from '@stanzaseal/testkit/servers';
      const server = JSON.parse(process.argv[1]);
      server.logTail = () => '';
      const alice = await connectClient(server, { username: 'alice' });
      console.log(alice.client.isSecure());
      await alice.stop();`;
    const options = ['--import', 'tsx', '--conditions=@stanzaseal/source', '--input-type=module', '-e', script];
    const logIn = async (env: Record<string, string | undefined>) =>
      promisify(execFile)(process.execPath, [...options, JSON.stringify(secured)], { env: { ...process.env, ...env } });
    assert.is((await logIn({ NODE_EXTRA_CA_CERTS: secured.authority })).stdout.trim(), 'true');
    await assertRejects(logIn({}), /UNABLE_TO_VERIFY|unable to verify/i);
    await secured.stop();
  });

  add('nothing is left of it when it was stopped', async () => {
    const { pid, directory } = server();
    await server().stop();
    assert.is(server().pid, undefined);
    assert.not(existsSync(`/proc/${pid}`), 'its process still runs');
    assert.not(existsSync(directory), 'its directory is still there');
    await server().stop();
  });
}

/** That a promise is rejected with a message, or with the cause of one, that fits. */
async function assertRejects(promise: Promise<unknown>, fits: RegExp): Promise<void> {
  const error = await promise.then(() => undefined, String);
  assert.ok(error !== undefined, 'was not rejected');
  assert.match(error, fits);
}
