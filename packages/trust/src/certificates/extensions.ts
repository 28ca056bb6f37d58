/**
 * Extensions that are understood here (RFC 5280 §4.2.1). One that is there and cannot be read is no extension that is not there: it
 * throws.
 * @module
 */
import { CmsError, DerReader, oidToText } from '@stanzaseal/cms';
import type { Certificate } from './certificate.js';
import { type GeneralName, readGeneralName, readGeneralNames } from './generalName.js';

const [KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS] = ['2.5.29.15', '2.5.29.17', '2.5.29.19'];
const [NAME_CONSTRAINTS, CERTIFICATE_POLICIES, EXTENDED_KEY_USAGE] = ['2.5.29.30', '2.5.29.32', '2.5.29.37'];
/** What may be critical. Policies are anybody's: as with RFC 5280's initial set anyPolicy and nothing required of them. */
const UNDERSTOOD = new Set([
  KEY_USAGE,
  SUBJECT_ALT_NAME,
  BASIC_CONSTRAINTS,
  NAME_CONSTRAINTS,
  CERTIFICATE_POLICIES,
  EXTENDED_KEY_USAGE,
]);
const TRUE = Uint8Array.of(0x01, 0x01, 0xff);
const MAX_PURPOSES = 64;
const MAX_SUBTREES = 1024;

/** Bits of KeyUsage (RFC 5280 §4.2.1.3), as they stand in its first octet. */
export const KEY_USE = { digitalSignature: 0x80, nonRepudiation: 0x40, keyCertSign: 0x04, cRLSign: 0x02 } as const;

/** Whether every critical extension is understood. */
export function areUnderstood({ extensions }: Pick<Certificate, 'extensions'>): boolean {
  return [...extensions].every(([name, { critical }]) => !critical || UNDERSTOOD.has(name));
}

/** Whether KeyUsage, where it is there, has one of the bits. @throws CmsError `ERR_DER` */
export function mayDo({ extensions }: Certificate, bits: number): boolean {
  const usage = extensions.get(KEY_USAGE as string);
  if (usage === undefined) return true;
  const reader = new DerReader(usage.value);
  // BIT STRING: the number of unused bits, then the bits.
  const octets = reader.primitive(0x03);
  reader.end();
  return ((octets[1] ?? 0) & bits) !== 0;
}

/** How many authorities may stand below this one: `undefined` where it is none (RFC 5280 §4.2.1.9). @throws CmsError `ERR_DER` */
export function authorityDepth({ extensions }: Certificate): number | undefined {
  const constraints = extensions.get(BASIC_CONSTRAINTS as string);
  if (constraints === undefined) return undefined;
  const reader = new DerReader(constraints.value);
  const fields = reader.sequence();
  reader.end();
  const isAuthority = fields.skipIf(TRUE);
  const depth = fields.atEnd ? Number.POSITIVE_INFINITY : fields.integer();
  fields.end();
  return isAuthority ? depth : undefined;
}

/** The purposes that a key is held to, dotted; `undefined` where it is held to none. @throws CmsError `ERR_DER` */
export function purposesOf({ extensions }: Certificate): readonly string[] | undefined {
  const purposes = extensions.get(EXTENDED_KEY_USAGE as string);
  if (purposes === undefined) return undefined;
  const reader = new DerReader(purposes.value);
  const all = reader.sequenceOf((each) => oidToText(each.objectIdentifier()), MAX_PURPOSES);
  reader.end();
  return all;
}

/** The subject's other names. @throws CmsError `ERR_DER` */
export function alternativeNames({ extensions }: Certificate): readonly GeneralName[] {
  const names = extensions.get(SUBJECT_ALT_NAME as string);
  return names === undefined ? [] : readGeneralNames(names.value);
}

/** What names an authority may give: within one of `permitted`, for each form that it has, and within none of `excluded`. */
export interface NameConstraints {
  /** Where names must lie. */
  readonly permitted: readonly GeneralName[];
  /** Where no name may lie. */
  readonly excluded: readonly GeneralName[];
}

/** The constraints that an authority is under. @throws CmsError `ERR_DER`; `ERR_UNSUPPORTED` for minimum and maximum, which nobody uses */
export function nameConstraintsOf({ extensions }: Certificate): NameConstraints | undefined {
  const constraints = extensions.get(NAME_CONSTRAINTS as string);
  if (constraints === undefined) return undefined;
  const reader = new DerReader(constraints.value);
  const fields = reader.sequence();
  reader.end();
  const permitted = fields.tag === 0xa0 ? fields.sequenceOf(readSubtree, MAX_SUBTREES, 0xa0) : [];
  const excluded = fields.tag === 0xa1 ? fields.sequenceOf(readSubtree, MAX_SUBTREES, 0xa1) : [];
  fields.end();
  return { permitted, excluded };
}

function readSubtree(list: DerReader): GeneralName {
  const fields = list.sequence();
  const base = readGeneralName(fields);
  if (!fields.atEnd) throw new CmsError('ERR_UNSUPPORTED', 'name constraint with a distance');
  return base;
}
