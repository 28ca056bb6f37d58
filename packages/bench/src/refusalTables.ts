/**
 * What is refused, beside what opening costs the primitives, and how many public-key operations each refusal took.
 * @module
 */
import { type CryptoProvider, generatePrivateKey, type PublicKey, publicKeyFromRaw, toBase64 } from '@stanzaseal/cms';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { readXml, sealStanza, writeXml } from '@stanzaseal/stanza';
import { createBase } from './base.js';
import { KIBIBYTE, node } from './context.js';
import { couple, message, objectIn, opened, paddedTo, sealed } from './people.js';
import type { Job, Table } from './table.js';

/** One table: opening, and each kind of refusal. */
export function refusalTables(): Table[] {
  return [{ group: 'refusals', title: 'refuse a stanza with 1 KiB of text', jobs }];
}

async function jobs(): Promise<Job[]> {
  const counted = countedProvider(node);
  const { romeo, juliet } = await couple(counted);
  const text = message('x'.repeat(KIBIBYTE));
  const good = await sealed(romeo, juliet.owner, text);
  const accepted = await sealed(romeo, juliet.owner, text);
  await (await opened(juliet, accepted)).accept();
  const object = objectIn(good);
  const refuse = (name: string, stanza: string, operations: number): Job => {
    let most = 0;
    return {
      name,
      async run() {
        counted.reset();
        const outcome = await juliet.open(readXml(stanza)).then(
          ({ status }) => status,
          () => 'refused',
        );
        if (outcome === 'opened') throw new Error(`${name}: it opened`);
        most = Math.max(most, counted.count());
      },
      note: () => (most === 1 ? '1 public-key operation' : `${most} public-key operations`),
      missed: () => (most > operations ? `${most} public-key operations, not ${operations}` : undefined),
    };
  };
  return [
    { name: 'base: opening', run: createBase(paddedTo(good), 1).open },
    refuse('not for us', await toAnotherDevice(), 0),
    refuse('512 foreign entries', await toStrangers(romeo.owner, juliet.owner, 512), 0),
    refuse('duplicate', accepted, 0),
    refuse('garbage', withObject(good, random(object.length)), 0),
    refuse('oversized', withObject(good, random(300_000)), 0),
    refuse('bit flipped in what servers read', withObject(good, flipped(object, indexOf(object, juliet.owner))), 0),
    refuse('bit flipped in what is encrypted', withObject(good, flipped(object, object.length >> 1)), 1),
  ];
}

/** A Juliet of the same name whose keys are not those of the one who opens. */
async function toAnotherDevice(): Promise<string> {
  const { romeo, juliet } = await couple({ crypto: node });
  return sealed(romeo, juliet.owner, message('x'.repeat(KIBIBYTE)));
}

async function toStrangers(from: string, to: string, count: number): Promise<string> {
  const device = await (await generatePrivateKey('Ed25519', random, node)).signingKey(node);
  const prekeys: PublicKey[] = [];
  // Nobody has the private halves, and nobody needs them.
  while (prekeys.length < count) {
    const raw = random(32);
    raw[31] = (raw[31] as number) & 0x7f;
    prekeys.push(await publicKeyFromRaw('X25519', raw, node));
  }
  const recipients = prekeys.map((prekey) => ({ prekey, deviceKey: random(32), class: 'reply' as const }));
  const { stanza } = await sealStanza(readXml(message('x'.repeat(KIBIBYTE))), {
    from,
    to,
    recipients: recipients as [(typeof recipients)[0], ...typeof recipients],
    device,
    context: { senderListVersion: 1, peerListVersion: 1, counter: 1 },
    replyPrekey: { key: prekeys[0] as PublicKey, notAfter: Date.now() + 1e9 },
    limit: 2 ** 20,
    now: Date.now(),
    random,
    crypto: node,
  });
  return writeXml(stanza);
}

function withObject(stanza: string, object: Uint8Array): string {
  return stanza.replace(/(<sealed[^>]*>)[^<]*/, (_, tag: string) => tag + toBase64(object));
}

function flipped(octets: Uint8Array, at: number): Uint8Array {
  return octets.map((octet, i) => (i === at ? octet ^ 1 : octet));
}

function indexOf(octets: Uint8Array, text: string): number {
  return Buffer.from(octets).indexOf(text);
}

/** A provider that counts what it computes with keys of a pair. */
function countedProvider(crypto: CryptoProvider): { crypto: CryptoProvider; count(): number; reset(): void } {
  let count = 0;
  const one = <T>(value: T): T => {
    count++;
    return value;
  };
  return {
    count: () => count,
    reset() {
      count = 0;
    },
    crypto: {
      ...crypto,
      rawPublicKey: (algorithm, secret) => one(crypto.rawPublicKey(algorithm, secret)),
      async agreementKey(secret, publicKey) {
        const key = await one(crypto.agreementKey(secret, publicKey));
        return { publicKey: key.publicKey, agree: (peer) => one(key.agree(peer)) };
      },
      async signingKey(publicKey, secret) {
        const key = await crypto.signingKey(publicKey, secret);
        return { publicKey, sign: (octets) => one(key.sign(octets)) };
      },
      verify: (publicKey, octets, signature) => one(crypto.verify(publicKey, octets, signature)),
    },
  };
}
