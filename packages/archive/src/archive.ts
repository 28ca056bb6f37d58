/**
 * An archive as servers embed it.
 * @module
 */
import {
  type Clock,
  type CryptoProvider,
  copyOctets,
  type MaybePromise,
  OBJECT_LIMITS,
  type RandomSource,
  type SigningKey,
} from '@stanzaseal/cms';
import { NS, writeXml, XML_LIMITS, type XmlElement } from '@stanzaseal/stanza';
import { type ArchiveCore, type ArchiveEvent, type ArchiveLimits, ownerName } from './core.js';
import { prepareTables } from './createTables.js';
import { openDatabases } from './engine/openDatabases.js';
import { inOrder } from './inOrder.js';
import { KeyVault, type Owner } from './keys/keyVault.js';
import { Tags } from './keys/ownerTags.js';
import { Checkpointer, type StoredCheckpoint } from './log/checkpointer.js';
import type { EntrySource, PeerNames } from './log/composedEntry.js';
import { checkGrowth } from './log/growth.js';
import { type Placed, Sequencer } from './log/sequencer.js';
import { isUnicode } from './parse/unicode.js';
import { idOfLeaf } from './query/cursors.js';
import {
  type ArchiveMetadata,
  type QuarantinedEntry,
  type QuarantineQuery,
  readMetadata,
  readQuarantine,
} from './query/metadata.js';
import { type Page, type PageQuery, readPage } from './query/page.js';
import { type ArchiveProof, makeConsistencyProof, makeProof, type ProofQuery } from './query/proof.js';
import { readEntryAt } from './query/readEntries.js';
import { createComposer, type WorkerOptions } from './workers/composer.js';

/** What an archive is opened with. Time, randomness, primitives and the key are the caller's: there are no defaults. */
export interface ArchiveOptions {
  /** The log's name in checkpoints: without white space and plus, by custom a URL without scheme. */
  readonly origin: string;
  /** Signs checkpoints: Ed25519; several while one is being rotated. */
  readonly checkpointKey: SigningKey | readonly SigningKey[];
  /** Random octets. */
  readonly random: RandomSource;
  /** The present time. */
  readonly clock: Clock;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** What happens; it must not throw. */
  readonly onEvent: (event: ArchiveEvent) => void;
  /** Where owners' keys are, as a URL: beside the contents if absent. */
  readonly keys?: string;
  /** Whether the contents name peers, or keep keyed tags of them. Decided when the archive is made: `named` if absent. */
  readonly peers?: PeerNames;
  /**
   * A checkpoint of this log that was kept outside of it: the note. A log that did not grow from it is not opened: who put older contents back and
   * went on would sign another history of the same length, and be convicted of a fork by an honest mistake. Nobody's signature is looked at; the note is the caller's.
   */
  readonly grownFrom?: string;
  /** Whether it has to be there: where there is none, none is made, and nothing is left where it was looked for. It is made if absent. */
  readonly mustExist?: boolean;
  /** Threads that read, encrypt and hash stanzas: for ingest at a rate that one processor does not reach. None if absent. */
  readonly workers?: WorkerOptions;
  /** Other bounds than the usual ones. */
  readonly limits?: Partial<ArchiveLimits>;
}

/** What is said about a stanza that is put. */
export interface StanzaContext {
  /** Bare JID of the account or room in whose archive it goes. */
  readonly owner: string;
  /** When it was received, in ms since 1970. */
  readonly receivedAt: number;
  /** Its id in that archive (XEP-0359), by the owner's server: 1 to 1,023 characters. */
  readonly stanzaId: string;
}

/** A stanza to put: octets or text as received, or an element. */
export type StanzaInput = Uint8Array | string | XmlElement;

/** A stanza with what is said about it. */
export interface StanzaItem extends StanzaContext {
  readonly stanza: StanzaInput;
}

/** Given when an entry is durable. */
export interface Receipt {
  /** Its id: of a copy, that of the first. What is in quarantine has its place in the log as one: `#` and digits. */
  readonly id: string;
  /** Its place in the log. */
  readonly leafIndex: number;
  /** Its leaf: 32 octets. */
  readonly leafHash: Uint8Array;
  /** Number of leaves when it was durable. */
  readonly treeSize: number;
  /** Whether it was there before: a copy, a replay, or an attempt whose answer was lost. */
  readonly duplicate: boolean;
  /** Why it is in quarantine, if it is. */
  readonly quarantined: string | undefined;
}

/** An open archive. */
export interface Archive {
  /**
   * Keeps a stanza; resolves when it is durable. Copies of one stanza are one entry. What is no good stanza is kept in quarantine.
   * @throws ArchiveError `ERR_STORE`; RangeError for a context that makes no sense; StanzaError `ERR_ADDRESS` for an owner that is no JID
   */
  put(stanza: StanzaInput, context: StanzaContext): Promise<Receipt>;
  /** Keeps several in one go; all are durable when it resolves. Receipts are in the order of items. */
  putMany(items: readonly StanzaItem[]): Promise<Receipt[]>;
  /** Keeps what a source gives, and takes no more from it than a bounded number that are under way. Receipts are in the order of items. */
  ingest(items: AsyncIterable<StanzaItem> | Iterable<StanzaItem>): AsyncGenerator<Receipt, void, undefined>;
  /** A page of an owner's archive. @throws ArchiveError `ERR_NOT_FOUND` for an id that the owner does not have */
  page(query: PageQuery): Promise<Page>;
  /** Bare JIDs of those who ever had an entry, sorted. */
  owners(): Promise<string[]>;
  /** Where an owner's archive begins and ends. */
  metadata(owner: string): Promise<ArchiveMetadata>;
  /** What is in quarantine. */
  quarantine(query: QuarantineQuery): Promise<QuarantinedEntry[]>;
  /** The proof of an entry. @throws ArchiveError `ERR_NOT_FOUND`, `ERR_PROOF` */
  proofOf(query: ProofQuery): Promise<ArchiveProof>;
  /** A checkpoint of all that is durable now; `undefined` for an empty archive. */
  checkpoint(): Promise<StoredCheckpoint | undefined>;
  /** Checkpoints from a size of the log on, the oldest first; at most so many as a page has. */
  checkpoints(from?: number): Promise<StoredCheckpoint[]>;
  /** Proof that the log of `second` leaves begins with that of `first`: RFC 9162 §2.1.4.1. @throws RangeError for sizes that the log has not had */
  consistencyProof(first: number, second: number): Promise<Uint8Array[]>;
  /** Waits for what is under way, signs a last checkpoint and closes. */
  close(): Promise<void>;
}

const LIMITS: ArchiveLimits = {
  page: 250,
  batch: 256,
  queue: 1024,
  checkpointEntries: 1000,
  checkpointInterval: 1000,
  xml: XML_LIMITS,
  object: OBJECT_LIMITS,
};

/**
 * Opens an archive, which is made where there is none: `sqlite:FILE` or `postgres://…`.
 * @throws ArchiveError `ERR_STORE`; `ERR_NOT_FOUND` where it must exist and does not; `ERR_PROOF` where the log did not grow from `grownFrom`; RangeError for another URL
 * @example
 * const archive = await openArchive('sqlite:archive.db', { origin: 'capulet.example/archive', checkpointKey, random, clock: Date.now, crypto, onEvent });
 * const { leafIndex } = await archive.put(stanza, { owner: 'juliet@capulet.example', receivedAt: Date.now(), stanzaId });
 */
export async function openArchive(url: string, options: ArchiveOptions): Promise<Archive> {
  const { random, clock, crypto, origin, checkpointKey: key, onEvent } = options;
  const limits = { ...LIMITS, ...options.limits };
  const makes = options.mustExist !== true;
  const databases = await openDatabases(url, options.keys, { random, makes });
  const { content, keys } = databases;
  try {
    const { erasures, peers, secret } = await prepareTables(databases, options.peers, random, makes);
    if (options.grownFrom !== undefined) await checkGrowth(content, origin, options.grownFrom);
    await reportDurability(databases, onEvent);
    const vault = new KeyVault(keys, random);
    const archiveTags = new Tags(secret);
    const checkpointer: Checkpointer = new Checkpointer({
      content,
      write: (work) => sequencer.writeAlong(work),
      origin,
      key,
      clock,
      entries: limits.checkpointEntries,
      interval: limits.checkpointInterval,
      onCheckpoint: ({ size, note }) => onEvent({ type: 'checkpoint', size, note }),
      onFailure: (error) => onEvent({ type: 'checkpoint-failed', error }),
    });
    const composing = { archiveTags, peers, xmlLimits: limits.xml, objectLimits: limits.object, random, crypto };
    const composer = createComposer(options.workers, secret, composing);
    const sequencer: Sequencer = new Sequencer(
      content,
      { vault, compose: composer.compose },
      erasures,
      limits.batch,
      (size) => checkpointer.grown(size),
    );
    const parts = { content, keys, vault, archiveTags, sequencer, checkpointer, composer };
    return archiveOver({ ...parts, origin, peers, limits, random, clock, crypto, onEvent, ownerName });
  } catch (error) {
    await Promise.allSettled([content.close(), keys.close()]);
    throw error;
  }
}

/** An archive from within, for the parts of this package. @throws TypeError for what `openArchive` did not give */
export function coreOf(archive: Archive): ArchiveCore {
  const core = cores.get(archive);
  if (core === undefined) throw new TypeError('archive is none that was opened here');
  return core;
}

const cores = new WeakMap<Archive, ArchiveCore>();

function archiveOver(core: ArchiveCore): Archive {
  const { content, keys, sequencer, checkpointer, composer, limits } = core;
  const put = (stanza: StanzaInput, context: StanzaContext): Promise<Receipt> => {
    try {
      const source = sourceOf(stanza, context);
      return sequencer.append(source, (placed) => receiptOf(core, source, placed));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  const archive: Archive = {
    put,
    putMany: (items) => Promise.all(items.map((item) => put(item.stanza, item))),
    ingest: (items) => inOrder(items, (item) => put(item.stanza, item), limits.queue),
    page: (query) => readPage(core, query),
    owners: async () => {
      const stored = await keys.rows("SELECT jid FROM owners WHERE jid <> ''");
      return stored.map(({ jid }) => jid as string).sort();
    },
    metadata: (owner) => readMetadata(core, owner),
    quarantine: (query) => readQuarantine(core, query),
    proofOf: (query) => makeProof(core, query),
    checkpoint: () => checkpointer.make(),
    checkpoints: async (from = 0) => {
      const sql = 'SELECT size, time, note FROM checkpoints WHERE size >= $1 ORDER BY size LIMIT $2';
      return (await content.rows(sql, [from, limits.page])) as unknown as StoredCheckpoint[];
    },
    consistencyProof: (first, second) => makeConsistencyProof(core, first, second),
    close: async () => {
      await sequencer.settled();
      await checkpointer.make().finally(() => Promise.all([content.close(), keys.close(), composer.close()]));
    },
  };
  cores.set(archive, core);
  return Object.freeze(archive);
}

/** What is to be written of a stanza. @throws RangeError, TypeError; StanzaError `ERR_ADDRESS` for an owner that is no JID */
export function sourceOf(stanza: StanzaInput, { owner: name, receivedAt, stanzaId }: StanzaContext): EntrySource {
  if (!Number.isSafeInteger(receivedAt) || receivedAt < 0 || receivedAt > 8.64e15)
    throw new RangeError('receivedAt is no time in whole ms since 1970');
  if (typeof stanzaId !== 'string' || stanzaId === '' || stanzaId.length > 1023 || /^#\d*$/.test(stanzaId))
    throw new RangeError('stanzaId is not 1 to 1,023 characters that are other than # and digits');
  const owner = ownerName(name);
  if (owner === '') throw new RangeError('owner is empty');
  return { stanza: inputOf(stanza), owner, receivedAt, stanzaId };
}

/** A copy: what the caller does with theirs meanwhile is theirs (J6). */
function inputOf(stanza: StanzaInput): Uint8Array | string {
  if (stanza instanceof Uint8Array) return copyOctets(stanza);
  const text = typeof stanza === 'string' ? stanza : writeXml(stanza, { defaultNamespace: NS.CLIENT });
  if (!isUnicode(text)) throw new TypeError('stanza is a text that is no Unicode');
  return text;
}

function receiptOf(core: ArchiveCore, { owner, stanzaId }: EntrySource, placed: Placed): MaybePromise<Receipt> {
  const { leafIndex, leafHash, treeSize, duplicate, reason } = placed;
  if (reason !== undefined && !duplicate) core.onEvent({ type: 'quarantined', owner, leafIndex, reason });
  const receiptWith = (id: string) => ({ id, leafIndex, leafHash, treeSize, duplicate, quarantined: reason });
  if (reason !== undefined) return receiptWith(idOfLeaf(leafIndex));
  return duplicate ? firstId(core, owner, leafIndex).then(receiptWith) : receiptWith(stanzaId as string);
}

/** The id under which the first of several copies is kept. */
async function firstId(core: ArchiveCore, owner: string, leafIndex: number): Promise<string> {
  return core.content.snapshot(async (rows) => {
    const entry = await readEntryAt((await core.vault.owner(owner)) as Owner, leafIndex, rows, core);
    return entry === undefined || 'damage' in entry
      ? idOfLeaf(leafIndex)
      : (entry.meta?.stanzaId ?? idOfLeaf(leafIndex));
  });
}

async function reportDurability(
  { content, keys }: { content: ArchiveCore['content']; keys: ArchiveCore['keys'] },
  onEvent: ArchiveOptions['onEvent'],
): Promise<void> {
  for (const database of [content, keys]) {
    if (database.engine !== 'postgres') continue;
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
      const [row] = await database.rows(`SHOW ${setting}`);
      if (row?.[setting] === 'off') return onEvent({ type: 'not-durable', setting });
    }
  }
}
