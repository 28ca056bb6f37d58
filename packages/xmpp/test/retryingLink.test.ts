// Requests that are sent again where the own server stumbled over its own locks, and all that are not.

import { element, NS, type XmlElement } from '@stanzaseal/stanza';
import { createWorld } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRetryingLink } from '../src/keys/retryingLink.js';
import type { Link } from '../src/link.js';
import { XMPP } from '../src/namespaces.js';
import type { XmppError } from '../src/xmppError.js';
import { createScriptedLink, errorOf, resultOf, type ScriptedLink } from './scriptedLink.js';
import { createTimers, type Timers } from './timers.js';

const test = suite('a link that asks again');
const JULIET = 'juliet@capulet.example';
const request = (type: 'get' | 'set', to?: string): XmlElement =>
  element(NS.CLIENT, 'iq', { type, to }, [element(XMPP.PUBSUB, 'pubsub')]);

/** A link to a server that answers so often with a condition, and then as it should. */
function stumbling(condition: string, times: number): { under: ScriptedLink; link: Link; timers: Timers } {
  const world = createWorld(`${condition} ${times}`);
  const under = createScriptedLink(`${JULIET}/balcony`);
  const timers = createTimers(world);
  under.serve((iq) => (under.asked.length <= times ? errorOf(iq, condition) : resultOf(iq)));
  under.connect();
  return { under, timers, link: createRetryingLink({ link: under, random: world.random, schedule: timers.schedule }) };
}

test('a change of the own account is asked for again, after growing delays', async () => {
  const { under, link, timers } = stumbling('internal-server-error', 3);
  const answer = link.query(request('set'));
  await timers.advance(49);
  assert.is(under.asked.length, 1);
  await timers.advance(100 + 200 + 400 - 49);
  assert.is((await answer).name, 'iq');
  assert.is(under.asked.length, 4);
});

test('four times at most: then its answer stands', async () => {
  const { under, link, timers } = stumbling('internal-server-error', 4);
  const answer = link.query(request('set')).catch((cause: XmppError) => cause.condition);
  await timers.advance(10_000);
  assert.is(await answer, 'internal-server-error');
  assert.equal([under.asked.length, timers.count()], [4, 0]);
});

for (const [name, iq, condition] of [
  ['a question', request('get'), 'internal-server-error'],
  ['a change at somebody else’s', request('set', 'romeo@montague.example'), 'internal-server-error'],
  ['any other refusal', request('set'), 'conflict'],
] as const) {
  test(`${name} is not repeated`, async () => {
    const { under, link, timers } = stumbling(condition, 1);
    const refused = await link.query(iq).catch((cause: XmppError) => cause.condition);
    assert.equal([refused, under.asked.length, timers.count()], [condition, 1, 0]);
  });
}

test('a connection that is lost meanwhile is said to be', async () => {
  const { under, link, timers } = stumbling('internal-server-error', 1);
  const answer = link.query(request('set')).catch((cause: XmppError) => cause.code);
  await timers.advance(1);
  under.disconnect();
  await timers.advance(100);
  assert.equal([await answer, under.asked.length], ['ERR_OFFLINE', 1]);
});

test.run();
