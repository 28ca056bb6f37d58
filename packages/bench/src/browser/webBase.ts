/**
 * The base in a page: the same primitives by the page's own WebCrypto, keys imported once, no ASN.1, no checks. What differs from
 * object to object is in octets of its own, or a part of those that came: a page makes an object of its own for every array and view that
 * its WebCrypto sees for the first time, and nobody can open a message without handing its parts over.
 * @module
 */

/** Sealing and opening octets with WebCrypto alone. */
export interface WebBase {
  /** Signs and encrypts once. */
  seal(): Promise<void>;
  /** Decrypts and verifies once. */
  open(): Promise<void>;
}

type Octets = Uint8Array<ArrayBuffer>;
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

  async function hkdf(ikm: ArrayBuffer | Octets, salt: Octets): Promise<ArrayBuffer> {
    const key = await subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
    return subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: INFO }, key, 256);
  }

  async function agreed(publicKey: Key, privateKey: Key, ukm: Octets, usage: 'wrapKey' | 'unwrapKey'): Promise<Key> {
    const shared = await subtle.deriveBits({ name: 'X25519', public: publicKey }, privateKey, 256);
    return subtle.importKey('raw', await hkdf(shared, ukm), 'AES-KW', false, [usage]);
  }

  /** The parts of an object, the ciphertext last: it alone has no length of its own. */
  async function sealed(): Promise<(Octets | ArrayBuffer)[]> {
    const [signedAttrs, aad, ukm] = [SIGNED_ATTRS.slice(), AAD.slice(), UKM.slice()];
    await subtle.digest('SHA-512', content);
    const signature = await subtle.sign('Ed25519', signer.privateKey, signedAttrs);
    const ephemeral = (await subtle.generateKey('X25519', true, ['deriveBits'])) as Pair;
    const originator = await subtle.exportKey('raw', ephemeral.publicKey);
    const cek = crypto.getRandomValues(new Uint8Array(32));
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const kek = await agreed(recipient.publicKey, ephemeral.privateKey, ukm, 'wrapKey');
    // A key to be wrapped must be one that may leave; its algorithm does not matter.
    const wrappable = await subtle.importKey('raw', cek, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
    const wrapped = await subtle.wrapKey('raw', wrappable, kek, 'AES-KW');
    await hkdf(cek, NO_SALT);
    const key = await subtle.importKey('raw', await hkdf(cek, NO_SALT), 'AES-GCM', false, ['encrypt']);
    const ciphertext = await subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, key, content);
    return [originator, ukm, wrapped, nonce, aad, signature, signedAttrs, ciphertext];
  }

  const received = new Uint8Array(await new Blob(await sealed()).arrayBuffer());
  return {
    seal: async () => void (await sealed()),
    async open() {
      let end = 0;
      const next = (length: number) => received.subarray(end, (end += length));
      const [originator, ukm, wrapped, nonce] = [next(32), next(UKM.length), next(40), next(12)];
      const [aad, signature, signedAttrs] = [next(AAD.length), next(64), next(SIGNED_ATTRS.length)];
      const ciphertext = received.subarray(end);
      const ephemeral = await subtle.importKey('raw', originator, 'X25519', false, []);
      const kek = await agreed(ephemeral, recipient.privateKey, ukm, 'unwrapKey');
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const unwrapped = await subtle.unwrapKey('raw', wrapped, kek, 'AES-KW', algorithm, true, ['sign']);
      const cek = await subtle.exportKey('raw', unwrapped);
      await hkdf(cek, NO_SALT);
      const key = await subtle.importKey('raw', await hkdf(cek, NO_SALT), 'AES-GCM', false, ['decrypt']);
      const parameters = { name: 'AES-GCM', iv: nonce, additionalData: aad };
      const plaintext = await subtle.decrypt(parameters, key, ciphertext);
      await subtle.digest('SHA-512', plaintext);
      if (!(await subtle.verify('Ed25519', signer.publicKey, signature, signedAttrs)))
        throw new Error('base does not verify');
    },
  };
}

type SubtleCrypto = typeof crypto.subtle;
