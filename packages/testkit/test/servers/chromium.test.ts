import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bundleForPage,
  connectClient,
  needing,
  PASSWORD,
  servePage,
  startChromium,
  startProsody,
  stopEverything,
} from '../../src/servers/index.js';

const test = suite('Chromium of the harness');
test.after(stopEverything);

test(
  'what a page stores is there after a restart; what it says is kept; what is not served is told',
  needing(['chromium'], async () => {
    const site = await servePage({
      '/': '<!doctype html><title>first</title><script src="/app.js"></script><script src="/none.js"></script>',
      '/app.js': 'console.log("secure:", isSecureContext); setTimeout(() => { throw new Error("thrown there"); });',
    });
    const browser = await startChromium();
    const page = await browser.open(site.url);
    assert.is(await page.title(), 'first');
    await page.evaluate(() => localStorage.setItem('kept', 'by the profile'));
    assert.ok(browser.messages.includes('secure: true'), browser.messages.join('\n'));
    assert.match(browser.messages.join('\n'), /thrown there/);
    assert.equal(site.missing, ['/none.js']);
    await browser.restart();
    const again = await browser.open(site.url);
    assert.is(await again.evaluate(() => localStorage.getItem('kept')), 'by the profile');
    await Promise.all([browser.stop(), site.stop()]);
  }),
);

test(
  'a page logs in to Prosody over WebSocket and speaks with a client on Node',
  needing(['chromium', 'prosody'], async () => {
    const server = await startProsody();
    await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
    const bob = await connectClient(server, { username: 'bob' });
    const script = await bundleForPage(`export { client, xml } from '@xmpp/client';`);
    const site = await servePage({ '/': '<!doctype html><script src="/app.js"></script>', '/app.js': script });
    const browser = await startChromium();
    const page = await browser.open(site.url);
    const jid = await page.evaluate(
      async ({ service, password, to }) => {
        const { client, xml } = (window as unknown as { exported: typeof import('@xmpp/client') }).exported;
        const alice = client({ service, domain: 'localhost', username: 'alice', password });
        alice.on('error', () => undefined);
        const started = await alice.start();
        while (!alice.streamManagement.enabled) await new Promise((resolve) => setTimeout(resolve, 5));
        await alice.send(xml('message', { to, id: 'page' }, xml('body', {}, navigator.userAgent)));
        return String(started);
      },
      { service: server.wsUrl, password: PASSWORD, to: bob.jid },
    );
    const message = await bob.waitFor((stanza) => stanza.attrs.id === 'page');
    assert.is(message.attrs.from, jid);
    assert.match(message.getChildText('body') ?? '', /Chrome/);
    await Promise.all([bob.stop(), browser.stop(), site.stop()]);
    await server.stop();
    assert.not(existsSync(server.directory));
  }),
);

test.run();
