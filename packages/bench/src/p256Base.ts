/**
 * The base of ratios with P-256: what general CMS needs of primitives, called directly through synchronous `node:crypto`, keys imported
 * once, no ASN.1, no checks.
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import type { Base } from './base.js';

const KEY_WRAP_IV = Buffer.alloc(8, 0xa6);
const SIGNED_ATTRS = Buffer.alloc(107, 1);
const COUNTER = Buffer.of(0, 0, 0, 1);
const SHARED_INFO = Buffer.alloc(23, 2);
const HKDF_SALT = Buffer.from('The Cryptographic Message Syntax');
const HKDF_INFO = Buffer.alloc(28, 3);
/** An agreement with octets costs 8 µs more than one with a key object, and to make a key object of a new key costs 60 µs. */
const FEW = 8;

/** Prepares the base for content of a length in octets and a number of recipients. It is seen to open before it is timed. */
export function createP256Base(contentLength: number, recipientCount: number): Pick<Base, 'seal' | 'open'> {
  const content = randomBytes(contentLength);
  const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const recipients = Array.from({ length: recipientCount }, () => newKey());
  const peers = recipients.map((recipient) => ({ raw: recipient.getPublicKey(), key: keyObject(recipient) }));

  function encrypted(): Encrypted {
    const ephemeral = newKey();
    const agree =
      recipientCount < FEW
        ? ({ raw }: Peer) => ephemeral.computeSecret(raw)
        : (
            (privateKey) =>
            ({ key }: Peer) =>
              diffieHellman({ privateKey, publicKey: key })
          )(keyObject(ephemeral));
    const random = randomBytes(32 + 12);
    const [cek, nonce] = [random.subarray(0, 32), random.subarray(32)];
    const wrapped = peers.map((peer) => createCipheriv('id-aes256-wrap', x963(agree(peer)), KEY_WRAP_IV).update(cek));
    const cipher = createCipheriv('aes-256-gcm', contentKey(cek), nonce, { authTagLength: 16 });
    const ciphertext = cipher.update(content);
    cipher.final();
    return { originator: ephemeral.getPublicKey(), wrapped, nonce, ciphertext, tag: cipher.getAuthTag() };
  }

  const signed = (): Buffer => {
    hash('sha256', content, 'buffer');
    return sign('sha256', SIGNED_ATTRS, signer.privateKey);
  };
  const [object, digest, signature] = [encrypted(), hash('sha256', content, 'buffer'), signed()];

  function decrypted(): Buffer {
    const kek = x963((recipients.at(-1) as ECDH).computeSecret(object.originator));
    const unwrap = createDecipheriv('id-aes256-wrap', kek, KEY_WRAP_IV);
    const cek = unwrap.update(object.wrapped.at(-1) as Buffer);
    unwrap.final();
    const decipher = createDecipheriv('aes-256-gcm', contentKey(cek), object.nonce, { authTagLength: 16 });
    decipher.setAuthTag(object.tag);
    const plaintext = decipher.update(object.ciphertext);
    decipher.final();
    return plaintext;
  }

  function open(): void {
    const isSame = hash('sha256', decrypted(), 'buffer').equals(digest);
    if (!isSame || !verify('sha256', SIGNED_ATTRS, signer.publicKey, signature)) throw new Error('base does not open');
  }

  open();
  return {
    seal() {
      signed();
      encrypted();
    },
    open,
  };
}

interface Peer {
  readonly raw: Buffer;
  readonly key: KeyObject;
}

interface Encrypted {
  readonly originator: Buffer;
  readonly wrapped: Buffer[];
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

function newKey(): ECDH {
  const key = createECDH('prime256v1');
  key.generateKeys();
  return key;
}

/** Private and public half. As JWK: SPKI and PKCS#8 cost twice as much and more (decision 0004). */
function keyObject(key: ECDH): KeyObject {
  const point = key.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const d = key.getPrivateKey().toString('base64url');
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
}

/** X9.63 (RFC 5753 §7.2): one digest for a key of 32 octets. */
function x963(secret: Buffer): Buffer {
  return hash('sha256', Buffer.concat([secret, COUNTER, SHARED_INFO]), 'buffer');
}

/** RFC 9709. */
function contentKey(cek: Buffer): Buffer {
  const pseudoRandomKey = createHmac('sha256', HKDF_SALT).update(cek).digest();
  return createHmac('sha256', pseudoRandomKey).update(HKDF_INFO).update(Buffer.of(1)).digest();
}
