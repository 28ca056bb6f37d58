/**
 * Two untouched clients of somebody else in an OMEMO conversation (XEP-0384): what our messages must not disturb.
 * @module
 */

import { type Element, xml } from './client.js';
import { type ProfanityPeer, profanityPeer } from './profanityPeer.js';
import type { XmppServer } from './server.js';
import { connectClient, type TestClient } from './testClient.js';

/** Two profanity clients that know each other's OMEMO devices. */
export interface OmemoPair {
  readonly first: ProfanityPeer;
  readonly second: ProfanityPeer;
  /** Says something, and waits until the other shows that it came encrypted and what it says. */
  say(from: ProfanityPeer, body: string): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = 'eu.siacs.conversations.axolotl';

/** Starts both and brings their conversation about, in 5 to 20 s. @param users two accounts of the server */
export async function omemoPair(server: XmppServer, users: readonly [string, string]): Promise<OmemoPair> {
  const [one, two] = await Promise.all(
    users.map((username) => connectClient(server, { username, resource: 'preparing' })),
  );
  if (one === undefined || two === undefined) throw new RangeError('users must be two');
  await befriend(one, two);
  for (const each of [one, two]) await publishEmptyDeviceList(each);
  await Promise.all([one.stop(), two.stop()]);

  const peers: ProfanityPeer[] = [];
  const stop = async () => void (await Promise.all(peers.map((peer) => peer.stop())));
  try {
    for (const username of users) {
      const peer = await profanityPeer(server, { username });
      peers.push(peer);
      await peer.command('/omemo gen');
      await peer.until(/Your Device ID|OMEMO crypto[^.]*generated/i, 30_000);
      await peer.command('/omemo trustmode blind');
    }
    const [first, second] = peers;
    if (first === undefined || second === undefined) throw new RangeError('users must be two');
    // The first round publishes its own device, the second sees the other's.
    for (let round = 0; round < 2; round++) for (const peer of peers) await peer.reconnect();
    for (const [peer, other] of [
      [first, second],
      [second, first],
    ] as const) {
      await peer.open(other.bareJid);
      await peer.command('/omemo start');
      await peer.until(`${other.bareJid} [online] [OMEMO]`);
    }
    return {
      first,
      second,
      say: async (from, body) => {
        const to = from === first ? second : first;
        await from.say(to.bareJid, body);
        await to.open(from.bareJid);
        // It writes `~` before what came by OMEMO, and `-` before what came in clear.
        await to.until(new RegExp(`~ ${from.bareJid}\\S*: ${body.replaceAll(/[^\w ]/g, '\\$&')}`));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Lets each see the other's presence, and so each other's device lists (RFC 6121 §3.1). */
async function befriend(one: TestClient, two: TestClient): Promise<void> {
  // Who has not asked for the roster is not told of subscriptions (§2.2).
  for (const each of [one, two]) await each.request(xml('iq', { type: 'get' }, xml('query', 'jabber:iq:roster')));
  for (const [asking, asked] of [
    [one, two],
    [two, one],
  ] as const) {
    const named = (type: string, from: TestClient) => (stanza: Element) =>
      stanza.is('presence') && stanza.attrs.type === type && stanza.attrs.from?.startsWith(from.bareJid);
    await asking.send(xml('presence', { to: asked.bareJid, type: 'subscribe' }));
    await asked.waitFor(named('subscribe', asking));
    await asked.send(xml('presence', { to: asking.bareJid, type: 'subscribed' }));
    await asking.waitFor(named('subscribed', asked));
  }
}

/** profanity 0.13 gives up where there is no device list yet. */
async function publishEmptyDeviceList(client: TestClient): Promise<void> {
  const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
  const type = field('FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options');
  const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, type, field('pubsub#access_model', 'open'));
  const item = xml('item', { id: 'current' }, xml('list', NAMESPACE));
  const publish = xml('publish', { node: `${NAMESPACE}.devicelist` }, item);
  const pubsub = xml('pubsub', 'http://jabber.org/protocol/pubsub', publish, xml('publish-options', {}, form));
  await client.request(xml('iq', { type: 'set' }, pubsub));
}
