/**
 * The base in a page: the same primitives by the page's own WebCrypto, keys imported once, no ASN.1, no checks.
 * @module
 */

/** Sealing and opening octets with WebCrypto alone. */
export interface WebBase {
  /** Signs and encrypts once. */
  seal(): Promise<void>;
  /** Decrypts and verifies once. */
  open(): Promise<void>;
}

type Key = Awaited<ReturnType<SubtleCrypto['importKey']>>;
interface Pair {
  readonly publicKey: Key;
  readonly privateKey: Key;
}

const SIGNED_ATTRS = new Uint8Array(420).fill(1);
const INFO = new Uint8Array(60).fill(2);
const UKM = new Uint8Array(32).fill(3);
const AAD = new Uint8Array(280).fill(4);
const NO_SALT = new Uint8Array(0);

/** Prepares the base for content of a length in octets and one recipient. */
export async function createWebBase(contentLength: number): Promise<WebBase> {
  const { subtle } = crypto;
  const content = new Uint8Array(contentLength);
  const signer = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as Pair;
  const recipient = (await subtle.generateKey('X25519', false, ['deriveBits'])) as Pair;

  async function hkdf(ikm: ArrayBuffer | Uint8Array<ArrayBuffer>, salt: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
    const key = await subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
    return subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: INFO }, key, 256);
  }

  async function agreed(publicKey: Key, privateKey: Key, usage: 'wrapKey' | 'unwrapKey'): Promise<Key> {
    const shared = await subtle.deriveBits({ name: 'X25519', public: publicKey }, privateKey, 256);
    return subtle.importKey('raw', await hkdf(shared, UKM), 'AES-KW', false, [usage]);
  }

  async function sealed() {
    await subtle.digest('SHA-512', content);
    const signature = await subtle.sign('Ed25519', signer.privateKey, SIGNED_ATTRS);
    const ephemeral = (await subtle.generateKey('X25519', true, ['deriveBits'])) as Pair;
    const originator = await subtle.exportKey('raw', ephemeral.publicKey);
    const cek = crypto.getRandomValues(new Uint8Array(32));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const kek = await agreed(recipient.publicKey, ephemeral.privateKey, 'wrapKey');
    // A key to be wrapped must be one that may leave; its algorithm does not matter.
    const wrappable = await subtle.importKey('raw', cek, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    const wrapped = await subtle.wrapKey('raw', wrappable, kek, 'AES-KW');
    await hkdf(cek, NO_SALT);
    const key = await subtle.importKey('raw', await hkdf(cek, NO_SALT), 'AES-GCM', false, ['encrypt']);
    const ciphertext = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: AAD }, key, content);
    return { signature, originator, wrapped, iv, ciphertext };
  }

  const object = await sealed();
  return {
    seal: async () => void (await sealed()),
    async open() {
      const originator = await subtle.importKey('raw', object.originator, 'X25519', false, []);
      const kek = await agreed(originator, recipient.privateKey, 'unwrapKey');
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const unwrapped = await subtle.unwrapKey('raw', object.wrapped, kek, 'AES-KW', algorithm, true, ['sign']);
      const cek = await subtle.exportKey('raw', unwrapped);
      await hkdf(cek, NO_SALT);
      const key = await subtle.importKey('raw', await hkdf(cek, NO_SALT), 'AES-GCM', false, ['decrypt']);
      const parameters = { name: 'AES-GCM', iv: object.iv, additionalData: AAD };
      const plaintext = await subtle.decrypt(parameters, key, object.ciphertext);
      await subtle.digest('SHA-512', plaintext);
      if (!(await subtle.verify('Ed25519', signer.publicKey, object.signature, SIGNED_ATTRS)))
        throw new Error('base does not verify');
    },
  };
}

type SubtleCrypto = typeof crypto.subtle;
