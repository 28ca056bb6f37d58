/**
 * Content in pieces: `encryptStream` and `decryptStream`, and AES-256-GCM by `node:crypto` on the same pieces. What comes out is
 * thrown away.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ID_DATA } from '@stanzaseal/cms';
import { inPieces, octetsFrom, type Spill, toReadable } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { decryptStream, encryptStream, GENERAL_POLICY } from '@stanzaseal/envelope/general';

const PIECE = 65536;

/** Both ways, by us and by the primitive alone. */
export interface StreamWork {
  encrypt(): Promise<void>;
  /** Encrypts, and decrypts what comes of it piece by piece. */
  both(): Promise<void>;
  baseEncrypt(): void;
  baseBoth(): void;
  /** Decrypting alone; keeps the whole object. */
  decrypting(): Promise<{ base(): void; run(): Promise<void> }>;
}

/** Work on so many octets under a shared key: public keys have rows of their own. */
export function streamWork(length: number): StreamWork {
  const crypto = createGeneralCrypto();
  // One piece of randomness many times over: a cipher does not mind.
  const piece = random(PIECE);
  const shared = { kind: 'kek', keyIdentifier: random(8), key: random(32) } as const;
  const [cipherKey, nonce] = [random(32), random(12)];
  const count = length / PIECE;

  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < count; i++) yield piece;
  }

  function encrypted(): ReadableStream<Uint8Array> {
    return encryptStream(toReadable(pieces()), {
      profile: 'general',
      recipients: [shared],
      contentType: ID_DATA,
      contentEncryption: 'AES-256-GCM',
      cekHkdf: false,
      contentLength: length,
      random,
      crypto,
    });
  }

  async function decrypt(object: ReadableStream<Uint8Array>): Promise<void> {
    const spill = countingSpill();
    const parameters = { profile: 'general', keys: [shared], policy: GENERAL_POLICY, crypto, spill } as const;
    if ((await decryptStream(object, parameters)).content !== length) throw new Error('not decrypted');
  }

  function baseEncrypt(use: (ciphertext: Buffer) => void = () => undefined): Buffer {
    const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 });
    for (let i = 0; i < count; i++) use(cipher.update(piece));
    cipher.final();
    return cipher.getAuthTag();
  }

  return {
    async encrypt() {
      let octets = 0;
      for await (const each of octetsFrom(encrypted())) octets += each.length;
      if (octets <= length) throw new Error('nothing encrypted');
    },
    both: () => decrypt(encrypted()),
    baseEncrypt: () => void baseEncrypt(),
    baseBoth() {
      const decipher = createDecipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 });
      decipher.setAuthTag(baseEncrypt((ciphertext) => void decipher.update(ciphertext)));
      decipher.final();
    },
    async decrypting() {
      const object: Uint8Array[] = [];
      for await (const each of inPieces(octetsFrom(encrypted()), PIECE)) object.push(Uint8Array.from(each));
      const ciphertext: Buffer[] = [];
      const tag = baseEncrypt((each) => ciphertext.push(each));
      return {
        base() {
          const decipher = createDecipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 });
          for (const each of ciphertext) decipher.update(each);
          decipher.setAuthTag(tag);
          decipher.final();
        },
        run: () => decrypt(toReadable(given(object))),
      };
    },
  };
}

async function* given(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** Gives the length of what was decrypted. */
function countingSpill(): Spill<number> {
  let count = 0;
  return {
    write(octets) {
      count += octets.length;
    },
    // Nothing was kept: with the attributes of id-data nothing is read.
    async *read() {
      yield* [];
    },
    commit: () => count,
    discard() {},
  };
}
