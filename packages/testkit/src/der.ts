/**
 * The bad peer's encoder: any BER or DER as a tree that can be changed in one place and written again, wrongly if wished.
 * It shares no code with the strict reader and writer that it is used against.
 * @module
 */

/** One value of a tree; every member may be changed. */
export interface BadPeerValue {
  /** Identifier octet. */
  tag: number;
  /** Content octets, or the values inside a constructed one. */
  content: Uint8Array | BadPeerValue[];
  /** How to write the length, where not as DER: the indefinite form, or a long form of so many length octets. */
  length?: 'indefinite' | number;
  /** Octets written behind this value. */
  trailing?: Uint8Array;
}

/** Parses octets that are DER. @throws RangeError for what is cut short */
export function parseBadPeer(der: Uint8Array): BadPeerValue {
  const [value, end] = parseAt(der, 0, der.length);
  if (end !== der.length) throw new RangeError('der has trailing octets');
  return value;
}

/** Writes a tree: as DER where no value asks for something else. */
export function writeBadPeer(value: BadPeerValue): Uint8Array {
  const content = value.content instanceof Uint8Array ? value.content : join(value.content.map(writeBadPeer));
  const trailing = value.trailing ?? new Uint8Array(0);
  if (value.length === 'indefinite')
    return join([Uint8Array.of(value.tag, 0x80), content, new Uint8Array(2), trailing]);
  return join([Uint8Array.of(value.tag), lengthOctets(content.length, value.length), content, trailing]);
}

/** The value at a path of indices: `at(root, 1, 0)` is the first value inside the second inside the root. */
export function at(root: BadPeerValue, ...path: readonly number[]): BadPeerValue {
  let value = root;
  for (const index of path) {
    const inside = childrenOf(value)[index < 0 ? childrenOf(value).length + index : index];
    if (inside === undefined) throw new RangeError(`path [${path}] leads nowhere`);
    value = inside;
  }
  return value;
}

/** The values inside a constructed value. @throws TypeError for a primitive one */
export function childrenOf(value: BadPeerValue): BadPeerValue[] {
  if (value.content instanceof Uint8Array) throw new TypeError('value is primitive');
  return value.content;
}

/** A value of content octets or of values inside. */
export function badPeerValue(tag: number, content: Uint8Array | BadPeerValue[]): BadPeerValue {
  return { tag, content };
}

/** DER with one thing changed: parses, lets `change` alter the tree, and writes it again. */
export function changed(der: Uint8Array, change: (root: BadPeerValue) => void): Uint8Array {
  const root = parseBadPeer(der);
  change(root);
  return writeBadPeer(root);
}

/** Paths of all values of a tree, the root's empty one first. */
export function pathsOf(root: BadPeerValue): number[][] {
  const below =
    root.content instanceof Uint8Array
      ? []
      : root.content.flatMap((child, i) => pathsOf(child).map((path) => [i, ...path]));
  return [[], ...below];
}

/** Every way to change one value of DER, each written anew, with the path of the value that was changed. */
export function changedEverywhere(
  der: Uint8Array,
  change: (value: BadPeerValue) => boolean,
): { readonly path: readonly number[]; readonly der: Uint8Array }[] {
  const mutants: { path: readonly number[]; der: Uint8Array }[] = [];
  for (const path of pathsOf(parseBadPeer(der))) {
    const root = parseBadPeer(der);
    if (change(at(root, ...path))) mutants.push({ path, der: writeBadPeer(root) });
  }
  return mutants;
}

/** Every way to change the values inside one constructed value: `change` gets them with the index of each in turn. */
export function changedInside(
  der: Uint8Array,
  change: (values: BadPeerValue[], index: number) => void,
): { readonly path: readonly number[]; readonly der: Uint8Array }[] {
  return pathsOf(parseBadPeer(der))
    .filter((path) => path.length > 0)
    .map((path) => {
      const root = parseBadPeer(der);
      change(childrenOf(at(root, ...path.slice(0, -1))), path.at(-1) as number);
      return { path, der: writeBadPeer(root) };
    });
}

function parseAt(octets: Uint8Array, start: number, limit: number): [value: BadPeerValue, end: number] {
  const tag = octets[start] as number;
  let begin = start + 2;
  let length = octets[start + 1] as number;
  if (length > 0x80) {
    const count = length & 0x7f;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (octets[begin++] as number);
  }
  const end = begin + length;
  if (!(end <= limit)) throw new RangeError('der is cut short');
  if ((tag & 0x20) === 0) return [{ tag, content: octets.slice(begin, end) }, end];
  const content: BadPeerValue[] = [];
  for (let next = begin; next < end; ) {
    const [child, after] = parseAt(octets, next, end);
    content.push(child);
    next = after;
  }
  return [{ tag, content }, end];
}

function lengthOctets(length: number, count?: number): Uint8Array {
  if (count === undefined && length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  while (octets.length < (count ?? 1)) octets.unshift(0);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
