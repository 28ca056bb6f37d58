/**
 * What is worth a second look in an object: a closed list of codes, so that tools can act on them.
 * @module
 */
import type { GeneralNode } from '@stanzaseal/cms/general';

/** Stable names of warnings, for `--json`. */
export type WarningCode =
  // Encoding
  | 'ber'
  | 'boolean-value'
  | 'constructed-string'
  | 'indefinite-length'
  | 'non-minimal-integer'
  | 'non-minimal-length'
  | 'non-minimal-oid'
  | 'set-order'
  | 'time-form'
  | 'trailing-octets'
  // Algorithms
  | 'missing-parameters'
  | 'no-key-derivation'
  | 'rsa-v1.5'
  | 'small-key'
  | 'weak-cipher'
  | 'weak-cost'
  | 'weak-digest'
  | 'weak-signature'
  // Encrypted content
  | 'aead-without-tag'
  | 'no-authenticated-attributes'
  | 'no-authentication'
  | 'nonce-length'
  | 'not-an-aead'
  | 'tag-length'
  | 'tag-length-default'
  | 'tag-length-differs'
  // Attributes and what they say
  | 'attribute-values'
  | 'content-type-differs'
  | 'digest-differs'
  | 'duplicate-attribute'
  | 'id-data'
  | 'missing-attribute'
  | 'no-signed-attributes'
  | 'recipients-digest-differs'
  // Who and what else
  | 'certificates'
  | 'duplicate-recipient'
  | 'duplicate-signer'
  | 'no-recipients'
  | 'no-signers'
  | 'revocation-lists'
  | 'unauthenticated-attributes'
  | 'unprotected-attributes'
  | 'unsigned-attributes';

/** A warning. */
export interface Warning {
  /** Stable name. */
  readonly code: WarningCode;
  /** Place in the structure, or that of the nearest value around whose place is known. */
  readonly path: string;
  /** In octets from the start of the object. */
  readonly offset: number;
  /** A sentence without its full stop. */
  readonly message: string;
}

/** A hostile object has 50,000 reasons: of each kind so many are listed. */
const MOST_OF_A_KIND = 32;

/** Collects warnings, each kind up to a bound. */
export class Warnings {
  readonly #list: Warning[] = [];
  readonly #counts = new Map<WarningCode, number>();

  /** Adds one about a value. */
  add(code: WarningCode, { path = '', offset }: Pick<GeneralNode, 'path' | 'offset'>, message: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= MOST_OF_A_KIND) this.#list.push({ code, path, offset, message });
  }

  /** All of them in the order of their places; what was left out is counted in the last of its kind. */
  list(): Warning[] {
    const sorted = [...this.#list].sort((a, b) => a.offset - b.offset);
    for (const [code, count] of this.#counts) {
      if (count <= MOST_OF_A_KIND) continue;
      const last = sorted.findLastIndex((each) => each.code === code);
      const warning = sorted[last] as Warning;
      sorted[last] = { ...warning, message: `${warning.message}; and ${count - MOST_OF_A_KIND} more of this kind` };
    }
    return sorted;
  }
}
