/**
 * Identifiers of the public keys that stand in an object: SHA-256 of the DER SubjectPublicKeyInfo, which is how objects of ours,
 * fingerprints and `stanzaseal key id` name a key.
 * @module
 */
import { createHash } from 'node:crypto';
import { concat, decodeDerTree, fromHex, toHex } from '@stanzaseal/cms';
import type { GeneralNode } from '@stanzaseal/cms/general';
import { elements, part, wireOctets } from './nodes.js';

/** SubjectPublicKeyInfo of X25519 (RFC 8410 §4) up to the key: bundles hold prekeys as raw octets. */
const X25519_PREFIX = fromHex('302a300506032b656e032100');
const X25519_OCTETS = 32;

/** The identifiers, in lower-case hexadecimal, of every key whose DER stands in the tree. */
export function keyIdentifiersOf(root: GeneralNode, input: Uint8Array): Map<GeneralNode, string> {
  const found = new Map<GeneralNode, string>();
  const identify = (node: GeneralNode, der: Uint8Array): void => {
    found.set(node, toHex(createHash('sha256').update(der).digest()));
  };
  const visit = (node: GeneralNode): void => {
    if (node.structure === 'SubjectPublicKeyInfo' && node.incomplete === undefined) {
      const der = wireOctets(node, input);
      if (isDer(der)) identify(node, der);
    }
    if (node.structure === 'PrekeyBundle') {
      for (const key of [part(node, 'lastResort'), ...elements(part(node, 'oneTime'))]) {
        if (key === undefined || key.incomplete || key.constructed || key.contentLength !== X25519_OCTETS) continue;
        identify(key, concat(X25519_PREFIX, wireOctets(key, input).subarray(key.headerLength)));
      }
    }
    for (const child of node.children ?? []) visit(child);
  };
  visit(root);
  return found;
}

/** The same key in BER would have another digest, which is no identifier. */
function isDer(octets: Uint8Array): boolean {
  try {
    decodeDerTree(octets);
    return true;
  } catch {
    return false;
  }
}
