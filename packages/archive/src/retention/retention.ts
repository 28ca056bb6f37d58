/**
 * Retention, legal hold and erasure.
 * @module
 */
import type { SigningKey } from '@stanzaseal/cms';
import { type Archive, coreOf } from '../archive.js';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { Owner } from '../keys/keyVault.js';
import { logRecord } from '../records/recordLog.js';
import { WRAPS } from '../rights/rightsTables.js';
import { carryOut, type Erased } from './carryOut.js';
import { Held, orderErasure } from './erasureOrder.js';
import { type Hold, type HoldScope, hold, holdsOf, lift } from './holds.js';
import { ERASURES, FOREVER, HOLDS, RULES } from './retentionTables.js';
import { normalRules, type RetentionRule, rulesOf, termsOf } from './rules.js';

/** What is to be shredded. */
export interface ShredScope {
  /** Bare JID of the account or room. */
  readonly owner: string;
  /** Received then or later, in ms since 1970: from the first on if absent. */
  readonly start?: number;
  /** Received then or earlier: to the last if absent. */
  readonly end?: number;
}

/** How far an erasure is: keys destroyed, of how many. */
export interface ErasureProgress {
  readonly done: number;
  readonly total: number;
}

/** What retention is opened with. */
export interface RetentionOptions {
  /** Signs records: Ed25519. */
  readonly recordKey: SigningKey;
}

/** Retention of an open archive. */
export interface Retention {
  /** Puts a legal hold on: nothing of it is erased until it is lifted. Gives its name. @throws ArchiveError `ERR_NOT_FOUND` */
  hold(scope: HoldScope, reason: string): Promise<number>;
  /** Lifts a hold; rules go on where they were. @throws ArchiveError `ERR_NOT_FOUND` */
  lift(hold: number, reason: string): Promise<void>;
  /** Holds in force. */
  holds(): Promise<Hold[]>;
  /** Puts rules in force, in place of those before, and logs them. @throws RangeError; StanzaError `ERR_ADDRESS` */
  setRules(rules: readonly RetentionRule[]): Promise<void>;
  /** Rules in force. */
  rules(): Promise<RetentionRule[]>;
  /** Erases what the rules no longer keep, but for what is held; a scheduler calls it, once a day. */
  applyRules(onProgress?: (progress: ErasureProgress) => void): Promise<Erased[]>;
  /**
   * Erases for good: the keys of the owner's months are destroyed, the log keeps the leaves, and proofs of it go on verifying. Order and completion
   * are signed records.
   * @throws ArchiveError `ERR_HOLD`, which is logged; `ERR_NOT_FOUND`
   */
  shred(scope: ShredScope, reason: string, onProgress?: (progress: ErasureProgress) => void): Promise<Erased[]>;
  /** Carries on erasures that were ordered and stopped: called at every start. */
  resume(onProgress?: (progress: ErasureProgress) => void): Promise<Erased[]>;
}

/**
 * Opens retention of an archive. Erasures that were stopped go on with `resume`.
 * @throws ArchiveError `ERR_STORE`
 * @example
 * const retention = await openRetention(archive, { recordKey });
 * await retention.resume();
 * await retention.setRules([{ days: 365 }, { owner: 'juliet@capulet.example', days: 30 }]);
 * await retention.applyRules();
 */
export async function openRetention(archive: Archive, { recordKey }: RetentionOptions): Promise<Retention> {
  const core = coreOf(archive);
  await core.content.createTables([HOLDS, RULES, ERASURES, WRAPS]);
  const nothing = (): void => undefined;
  return Object.freeze<Retention>({
    hold: (scope, reason) => hold(core, recordKey, scope, reason),
    lift: (name, reason) => lift(core, recordKey, name, reason),
    holds: () => holdsOf(core.content),
    setRules: async (rules) => {
      const text = JSON.stringify(normalRules(core, rules));
      await logRecord(core, recordKey, { act: 'rules', rules: text }, (rows) => rows.upsert(RULES, [[1, text]]));
    },
    rules: () => rulesOf(core.content),
    applyRules: async (onProgress = nothing) => {
      await orderByRules(core, recordKey);
      return carryOut(core, recordKey, onProgress);
    },
    shred: async (scope, reason, onProgress = nothing) => {
      await orderShredding(core, recordKey, scope, reason);
      return carryOut(core, recordKey, onProgress);
    },
    resume: (onProgress = nothing) => carryOut(core, recordKey, onProgress),
  });
}

async function orderShredding(
  core: ArchiveCore,
  recordKey: SigningKey,
  { owner: name, start = 0, end = FOREVER }: ShredScope,
  reason: string,
): Promise<void> {
  const jid = core.ownerName(name);
  if (jid === '') throw new RangeError('owner is empty');
  const owner = await core.vault.owner(jid);
  if (owner === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry');
  try {
    await orderErasure(core, recordKey, { owner, terms: [{ start, end }], start, end, reason, sparesHeld: false });
  } catch (error) {
    if (error instanceof Held)
      await logRecord(core, recordKey, { act: 'refusal', owner: jid, hold: error.hold.hold, reason });
    throw error;
  }
}

async function orderByRules(core: ArchiveCore, recordKey: SigningKey): Promise<void> {
  const rules = await rulesOf(core.content);
  const now = core.clock();
  for (const { jid } of await core.keys.rows("SELECT jid FROM owners WHERE jid <> '' ORDER BY owner")) {
    const owner = (await core.vault.owner(jid as string)) as Owner;
    const terms = termsOf(rules, owner, core, now);
    const end = Math.max(-1, ...terms.map((term) => term.end));
    if (end < 0) continue;
    await orderErasure(core, recordKey, { owner, terms, start: 0, end, reason: 'retention', sparesHeld: true });
  }
}
