/**
 * The tables (docs/decisions/0013-archive-layout.md says why they are so). Two databases: the contents, whose backups may live
 * for years, and the keys, whose backups live as long as an erasure may take.
 * @module
 */
import type { Table } from './engine/database.js';

/** One row an entry. It is never changed, but for its recipients being dropped and its being encrypted anew when a part of its month is erased. */
export const ENTRIES: Table = {
  name: 'entries',
  columns: {
    seq: 'int', // leaf index in the log: the order of commits, and of pages
    shard: 'int', // of the owner; PostgreSQL's partitions
    owner: 'int', // number of the owner: names are in the keys
    month: 'int', // of `time`, 12 * year + month from 0
    time: 'int', // receivedAt, ms since 1970
    clock: 'int', // greatest `time` of the owner up to here: grows with `seq`
    form: 'int', // ENTRY_KINDS of the evidence
    kind: 'int', // STANZA_KINDS; NO_STANZA
    type: 'text',
    peer: 'text', // bare JID of the other side, or its tag
    resource: 'text', // of the other side, or its tag; '' for none
    kek: 'int', // under which content and recipients are encrypted
    content: 'blob?', // nonce, ciphertext, tag of: salt1, meta, stanza without its RecipientInfos (what has none: salt1, salt2, meta, octets)
    recipients: 'blob?', // nonce, ciphertext, tag of: salt2, RecipientInfos
    content_hash: 'blob?', // H(salt1 || meta || object), once the content was erased
    recipients_hash: 'blob?', // H(salt2 || RecipientInfos), once they were dropped or erased
  },
  key: ['seq'],
  indexes: [
    ['owner', 'clock', 'seq'],
    ['owner', 'peer', 'seq'],
  ],
  partitioned: true,
};

/** What an owner's stanza is found by: a keyed tag (16 octets) of its stanza id, and one of what it is. */
export const NAMES: Table = {
  name: 'names',
  columns: { owner: 'int', tag: 'blob', seq: 'int', clock: 'int' },
  key: ['owner', 'tag'],
  clustered: true,
};

/** To which keys an object is sealed: 48 bits of a keyed tag of each rKeyId. */
export const RECIPIENT_KEYS: Table = {
  name: 'recipient_keys',
  columns: { tag: 'int', seq: 'int' },
  key: ['tag', 'seq'],
  clustered: true,
};

/** Why entries are in quarantine. */
export const QUARANTINE: Table = {
  name: 'quarantine',
  columns: { owner: 'int', seq: 'int', reason: 'text' },
  key: ['owner', 'seq'],
  clustered: true,
};

/** Where each owner's clock stands, and how much later than its time an entry of theirs came at most, in ms. */
export const OWNER_STATES: Table = {
  name: 'owner_states',
  columns: { owner: 'int', clock: 'int', lateness: 'int' },
  key: ['owner'],
};

/** Nodes of the Merkle log in tiles of up to 256: those of levels 0, 8, 16, … */
export const LOG_TILES: Table = {
  name: 'log_tiles',
  columns: { level: 'int', tile: 'int', hashes: 'blob' },
  key: ['level', 'tile'],
};

/** Signed checkpoints, by the size of the tree. */
export const CHECKPOINTS: Table = {
  name: 'checkpoints',
  columns: { size: 'int', time: 'int', note: 'text' },
  key: ['size'],
};

/** One row, number 1: entries in the log, how often keys were destroyed, and what was decided when the archive was made. */
export const STATE: Table = {
  name: 'state',
  columns: { number: 'int', size: 'int', erasures: 'int', version: 'int', archive: 'text', peers: 'text' },
  key: ['number'],
};

/** Tables of the contents. */
export const CONTENT_TABLES: readonly Table[] = [
  ENTRIES,
  NAMES,
  RECIPIENT_KEYS,
  QUARANTINE,
  OWNER_STATES,
  LOG_TILES,
  CHECKPOINTS,
  STATE,
];

/** Owners: their names, and the secret that their tags are made with. */
export const OWNERS: Table = {
  name: 'owners',
  columns: { owner: 'int', jid: 'text', secret: 'blob' },
  key: ['owner'],
  indexes: [['jid']],
};

/** KEK(owner, month): 32 octets. Of several for one month the newest encrypts; a destroyed one is not there. */
export const KEKS: Table = {
  name: 'keks',
  columns: { kek: 'int', owner: 'int', month: 'int', secret: 'blob' },
  key: ['kek'],
  indexes: [['owner', 'month']],
};

/** One row, number 1: which archive these keys are for, and the secret of tags that are of no owner. */
export const KEY_STATE: Table = {
  name: 'key_state',
  columns: { number: 'int', archive: 'text', secret: 'blob', next_kek: 'int', next_owner: 'int' },
  key: ['number'],
};

/** Tables of the keys. */
export const KEY_TABLES: readonly Table[] = [OWNERS, KEKS, KEY_STATE];

/** `kind` of what is no stanza. */
export const NO_STANZA = 3;

/** Version of the layout. */
export const LAYOUT_VERSION = 1;
