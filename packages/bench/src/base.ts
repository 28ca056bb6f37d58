/**
 * The base of all ratios: the same primitives called directly through synchronous `node:crypto` in the best way known, keys
 * imported once, no ASN.1, no checks. What is slower than this by a factor is our cost and nobody else's.
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';

/** Base jobs: sealing and opening octets with primitives alone, and their halves. */
export interface Base {
  /** Sign and encrypt once. */
  seal(): void;
  /** Decrypt and verify once, as the first recipient. */
  open(): void;
  /** Sign once. */
  sign(): void;
  /** Verify once. */
  verify(): void;
  /** Encrypt once. */
  encrypt(): void;
  /** Decrypt once, as the first recipient. */
  decrypt(): void;
  /** Makes one X25519 key: what a reply prekey is. */
  generate(): void;
}

const PLACEHOLDER = Buffer.alloc(32, 9).toString('base64url');
const KEY_WRAP_IV = Buffer.alloc(8, 0xa6);
const SIGNED_ATTRS = Buffer.alloc(420, 1);
const INFO = Buffer.alloc(60, 2);
const UKM = Buffer.alloc(32, 3);
const AAD = Buffer.alloc(280, 4);
const NO_SALT = Buffer.alloc(0);

/** Prepares the base for content of a length in octets and a number of recipients. */
export function createBase(contentLength: number, recipientCount: number): Base {
  const content = randomBytes(contentLength);
  const signer = generateKeyPairSync('ed25519');
  const secrets = Array.from({ length: recipientCount }, () => privateKey(randomBytes(32)));
  const recipients = secrets.map((secret) => publicKey(rawPublicKey(secret)));

  function signed(): Signed {
    return { digest: hash('sha512', content, 'buffer'), signature: sign(null, SIGNED_ATTRS, signer.privateKey) };
  }

  function encrypted(): Encrypted {
    const random = randomBytes(32 + 32 + 12 + 16);
    const ephemeral = privateKey(random.subarray(0, 32));
    const originator = rawPublicKey(ephemeral);
    const cek = random.subarray(32, 64);
    const wrapped = recipients.map((recipient) => {
      const shared = diffieHellman({ privateKey: ephemeral, publicKey: recipient });
      return createCipheriv('id-aes256-wrap', hkdf(shared, UKM, INFO), KEY_WRAP_IV).update(cek);
    });
    const commitment = hkdf(cek, NO_SALT, INFO);
    const nonce = random.subarray(64, 76);
    const cipher = createCipheriv('aes-256-gcm', hkdf(cek, NO_SALT, INFO), nonce, { authTagLength: 16 });
    cipher.setAAD(AAD);
    const ciphertext = cipher.update(content);
    cipher.final();
    return { originator, wrapped, commitment, nonce, ciphertext, tag: cipher.getAuthTag() };
  }

  const object = encrypted();
  const signature = signed();

  function decrypted(): Buffer {
    const originator = publicKey(object.originator);
    const shared = diffieHellman({ privateKey: secrets[0] as KeyObject, publicKey: originator });
    const unwrap = createDecipheriv('id-aes256-wrap', hkdf(shared, UKM, INFO), KEY_WRAP_IV);
    const cek = unwrap.update(object.wrapped[0] as Buffer);
    unwrap.final();
    const commitment = hkdf(cek, NO_SALT, INFO);
    const decipher = createDecipheriv('aes-256-gcm', hkdf(cek, NO_SALT, INFO), object.nonce, { authTagLength: 16 });
    decipher.setAAD(AAD);
    decipher.setAuthTag(object.tag);
    const plaintext = decipher.update(object.ciphertext);
    decipher.final();
    if (!commitment.equals(object.commitment)) throw new Error('base does not open');
    return plaintext;
  }

  function verifies(octets: Buffer): void {
    const isSame = hash('sha512', octets, 'buffer').equals(signature.digest);
    if (!isSame || !verify(null, SIGNED_ATTRS, signer.publicKey, signature.signature))
      throw new Error('base does not verify');
  }

  return {
    seal() {
      signed();
      encrypted();
    },
    open: () => verifies(decrypted()),
    sign: () => void signed(),
    verify: () => verifies(content),
    encrypt: () => void encrypted(),
    decrypt: () => void decrypted(),
    generate: () => void rawPublicKey(privateKey(randomBytes(32))),
  };
}

interface Signed {
  digest: Buffer;
  signature: Buffer;
}

interface Encrypted {
  originator: Buffer;
  wrapped: Buffer[];
  commitment: Buffer;
  nonce: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

function hkdf(ikm: Buffer, salt: Buffer, info: Buffer): Buffer {
  const pseudoRandomKey = createHmac('sha256', salt).update(ikm).digest();
  return createHmac('sha256', pseudoRandomKey).update(info).update(Buffer.of(1)).digest();
}

function privateKey(secret: Buffer): KeyObject {
  const jwk = { kty: 'OKP', crv: 'X25519', d: secret.toString('base64url'), x: PLACEHOLDER };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** Of an imported key, which is safe on every Node; of one that Node 20 generated it can deadlock. */
function rawPublicKey(imported: KeyObject): Buffer {
  return Buffer.from(createPublicKey(imported).export({ format: 'jwk' }).x as string, 'base64url');
}

function publicKey(raw: Buffer): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') }, format: 'jwk' });
}
