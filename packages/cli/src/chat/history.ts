/**
 * What was said, in a file beside the key store: each line encrypted under a key that comes of the device key, so that it is closed when
 * the store is. It outlives the keys of the messages: what is kept here has no forward secrecy, and goes when the file does.
 * @module
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CryptoProvider,
  concat,
  fromBase64,
  fromUtf8,
  type RandomSource,
  toBase64,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import type { KeyStore, TrustLevel } from '@stanzaseal/keystore';
import { CliFailure } from '../failure.js';

/** Something said. */
export interface Said {
  /** The message's name: digits of device and message id; of a plain one, its id in the archive. */
  readonly name: string;
  /** When, in ms since 1970. */
  readonly at: number;
  /** Bare JID of the other side, or of the room. */
  readonly conversation: string;
  /** Who: bare JID. */
  readonly from: string;
  /** Whether nobody sealed it. */
  readonly plain: boolean;
  /** What was known of the sender's key when it came; absent of what was sent here, and of what nobody sealed. */
  readonly trust?: TrustLevel;
  /** What. */
  readonly text: string;
}

/** What was said. */
export interface History {
  /** All of it, in the order in which it came. */
  readonly said: readonly Said[];
  /** Keeps it, durable when this resolves; gives whether it was not there yet. */
  add(said: Said): Promise<boolean>;
  /** Closes the file. */
  close(): Promise<void>;
}

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Opens the history of a store, or begins one. A device that was made anew begins anew.
 * @throws CliFailure `ERR_UNSUPPORTED` where neither the device key nor its record gives octets, `ERR_CORRUPT`
 */
export async function openHistory(
  directory: string,
  store: KeyStore,
  { crypto, random }: { readonly crypto: CryptoProvider; readonly random: RandomSource },
): Promise<History> {
  const account = await store.get('account', 'self');
  // A device key in a token gives no octets, and signatures are no secrets.
  const secret = account?.localSecret ?? account?.deviceSecret;
  if (account === undefined || secret === undefined || secret.length === 0)
    throw new CliFailure('ERR_UNSUPPORTED', 'a store whose keys give no octets keeps no history');
  const key = await crypto.hkdfSha256(secret, new Uint8Array(), toUtf8('stanzaseal chat history'), 32);
  const file = await open(join(directory, `history-${toHex(account.device.subarray(0, 8))}`), 'a+', 0o600);
  try {
    const said = await readLines(file, key, crypto);
    const names = new Set(said.map(({ name }) => name));
    let last: Promise<unknown> = Promise.resolve();
    const write = async (each: Said): Promise<boolean> => {
      if (names.has(each.name)) return false;
      const nonce = random(NONCE_LENGTH);
      const sealed = await crypto.encryptAesGcm(key, nonce, place(said.length), toUtf8(JSON.stringify(each)));
      await file.appendFile(`${toBase64(concat(nonce, sealed))}\n`);
      await file.datasync();
      names.add(each.name);
      said.push(each);
      return true;
    };
    return {
      said,
      add(each) {
        const written = last.then(() => write(each));
        last = written.catch(() => undefined);
        return written;
      },
      async close() {
        await last;
        key.fill(0);
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A line that was begun when the process ended is cut off; any other that does not open is damage. */
async function readLines(file: FileHandle, key: Uint8Array, crypto: CryptoProvider): Promise<Said[]> {
  const text = await file.readFile('latin1');
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) await file.truncate(end);
  const said: Said[] = [];
  try {
    for (const line of text.slice(0, end).split('\n').slice(0, -1)) {
      const octets = fromBase64(line);
      const [nonce, tagAt] = [octets.subarray(0, NONCE_LENGTH), octets.length - TAG_LENGTH];
      const sealed = [octets.subarray(NONCE_LENGTH, tagAt), octets.subarray(tagAt)] as const;
      const opened = await crypto.decryptAesGcm(key, nonce, place(said.length), ...sealed);
      said.push(JSON.parse(fromUtf8(opened)));
    }
  } catch (cause) {
    throw new CliFailure('ERR_CORRUPT', `line ${said.length + 1} of the history is damaged`, { cause });
  }
  return said;
}

/** Bound to each line, so that none is moved, left out before others, or put in. */
function place(line: number): Uint8Array {
  return toUtf8(`${line}`);
}
