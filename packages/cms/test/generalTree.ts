/** For tests of the general reader: a tree by its paths. */
import type { GeneralNode } from '../src/general/index.js';

/** The tree by its paths; a wrapper and what it wraps share one, of which the inner counts. */
export function byPath(root: GeneralNode): Map<string, GeneralNode> {
  const nodes = new Map<string, GeneralNode>();
  const walk = (node: GeneralNode): void => {
    if (node.path !== undefined) nodes.set(node.path, node);
    for (const child of node.children ?? []) walk(child);
  };
  walk(root);
  return nodes;
}
