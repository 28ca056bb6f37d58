/**
 * An object as data for tools: docs/cli/inspect.schema.json.
 * @module
 */
import type { GeneralNode } from '@stanzaseal/cms/general';
import type { Examined } from './examine.js';

/** A member of `objects`, for `JSON.stringify`. */
export function asJson(object: Examined): object {
  const { meanings, keyIdentifiers, protection, root, ...rest } = object;
  const parts = [...protection].map(([{ path = '', offset }, { by, message }]) => ({ path, offset, by, message }));
  const tree = (node: GeneralNode): object => {
    const [meaning, keyIdentifier] = [meanings.get(node), keyIdentifiers.get(node)];
    return {
      ...node,
      ...(meaning === undefined ? {} : { meaning }),
      ...(keyIdentifier === undefined ? {} : { keyIdentifier }),
      ...(node.children === undefined ? {} : { children: node.children.map(tree) }),
    };
  };
  return { ...rest, protection: parts.sort((a, b) => a.offset - b.offset), root: tree(root) };
}
