/**
 * The noble packages alone: our primitives in plain JavaScript, without any format.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { aeskw, gcm } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { type Peer, sameOctets } from './peer.js';

const INFO = new Uint8Array(60);

/** noble with Ed25519, X25519, AES-256 key wrap and GCM: a limit for who must do without native code. */
export async function noblePeer(content: Uint8Array, count: number): Promise<Peer> {
  const sender = ed25519.keygen();
  const secrets = Array.from({ length: count }, () => x25519.keygen());
  const last = secrets.at(-1) as (typeof secrets)[0];
  const signedOctets = (digest: Uint8Array): Uint8Array => Buffer.concat([Buffer.alloc(356), digest]);
  const seal = () => {
    const signature = ed25519.sign(signedOctets(sha512(content)), sender.secretKey);
    const ephemeral = x25519.keygen();
    const [key, nonce] = [randomBytes(32), randomBytes(12)];
    const wrapped = secrets.map(({ publicKey }) => {
      const shared = x25519.getSharedSecret(ephemeral.secretKey, publicKey);
      return aeskw(hkdf(sha256, shared, undefined, INFO, 32)).encrypt(key);
    });
    const inside = Buffer.concat([signature, content]);
    return { ephemeral: ephemeral.publicKey, wrapped, nonce, ciphertext: gcm(key, nonce).encrypt(inside) };
  };
  const sealed = seal();
  const open = (): Uint8Array => {
    const shared = x25519.getSharedSecret(last.secretKey, sealed.ephemeral);
    const kek = hkdf(sha256, shared, undefined, INFO, 32);
    const key = aeskw(kek).decrypt(sealed.wrapped.at(-1) as Uint8Array);
    const inside = gcm(key, sealed.nonce).decrypt(sealed.ciphertext);
    const opened = inside.subarray(64);
    if (!ed25519.verify(inside.subarray(0, 64), signedOctets(sha512(opened)), sender.publicKey))
      throw new Error('noble does not verify');
    return opened;
  };
  const name = 'noble alone 2.4.0';
  sameOctets(name, open(), content);
  return { name, note: 'primitives in JavaScript, no format', isNative: false, seal, open };
}
