/**
 * A small language for ASN.1 types: enough to name the parts of a value that was read, never to refuse one.
 * @module
 */

/** A type. */
export interface Shape {
  /** Name that is shown: `SignerInfo`; empty where it would say nothing. */
  readonly structure: string;
  /** Tags it stands under, as identifier octet without the constructed bit; empty for any. */
  readonly tags: readonly number[];
  /** Parts of a SEQUENCE, in their order. */
  readonly fields?: readonly Field[];
  /** What a SEQUENCE OF or SET OF holds. */
  readonly element?: () => Shape;
  /** Types of a CHOICE, each with the name it is shown by; empty name: none. */
  readonly alternatives?: () => readonly (readonly [name: string, shape: Shape])[];
  /** What an EXPLICIT tag is around; it has the same place in the structure as the tag. */
  readonly wraps?: Shape;
  /** What is encoded inside an OCTET STRING or BIT STRING. */
  readonly inside?: () => Shape;
  /** The field of the enclosing structure whose OBJECT IDENTIFIER decides the type. */
  readonly definedBy?: {
    readonly field: string;
    readonly table: () => ReadonlyMap<string, Shape>;
    readonly otherwise?: Shape;
  };
  /** Names of an ENUMERATED's numbers, from 0. */
  readonly names?: readonly string[];
  /** Part of a private key: its value is never shown. */
  readonly secret?: true;
}

/** A part of a SEQUENCE. */
export interface Field {
  /** Name as the specification prints it. */
  readonly name: string;
  /** Its type; under an IMPLICIT tag, the type with that tag in place of its own. */
  readonly shape: Shape;
  /** Tag of an EXPLICIT wrapper around it. */
  readonly explicit?: number;
  /** Whether it may be absent. */
  readonly optional: boolean;
}

/** Any value. */
export const ANY: Shape = { structure: '', tags: [] };
/** INTEGER. */
export const INTEGER: Shape = { structure: '', tags: [0x02] };
/** OBJECT IDENTIFIER. */
export const OID: Shape = { structure: '', tags: [0x06] };
/** OCTET STRING. */
export const OCTETS: Shape = { structure: '', tags: [0x04] };
/** BIT STRING. */
export const BITS: Shape = { structure: '', tags: [0x03] };
/** BOOLEAN. */
export const BOOLEAN: Shape = { structure: '', tags: [0x01] };
/** UTF8String. */
export const TEXT: Shape = { structure: '', tags: [0x0c] };
/** UTCTime or GeneralizedTime. */
export const TIME: Shape = { structure: '', tags: [0x17, 0x18] };

/** ENUMERATED with names for its numbers. */
export function enumerated(...names: string[]): Shape {
  return { structure: '', tags: [0x0a], names };
}

/** SEQUENCE of named parts. */
export function sequence(structure: string, ...fields: Field[]): Shape {
  return { structure, tags: [0x10], fields };
}

/** SEQUENCE OF. The type is given by a function so that types may name each other in any order. */
export function sequenceOf(element: () => Shape): Shape {
  return { structure: '', tags: [0x10], element };
}

/** SET OF. */
export function setOf(element: () => Shape): Shape {
  return { structure: '', tags: [0x11], element };
}

/** CHOICE. */
export function choice(alternatives: () => readonly (readonly [string, Shape])[]): Shape {
  return { structure: '', tags: [], alternatives };
}

/** ANY DEFINED BY a sibling, or by a sibling of the SET OF around it; `otherwise` where the table does not know it. */
export function definedBy(field: string, table: () => ReadonlyMap<string, Shape>, otherwise?: Shape): Shape {
  return { structure: '', tags: [], definedBy: { field, table, ...(otherwise === undefined ? {} : { otherwise }) } };
}

/** OCTET STRING or BIT STRING with a value encoded inside. */
export function containing(shape: Shape, inside: () => Shape): Shape {
  return { ...shape, inside };
}

/** A private key's part. */
export function secret(shape: Shape): Shape {
  return { ...shape, secret: true };
}

/** A part that must be there. */
export function field(name: string, shape: Shape): Field {
  return { name, shape, optional: false };
}

/** A part that may be absent. */
export function optional(name: string, shape: Shape): Field {
  return { name, shape, optional: true };
}

/** The type under an IMPLICIT context tag. */
export function implicit(number: number, shape: Shape): Shape {
  return { ...shape, tags: [0x80 | number] };
}

/** The part inside an EXPLICIT context tag. */
export function explicit(number: number, part: Field): Field {
  return { ...part, explicit: 0x80 | number };
}
