/**
 * What a peer does beside us: one text signed and encrypted to one or many, and the reverse, with its keys made beforehand.
 * @module
 */

/** A peer with its keys ready. What it does was seen to go both ways before it is timed. */
export interface Peer {
  /** What it is, with its release. */
  readonly name: string;
  /** What it does, where that is not the same job. */
  readonly note: string;
  /** Whether its arithmetic is native code of its own, so that it is aimed at and not held to. */
  readonly isNative: boolean;
  /** Signs and encrypts. */
  seal(): unknown;
  /** Decrypts, as the recipient that stands last, and verifies. */
  open(): unknown;
  /** Where it runs in another process: µs of the processor that one run took there. */
  time?(verb: 'seal' | 'open'): Promise<number>;
}

/** Makes a peer for a content and a number of recipients; `undefined` where it is not installed here. */
export type MakePeer = (content: Uint8Array, count: number) => Promise<Peer | undefined>;

/** Throws where what came back is not what went in. */
export function sameOctets(name: string, opened: Uint8Array, content: Uint8Array): void {
  if (Buffer.compare(opened, content) !== 0) throw new Error(`${name} does not go both ways`);
}
