import { readFileSync } from 'node:fs';
import { toHex } from '@stanzaseal/cms';
import {
  bundleForPage,
  needing,
  PASSWORD,
  type Page,
  type PageServer,
  servePage,
  sleep,
  startChromium,
  startProsody,
  stopEverything,
  type XmppServer,
} from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Actor, createActor } from './actors.js';

const test = suite('the page of examples/ in Chromium, over WebSocket');
const JID = 'romeo@localhost';
const ONLINE = /^online as romeo@localhost$/;

test.after(stopEverything);

test(
  'login, both ways, reload, second tab, browser restart: one device, each message once, keys that give nobody their octets',
  needing(['prosody', 'chromium'], async () => {
    const server = await startProsody();
    await server.register('romeo');
    const [juliet, site, browser] = await Promise.all([createActor(server, 'juliet'), serveExample(), startChromium()]);
    try {
      await juliet.connection.start();
      const first = await browser.open(site.url);
      await logIn(first, server);
      await state(first, ONLINE);

      await juliet.say(JID, 'from Node');
      await shows(first, ['juliet@localhost: from Node']);
      await say(first, juliet, 'from a page');
      await juliet.until(() => juliet.texts().length === 1);

      const second = await browser.open(site.url);
      await logIn(second, server);
      await state(second, /in use in another tab/);
      await shows(second, ['juliet@localhost: from Node', 'to juliet@localhost: from a page']);
      await say(first, juliet, 'still the first tab');
      await juliet.until(() => juliet.texts().length === 2);

      await first.reload();
      await juliet.say(JID, 'while it reloaded');
      await juliet.say(JID, 'and once more');
      await logIn(first, server);
      await state(first, ONLINE);
      const until = ['juliet@localhost: while it reloaded', 'juliet@localhost: and once more'];
      await shows(first, until);

      await first.close();
      await logIn(second, server);
      await state(second, ONLINE);
      await say(second, juliet, 'the second tab goes on');
      await juliet.until(() => juliet.texts().length === 3);

      await browser.restart();
      await juliet.say(JID, 'while it was off');
      const again = await browser.open(site.url);
      await logIn(again, server);
      await state(again, ONLINE);
      await shows(again, ['juliet@localhost: while it was off']);
      await say(again, juliet, 'after the restart');
      await juliet.until(() => juliet.texts().length === 4);

      assert.equal(juliet.texts(), [
        'from a page',
        'still the first tab',
        'the second tab goes on',
        'after the restart',
      ]);
      assert.is(new Set(juliet.messages.map((message) => message.plain || toHex(message.sender.device))).size, 1);
      const lines = ((await again.textContent('#history')) ?? '').split('\n');
      assert.is(new Set(lines).size, lines.length);
      assert.is(lines.length, 8);

      const { keys, given, secrets } = await again.evaluate(
        (jid) => (window as unknown as { exported: typeof import('./pageDatabase.js') }).exported.lookIntoDatabase(jid),
        JID,
      );
      assert.ok(keys > 100, `${keys} keys`);
      assert.is(given, 0);
      assert.equal(secrets, []);
      assert.equal(site.missing, []);
    } finally {
      await Promise.all([juliet.connection.stop(), browser.stop(), site.stop()]);
      await server.stop();
    }
  }),
);

async function serveExample(): Promise<PageServer> {
  const [html, script] = ['html', 'ts'].map((kind) =>
    readFileSync(new URL(`../../examples/page.${kind}`, import.meta.url), 'utf8'),
  ) as [string, string];
  return servePage({
    '/': html,
    '/page.js': await bundleForPage(`${script}\nexport * from './packages/xmpp/test/servers/pageDatabase.ts';`),
  });
}

async function logIn(page: Page, server: XmppServer): Promise<void> {
  await page.fill('[name=service]', server.wsUrl);
  await page.fill('[name=jid]', JID);
  await page.fill('[name=password]', PASSWORD);
  await page.click('#login button');
}

async function state(page: Page, wanted: RegExp): Promise<void> {
  await shown(page, '#state', (text) => wanted.test(text));
}

async function say(page: Page, to: Actor, text: string): Promise<void> {
  await page.fill('[name=to]', to.jid);
  await page.fill('[name=text]', text);
  await page.click('#say button');
  await shows(page, [`to ${to.jid}: ${text}`]);
}

/** Waits until the page's history has lines. */
async function shows(page: Page, lines: readonly string[]): Promise<void> {
  await shown(page, '#history', (text) => lines.every((line) => text.split('\n').includes(line)));
}

/** Asked from here: what a page in the background waits for by itself comes late or never. */
async function shown(page: Page, place: string, holds: (text: string) => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !holds((await page.textContent(place)) ?? ''); await sleep(20))
    if (Date.now() > end) throw new Error(`${place} in vain: ${await page.innerHTML('body')}`);
}

test.run();
