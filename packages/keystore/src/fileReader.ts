/**
 * Reading a file from its beginning on, a mebibyte at a time.
 * @module
 */
import type { StoreFile } from './storeFiles.js';

const WINDOW = 2 ** 20;

/** Octets of a file of which no more is read than it had at first: a writer may be adding to it. */
export class FileReader {
  /** Its length at first. */
  readonly size: number;
  readonly #file: StoreFile;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  private constructor(file: StoreFile, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Reads a file as long as it is now. */
  static async of(file: StoreFile): Promise<FileReader> {
    return new FileReader(file, await file.size());
  }

  /** Octets at a position, fewer where the file ends; valid until the next call. */
  async octets(position: number, length: number): Promise<Uint8Array> {
    const end = Math.min(position + length, this.size);
    if (position < this.#start || end > this.#start + this.#window.length) {
      this.#start = position;
      const wanted = Math.min(Math.max(length, WINDOW), this.size - position);
      this.#window = await this.#file.read(position, Math.max(0, wanted));
    }
    return this.#window.subarray(position - this.#start, Math.max(position, end) - this.#start);
  }
}
