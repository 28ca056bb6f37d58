// The handshake (R05, R09, P01-P15): two who know an address come to know each other's keys, and whoever sits between them comes to nothing.
import { encodeEndorsement, generatePrivateKey, type PublicKey, toHex } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { endorse } from '@stanzaseal/signer';
import { element, NS, readXml, writeXml } from '@stanzaseal/stanza';
import { unsafeSeededRandom } from '@stanzaseal/testkit';
import {
  beginHandshake,
  type HandshakePorts,
  type HandshakeStep,
  handshakeElement,
  handshakeRun,
  type Protects,
  readHandshake,
  takeHandshake,
} from '@stanzaseal/trust/handshake';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeHandshake, encodeHandshake, type Hello, type Reply } from '../../src/handshake/messages.js';

const test = suite('handshake');
const crypto = createCryptoProvider();
const NOW = 1_900_000_000_000;
const DAY = 86_400_000;
const MODES: readonly Protects[] = ['initiator', 'responder'];

interface Side {
  readonly jid: string;
  readonly ports: HandshakePorts;
  readonly identity: PublicKey;
  readonly offered: Uint8Array[];
  state: Uint8Array | undefined;
}

async function side(jid: string, more: Partial<HandshakePorts> = {}, owner = jid): Promise<Side> {
  const random = unsafeSeededRandom(`${jid} ${owner} ${JSON.stringify(Object.keys(more))}`);
  const identityKey = await generatePrivateKey('Ed25519', random, crypto);
  const deviceKey = await generatePrivateKey('Ed25519', random, crypto);
  const [identitySigner, device] = [await identityKey.signingKey(crypto), await deviceKey.signingKey(crypto)];
  const identity = identityKey.publicKey;
  const endorsement = {
    endorser: identity.keyIdentifier,
    endorsed: deviceKey.publicKey,
    owner,
    purpose: 'device',
    notBefore: NOW - DAY,
    notAfter: NOW + 1000 * DAY,
    sequence: 1,
  } as const;
  const der = await endorse(endorsement, identitySigner, device, { signingTime: NOW, crypto });
  assert.ok(encodeEndorsement(endorsement).length > 0);
  const offered: Uint8Array[] = [];
  const self = {
    jid,
    identity,
    device,
    endorsement: der,
    offerPrekey: async () => {
      const { publicKey } = await generatePrivateKey('X25519', random, crypto);
      offered.push(publicKey.raw);
      return { publicKey: publicKey.raw, notAfter: NOW + 35 * DAY };
    },
  };
  const ports = { self, random, clock: () => NOW, crypto, pinned: () => undefined, ...more };
  return { jid, identity, offered, state: undefined, ports };
}

/** One takes what the other sent; what is to be remembered is, as octets. */
async function take(at: Side, message: Uint8Array, from: string): Promise<HandshakeStep> {
  const step = await takeHandshake(at.state, message, from, at.ports);
  if (step.kind !== 'ignored') at.state = step.state;
  return step;
}

async function begin(at: Side, to: string, protects: Protects): Promise<Uint8Array> {
  const { state, send } = await beginHandshake({ to, protects }, at.ports);
  at.state = state;
  return send;
}

/** A whole handshake, every message as the one between them leaves it. */
async function run(
  protects: Protects,
  between: (message: Uint8Array, turn: number) => Uint8Array = (message) => message,
  more: readonly [Partial<HandshakePorts>, Partial<HandshakePorts>] = [{}, {}],
): Promise<{ romeo: Side; juliet: Side; steps: HandshakeStep[]; messages: Uint8Array[] }> {
  const [romeo, juliet] = [
    await side('romeo@montague.example', more[0]),
    await side('juliet@capulet.example', more[1]),
  ];
  const messages = [await begin(romeo, juliet.jid, protects)];
  const steps: HandshakeStep[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const [from, to] = turn % 2 === 0 ? [romeo, juliet] : [juliet, romeo];
    const message = messages[turn];
    if (message === undefined) break;
    const step = await take(to, between(message, turn), from.jid);
    steps.push(step);
    if (step.send !== undefined) messages.push(step.send);
  }
  return { romeo, juliet, steps, messages };
}

for (const protects of MODES) {
  const count = protects === 'initiator' ? 3 : 4;

  test(`${protects} protected; R05 R09: ${count} messages, and each knows the other's keys and a fresh reply prekey`, async () => {
    const { romeo, juliet, steps, messages } = await run(protects);
    assert.is(messages.length, count);
    const done = steps.filter(({ kind }) => kind === 'done');
    assert.is(done.length, 2);
    for (const [one, other] of [
      [romeo, juliet],
      [juliet, romeo],
    ] as const) {
      const shown = done.find(({ peer }) => peer?.jid === other.jid)?.peer;
      assert.equal(shown?.identity.raw, other.identity.raw, one.jid);
      assert.equal(shown?.device.raw, other.ports.self.device.publicKey.raw);
      assert.equal([shown?.replyPrekey], other.offered);
    }
  });

  test(`${protects} protected; R07: no key of anybody is to be seen on the way`, async () => {
    const { romeo, juliet, messages } = await run(protects);
    const wire = messages.map(toHex).join('');
    for (const { identity, ports, offered } of [romeo, juliet]) {
      for (const key of [identity.raw, identity.keyIdentifier, ports.self.device.publicKey.raw, ...offered])
        assert.not.ok(wire.includes(toHex(key)));
    }
  });

  test(`${protects} protected; P07: every changed bit ends it for who receives it, and verifies nobody to them`, async () => {
    const { messages } = await run(protects);
    for (const [turn, message] of messages.entries()) {
      // Every octet of the first messages, and a sample of the long proofs.
      for (let at = 0; at < message.length; at += message.length > 200 ? 37 : 1) {
        const changed = Uint8Array.from(message, (octet, i) => (i === at ? octet ^ (1 << (at % 8)) : octet));
        const found = await run(protects, (said, now) => (now === turn ? changed : said)).catch(() => undefined);
        const receivers = found?.steps.filter((_, now) => now >= turn && (now - turn) % 2 === 0) ?? [];
        const later = found?.steps.slice(turn).filter(({ kind }) => kind === 'done') ?? [];
        assert.is(receivers.filter(({ kind }) => kind === 'done').length, 0, `turn ${turn}, octet ${at}`);
        assert.ok(later.length === 0, `turn ${turn}, octet ${at}: the other side was shown`);
      }
    }
  });

  test(`${protects} protected; P06: a message that comes back to who sent it leads nowhere`, async () => {
    const { messages } = await run(protects);
    for (const message of messages) {
      // Another draw than in that run.
      const romeo = await side('romeo@montague.example', { clock: () => NOW });
      await begin(romeo, 'juliet@capulet.example', protects);
      const step = await takeHandshake(romeo.state, message, 'juliet@capulet.example', romeo.ports);
      assert.is.not(step.kind, 'done');
      assert.is(step.peer, undefined);
    }
    // Juliet sends him his own ephemeral key back.
    const romeo = await side('romeo@montague.example');
    const hello = decodeHandshake(await begin(romeo, 'juliet@capulet.example', protects)) as Hello;
    const { run: name, ephemeral, nonce } = hello;
    const mirror = encodeHandshake({
      step: 'reply',
      run: name,
      suite: 1,
      ephemeral,
      nonce,
      proof: protects === 'initiator' ? nonce : undefined,
    });
    assert.is((await take(romeo, mirror, 'juliet@capulet.example')).kind, 'ended');
  });

  test(`${protects} protected; P01 unknown key share: what is said to one is nothing for another, in either direction`, async () => {
    // Mercutio passes Romeo's messages to Juliet as his own, and her answers back as his.
    const [romeo, juliet] = [await side('romeo@montague.example'), await side('juliet@capulet.example')];
    let message: Uint8Array | undefined = await begin(romeo, 'mercutio@verona.example', protects);
    const kinds: string[] = [];
    for (let turn = 0; turn < 4 && message !== undefined; turn++) {
      const step: HandshakeStep = await take(turn % 2 === 0 ? juliet : romeo, message, 'mercutio@verona.example');
      kinds.push(step.kind);
      assert.is(step.peer, undefined);
      message = step.send;
    }
    assert.is(kinds.at(-1), 'ended');
  });

  test(`${protects} protected; R06: who gives both an ephemeral key of his own shows himself, or ends it`, async () => {
    const mercutio = await side('mercutio@verona.example');
    const [romeo, juliet] = [await side('romeo@montague.example'), await side('juliet@capulet.example')];
    // Towards Romeo he plays Juliet with his own keys: they do not speak for her address.
    const hello = await begin(romeo, juliet.jid, protects);
    const asJuliet: HandshakePorts = { ...mercutio.ports, self: { ...mercutio.ports.self, jid: juliet.jid } };
    const reply = await takeHandshake(undefined, hello, romeo.jid, asJuliet);
    const step = await take(romeo, reply.send as Uint8Array, juliet.jid);
    if (protects === 'initiator') {
      assert.equal([step.kind, step.send], ['ended', undefined], 'Romeo showed himself to nobody');
      return;
    }
    const third = await takeHandshake(reply.state, step.send as Uint8Array, romeo.jid, asJuliet);
    assert.is((await take(romeo, third.send as Uint8Array, juliet.jid)).kind, 'ended');
  });
}

test('P02 P13: of a stranger anybody can say to be them; to another key than the pinned one nothing is shown', async () => {
  const juliet = await side('juliet@capulet.example');
  // His own identity key endorses his device for her address: that costs him nothing.
  const mercutio = await side('mercutio@verona.example', {}, juliet.jid);
  const asJuliet: HandshakePorts = { ...mercutio.ports, self: { ...mercutio.ports.self, jid: juliet.jid } };
  for (const pinned of [undefined, juliet.identity.keyIdentifier]) {
    const romeo = await side('romeo@montague.example', { pinned: () => pinned });
    const hello = await begin(romeo, juliet.jid, 'initiator');
    const reply = await takeHandshake(undefined, hello, romeo.jid, asJuliet);
    const step = await take(romeo, reply.send as Uint8Array, juliet.jid);
    if (pinned === undefined) assert.equal([step.kind, step.peer?.identity.raw], ['done', mercutio.identity.raw]);
    else assert.equal([step.kind, step.send, romeo.offered.length], ['ended', undefined, 0]);
  }
});

test('P03: of four messages, who asks and does not show who they are learns nothing of the responder', async () => {
  const juliet = await side('juliet@capulet.example');
  const mercutio = await side('mercutio@verona.example');
  const hello = await begin(mercutio, juliet.jid, 'responder');
  // He says that he is Romeo; his proof is not for Romeo's address.
  const reply = await take(juliet, hello, 'romeo@montague.example');
  const asRomeo = { ...mercutio.ports, self: { ...mercutio.ports.self, jid: 'romeo@montague.example' } };
  const proof = await takeHandshake(mercutio.state, reply.send as Uint8Array, juliet.jid, asRomeo);
  const end = await take(juliet, proof.send as Uint8Array, 'romeo@montague.example');
  assert.equal([end.kind, end.send, end.peer], ['ended', undefined, undefined]);
  assert.is((decodeHandshake(reply.send as Uint8Array) as Reply).proof, undefined);
});

test('P10 P15: messages of one handshake end another, days later, or are ignored', async () => {
  const first = await run('initiator');
  const romeo = await side('romeo@montague.example', { clock: () => NOW + 3 * DAY });
  await begin(romeo, 'juliet@capulet.example', 'initiator');
  for (const message of first.messages) {
    const step = await takeHandshake(romeo.state, message, 'juliet@capulet.example', romeo.ports);
    assert.is(step.peer, undefined);
  }
  // A repetition of what was taken gives the same answer, and does nothing more.
  const { juliet, messages } = await run('responder');
  const again = await take(juliet, messages[2] as Uint8Array, 'romeo@montague.example');
  assert.equal([again.kind, again.send], ['ignored', messages[3]]);
  assert.is((await take(juliet, messages[2] as Uint8Array, 'paris@verona.example')).kind, 'ignored');
});

test('P07 P09: suites that were offered are what both saw: taking one away, or choosing a lower one, ends it', async () => {
  const offers = (message: Uint8Array, suites: readonly number[]): Uint8Array =>
    encodeHandshake({ ...(decodeHandshake(message) as Hello), suites });
  const added = await run('initiator', (message, turn) => (turn === 0 ? offers(message, [1, 7]) : message));
  assert.equal(
    added.steps.map(({ kind }) => kind),
    ['waiting', 'ended'],
  );
  const lower = await run('initiator', (message, turn) =>
    turn === 1 ? encodeHandshake({ ...(decodeHandshake(message) as Reply), suite: 0 }) : message,
  );
  assert.equal(
    lower.steps.map(({ kind }) => kind),
    ['waiting', 'ended'],
  );
  const unknown = await run('initiator', (message, turn) => (turn === 0 ? offers(message, [2, 9]) : message));
  assert.equal(
    unknown.steps.map(({ kind }) => kind),
    ['ended'],
  );
});

test('P08 E3: ephemeral keys of low order end it', async () => {
  for (const ephemeral of [new Uint8Array(32), Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))]) {
    const { steps } = await run('initiator', (message, turn) =>
      turn === 0 ? encodeHandshake({ ...(decodeHandshake(message) as Hello), ephemeral }) : message,
    );
    assert.equal(
      steps.map(({ kind }) => kind),
      ['ended'],
    );
    const second = await run('responder', (message, turn) =>
      turn === 1 ? encodeHandshake({ ...(decodeHandshake(message) as Reply), ephemeral }) : message,
    );
    assert.equal(
      second.steps.map(({ kind }) => kind),
      ['waiting', 'ended'],
    );
  }
});

test('P11: a common secret goes into the keys: another or none on one side ends it before anybody is shown', async () => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const kinds = async (a?: Uint8Array, b?: Uint8Array): Promise<string[]> => {
    const more = [a === undefined ? {} : { common: a }, b === undefined ? {} : { common: b }] as const;
    return (await run('initiator', undefined, more)).steps.map(({ kind }) => kind);
  };
  assert.equal(await kinds(one, one), ['waiting', 'done', 'done']);
  assert.equal(await kinds(one, other), ['waiting', 'ended']);
  assert.equal(await kinds(one), ['waiting', 'ended']);
  assert.equal(await kinds(undefined, one), ['waiting', 'ended']);
  const romeo = await side('romeo@montague.example', { common: new Uint8Array(31) });
  try {
    await begin(romeo, 'juliet@capulet.example', 'initiator');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test('P01: a signature without the code under the key of both is nothing (identity misbinding)', async () => {
  // Juliet signs all that she should, but of the code she knows nothing: as one who has her device sign, and not the ephemeral secret.
  const guessing: typeof crypto = Object.create(crypto, {
    hkdfSha256: {
      value: async (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => {
        const derived = await crypto.hkdfSha256(ikm, salt, info, length);
        return new TextDecoder().decode(info).endsWith('confirm') ? derived.fill(0) : derived;
      },
    },
  });
  for (const [hers, last] of [
    [crypto, 'done'],
    [guessing, 'ended'],
  ] as const) {
    const { steps } = await run('initiator', undefined, [{}, { crypto: hers }]);
    assert.is(steps[1]?.kind, last);
    assert.is(steps[1]?.send === undefined, last === 'ended', 'Romeo shows himself, or does not');
  }
});

test('P12: two handshakes of the same two have nothing in common but their form', async () => {
  for (const protects of MODES) {
    const draw = (seed: string) => ({ random: unsafeSeededRandom(seed) });
    const [one, other] = [
      await run(protects, undefined, [draw('his first'), draw('her first')]),
      await run(protects, undefined, [draw('his second'), draw('her second')]),
    ];
    assert.is(one.messages.length, other.messages.length);
    // Windows of eight octets of names, keys, nonces and ciphertexts.
    const windows = (messages: readonly Uint8Array[]): string[] =>
      messages
        .flatMap((message) => Object.values(decodeHandshake(message)).filter((value) => value instanceof Uint8Array))
        .flatMap((octets) => Array.from({ length: octets.length - 7 }, (_, at) => toHex(octets.subarray(at, at + 8))));
    const seen = new Set(windows(one.messages));
    const again = windows(other.messages).filter((window) => seen.has(window));
    assert.ok(seen.size > 1000);
    assert.equal(again, []);
  }
});

test('a secret is remembered no longer than it is needed', async () => {
  for (const protects of MODES) {
    const { romeo, juliet } = await run(protects);
    for (const { state } of [romeo, juliet]) assert.ok((state as Uint8Array).length > 0);
    const begun = await side('romeo@montague.example');
    await begin(begun, juliet.jid, protects);
    const drawn = toHex(begun.state as Uint8Array).slice(-64);
    assert.not.ok(toHex(romeo.state as Uint8Array).includes(drawn));
  }
});

test('the element that carries it: canonical base64, one in a stanza; run names are told before anything is taken', async () => {
  const { messages } = await run('initiator');
  const stanza = element(NS.CLIENT, 'message', {}, [handshakeElement(messages[0] as Uint8Array)]);
  assert.equal(readHandshake(readXml(writeXml(stanza))), messages[0]);
  assert.is(readHandshake(element(NS.CLIENT, 'message')), undefined);
  assert.throws(
    () => readHandshake({ ...stanza, children: [...stanza.children, ...stanza.children] }),
    /no handshake message/,
  );
  assert.equal(new Set(messages.map((message) => toHex(handshakeRun(message)))).size, 1);
  for (const octets of [new Uint8Array(0), new Uint8Array(40), (messages[0] as Uint8Array).subarray(1)])
    assert.throws(() => handshakeRun(octets), /no handshake message/);
});

test.run();
