/**
 * Operations on keys, addresses and DER.
 * @module
 */
import {
  type CryptoProvider,
  decodeDerTree,
  encodeDerTree,
  exportPublicKey,
  fromBase64,
  fromHex,
  importPrivateKey,
  importPublicKey,
  toHex,
} from '@stanzaseal/cms';
import { bareJid, fullJid, paddedLength, readXml, writeXml } from '@stanzaseal/stanza';
import type { Outcome } from './vector.js';

/** `key.import`: a SubjectPublicKeyInfo. */
export async function importKey({ spki }: { spki: string }, crypto: CryptoProvider): Promise<Outcome> {
  const { algorithm, raw, keyIdentifier } = await importPublicKey(fromHex(spki), crypto);
  return { output: { algorithm, raw: toHex(raw), keyIdentifier: toHex(keyIdentifier) } };
}

/** `key.import-private`: a PKCS#8 private key. */
export async function importSecret({ pkcs8 }: { pkcs8: string }, crypto: CryptoProvider): Promise<Outcome> {
  const { publicKey } = await importPrivateKey(fromHex(pkcs8), crypto);
  return { output: { algorithm: publicKey.algorithm, spki: toHex(exportPublicKey(publicKey)) } };
}

/** `der.decode`: one strict DER value, read and written again. */
export async function decodeDer({ der }: { der: string }): Promise<Outcome> {
  return { output: { der: toHex(encodeDerTree(decodeDerTree(fromHex(der)))) } };
}

/** `base64.decode`: canonical base64. */
export async function decodeBase64({ text }: { text: string }): Promise<Outcome> {
  return { output: { octets: toHex(fromBase64(text)) } };
}

/** `jid.normalise`: an address. */
export async function normaliseJid({ jid }: { jid: string }): Promise<Outcome> {
  return { output: { bare: bareJid(jid), full: fullJid(jid) } };
}

/** `xml.read`: one element, read and written again. */
export async function readElement({ xml }: { xml: string }): Promise<Outcome> {
  return { output: { xml: writeXml(readXml(xml)) } };
}

/** `padding.bucket`: the bucket of a length in octets. */
export async function bucket({ octets }: { octets: number }): Promise<Outcome> {
  return { output: { bucket: paddedLength(octets) } };
}
