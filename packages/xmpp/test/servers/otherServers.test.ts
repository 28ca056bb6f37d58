import { createRequire } from 'node:module';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import { child, NS, textOf } from '@stanzaseal/stanza';
import { chat } from '@stanzaseal/testkit';
import { needing, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SealedConnection, sealed, type XmppEntity } from '../../src/index.js';
import { actorOver, createActor } from './actors.js';

const test = suite('servers that are not as one would wish');
const crypto = createCryptoProvider();

test.after(stopEverything);

test(
  'without an archive the spool brings what waited, and used prekeys wait for their last day unless the application says it will do',
  needing(['prosody'], async () => {
    const server = await startProsody({ archive: 'none' });
    const romeo = await createActor(server, 'romeo');
    const juliet = await createActor(server, 'juliet', { archive: 'absent-ok' });
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    assert.ok(romeo.events.some(({ kind }) => kind === 'archive-absent'));
    assert.is((await romeo.store.get('account', 'self'))?.caughtUpAt, undefined);
    assert.ok((await juliet.store.get('account', 'self'))?.caughtUpAt);
    await juliet.connection.stop();
    for (const text of ['1', '2', '3']) await romeo.say(juliet, text);
    const again = await actorOver(server, juliet.storage, 'juliet', { archive: 'absent-ok' });
    await again.connection.start();
    assert.equal(again.texts(), ['1', '2', '3']);
    assert.equal([...new Set(again.messages.map(({ via }) => via))], ['offline']);
    await Promise.all([romeo.connection.stop(), again.connection.stop()]);
    await server.stop();
  }),
);

test(
  'a server that takes 10,000 octets a second is survived: login, keys and a burst',
  needing(['prosody'], async () => {
    const server = await startProsody({ octetsPerSecond: 10_000 });
    const [romeo, juliet] = [await createActor(server, 'romeo'), await createActor(server, 'juliet')];
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    for (let i = 1; i <= 15; i++) await romeo.connection.send(chat(`${i}`, { to: juliet.jid }));
    await juliet.until(() => juliet.messages.length === 15, 60_000);
    assert.equal(
      juliet.texts(),
      Array.from({ length: 15 }, (_, i) => `${i + 1}`),
    );
    assert.is(
      romeo.events.some(({ kind }) => kind === 'offline' || kind === 'failed'),
      false,
    );
    await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
    await server.stop();
  }),
);

test(
  'a stanza that the server would not take is refused before the network, and the connection lives',
  needing(['prosody'], async () => {
    const server = await startProsody({ stanzaLimit: 20_000 });
    const options = { stanzaLimit: 20_000 };
    const [romeo, juliet] = [await createActor(server, 'romeo', options), await createActor(server, 'juliet', options)];
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    const refused = await romeo.connection.send(chat('x'.repeat(30_000), { to: juliet.jid })).then(
      () => '',
      ({ code }) => code,
    );
    assert.is(refused, 'ERR_TOO_LARGE');
    await romeo.connection.send(chat('x'.repeat(8_000), { to: juliet.jid }));
    await romeo.until(() =>
      romeo.events.some(
        (event) => (event.kind === 'failed' && event.condition === 'ERR_TOO_LARGE') || event.kind === 'sent',
      ),
    );
    await romeo.say(juliet, 'small');
    await juliet.until(() => juliet.texts().includes('small'));
    assert.is(
      romeo.events.some(({ kind }) => kind === 'offline'),
      false,
    );
    await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
    await server.stop();
  }),
);

test(
  'a component seals and opens: its keys are asked of itself',
  needing(['prosody'], async () => {
    const domain = 'echo.localhost';
    const server = await startProsody({ components: { [domain]: 'secret' } });
    const { component } = createRequire(import.meta.url)('@xmpp/component') as {
      component(options: object): XmppEntity;
    };
    const entity = component({ service: `xmpp://${server.host}:${server.componentPort}`, domain, password: 'secret' });
    (entity as unknown as { reconnect: { stop(): void } }).reconnect.stop();
    entity.on('error', () => undefined);
    const clock = Date.now;
    const account = await createAccount({ owner: `bot@${domain}`, random, clock, crypto });
    const store = await createKeyStore(createMemoryStorage(), account);
    const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => undefined });
    const bot: SealedConnection = sealed(entity, messenger, {
      store,
      clock,
      random,
      archive: 'absent-ok',
      onEvent: () => undefined,
      onMessage: async ({ conversation, stanza }) => {
        const body = child(stanza, NS.CLIENT, 'body');
        await bot.send(chat(`you said: ${body && textOf(body)}`, { to: conversation }));
      },
    });
    await bot.start();
    const romeo = await createActor(server, 'romeo');
    await romeo.connection.start();
    // Its server keeps no keys for it: whoever knows its full JID asks it; here they are handed over.
    const { deviceList, prekeyBundle } = await messenger.publish();
    await romeo.messenger.importKeys([deviceList, prekeyBundle]);
    await romeo.connection.send(chat('hello', { to: `bot@${domain}` }));
    await romeo.until(() => romeo.messages.length === 1);
    assert.equal(romeo.texts(), ['you said: hello']);
    await Promise.all([romeo.connection.stop(), bot.stop()]);
    await server.stop();
  }),
);

test.run();
