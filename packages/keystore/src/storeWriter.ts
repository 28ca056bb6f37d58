/**
 * Writing a key store file: records appended, each durable before anybody is told, or a new file put in the old one's place.
 * @module
 */
import { type CryptoProvider, drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import type { ErasureKey } from './erasureKey.js';
import type { CommitBatch, CommitWriter } from './journal.js';
import { RecordChain, TAG_LENGTH } from './recordChain.js';
import { encodeContent, type RecordContent } from './recordContent.js';
import { discard, forgetReplaced, keepAside, STORE_FILE } from './replacedFiles.js';
import { commitContent, type SealContext, snapshotContents } from './storeContents.js';
import type { StoreFile, StoreFiles } from './storeFiles.js';
import { encodeHead } from './storeHead.js';
import type { StoreKeys } from './storeKeys.js';
import type { StoreState } from './storeState.js';

/** Below this, in octets, a journal is not worth a new snapshot. */
const MIN_JOURNAL = 2 ** 20;

/** A file that is written: its handle, and the end of what is durable in it. */
interface Written {
  readonly file: StoreFile;
  readonly chain: RecordChain;
  readonly snapshotEnd: number;
  end: number;
}

/** The one writer of a key store file. */
export class StoreWriter implements CommitWriter {
  readonly #files: StoreFiles;
  readonly #random: RandomSource;
  readonly #crypto: CryptoProvider;
  #keys: StoreKeys;
  #written: Written | undefined;
  #inDoubt = false;
  #patience = MIN_JOURNAL;

  /** A writer that has no file yet, or goes on with one that was read. */
  constructor(
    context: { readonly files: StoreFiles; readonly random: RandomSource; readonly crypto: CryptoProvider },
    keys: StoreKeys,
    written?: Written,
  ) {
    this.#files = context.files;
    this.#random = context.random;
    this.#crypto = context.crypto;
    this.#keys = keys;
    this.#written = written;
  }

  /** Whether a power loss now might leave something else than what was acknowledged: then only `replace` will do. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /** Whether the journal outgrew the snapshot. */
  get isLong(): boolean {
    const { end = 0, snapshotEnd = 0 } = this.#written ?? {};
    return end - snapshotEnd > Math.max(this.#patience, snapshotEnd);
  }

  /** Adds a commit; resolves when it is durable. When it fails, what was written is cut off again, or is `inDoubt`. */
  async append(batch: CommitBatch): Promise<void> {
    if (this.#written === undefined) throw new TypeError('there is no file to append to');
    const { file, chain, end } = this.#written;
    const octets = encodeContent(await commitContent(batch, this.#context));
    const record = await chain.seal(octets, this.#random);
    octets.fill(0);
    try {
      await file.write(end, record);
      await file.sync();
    } catch (error) {
      await this.#cut().catch(() => {
        this.#inDoubt = true;
      });
      throw error;
    }
    chain.advance(record);
    this.#written.end = end + record.length;
  }

  /**
   * Makes a file beside the one there is, durable, and puts it in its place. Nothing is changed when it fails, unless it is
   * `inDoubt` then.
   */
  async replace(state: StoreState, epoch: number, key: ErasureKey, keys: StoreKeys = this.#keys): Promise<void> {
    const contents = snapshotContents(state, epoch, key, this.#context);
    const name = `${STORE_FILE}.${toHex(drawOctets(this.#random, 8))}`;
    const [beside, aside] = [`${name}.new`, `${name}.old`];
    let isTried = false;
    try {
      const next = await this.#writeBeside(beside, contents, keys);
      await keepAside(this.#files, aside);
      const before = this.#written;
      this.#inDoubt = true; // until the directory is durable, which of the two a power loss leaves is open
      this.#written = next;
      await before?.file.close(); // a file held open is not replaced on every system
      before?.chain.erase();
      isTried = true; // from here on either name may be the only one of a file: they are for `forget`
      await this.#files.rename(beside, STORE_FILE);
      await this.#files.syncDirectory();
      this.#inDoubt = false;
      this.#patience = MIN_JOURNAL;
      this.#keys = keys;
    } catch (error) {
      this.#patience = 2 * Math.max(this.#patience, this.#written?.end ?? 0); // not again at once: the disk may be full
      if (!isTried) {
        await this.#files.remove(aside).catch(() => undefined);
        await discard(this.#files, beside, this.#random).catch(() => undefined);
      }
      throw error;
    }
  }

  /** Makes the records of files that were replaced unreadable, where the medium overwrites in place. */
  forget(): Promise<void> {
    return forgetReplaced(this.#files, this.#random);
  }

  get #context(): SealContext {
    return { salt: this.#keys.head.salt, random: this.#random, crypto: this.#crypto };
  }

  /** Gives up the file and forgets its keys. */
  async close(): Promise<void> {
    this.#keys.erase();
    this.#written?.chain.erase();
    await this.#written?.file.close();
  }

  /** Makes the end of what is durable the end of the file. */
  async #cut(): Promise<void> {
    const { file, end } = this.#written as Written;
    await file.truncate(end);
    await file.sync();
  }

  async #writeBeside(name: string, contents: AsyncIterable<RecordContent>, keys: StoreKeys): Promise<Written> {
    const fileId = drawOctets(this.#random, 16);
    const head = encodeHead(keys.head, await keys.commitment(), fileId);
    const chain = new RecordChain(await keys.fileKey(fileId), this.#crypto, 0, head.subarray(-TAG_LENGTH));
    const file = await this.#files.open(name, 'make');
    try {
      await file.write(0, head);
      let end = head.length;
      for await (const content of contents) {
        const octets = encodeContent(content);
        const record = await chain.seal(octets, this.#random);
        octets.fill(0);
        await file.write(end, record);
        chain.advance(record);
        end += record.length;
      }
      await file.sync();
      return { file, chain, snapshotEnd: end, end };
    } catch (error) {
      chain.erase();
      await file.close().catch(() => undefined);
      throw error;
    }
  }
}
