/**
 * The scene of the vectors about statements: certificates of people and of domains, and what they say of keys.
 * @module
 */
import { type Endorsement, toHex } from '@stanzaseal/cms';
import { endorse, revoke } from '@stanzaseal/signer';
import { encodeStatement, readStatement } from '../../packages/trust/src/statement.js';
import {
  AUTHORITY,
  certificate,
  dnsName,
  type Issuer,
  named,
  purposes,
  srvName,
  uriName,
  type Wish,
  xmppAddr,
} from './certificates.js';
import { JULIET, keyOf, ROMEO, type VectorKey } from './people.js';
import { crypto } from './vectorWriter.js';

export const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 10, 21, 12);
export const DOMAIN = 'capulet.example';
const [CLIENT, SERVER] = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'];

/** A certificate with its key. */
interface Holder {
  readonly key: VectorKey;
  readonly der: Uint8Array;
  readonly serial: number;
}

const rootKey = await keyOf('Ed25519', 'statement root');
export const ROOT: Issuer = { name: 'Verona Root', key: rootKey };
const BETWEEN: Issuer = { name: 'Verona People', key: await keyOf('Ed25519', 'statement intermediate') };
export const root = await certificate({
  subject: ROOT.name,
  key: rootKey,
  issuer: ROOT,
  serial: 1,
  extensions: AUTHORITY,
});
export const between = await certificate({
  subject: BETWEEN.name,
  key: BETWEEN.key,
  issuer: ROOT,
  serial: 2,
  extensions: AUTHORITY,
});
const otherKey = await keyOf('Ed25519', 'statement other root');
export const otherRoot = await certificate({
  subject: 'Mantua Root',
  key: otherKey,
  issuer: { name: 'Mantua Root', key: otherKey },
  serial: 1,
  extensions: AUTHORITY,
});

let serials = 100;
async function issued(label: string, extensions: Wish['extensions'], change: Partial<Wish> = {}): Promise<Holder> {
  const serial = ++serials;
  const key = await keyOf('Ed25519', `statement ${label}`);
  return { key, serial, der: await certificate({ subject: label, key, issuer: ROOT, serial, extensions, ...change }) };
}

export const juliet = await issued('Juliet', [named(xmppAddr(JULIET)), purposes(CLIENT)]);
export const chained = await issued('Juliet below', [named(xmppAddr(JULIET))], { issuer: BETWEEN });
export const byUri = await issued('Juliet by URI', [named(uriName(`xmpp:${JULIET}`))]);
export const romeo = await issued('Romeo', [named(xmppAddr(ROMEO))]);
export const commonName = await issued(JULIET, [named(dnsName('mail.capulet.example'))]);
export const ended = await issued('Juliet before', [named(xmppAddr(JULIET))], { notAfter: NOW - DAY });
export const purposed = await issued('Juliet’s server', [named(xmppAddr(JULIET)), purposes(SERVER)]);
export const server = await issued('Capulet', [named(dnsName(DOMAIN)), purposes(SERVER)]);
export const plain = await issued('Capulet for all', [named(dnsName(DOMAIN))]);
export const bySrv = await issued('Capulet by SRV', [named(srvName(`_xmpp-client.${DOMAIN}`))]);
export const wildcard = await issued('Capulet below', [named(dnsName(`*.${DOMAIN}`))]);
export const montague = await issued('Montague', [named(dnsName('montague.example'))]);

export const identity = await keyOf('Ed25519', 'juliet identity');
export const newIdentity = await keyOf('Ed25519', 'juliet new identity');
export const domainKey = await keyOf('Ed25519', 'statement domain key');
export const mallory = await keyOf('Ed25519', 'mallory identity');
/** Hexadecimal of a raw public key. */
export const raw = (key: VectorKey): string => toHex(key.key.publicKey.raw);

/** An endorsement by a key, for a year. */
export function terms({ key }: Pick<Holder, 'key'>, endorsed: VectorKey, change: Partial<Endorsement>): Endorsement {
  return {
    endorser: key.key.publicKey.keyIdentifier,
    endorsed: endorsed.key.publicKey,
    owner: JULIET,
    purpose: 'identity',
    notBefore: NOW,
    notAfter: NOW + 365 * DAY,
    sequence: 1,
    ...change,
  };
}

/** What a certificate says of a key, signed by both; whether it may say so is for the reader to find out. */
export async function said(
  by: Holder,
  change: Partial<Endorsement> = {},
  { endorsed = identity, carried = [by.der] }: { endorsed?: VectorKey; carried?: readonly Uint8Array[] } = {},
): Promise<Uint8Array> {
  const [endorser, own] = await Promise.all([by.key.key.signingKey(crypto), endorsed.key.signingKey(crypto)]);
  const signing = { signingTime: NOW, crypto };
  const content = terms(by, endorsed, change);
  const der = await (change.purpose === 'revoked'
    ? revoke(content, endorser, signing)
    : endorse(content, endorser, own, signing));
  return encodeStatement({ ...readStatement(der), certificates: carried });
}

/** What every check begins with. */
export const checked = { jid: JULIET, identity: raw(identity), now: NOW, roots: [toHex(root)] };
