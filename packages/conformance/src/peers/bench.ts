/**
 * What tests beyond the matrix stand on: the peers, ourselves, and short words for what came of a try.
 * @module
 */
import { Buffer } from 'node:buffer';
import { CASES, type Case, type Party } from './cases.js';
import type { OurSide } from './ourSide.js';
import { LETTER, type Parties } from './parties.js';
import { type Attempt, type Peer, type PeerColumn, peerOf } from './peer.js';
import type { Workshop } from './workshop.js';

/** Everything that a test needs. */
export interface Bench {
  /** Where the files are. */
  readonly workshop: Workshop;
  /** We. */
  readonly ours: OurSide;
  /** The peers that are here, and those that are not. */
  readonly columns: readonly PeerColumn[];
  /** The keys. */
  readonly parties: Parties;
}

/** What runs at the same time: more than cores, since a program also waits. */
const AT_ONCE = 3;

/** Does a job for each item, some at a time; the results keep the order of the items. */
export async function forEachOf<Item, Result>(
  items: readonly Item[],
  job: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      results[index] = await job(item, index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** One sentence that was put to the test. */
export interface Claim {
  /** What is claimed. */
  readonly sentence: string;
  /** Whether it held; `undefined` where it could not be tried. */
  readonly held: boolean | undefined;
  /** What was seen. */
  readonly seen: string;
  /** The commands that ran. */
  readonly commands: readonly string[];
}

/** What came of reading: `content` for the letter, `other content`, or `refused: ` with the reader's words. */
export type Seen = string;

/** What a reader did with a file. */
export interface Reading {
  /** The outcome. */
  readonly seen: Seen;
  /** The command. */
  readonly commands: readonly string[];
}

/** Claims about one matter, gathered while they are tried. */
export class Trial {
  /** Those tried so far. */
  readonly claims: Claim[] = [];
  /** Columns whose peers were asked for. */
  readonly columns: string[] = [];
  readonly #bench: Bench;

  /** A trial on a bench. */
  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** The peer of a column; where it is not here, a claim that was not tried takes its place. */
  peer(name: string, sentence: string): Peer | undefined {
    this.columns.push(name);
    const column = this.#bench.columns.find((each) => each.name === name);
    const found = column && peerOf(column);
    if (found === undefined) this.claims.push({ sentence, held: undefined, seen: `no ${name} here`, commands: [] });
    return found;
  }

  /** Claims that a reading is seen as expected. */
  expect(sentence: string, expected: RegExp, { seen, commands }: Reading): void {
    this.claims.push({ sentence, held: expected.test(seen), seen, commands });
  }

  /** Lets a peer write a file; a claim that failed where it does not. */
  async write(peer: Peer, words: readonly string[]): Promise<boolean> {
    const attempt = await peer.tell?.(words);
    if (attempt?.refusal === undefined) return attempt !== undefined;
    const sentence = `it writes the object: ${attempt.commands.join('; ')}`;
    this.claims.push({ sentence, held: false, seen: attempt.refusal, commands: attempt.commands });
    return false;
  }

  /** Lets our command line read: the words without `--out`. */
  async ours(...words: readonly string[]): Promise<Reading> {
    const { workshop, ours } = this.#bench;
    const content = workshop.fresh('ours');
    return seen(workshop, content, await ours.tell([...words, '--out', content]));
  }

  /** Lets a peer read: `words` are given the name of the file for the content. */
  async theirs(peer: Peer, words: (content: string) => readonly string[]): Promise<Reading> {
    const content = this.#bench.workshop.fresh('theirs');
    const attempt = await peer.tell?.(words(content));
    return seen(this.#bench.workshop, content, attempt ?? { commands: [], refusal: 'it cannot be told so' });
  }
}

/** Judges a reader's attempt by what is in the file for the content. */
export async function seen(workshop: Workshop, content: string, attempt: Attempt): Promise<Reading> {
  const { commands, refusal } = attempt;
  if (refusal !== undefined) return { seen: `refused: ${refusal}`, commands };
  const octets = await workshop.read(content);
  return { seen: octets !== undefined && Buffer.from(octets).equals(LETTER) ? 'content' : 'other content', commands };
}

/** An object of ours for a party, by AES-256-GCM. */
export async function ownObject({ workshop, ours }: Bench, party: Party, attributes: boolean): Promise<Uint8Array> {
  const test = CASES.find(
    (each) =>
      each.kind === 'encrypt' &&
      each.party === party &&
      each.attributes === attributes &&
      each.content === 'aes-256-gcm' &&
      !each.cekHkdf,
  ) as Case;
  const file = workshop.fresh('der');
  const { refusal } = await ours.write(test, file);
  const octets = await workshop.read(file);
  if (octets === undefined) throw new Error(`${test.name}: ${refusal}`);
  return octets;
}
