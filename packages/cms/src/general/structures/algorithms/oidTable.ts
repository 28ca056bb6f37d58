/**
 * Names of algorithms and their OBJECT IDENTIFIERs, looked up either way; compared as octets (F6).
 * @module
 */
import { oid } from '../../../objectIdentifiers.js';
import { equal } from '../../../octets.js';
import { unsupportedAlgorithm } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';

/** A table of names with content octets of OBJECT IDENTIFIERs. */
export type OidTable<Name> = readonly (readonly [name: Name, oid: Uint8Array])[];

/** A table of names with OBJECT IDENTIFIERs in dotted form, of which `base` stands before each. */
export function oidTable<Name>(
  base: string,
  arcs: readonly (readonly [name: Name, arc: string | number])[],
): OidTable<Name> {
  return arcs.map(([name, arc]): [Name, Uint8Array] => [name, oid(`${base}.${arc}`)]);
}

/** The name of an algorithm, or `undefined` where the table does not have it. */
export function findName<Name>(table: OidTable<Name>, algorithm: GeneralAlgorithm): Name | undefined {
  return table.find(([, each]) => equal(each, algorithm.oid))?.[0];
}

/** The name of an algorithm at a place. @throws CmsError `ERR_UNSUPPORTED` where the table does not have it */
export function nameOf<Name>(table: OidTable<Name>, algorithm: GeneralAlgorithm, place: string): Name {
  const name = findName(table, algorithm);
  if (name === undefined) throw unsupportedAlgorithm(algorithm, place);
  return name;
}

/** The OBJECT IDENTIFIER of a name. @throws RangeError for one that the table does not have */
export function oidOf<Name>(table: OidTable<Name>, name: Name): Uint8Array {
  const found = table.find(([each]) => each === name)?.[1];
  if (found === undefined) throw new RangeError('algorithm has no object identifier here');
  return found;
}
