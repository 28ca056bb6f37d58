/**
 * Everything that is said about one object beside its tree: meanings, key identifiers, protection and warnings.
 * @module
 */
import {
  type BrokenObject,
  GENERAL_LIMITS,
  type GeneralNode,
  type GeneralObject,
  readBroken,
  readGeneral,
} from '@stanzaseal/cms/general';
import { addAlgorithmWarnings } from './algorithmWarnings.js';
import { addEncodingWarnings, addStrictness } from './encodingWarnings.js';
import { addEncryptedWarnings } from './encryptedWarnings.js';
import { keyIdentifiersOf } from './keyIdentifiers.js';
import { Look } from './look.js';
import { meaningsOf } from './meanings.js';
import { wireOctets } from './nodes.js';
import { type Protection, protectionOf } from './protection.js';
import { addSignedWarnings } from './signedWarnings.js';
import type { Warning } from './warnings.js';

/** One object, looked at. */
export interface Examined {
  /** Label of the PEM block it stood in. */
  readonly label?: string;
  /** Octets given, what follows the object included. */
  readonly length: number;
  /** Name of the outermost structure, where it is known. */
  readonly structure?: string;
  /** Whether the strict reader takes the octets, whole. */
  readonly isStrictDer: boolean;
  /** Octets that follow the object. */
  readonly trailingOctets: number;
  /** The outermost value. */
  readonly root: GeneralNode;
  /** Where the object breaks off or goes wrong, and why. */
  readonly broken?: Pick<BrokenObject, 'offset' | 'reason'>;
  /** What fields are for. */
  readonly meanings: ReadonlyMap<GeneralNode, string>;
  /** Identifiers of the keys in it. */
  readonly keyIdentifiers: ReadonlyMap<GeneralNode, string>;
  /** What its parts stand under. */
  readonly protection: ReadonlyMap<GeneralNode, Protection>;
  /** What is worth a second look, in the order of places. */
  readonly warnings: readonly Warning[];
}

/** An object that was read, whole or as far as it goes. */
export type Read = GeneralObject & { readonly broken?: Pick<BrokenObject, 'offset' | 'reason'> };

/**
 * Reads octets as far as they go; `undefined` where nothing of them looks like BER.
 * @throws CmsError `ERR_DER` for octets beyond the limits as a whole
 */
export function readAsFarAsItGoes(octets: Uint8Array): Read | undefined {
  let whole: GeneralObject;
  try {
    whole = readGeneral(octets, GENERAL_LIMITS);
  } catch {
    const { root, structure, offset, reason } = readBroken(octets, GENERAL_LIMITS);
    // Text begins like some value: "MIME" is one of 73 octets. Only what begins like a structure is shown.
    if (root === undefined || !isStructured(root)) return undefined;
    const named = structure === undefined ? {} : { structure };
    return { ...named, isStrictDer: false, trailingOctets: 0, root, broken: { offset, reason } };
  }
  // A known structure is none by chance. Of anything else, what follows says that it is not the object it seems to be.
  if (whole.structure !== undefined || whole.trailingOctets === 0) return whole;
  if (!isStructured(whole.root)) return undefined;
  const offset = octets.length - whole.trailingOctets;
  return { ...whole, broken: { offset, reason: 'octets follow a value of no known structure' } };
}

/** Says all there is to say about an object. */
export function examine(octets: Uint8Array, label: string | undefined, read: Read): Examined {
  const { root } = read;
  const look = new Look(octets);
  if (read.broken === undefined) {
    if (!read.isStrictDer) addStrictness(wireOctets(root, octets), look.warnings);
    const end = octets.length - read.trailingOctets;
    const message = `${read.trailingOctets} octets follow the object`;
    if (read.trailingOctets > 0) look.warnings.add('trailing-octets', { offset: end }, message);
  }
  addEncodingWarnings(root, octets, look.warnings);
  addAlgorithmWarnings(root, look.warnings);
  const visit = (node: GeneralNode): void => {
    addSignedWarnings(node, look);
    addEncryptedWarnings(node, look);
    for (const child of node.children ?? []) visit(child);
  };
  visit(root);
  return {
    ...(label === undefined ? {} : { label }),
    ...read,
    length: octets.length,
    meanings: meaningsOf(root),
    keyIdentifiers: keyIdentifiersOf(root, octets),
    protection: protectionOf(root),
    warnings: look.warnings.list(),
  };
}

function isStructured({ tagClass, tagNumber }: GeneralNode): boolean {
  return tagClass === 'universal' && (tagNumber === 16 || tagNumber === 17);
}
