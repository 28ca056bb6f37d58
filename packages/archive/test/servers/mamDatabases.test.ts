// Prosody's and ejabberd's own archives in PostgreSQL, followed while two people and a room talk.
import { NS, readXml } from '@stanzaseal/stanza';
import {
  available,
  connectClient,
  needing,
  type PostgresDatabase,
  type PostgresServer,
  startEjabberd,
  startPostgres,
  startProsody,
  stopEverything,
  type TestClient,
  type XmppServer,
  xml,
} from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Archive, ejabberdArchive, follow, type MamServer, prosodyArchive, wakeUpSql } from '../../src/index.js';
import { bodyOf, opened, type Place, random, sealed, temporaryDirectory, textOf } from '../fixture.js';

const test = suite('archives of servers in PostgreSQL');

let postgres: PostgresServer | undefined;
test.before(async () => {
  if (available('postgres')) postgres = await startPostgres();
});
test.after(stopEverything);

const directory = temporaryDirectory();
const ROMEO = 'romeo@localhost';
const JULIET = 'juliet@localhost';
const ROOM = 'orchard@conference.localhost';

interface Followed {
  readonly archive: Archive;
  readonly kept: () => number;
  end(): Promise<void>;
}

/** Follows a server's archive, as `archive import --follow` does, woken by nothing but its trigger. */
async function followed(name: MamServer, database: PostgresDatabase): Promise<Followed> {
  const place = { url: () => `sqlite:${directory}/${name}.db` } as Place;
  const { archive } = await opened(place, { clock: Date.now });
  const url = `postgres://${database.user}@${database.host}:${database.port}/${database.database}`;
  const options = { url, live: true, interval: 3_600_000 };
  const ending = new AbortController();
  const source = name === 'prosody' ? prosodyArchive(options) : ejabberdArchive({ ...options, host: 'localhost' });
  let kept = 0;
  const following = follow(archive, source, {
    signal: ending.signal,
    onProgress: ({ done }) => {
      kept = done;
    },
  });
  following.catch(() => undefined);
  return {
    archive,
    kept: () => kept,
    async end() {
      ending.abort();
      const { quarantined, refused } = await following;
      assert.equal([quarantined, refused], [0, 0]);
      await archive.close();
    },
  };
}

async function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A sealed message as its sender's client writes it. */
async function sealedMessage(text: string, to: string) {
  const stanza = readXml(await sealed(text, ROMEO, to), undefined, { defaultNamespace: NS.CLIENT });
  const object = String((stanza.children[0] as typeof stanza).children[0]);
  return {
    object,
    message: xml('message', { to, type: 'chat', id: 's1' }, xml('sealed', NS.SEALED, object), xml('store', NS.HINTS)),
  };
}

async function enterRoom(client: TestClient, nick: string): Promise<void> {
  await client.send(xml('presence', { to: `${ROOM}/${nick}` }, xml('x', 'http://jabber.org/protocol/muc')));
  await client.flush();
}

async function talk(name: MamServer, server: XmppServer, database: PostgresDatabase): Promise<void> {
  for (const user of ['romeo', 'juliet']) await server.register(user);
  const romeo = await connectClient(server, { username: 'romeo', resource: 'r' });
  const juliet = await connectClient(server, { username: 'juliet', resource: 'j' });
  await romeo.say(JULIET, 'before anybody followed');
  await until('the first message', () => juliet.stanzas.some((stanza) => stanza.is('message')));

  // Prosody makes its table when it has something to keep.
  await installTrigger(name, database);
  const first = await followed(name, database);
  const pageOf = async (owner: string) => (await first.archive.page({ owner })).entries;
  await until('what was there', () => first.kept() >= 2);
  const { object, message } = await sealedMessage('wherefore', JULIET);
  await romeo.send(message);
  await juliet.say(ROMEO, 'line\nfeed <&> “quotes”');
  await enterRoom(romeo, 'montague');
  await romeo.send(xml('message', { to: ROOM, type: 'groupchat', id: 'g1' }, xml('body', {}, 'to all')));
  await until('the conversation', async () => (await pageOf(ROMEO)).length >= 3 && (await pageOf(JULIET)).length >= 3);
  await until('the room', async () => (await pageOf(ROOM)).length >= 1);

  for (const owner of [ROMEO, JULIET]) {
    const entries = await pageOf(owner);
    assert.is(entries.length, 3, `${owner} has each message once`);
    assert.equal(entries.map((entry) => entry.sealed).sort(), [false, false, true]);
    const [plain, answer] = entries.filter((entry) => !entry.sealed).map(({ octets }) => bodyOf(octets));
    assert.equal([plain, answer], ['before anybody followed', 'line\nfeed <&> “quotes”']);
    assert.ok(
      entries.some(({ octets }) => textOf(octets).includes(object)),
      'the object is as it was sent',
    );
    for (const { receivedAt } of entries) assert.ok(Math.abs(receivedAt - Date.now()) < 600_000);
    const { entries: withPeer } = await first.archive.page({ owner, with: owner === ROMEO ? JULIET : ROMEO });
    assert.is(withPeer.length, 3);
  }
  assert.is(bodyOf((await pageOf(ROOM))[0]?.octets), 'to all');
  // Ids are those that the server gives its clients, so that cursors of theirs go on working.
  const asked = juliet.stanzas.length;
  await juliet.request(xml('iq', { type: 'set' }, xml('query', NS.MAM)));
  const ids = juliet.stanzas.slice(asked).flatMap((stanza) => stanza.getChild('result', NS.MAM)?.attrs.id ?? []);
  assert.equal(
    (await pageOf(JULIET)).map(({ id }) => id),
    ids,
  );
  await first.end();

  // While nobody followed:
  await romeo.say(JULIET, 'meanwhile');
  await until('it', () => juliet.stanzas.some((stanza) => stanza.getChildText('body') === 'meanwhile'));
  random(1000); // other octets than before
  const second = await followed(name, database);
  await until(
    'what was said meanwhile',
    async () => (await second.archive.page({ owner: JULIET })).entries.length >= 4,
  );
  assert.ok(second.kept() <= 2, 'it goes on where it was');
  await second.end();
  for (const client of [romeo, juliet]) await client.stop();
  await server.stop();
}

async function installTrigger(name: MamServer, database: PostgresDatabase): Promise<void> {
  const client = await (postgres as PostgresServer).connect(database);
  await client.query(wakeUpSql(name)).finally(() => client.end());
}

test(
  'Prosody',
  needing(['prosody', 'postgres'], async () => {
    const archive = await (postgres as PostgresServer).createDatabase('prosody');
    const server = await startProsody({ archive });
    await talk('prosody', server, archive);
  }),
);

test(
  'ejabberd',
  needing(['ejabberd', 'postgres'], async () => {
    const archive = await (postgres as PostgresServer).createDatabase('ejabberd');
    const server = await startEjabberd({ archive });
    await talk('ejabberd', server, archive);
  }),
);

test.run();
