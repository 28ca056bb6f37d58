/**
 * Puts names on a tree that was read: it walks values and types side by side and stops naming where they part.
 * @module
 */
import { oidToText } from '../objectIdentifiers.js';
import type { BerNode, BerSource } from './berTree.js';
import type { GeneralNode, TagClass } from './generalNode.js';
import { ANY, type Field, type Shape } from './shape.js';
import { previewOf } from './value.js';

/** OBJECT IDENTIFIERs of a structure by the names of their fields: they decide types that stand beside them. */
type Siblings = ReadonlyMap<string, string>;

const NO_SIBLINGS: Siblings = new Map();
const CLASSES: Readonly<Record<number, TagClass>> = {
  0x00: 'universal',
  0x40: 'application',
  0x80: 'context',
  0xc0: 'private',
};
const UNIVERSAL: Readonly<Record<number, string>> = {
  1: 'BOOLEAN',
  2: 'INTEGER',
  3: 'BIT STRING',
  4: 'OCTET STRING',
  5: 'NULL',
  6: 'OBJECT IDENTIFIER',
  10: 'ENUMERATED',
  12: 'UTF8String',
  13: 'RELATIVE-OID',
  16: 'SEQUENCE',
  17: 'SET',
  18: 'NumericString',
  19: 'PrintableString',
  20: 'TeletexString',
  21: 'VideotexString',
  22: 'IA5String',
  23: 'UTCTime',
  24: 'GeneralizedTime',
  25: 'GraphicString',
  26: 'VisibleString',
  27: 'GeneralString',
  28: 'UniversalString',
  30: 'BMPString',
};

/**
 * The first of the types whose outline a value has, three levels deep; `ANY` where none has. Of a value that is not whole, what
 * is there decides; a version number alone says nothing.
 */
export function typeOf(root: BerNode, candidates: readonly Shape[]): Shape {
  const [first, second] = root.children;
  if (first === undefined || (second === undefined && root.incomplete === true && isUniversal(first, 2))) return ANY;
  return candidates.find((shape) => fits(root, shape, 3)) ?? ANY;
}

/** The tree of a value with the names of its type. `source` reads what is encoded inside strings, on its remaining budget. */
export function annotate(root: BerNode, shape: Shape, source: BerSource): GeneralNode {
  return annotated(root, shape, '', NO_SIBLINGS, 0, source);
}

function annotated(
  ber: BerNode,
  declared: Shape,
  declaredPath: string | undefined,
  siblings: Siblings,
  depth: number,
  source: BerSource,
): GeneralNode {
  const { shape, step } = resolve(ber, declared, siblings);
  const path = declaredPath === undefined ? undefined : declaredPath + step;
  const inside = ber.constructed
    ? childrenOf(ber, shape, path, siblings, depth, source)
    : encoded(ber, shape, path, siblings, depth, source);
  const tagClass = CLASSES[ber.tagClass] as TagClass;
  return {
    offset: ber.offset,
    headerLength: ber.headerLength,
    contentLength: ber.content.length,
    tagClass,
    tagNumber: ber.tagNumber,
    constructed: ber.constructed,
    indefinite: ber.indefinite,
    ...(ber.incomplete === undefined ? {} : { incomplete: ber.incomplete }),
    tag: tagName(ber, tagClass),
    ...(path === undefined ? {} : { path }),
    ...(shape.structure === '' ? {} : { structure: shape.structure }),
    ...(ber.constructed ? {} : { value: previewOf(ber, shape) }),
    ...(inside === undefined ? {} : { children: inside }),
  };
}

function childrenOf(
  ber: BerNode,
  shape: Shape,
  path: string | undefined,
  siblings: Siblings,
  depth: number,
  source: BerSource,
): GeneralNode[] {
  const { element, fields, wraps } = shape;
  if (wraps !== undefined)
    return ber.children.map((child) => annotated(child, wraps, path, siblings, depth + 1, source));
  if (element !== undefined && path !== undefined) {
    return ber.children.map((child, i) => annotated(child, element(), `${path}[${i}]`, siblings, depth + 1, source));
  }
  // A secret stays one in the chunks that BER may cut it into.
  const rest: Shape = shape.secret === undefined ? ANY : { ...ANY, secret: true };
  const named = fields === undefined || path === undefined ? [] : namesOf(ber, fields);
  const own = new Map<string, string>();
  return ber.children.map((child, i) => {
    const part = named[i];
    if (part === undefined) return annotated(child, rest, undefined, NO_SIBLINGS, depth + 1, source);
    if (isUniversal(child, 6)) own.set(part.name, oidToText(child.content.subarray(0, 128)));
    const place = path === '' ? part.name : `${path}.${part.name}`;
    const type = part.explicit === undefined ? part.shape : { ...ANY, wraps: part.shape };
    return annotated(child, type, place, own, depth + 1, source);
  });
}

/** What is encoded inside a string, where the structure says that something is; if it is not, the string is all there is. */
function encoded(
  ber: BerNode,
  shape: Shape,
  path: string | undefined,
  siblings: Siblings,
  depth: number,
  source: BerSource,
): GeneralNode[] | undefined {
  if (shape.inside === undefined || path === undefined) return undefined;
  const skipped = isUniversal(ber, 3) ? 1 : 0;
  const content = ber.content.subarray(skipped);
  const type = shape.inside();
  const known = type.definedBy === undefined ? type : lookUp(type, siblings);
  if (known === undefined) return undefined;
  try {
    const inner = source.read(content, ber.offset + ber.headerLength + skipped, depth + 1);
    const length = inner.headerLength + inner.content.length + (inner.indefinite ? 2 : 0);
    return length === content.length ? [annotated(inner, known, path, siblings, depth + 1, source)] : undefined;
  } catch {
    return undefined;
  }
}

/** Settles CHOICE and ANY DEFINED BY; a type that the value's tag contradicts names nothing. */
function resolve(ber: BerNode, shape: Shape, siblings: Siblings): { shape: Shape; step: string } {
  const type = shape.definedBy === undefined ? shape : (lookUp(shape, siblings) ?? ANY);
  const alternative = type.alternatives?.().find(([, each]) => matches(ber, each));
  if (alternative !== undefined) return { shape: alternative[1], step: `.${alternative[0]}` };
  return { shape: matches(ber, type) ? type : ANY, step: '' };
}

function lookUp(shape: Shape, siblings: Siblings): Shape | undefined {
  const { field, table, otherwise } = shape.definedBy as NonNullable<Shape['definedBy']>;
  return table().get(siblings.get(field) ?? '') ?? otherwise;
}

/** Which field each value of a SEQUENCE is; from the first that fits none on, `undefined`. */
function namesOf(ber: BerNode, fields: readonly Field[]): Field[] {
  const named: Field[] = [];
  for (const part of fields) {
    const child = ber.children[named.length];
    if (child === undefined) break;
    if (isPart(child, part)) named.push(part);
    else if (!part.optional) break;
  }
  return named;
}

function isPart(child: BerNode, part: Field): boolean {
  if (part.explicit === undefined) return matches(child, part.shape);
  const count = child.incomplete === true ? Math.max(child.children.length, 1) : child.children.length;
  return identifier(child) === part.explicit && child.constructed && count === 1;
}

function matches(ber: BerNode, shape: Shape): boolean {
  if (shape.alternatives !== undefined) return shape.alternatives().some(([, each]) => matches(ber, each));
  if ((shape.fields !== undefined || shape.element !== undefined) && !ber.constructed) return false;
  return shape.tags.length === 0 || shape.tags.includes(identifier(ber));
}

function fits(ber: BerNode, shape: Shape, depth: number): boolean {
  if (!matches(ber, shape)) return false;
  if (depth === 0 || shape.fields === undefined) return true;
  const named = namesOf(ber, shape.fields);
  if (named.length !== ber.children.length) return false;
  if (ber.incomplete === undefined && shape.fields.some((part) => !part.optional && !named.includes(part)))
    return false;
  return named.every(
    (part, i) => part.explicit !== undefined || fits(ber.children[i] as BerNode, part.shape, depth - 1),
  );
}

function identifier(ber: BerNode): number {
  return ber.tagNumber < 31 ? ber.tagClass | ber.tagNumber : -1;
}

function isUniversal(ber: BerNode, tagNumber: number): boolean {
  return ber.tagClass === 0 && ber.tagNumber === tagNumber && !ber.constructed;
}

function tagName({ tagNumber }: BerNode, tagClass: TagClass): string {
  if (tagClass === 'universal') return UNIVERSAL[tagNumber] ?? `[UNIVERSAL ${tagNumber}]`;
  return tagClass === 'context' ? `[${tagNumber}]` : `[${tagClass.toUpperCase()} ${tagNumber}]`;
}
