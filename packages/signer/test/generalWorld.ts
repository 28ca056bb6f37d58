/** For tests of the general profile: keys, content, and a dishonest signer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal, oid, toUtf8 } from '@stanzaseal/cms';
import {
  findPemBlocks,
  GENERAL_LIMITS,
  type GeneralKeyAlgorithm,
  type GeneralNode,
  type GeneralPrivateKey,
  type GeneralPublicKey,
  readGeneral,
  type SignatureScheme,
} from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import {
  at,
  type BadPeerValue,
  badPeerValue,
  childrenOf,
  parseBadPeer,
  SIGNED_PATH,
  unsafeSeededRandom,
  vectorsDirectory,
  writeBadPeer,
} from '@stanzaseal/testkit';
import { type CertificateName, GENERAL_SIGNATURE_POLICY, type SignaturePolicy } from '../src/general/index.js';

export const crypto = createGeneralCrypto();
export const random = unsafeSeededRandom('general signer');
export const content = toUtf8('But soft, what light through yonder window breaks?');
/** A content type that is nobody's in particular. */
export const contentType = oid('2.25.1');
export const signingTime = Date.UTC(2026, 10, 21, 4);
export const policy: SignaturePolicy = GENERAL_SIGNATURE_POLICY;
/** What reads S/MIME. */
export const mailPolicy: SignaturePolicy = { ...policy, idData: true };
/** What reads everything that can be read. */
export const laxPolicy: SignaturePolicy = { ...mailPolicy, missingSignedAttributes: true };
export const SIGNING_ALGORITHMS = ['Ed25519', 'P-256', 'P-384', 'RSA', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const;

const made = new Map<string, Promise<GeneralPrivateKey>>();
/** A key of an algorithm: the same for the same name. */
export function keyOf(algorithm: GeneralKeyAlgorithm, name = 'one'): Promise<GeneralPrivateKey> {
  const id = `${algorithm} ${name}`;
  const key = made.get(id) ?? Promise.resolve(crypto.generatePrivateKey(algorithm, unsafeSeededRandom(id)));
  made.set(id, key);
  return key;
}

/** DER changed, and its first signer's signed attributes, or the content where there are none, signed again by `key`. */
export async function resigned(
  der: Uint8Array,
  key: GeneralPrivateKey,
  scheme: SignatureScheme,
  change: (root: BadPeerValue) => void,
): Promise<Uint8Array> {
  const root = parseBadPeer(der);
  change(root);
  const signerInfo = childrenOf(at(root, ...SIGNED_PATH.signerInfo));
  const attributes = signerInfo.find(({ tag }) => tag === 0xa0);
  const signed =
    attributes === undefined
      ? (at(root, ...SIGNED_PATH.eContent).content as Uint8Array)
      : writeBadPeer({ tag: 0x31, content: attributes.content });
  const signature = signerInfo.findLast(({ tag }) => tag === 0x04) as BadPeerValue;
  signature.content = await crypto.sign(key, scheme, signed, random);
  return writeBadPeer(root);
}

/** Octets of a published vector, out of PEM where it is one; `undefined` with a `SKIPPED` line where there are none. */
export function vector(file: string): Uint8Array | undefined {
  const folder = vectorsDirectory();
  if (folder === undefined) return undefined;
  const octets = new Uint8Array(readFileSync(join(folder, file)));
  const [block] = octets[0] === 0x30 ? [] : findPemBlocks(new TextDecoder('latin1').decode(octets));
  return block === undefined ? octets : block.octets;
}

/** The first certificate in signed data, or a certificate by itself: its bare key and the name that messages give it. */
export async function certified(octets: Uint8Array): Promise<{ key: GeneralPublicKey; issuerAndSerial: Uint8Array }> {
  const root = readGeneral(octets, GENERAL_LIMITS).root;
  const node = root.structure === 'ContentInfo' ? findNode(root, 'content.certificates[0].certificate') : root;
  const end = node.offset + node.headerLength + node.contentLength;
  const certificate = parseBadPeer(octets.slice(node.offset, end));
  const parts = childrenOf(at(certificate, 0)).filter(({ tag }) => tag !== 0xa0);
  const [serial, , issuer, , , spki] = parts as [
    BadPeerValue,
    BadPeerValue,
    BadPeerValue,
    BadPeerValue,
    BadPeerValue,
    BadPeerValue,
  ];
  // A key for PSS alone is imported as the RSA key that it is: bare keys know no restriction.
  if (equal(at(spki, 0, 0).content as Uint8Array, oid('1.2.840.113549.1.1.10'))) {
    at(spki, 0).content = [badPeerValue(0x06, oid('1.2.840.113549.1.1.1')), badPeerValue(0x05, new Uint8Array(0))];
  }
  return {
    key: await crypto.importPublicKey(writeBadPeer(spki)),
    issuerAndSerial: writeBadPeer({ tag: 0x30, content: [issuer, serial] }),
  };
}

function findNode(node: GeneralNode, path: string): GeneralNode {
  const next = node.children?.find((child) => child.path !== undefined && path.startsWith(child.path));
  if (next === undefined) throw new RangeError(`no ${path}`);
  return next.path === path ? next : findNode(next, path);
}

/** A mapping of one certificate's name, or of any, to a key. */
export function naming(
  key: GeneralPublicKey,
  issuerAndSerial?: Uint8Array,
): (name: CertificateName) => Uint8Array | undefined {
  return ({ der }) => (issuerAndSerial === undefined || equal(der, issuerAndSerial) ? key.keyIdentifier : undefined);
}
