/**
 * Certificates and revocation lists of the vectors (RFC 5280 §4.1, §5.1), under Ed25519 (RFC 8410): its signatures are the same every
 * time, so that whoever runs the script gets the same octets.
 * @module
 */
import {
  bitString,
  constructed,
  type DerNode,
  encodeDer,
  encoded,
  exportPublicKey,
  integer,
  objectIdentifier,
  octetString,
  oid,
  primitive,
  sequence,
  setOf,
  time,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';
import type { VectorKey } from './people.js';
import { crypto } from './vectorWriter.js';

/** Who issues. */
export interface Issuer {
  readonly name: string;
  readonly key: VectorKey;
}

/** What a certificate is to be. */
export interface Wish {
  /** Common name of the subject. */
  readonly subject: string;
  readonly key: VectorKey;
  readonly issuer: Issuer;
  readonly serial: number;
  readonly extensions: readonly DerNode[];
  readonly notAfter?: number;
}

const ED25519 = sequence(objectIdentifier(oid('1.3.101.112')));
const FROM = Date.UTC(2026, 0, 1);
const UNTIL = Date.UTC(2036, 0, 1);
const TRUE = primitive(0x01, Uint8Array.of(0xff));

/** DER of a certificate of version 3. */
export async function certificate(wish: Wish): Promise<Uint8Array> {
  const { subject, key, issuer, serial, extensions, notAfter = UNTIL } = wish;
  const tbs = sequence(
    constructed(0xa0, [integer(2)]),
    integer(serial),
    ED25519,
    commonName(issuer.name),
    sequence(time(FROM), time(notAfter)),
    commonName(subject),
    encoded(exportPublicKey(key.key.publicKey)),
    constructed(0xa3, [sequence(...extensions)]),
  );
  return signed(tbs, issuer.key);
}

/** DER of a list that revokes serial numbers, and is in force for November 2026. */
export function revocationList(issuer: Issuer, revoked: readonly number[]): Promise<Uint8Array> {
  const [thisUpdate, nextUpdate] = [Date.UTC(2026, 10, 1), Date.UTC(2026, 11, 1)];
  const entries = revoked.map((serial) => sequence(integer(serial), time(thisUpdate)));
  const tbs = sequence(
    integer(1),
    ED25519,
    commonName(issuer.name),
    time(thisUpdate),
    time(nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
  );
  return signed(tbs, issuer.key);
}

/** Extensions of an authority. */
export const AUTHORITY: readonly DerNode[] = [
  extension('2.5.29.19', sequence(TRUE), true),
  // keyCertSign, cRLSign
  extension('2.5.29.15', primitive(0x03, Uint8Array.of(1, 0x06)), true),
];

/** subjectAltName. */
export const named = (...names: readonly DerNode[]): DerNode => extension('2.5.29.17', sequence(...names));
/** id-on-xmppAddr. */
export const xmppAddr = (jid: string): DerNode => otherName('1.3.6.1.5.5.7.8.5', utf8String(jid));
/** SRVName. */
export const srvName = (name: string): DerNode => otherName('1.3.6.1.5.5.7.8.7', primitive(0x16, toUtf8(name)));
/** dNSName. */
export const dnsName = (name: string): DerNode => primitive(0x82, toUtf8(name));
/** uniformResourceIdentifier. */
export const uriName = (uri: string): DerNode => primitive(0x86, toUtf8(uri));
/** extKeyUsage. */
export const purposes = (...dotted: readonly string[]): DerNode =>
  extension('2.5.29.37', sequence(...dotted.map((each) => objectIdentifier(oid(each)))));

function extension(dotted: string, value: DerNode, isCritical = false): DerNode {
  return sequence(objectIdentifier(oid(dotted)), ...(isCritical ? [TRUE] : []), octetString(encodeDer(value)));
}

function otherName(dotted: string, value: DerNode): DerNode {
  return constructed(0xa0, [objectIdentifier(oid(dotted)), constructed(0xa0, [value])]);
}

function commonName(text: string): DerNode {
  return sequence(setOf([sequence(objectIdentifier(oid('2.5.4.3')), utf8String(text))]));
}

async function signed(tbs: DerNode, { key }: VectorKey): Promise<Uint8Array> {
  const signature = await (await key.signingKey(crypto)).sign(encodeDer(tbs));
  return encodeDer(sequence(tbs, ED25519, bitString(signature)));
}
