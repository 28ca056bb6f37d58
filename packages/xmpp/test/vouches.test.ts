/** Vouching over links that the test scripts. */
import { generatePrivateKey, type SigningKey, toBase64 } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { signDeviceList } from '@stanzaseal/signer';
import { attribute, child, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import type { VouchOutcome } from '@stanzaseal/trust/vouching';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyItem, NODES } from '../src/keys/nodes.js';
import { XMPP } from '../src/namespaces.js';
import { serveVouches, vouchElement, vouchFrom } from '../src/vouches/index.js';
import { XmppError } from '../src/xmppError.js';
import { createScriptedLink, type ScriptedLink } from './scriptedLink.js';
import { domainStatementOf } from './vouchScene.js';

const test = suite('vouching on a connection');
const crypto = createCryptoProvider();
const JULIET = 'juliet@capulet.example';
const NOW = Date.UTC(2026, 10, 21);

interface Scene {
  readonly link: ScriptedLink;
  readonly outcomes: [string, VouchOutcome][];
  /** What each account publishes. */
  readonly lists: Map<string, Uint8Array>;
  readonly end: () => void;
}

async function newKey(): Promise<SigningKey> {
  return (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
}

async function scene(): Promise<Scene> {
  const key = await newKey();
  const domainStatement = await domainStatementOf(key, 'capulet.example', NOW);
  const link = createScriptedLink('vouch.capulet.example');
  const outcomes: Scene['outcomes'] = [];
  const lists: Scene['lists'] = new Map();
  const onRequest = (from: string, outcome: VouchOutcome): void => void outcomes.push([from, outcome]);
  const { domain, end } = serveVouches(link, { key, domainStatement, clock: () => NOW, crypto, onRequest });
  assert.is(domain, 'capulet.example');
  link.connect();
  link.serve((iq) => {
    const der = lists.get(attribute(iq, 'to') ?? '');
    const items = child(child(iq, XMPP.PUBSUB, 'pubsub') as XmlElement, XMPP.PUBSUB, 'items');
    assert.is(attribute(items as XmlElement, 'node'), NODES.DEVICES);
    if (der === undefined) return refusal('item-not-found');
    const item = keyItem({ node: NODES.DEVICES, id: 'current', der });
    const pubsub = element(XMPP.PUBSUB, 'pubsub', {}, [element(XMPP.PUBSUB, 'items', { node: NODES.DEVICES }, [item])]);
    return element(NS.CLIENT, 'iq', { type: 'result', from: attribute(iq, 'to') }, [pubsub]);
  });
  return { link, outcomes, lists, end };
}

function refusal(condition: string): XmlElement {
  const error = element(NS.CLIENT, 'error', { type: 'cancel' }, [element(NS.STANZAS, condition)]);
  return element(NS.CLIENT, 'iq', { type: 'error' }, [error]);
}

async function listOf(owner: string): Promise<Uint8Array> {
  const [identity, device] = [await newKey(), await newKey()];
  const devices = [{ key: device.publicKey, role: 'primary' as const, suites: [1] }];
  const dates = { issued: NOW, expires: NOW + 30 * 86_400_000 };
  const list = { owner, identity: identity.publicKey, listVersion: 1, ...dates, devices, archiveKeys: [] };
  return signDeviceList(list, identity, crypto);
}

const ask = (link: ScriptedLink, from: string): Promise<XmlElement | undefined> =>
  link.ask(element(NS.CLIENT, 'iq', { type: 'get', from, to: 'vouch.capulet.example' }, [vouchElement()]));

async function conditionOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, XmppError);
    return (error as XmppError).condition;
  }
  return undefined;
}

test('the account that asks is vouched for; its list is read where everybody reads it', async () => {
  const { link, lists, outcomes } = await scene();
  lists.set(JULIET, await listOf(JULIET));
  const answer = await ask(link, `${JULIET}/balcony`);
  assert.is(answer?.name, 'vouch');
  assert.is(attribute(link.asked[0] as XmlElement, 'to'), JULIET);
  const [[from, outcome] = []] = outcomes;
  assert.is(from, `${JULIET}/balcony`);
  assert.is(outcome?.kind, 'vouched');
  assert.is(textOf(answer as XmlElement), outcome?.kind === 'vouched' && toBase64(outcome.statement));
});

test('others are refused, each with its condition', async () => {
  const { link, lists, outcomes, end } = await scene();
  lists.set('tybalt@capulet.example', await listOf(JULIET));
  assert.is(await conditionOf(ask(link, 'romeo@montague.example/x')), 'forbidden');
  assert.is(link.asked.length, 0);
  assert.is(await conditionOf(ask(link, JULIET)), 'item-not-found');
  assert.is(await conditionOf(ask(link, 'tybalt@capulet.example')), 'not-acceptable');
  assert.is(outcomes.length, 3);
  end();
  assert.is(await conditionOf(ask(link, JULIET)), 'service-unavailable');
});

test('a client asks', async () => {
  const link = createScriptedLink(`${JULIET}/balcony`);
  link.connect();
  const answers = [vouchElement(Uint8Array.of(1, 2)), vouchElement(), element(NS.CLIENT, 'x')];
  link.serve((iq) =>
    element(NS.CLIENT, 'iq', { type: 'result', from: attribute(iq, 'to') }, [answers.shift() as XmlElement]),
  );
  assert.equal(await vouchFrom(link, 'vouch.capulet.example'), Uint8Array.of(1, 2));
  assert.is(await conditionOf(vouchFrom(link, 'vouch.capulet.example')), 'undefined-condition');
  assert.is(await conditionOf(vouchFrom(link, 'vouch.capulet.example')), 'undefined-condition');
});

test.run();
