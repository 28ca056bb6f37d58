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

/** What an object consists of. */
interface Parts {
  readonly originator: Octets;
  readonly ukm: Octets;
  readonly wrapped: Octets;
  readonly nonce: Octets;
  readonly aad: Octets;
  readonly ciphertext: Octets;
  readonly signature: Octets;
  readonly signedAttrs: Octets;
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

  async function sealed(): Promise<Parts> {
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
    return {
      originator: new Uint8Array(originator),
      ukm,
      wrapped: new Uint8Array(wrapped),
      nonce,
      aad,
      ciphertext: new Uint8Array(ciphertext),
      signature: new Uint8Array(signature),
      signedAttrs,
    };
  }

  /** An object as it comes: its parts, one after another, and where each is. */
  const { parts, takeApart } = joined(await sealed());
  return {
    seal: async () => void (await sealed()),
    async open() {
      const { originator, ukm, wrapped, nonce, aad, ciphertext, signature, signedAttrs } = takeApart(parts);
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

function joined(sealed: Parts): { readonly parts: Octets; readonly takeApart: (parts: Octets) => Parts } {
  const names = Object.keys(sealed) as (keyof Parts)[];
  const ends: Record<string, readonly [from: number, to: number]> = {};
  let length = 0;
  for (const name of names) {
    ends[name] = [length, length + sealed[name].length];
    length += sealed[name].length;
  }
  const parts = new Uint8Array(length);
  for (const name of names) parts.set(sealed[name], ends[name]?.[0]);
  const part = (all: Octets, name: keyof Parts): Octets => {
    const [from, to] = ends[name] as readonly [number, number];
    return all.subarray(from, to);
  };
  return {
    parts,
    takeApart: (all) => ({
      originator: part(all, 'originator'),
      ukm: part(all, 'ukm'),
      wrapped: part(all, 'wrapped'),
      nonce: part(all, 'nonce'),
      aad: part(all, 'aad'),
      ciphertext: part(all, 'ciphertext'),
      signature: part(all, 'signature'),
      signedAttrs: part(all, 'signedAttrs'),
    }),
  };
}

type SubtleCrypto = typeof crypto.subtle;
