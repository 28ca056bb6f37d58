/** A dishonest signer: changes anything in signed data and signs the signed attributes anew, so that only the change is wrong. */
import type { CryptoProvider, PrivateKey } from '@stanzaseal/cms';
import { at, type BadPeerValue, parseBadPeer, SIGNED_PATH, writeBadPeer } from '@stanzaseal/testkit';

/** DER changed and signed again by `key`. */
export async function resigned(
  der: Uint8Array,
  key: PrivateKey,
  crypto: CryptoProvider,
  change: (root: BadPeerValue) => void,
): Promise<Uint8Array> {
  const root = parseBadPeer(der);
  change(root);
  const { content } = at(root, ...SIGNED_PATH.signedAttrs);
  const signature = await (await key.signingKey(crypto)).sign(writeBadPeer({ tag: 0x31, content }));
  at(root, ...SIGNED_PATH.signature).content = signature;
  return writeBadPeer(root);
}
