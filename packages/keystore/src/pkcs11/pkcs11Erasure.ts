/**
 * The erasure key under a key in a token, which the token can forget as no disk can. For each erasure key the token makes a
 * P-256 key of its own, `stanzaseal erasure STORE NUMBER`; the erasure key lies in the file `erasure-token` under the shared
 * secret of that key and a point whose logarithm nobody knows. With the token's key destroyed, the file is noise, also to
 * the owner of the passphrase, and on media that keep every block.
 *
 * ```
 *   0   8  number of the key      73  12  nonce              117  16  tag
 *   8  65  point                  85  32  ciphertext         133   -  zeros, up to 4096; then the other slot
 * ```
 * @module
 */
import { concat, drawOctets, generatePrivateKey, isAcceptablePublicKey, toHex, toUtf8 } from '@stanzaseal/cms';
import {
  type ErasureKey,
  type ErasureKeyPlace,
  type ErasurePlace,
  type ErasureStore,
  numberOctets,
} from '../erasureKey.js';
import { openIfThere } from '../storeFiles.js';
import type { CryptokiHandle } from './cryptoki.js';
import type { Pkcs11Session, Pkcs11Token } from './pkcs11Token.js';
import { generateKeyPair, listPrivateKeys } from './tokenObjects.js';
import { deriveRaw } from './tokenOperations.js';

/** Name of the file. */
const FILE = 'erasure-token';
const SLOT_LENGTH = 4096;
const SEALED_LENGTH = 133;

/**
 * Erasure keys in a token: one that can make and destroy P-256 keys while it is in use, which takes it two keys a store.
 * @example
 * const storage = await createFileStorage({ directory, secret, erasure: pkcs11Erasure(token), random, crypto });
 */
export function pkcs11Erasure(token: Pkcs11Token): ErasurePlace {
  return Object.freeze({ kind: 'pkcs11' as const, of: (store: ErasureStore) => placeOf(token, store) });
}

function placeOf(token: Pkcs11Token, store: ErasureStore): ErasureKeyPlace {
  const { files, random, crypto, salt, slotKey } = store;
  const prefix = `stanzaseal erasure ${toHex(salt.subarray(0, 8))} `;

  const sealingKey = async (session: Pkcs11Session, key: CryptokiHandle, number: Uint8Array, point: Uint8Array) => {
    const shared = await deriveRaw(session, key, point);
    const info = concat(toUtf8('stanzaseal/store/2 erasure-token'), number, point);
    return crypto.hkdfSha256(concat(shared, slotKey), salt, info, 32); // the token alone opens no more than the passphrase alone
  };

  async function openSlot(octets: Uint8Array): Promise<ErasureKey | undefined> {
    const [number, point, nonce] = [octets.subarray(0, 8), octets.slice(8, 73), octets.subarray(73, 85)];
    if (octets.length !== SEALED_LENGTH || !isAcceptablePublicKey('P-256', point)) return undefined;
    const sequence = Number(new DataView(octets.buffer, octets.byteOffset).getBigUint64(0));
    const sealing = await token.use(async (session) => {
      const found = listPrivateKeys(session).find(({ label }) => label === `${prefix}${sequence}`);
      return found === undefined ? undefined : sealingKey(session, found.key, number, point);
    });
    if (sealing === undefined) return undefined;
    try {
      const [ciphertext, tag] = [octets.subarray(85, 117), octets.subarray(117)];
      return { sequence, key: await crypto.decryptAesGcm(sealing, nonce, number, ciphertext, tag) };
    } catch {
      return undefined; // torn in writing
    }
  }

  /** Destroys the store's keys in the token that `dies` tells, by their numbers. */
  const destroy = (session: Pkcs11Session, dies: (sequence: string) => boolean): void => {
    for (const { label, key } of listPrivateKeys(session)) {
      const dead = label.startsWith(prefix) && dies(label.slice(prefix.length));
      if (dead) session.cryptoki.C_DestroyObject(session.handle, key);
    }
  };

  return Object.freeze({
    async read() {
      const file = await openIfThere(files, FILE, 'read');
      if (file === undefined) return [];
      try {
        const keys: ErasureKey[] = [];
        for (const slot of [0, 1]) {
          const key = await openSlot(await file.read(slot * SLOT_LENGTH, SEALED_LENGTH));
          if (key !== undefined && key.sequence % 2 === slot) keys.push(key);
        }
        return keys;
      } finally {
        await file.close();
      }
    },
    async add({ sequence, key }: ErasureKey) {
      const number = numberOctets(sequence);
      const point = (await generatePrivateKey('P-256', random, crypto)).publicKey.raw;
      const sealing = await token.use(async (session) => {
        destroy(session, (other) => other === String(sequence)); // of an attempt that a crash cut short
        const wanted = { label: `${prefix}${sequence}`, use: 'derive', keepPublicKey: false, random } as const;
        const { privateKey } = await generateKeyPair(session, 'P-256', wanted);
        return sealingKey(session, privateKey, number, point);
      });
      const nonce = drawOctets(random, 12);
      const slot = new Uint8Array(SLOT_LENGTH);
      slot.set(concat(number, point, nonce, await crypto.encryptAesGcm(sealing, nonce, number, key)));
      const there = await openIfThere(files, FILE, 'change');
      const file = there ?? (await files.open(FILE, 'make'));
      try {
        await file.write((sequence % 2) * SLOT_LENGTH, slot);
        await file.sync();
      } finally {
        await file.close();
      }
      if (there === undefined) await files.syncDirectory();
    },
    keepOnly: (sequence: number) =>
      token.use(async (session) => destroy(session, (other) => other !== String(sequence))),
  });
}
