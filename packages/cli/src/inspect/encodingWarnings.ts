/**
 * Where octets are BER and not DER (X.690 §8, §10, §11), value by value: digests, signatures and tags are computed over DER.
 * @module
 */
import { compare, decodeDerTree } from '@stanzaseal/cms';
import { GENERAL_LIMITS, type GeneralNode } from '@stanzaseal/cms/general';
import { elements, stringOctets, wireOctets } from './nodes.js';
import type { Warnings } from './warnings.js';

/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET: all other universal values are primitive in DER (X.690 §10.2). */
const CONSTRUCTED: ReadonlySet<number> = new Set([8, 11, 16, 17]);
const STRING_FIELD = /(?:^|\.)(?:encryptedContent|subjectKeyIdentifier|ukm|mac)$/;
const SET_FIELD =
  /(?:^|\.)(?:signedAttrs|unsignedAttrs|authAttrs|unauthAttrs|unprotectedAttrs|certificates|crls|certs)$/;

/** Adds a warning for each value whose encoding DER does not allow. */
export function addEncodingWarnings(root: GeneralNode, input: Uint8Array, warnings: Warnings): void {
  const visit = (node: GeneralNode, around: string): void => {
    const place = { path: node.path ?? around, offset: node.offset };
    addOfValue(node, place, input, warnings);
    for (const child of node.children ?? []) visit(child, place.path);
  };
  visit(root, '');
}

/** Adds one warning where the octets are not strict DER: it says what the strict reader says. */
export function addStrictness(octets: Uint8Array, warnings: Warnings): void {
  try {
    decodeDerTree(octets, { octets: GENERAL_LIMITS.octets, depth: GENERAL_LIMITS.depth });
  } catch (thrown) {
    const { message } = thrown as Error;
    warnings.add('ber', { path: '', offset: 0 }, `not strict DER: ${message}; profiles that take DER alone refuse it`);
  }
}

function addOfValue(
  node: GeneralNode,
  place: { readonly path: string; readonly offset: number },
  input: Uint8Array,
  warnings: Warnings,
): void {
  if (node.indefinite) warnings.add('indefinite-length', place, 'length of the indefinite form (X.690 §8.1.3.6)');
  else if (node.incomplete === undefined && node.headerLength > shortestHeader(node)) {
    warnings.add('non-minimal-length', place, 'tag or length is longer than it need be (X.690 §10.1)');
  }
  if (node.constructed) addOfConstructed(node, place, input, warnings);
  else if (node.tagClass === 'universal' && node.incomplete === undefined) {
    addOfPrimitive(node, place, stringOctets(node, input), warnings);
  }
}

function addOfConstructed(
  node: GeneralNode,
  place: { readonly path: string; readonly offset: number },
  input: Uint8Array,
  warnings: Warnings,
): void {
  const universal = node.tagClass === 'universal';
  const chunked = universal
    ? !CONSTRUCTED.has(node.tagNumber)
    : STRING_FIELD.test(place.path) && elements(node).some((child) => child.path === undefined);
  if (chunked) warnings.add('constructed-string', place, 'a string is cut into chunks (X.690 §10.2)');
  const isSet = universal ? node.tagNumber === 17 : SET_FIELD.test(place.path);
  if (!isSet || node.incomplete === true) return;
  const inside = elements(node);
  const disordered = inside.findIndex(
    (child, i) => i > 0 && compare(wireOctets(inside[i - 1] as GeneralNode, input), wireOctets(child, input)) > 0,
  );
  if (disordered < 0) return;
  warnings.add('set-order', place, `members of a set are not in order, from member ${disordered} on (X.690 §11.6)`);
}

function addOfPrimitive(
  { tagNumber, value }: GeneralNode,
  place: { readonly path: string; readonly offset: number },
  content: Uint8Array,
  warnings: Warnings,
): void {
  const [first = 0, second = 0] = content;
  if (tagNumber === 1 && first !== 0x00 && first !== 0xff) {
    warnings.add('boolean-value', place, 'TRUE is not written as FF (X.690 §11.1)');
  }
  // The first nine bits of an INTEGER are never all alike (X.690 §8.3.2).
  const padded = content.length > 1 && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
  if ((tagNumber === 2 || tagNumber === 10) && (padded || content.length === 0)) {
    warnings.add('non-minimal-integer', place, 'a number is longer than it need be (X.690 §8.3.2)');
  }
  if (tagNumber === 6 && content.some((octet, i) => octet === 0x80 && (i === 0 || (content[i - 1] as number) < 0x80))) {
    warnings.add('non-minimal-oid', place, 'an arc is longer than it need be (X.690 §8.19.2)');
  }
  // What the general reader cannot put into ISO 8601 is not of the form that DER and RFC 5280 §4.1.2.5 ask for.
  if (value?.kind === 'time' && !/^\d{4}-.*Z$/.test(value.time)) {
    warnings.add('time-form', place, 'a time is not of the form that DER asks for (X.690 §11.7, §11.8)');
  }
}

function shortestHeader({ tagNumber, contentLength }: GeneralNode): number {
  let length = 2;
  if (tagNumber >= 31) for (let rest = tagNumber; rest > 0; rest = Math.floor(rest / 128)) length++;
  if (contentLength >= 128) for (let rest = contentLength; rest > 0; rest = Math.floor(rest / 256)) length++;
  return length;
}
