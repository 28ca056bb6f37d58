/**
 * Objects that must not open, and who opens them: the forged files of `test-vectors/openssl-forgeries`, the same changes made to
 * objects of ours, and the list that vendors' advisories of 2025 and 2026 give.
 * @module
 */
import { oid } from '@stanzaseal/cms';
import { at, type BadPeerValue, badPeerValue, changed, childrenOf } from '@stanzaseal/testkit';
import type { Party } from './cases.js';

/** A change to an object of ours. */
export interface Forgery {
  /** What was changed. */
  readonly name: string;
  /** To whom the object is. */
  readonly party: Party;
  /** Makes it. */
  readonly forge: (der: Uint8Array) => Uint8Array;
}

/** Paths inside AuthEnvelopedData without originatorInfo, as we write it for one recipient. */
const DATA = [1, 0] as const;
const RECIPIENT = [1, 0, 1, 0] as const;
const CONTENT_CIPHER = [1, 0, 2, 1] as const;
const MAC = [1, 0, -1] as const;

const ID_AES256_OFB = oid('2.16.840.1.101.3.4.1.43');
const ID_AES256_CBC = oid('2.16.840.1.101.3.4.1.42');
const ID_ENVELOPED_DATA = oid('1.2.840.113549.1.7.3');
const ID_P_SPECIFIED = oid('1.2.840.113549.1.1.9');

/** Every change. */
export const FORGERIES: readonly Forgery[] = [
  change('AES-256-OFB in place of AES-GCM (CVE-2026-34182)', 'p256', (root) => cipher(root, ID_AES256_OFB)),
  change('AES-256-CBC in place of AES-GCM', 'p256', (root) => cipher(root, ID_AES256_CBC)),
  change('tag of 1 octet, aes-ICVlen 1', 'p256', (root) => tag(root, 1, 1)),
  change('tag of 4 octets, aes-ICVlen 4', 'p256', (root) => tag(root, 4, 4)),
  change('tag of 8 octets, aes-ICVlen 8', 'kek', (root) => tag(root, 8, 8)),
  change('tag of 16 octets, aes-ICVlen 12', 'kek', (root) => tag(root, 16, 12)),
  change('tag of 12 octets, aes-ICVlen 16', 'kek', (root) => tag(root, 12, 16)),
  change('nonce of 64 octets (CVE-2025-15467)', 'p256', (root) => nonce(root, 64)),
  change('nonce of 17 octets (CVE-2025-15467)', 'kek', (root) => nonce(root, 17)),
  change('nonce of no octet', 'kek', (root) => nonce(root, 0)),
  change('AuthEnvelopedData called EnvelopedData', 'kek', enveloped),
  change('key wrap without parameters in key agreement (CVE-2026-28389)', 'p256', (root) => {
    childrenOf(at(root, ...RECIPIENT, -2)).splice(1);
  }),
  change('OAEP with pSpecified without a value (CVE-2026-28390)', 'rsa', (root) => {
    const source = badPeerValue(0x30, [badPeerValue(0x06, ID_P_SPECIFIED)]);
    childrenOf(at(root, ...RECIPIENT, 2, 1)).push(badPeerValue(0xa2, [source]));
  }),
  change('password without key derivation', 'password', (root) => {
    childrenOf(at(root, ...RECIPIENT)).splice(1, 1);
  }),
  change('password with a stream cipher for the key (CVE-2026-9076)', 'password', (root) => {
    at(root, ...RECIPIENT, 2, 1, 0).content = ID_AES256_OFB;
  }),
  change('password with a wrapped key of one block', 'password', (root) => cutKey(root, 16)),
  change('password with a wrapped key of 31 octets', 'password', (root) => cutKey(root, 31)),
];

function change(name: string, party: Party, alter: (root: BadPeerValue) => void): Forgery {
  return { name, party, forge: (der) => changed(der, alter) };
}

function cipher(root: BadPeerValue, identifier: Uint8Array): void {
  const iv = badPeerValue(0x04, new Uint8Array(16).fill(7));
  at(root, ...CONTENT_CIPHER).content = [badPeerValue(0x06, identifier), iv];
}

function tag(root: BadPeerValue, length: number, stated: number): void {
  at(root, ...CONTENT_CIPHER, 1, 1).content = Uint8Array.of(stated);
  const mac = at(root, ...MAC);
  mac.content = (mac.content as Uint8Array).slice(0, length);
}

function nonce(root: BadPeerValue, length: number): void {
  at(root, ...CONTENT_CIPHER, 1, 0).content = new Uint8Array(length).fill(1);
}

/** EnvelopedData has no tag, so nothing would be checked. */
function enveloped(root: BadPeerValue): void {
  at(root, 0).content = ID_ENVELOPED_DATA;
  at(root, ...DATA, 0).content = Uint8Array.of(2);
  childrenOf(at(root, ...DATA)).pop();
}

function cutKey(root: BadPeerValue, length: number): void {
  const key = at(root, ...RECIPIENT, -1);
  key.content = (key.content as Uint8Array).slice(0, length);
}
