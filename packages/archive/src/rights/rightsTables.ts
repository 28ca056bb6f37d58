/**
 * Tables of reading rights: apart from the contents, which no wrap ever changes.
 * @module
 */
import type { Table } from '../engine/database.js';

/** Archive keys by the line that they belong to, 0 for the organisation's, else the number of an owner, and their epochs. */
export const ARCHIVE_KEYS: Table = {
  name: 'archive_keys',
  columns: {
    line: 'int',
    epoch: 'int',
    key: 'blob', // raw X25519
    organisation: 'text',
    escrowed: 'int', // up to which leaf index objects were looked through for wraps to this key
    root: 'blob?', // of the wraps, as it was logged last
  },
  key: ['line', 'epoch'],
};

/** One row a line and entry: the entry's key, wrapped. */
export const WRAPS: Table = {
  name: 'wraps',
  columns: {
    line: 'int',
    seq: 'int',
    epoch: 'int',
    state: 'int', // WRAP_STATES
    kek: 'int', // of the entry; `wrap` is encrypted under it
    wrap: 'blob', // nonce, ciphertext, tag of a KeyAgreeRecipientInfo
  },
  key: ['line', 'seq'],
  indexes: [['line', 'epoch', 'seq'], ['kek']],
};

/** Requests that were answered, by SHA-256 of the request: none is answered twice (K6). */
export const RELEASES: Table = { name: 'releases', columns: { request: 'blob', seq: 'int' }, key: ['request'] };

/** What is known of a wrap: nobody has unwrapped it yet, it holds the object's key, or it holds another one (K3). */
export const WRAP_STATES = ['unchecked', 'checked', 'mismatch'] as const;
/** What is known of a wrap. */
export type WrapState = (typeof WRAP_STATES)[number];

/** The organisation's line. */
export const ORGANISATION = 0;
