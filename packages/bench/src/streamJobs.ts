/**
 * Content in pieces: `encryptStream` and `decryptStream` beside AES-256-GCM by `node:crypto` on the same pieces.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ID_DATA, type RandomSource } from '@stanzaseal/cms';
import { type GeneralCrypto, inPieces, octetsFrom, type Spill, toReadable } from '@stanzaseal/cms/general';
import { decryptStream, encryptStream, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import type { Job } from './rounds.js';

const PIECE = 65536;

/** The jobs, the base first. */
export interface StreamJobs {
  readonly encrypt: readonly [Job, Job];
  readonly decrypt: readonly [Job, Job];
}

/**
 * Encrypting and decrypting content of a length in octets under a shared key, as public keys have rows of their own; what comes out is
 * thrown away.
 */
export async function createStreamJobs(
  crypto: GeneralCrypto,
  random: RandomSource,
  length: number,
): Promise<StreamJobs> {
  // One piece of randomness many times over: a cipher does not mind.
  const piece = random(PIECE);
  const content = Array.from({ length: length / PIECE }, () => piece);
  const shared = { kind: 'kek', keyIdentifier: random(8), key: random(32) } as const;
  const cipherKey = random(32);
  const nonce = random(12);
  const sealed = await gathered(encrypt());
  const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 });
  const ciphertext = content.map((each) => cipher.update(each));
  cipher.final();
  const tag = cipher.getAuthTag();

  function encrypt(): AsyncIterable<Uint8Array> {
    const stream = encryptStream(streamOf(content), {
      profile: 'general',
      recipients: [shared],
      contentType: ID_DATA,
      contentEncryption: 'AES-256-GCM',
      cekHkdf: false,
      contentLength: length,
      random,
      crypto,
    });
    return octetsFrom(stream);
  }

  const name = `streams, ${crypto.name}`;
  return {
    encrypt: [
      {
        name: 'base',
        run() {
          const raw = createCipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 });
          for (const each of content) raw.update(each);
          raw.final();
          return raw.getAuthTag();
        },
      },
      {
        name,
        async run() {
          let count = 0;
          for await (const each of encrypt()) count += each.length;
          if (count <= length) throw new Error('nothing encrypted');
        },
      },
    ],
    decrypt: [
      {
        name: 'base',
        run() {
          const raw = createDecipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: 16 });
          for (const each of ciphertext) raw.update(each);
          raw.setAuthTag(tag);
          raw.final();
        },
      },
      {
        name,
        async run() {
          const spill = countingSpill();
          const parameters = { profile: 'general', keys: [shared], policy: GENERAL_POLICY, crypto, spill } as const;
          if ((await decryptStream(streamOf(sealed), parameters)).content !== length) throw new Error('not decrypted');
        },
      },
    ],
  };
}

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return toReadable(
    (async function* () {
      yield* pieces;
    })(),
  );
}

/** The object in pieces as they come from a file. */
async function gathered(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const each of inPieces(source, PIECE)) pieces.push(Uint8Array.from(each));
  return pieces;
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
