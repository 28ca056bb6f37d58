/**
 * A dishonest sender, or a recipient turned one: knows the CEK, changes anything in an object, and encrypts its content anew
 * with a right tag over what then stands there. Uses node:crypto alone, so that nothing refuses to make what is wrong.
 */
import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';
import { at, type BadPeerValue, childrenOf, parseBadPeer, SEALED_PATH, writeBadPeer } from '@stanzaseal/testkit';

/** HKDF-SHA-256 by node:crypto (RFC 5869). */
export function hkdf(ikm: Uint8Array, salt: Uint8Array | string, info: Uint8Array | string, length = 32): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', ikm, salt, info, length));
}

/** HMAC-SHA-256 by node:crypto. */
export function hmac(key: Uint8Array, octets: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(octets).digest());
}

/** The values behind the recipientInfos: paths differ with and without ukm, so they are found from the end. */
export function partsOf(root: BadPeerValue): {
  algorithm: BadPeerValue;
  encryptedContent: BadPeerValue;
  mac: BadPeerValue;
  authAttrs: BadPeerValue | undefined;
} {
  const data = at(root, ...SEALED_PATH.data);
  const encryptedContentInfo = at(data, 2);
  return {
    algorithm: at(encryptedContentInfo, 1),
    encryptedContent: at(encryptedContentInfo, -1),
    mac: at(data, -1),
    authAttrs: childrenOf(data).find(({ tag }) => tag === 0xa1),
  };
}

/** The AAD of what stands in a tree: the authAttrs under the SET tag (RFC 5083 §2.2). */
export function aadOf(root: BadPeerValue): Uint8Array {
  const { authAttrs } = partsOf(root);
  return authAttrs === undefined ? new Uint8Array(0) : writeBadPeer({ tag: 0x31, content: authAttrs.content });
}

/** DER of an object after `change`, with `content` encrypted anew under the CEK as its algorithm then says. */
export function rebuilt(
  der: Uint8Array,
  cek: Uint8Array,
  content: Uint8Array,
  change: (root: BadPeerValue) => void,
  { wrapped = true, tagLength = 16 }: { readonly wrapped?: boolean; readonly tagLength?: number } = {},
): Uint8Array {
  const root = parseBadPeer(der);
  change(root);
  const { algorithm, encryptedContent, mac } = partsOf(root);
  const inner = wrapped ? at(algorithm, 1) : algorithm;
  const key = wrapped ? hkdf(cek, 'The Cryptographic Message Syntax', writeBadPeer(inner)) : cek;
  const cipher = createCipheriv('aes-256-gcm', key, at(inner, 1, 0).content as Uint8Array, {
    authTagLength: tagLength,
  });
  cipher.setAAD(aadOf(root));
  encryptedContent.content = new Uint8Array(Buffer.concat([cipher.update(content), cipher.final()]));
  mac.content = new Uint8Array(cipher.getAuthTag());
  return writeBadPeer(root);
}
