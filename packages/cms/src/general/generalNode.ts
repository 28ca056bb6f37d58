/**
 * What the general reader gives: any BER or DER as a tree of plain data, with names where the structure is known.
 * @module
 */

/** Bounds on what the general reader takes in. They are arguments without defaults; `GENERAL_LIMITS` is a sensible choice. */
export interface GeneralLimits {
  /** Greatest length of the whole input in octets. */
  readonly octets: number;
  /** Greatest depth of nesting, what stands inside octet strings included. */
  readonly depth: number;
  /** Greatest number of values in all, what stands inside octet strings included. */
  readonly nodes: number;
}

/** 64 MiB, 64 levels, 50,000 values: certificates, CRLs and messages of other software fit, and reading stays under a second. */
export const GENERAL_LIMITS: GeneralLimits = Object.freeze({ octets: 67108864, depth: 64, nodes: 50000 });

/** Any object, read. */
export interface GeneralObject {
  /** Name of the outermost structure where it is one of those known here: `ContentInfo`, `SubjectPublicKeyInfo`, ... */
  readonly structure?: string;
  /** Whether the strict reader of this package takes the octets, whole: no BER, no trailing octets, no odd types. */
  readonly isStrictDer: boolean;
  /** Octets that follow the value, normally 0. */
  readonly trailingOctets: number;
  /** The outermost value. */
  readonly root: GeneralNode;
}

/** Input that is not BER, or not all of it, as far as it goes. */
export interface BrokenObject {
  /** Name of the outermost structure, as far as what is there tells. */
  readonly structure?: string;
  /** The outermost value; absent where not even its header is whole. */
  readonly root?: GeneralNode;
  /** Where reading stopped, in octets from the start of the input. */
  readonly offset: number;
  /** Why, as a part of a sentence: `the input ends within a header`. */
  readonly reason: string;
}

/** Class of a tag (X.690 §8.1.2.2). */
export type TagClass = 'universal' | 'application' | 'context' | 'private';

/** One value of the tree. */
export interface GeneralNode {
  /** Where it begins, in octets from the start of the input. */
  readonly offset: number;
  /** Length of identifier and length octets. */
  readonly headerLength: number;
  /** Length of the content octets; for the indefinite form, without the end-of-contents octets. */
  readonly contentLength: number;
  /** Class of the tag. */
  readonly tagClass: TagClass;
  /** Number of the tag. */
  readonly tagNumber: number;
  /** Whether the content is values, by the tag's own word. */
  readonly constructed: boolean;
  /** Whether the length is of the indefinite form (BER alone). */
  readonly indefinite: boolean;
  /** Set where the value, or something in it, is not whole; `readBroken` alone gives such. */
  readonly incomplete?: true;
  /** The tag in the words of ASN.1: `SEQUENCE`, `OCTET STRING`, `[0]`. */
  readonly tag: string;
  /** Place in the structure from the root: `content.signerInfos[0].sid`; empty at the root, absent where it is not known. */
  readonly path?: string;
  /** Name of the structure that stands here, where it is known: `SignerInfo`. */
  readonly structure?: string;
  /** What a primitive value says; absent for constructed ones. */
  readonly value?: GeneralValue;
  /** The values inside: of a constructed value, or those encoded inside an octet or bit string where the structure says so. */
  readonly children?: readonly GeneralNode[];
}

/** A primitive value for people: bounded, and never a secret. */
export type GeneralValue =
  | { readonly kind: 'boolean'; readonly boolean: boolean }
  | { readonly kind: 'null' }
  /** Decimal up to 8 octets, else hexadecimal digits; `name` where the structure names the numbers. */
  | {
      readonly kind: 'integer';
      readonly decimal?: string;
      readonly hex: string;
      readonly truncated: boolean;
      readonly name?: string;
    }
  /** `oid` in dotted form; `name` where it is known here. */
  | { readonly kind: 'objectIdentifier'; readonly oid: string; readonly name?: string }
  /** A time in ISO 8601, or as it stands where it is not of the form RFC 5280 asks for. */
  | { readonly kind: 'time'; readonly time: string }
  /** A character string, cut at 256 characters. */
  | { readonly kind: 'text'; readonly text: string; readonly truncated: boolean }
  /** The first 64 octets; `text` where all of them are printable ASCII. */
  | { readonly kind: 'octets'; readonly hex: string; readonly truncated: boolean; readonly text?: string }
  /** Part of a private key: not shown. */
  | { readonly kind: 'secret' };
