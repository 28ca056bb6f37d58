/**
 * Finding one's way in a tree of the general reader: parts by the names that the structures give them.
 * @module
 */
import { concat } from '@stanzaseal/cms';
import type { GeneralNode } from '@stanzaseal/cms/general';

/** The value that stands as a field of a structure; without the EXPLICIT tag around it. */
export function part(node: GeneralNode | undefined, name: string): GeneralNode | undefined {
  const found = outerPart(node, name);
  return found === undefined ? undefined : unwrapped(found);
}

/** The same with the EXPLICIT tag, where there is one. */
export function outerPart(node: GeneralNode | undefined, name: string): GeneralNode | undefined {
  if (node?.path === undefined) return undefined;
  const place = node.path === '' ? name : `${node.path}.${name}`;
  return node.children?.find(({ path }) => path === place || path?.startsWith(`${place}.`));
}

/** The parts of a SET OF or SEQUENCE OF. */
export function elements(node: GeneralNode | undefined): readonly GeneralNode[] {
  return node?.children ?? [];
}

/** Dotted form of an OBJECT IDENTIFIER. */
export function oidOf(node: GeneralNode | undefined): string | undefined {
  return node?.value?.kind === 'objectIdentifier' ? node.value.oid : undefined;
}

/** Name of an OBJECT IDENTIFIER, or its dotted form. */
export function oidName(node: GeneralNode | undefined): string {
  return node?.value?.kind === 'objectIdentifier' ? (node.value.name ?? node.value.oid) : 'unknown';
}

/** A small INTEGER. */
export function numberOf(node: GeneralNode | undefined): number | undefined {
  return node?.value?.kind === 'integer' && node.value.decimal !== undefined ? Number(node.value.decimal) : undefined;
}

/** One attribute of a SET OF Attribute. */
export interface Attribute {
  /** Dotted form of its type. */
  readonly oid: string;
  /** Name of its type, or the dotted form. */
  readonly name: string;
  /** The whole attribute. */
  readonly node: GeneralNode;
  /** Its values. */
  readonly values: readonly GeneralNode[];
}

/** The attributes of a set. */
export function attributesOf(set: GeneralNode | undefined): Attribute[] {
  return elements(set).flatMap((node) => {
    const type = part(node, 'attrType');
    const oid = oidOf(type);
    if (oid === undefined) return [];
    return [{ oid, name: oidName(type), node, values: elements(part(node, 'attrValues')) }];
  });
}

/** The whole value on the wire, header included. */
export function wireOctets(node: GeneralNode, input: Uint8Array): Uint8Array {
  const end = node.offset + node.headerLength + node.contentLength + (node.indefinite ? 2 : 0);
  return input.subarray(node.offset, end);
}

/** Octets of a string, which BER may have cut into chunks. */
export function stringOctets(node: GeneralNode, input: Uint8Array): Uint8Array {
  return node.constructed ? concat(...chunksOf(node, input)) : wireContent(node, input);
}

/** Length of a string in octets, chunks put together. */
export function stringLength(node: GeneralNode): number {
  return node.constructed ? elements(node).reduce((sum, chunk) => sum + stringLength(chunk), 0) : node.contentLength;
}

/** An EXPLICIT tag has the place of what it is around, and no name of its own; alternatives of a CHOICE add a step. */
function unwrapped(node: GeneralNode): GeneralNode {
  const [child, ...more] = node.children ?? [];
  if (node.tagClass !== 'context' || !node.constructed || node.structure !== undefined) return node;
  if (child?.path === undefined || more.length > 0) return node;
  return child.path === node.path || child.path.startsWith(`${node.path}.`) ? child : node;
}

function chunksOf(node: GeneralNode, input: Uint8Array): Uint8Array[] {
  if (node.constructed) return elements(node).flatMap((chunk) => chunksOf(chunk, input));
  return [wireContent(node, input)];
}

function wireContent({ offset, headerLength, contentLength }: GeneralNode, input: Uint8Array): Uint8Array {
  return input.subarray(offset + headerLength, offset + headerLength + contentLength);
}
