/**
 * Records whose private keys the storage keeps itself, as handles.
 * @module
 */
import type { AccountRecord, Change, PrekeyRecord } from './records.js';
import { NO_OCTETS } from './secret.js';

/** A change whose record has no octets of private keys: those of the device and of prekeys are empty, the identity key is held elsewhere. */
export function withoutSecrets<C extends Change>(change: C): C {
  const { table, record } = change as Change;
  if (record === undefined) return change;
  if (table === 'prekeys')
    return { ...change, record: Object.freeze({ ...(record as PrekeyRecord), secret: NO_OCTETS }) };
  if (table !== 'account') return change;
  const { identitySecret, localSecret: _, ...rest } = record as AccountRecord;
  const elsewhere = identitySecret === undefined ? {} : { identityElsewhere: true };
  return { ...change, record: Object.freeze({ ...rest, ...elsewhere, deviceSecret: NO_OCTETS }) };
}
