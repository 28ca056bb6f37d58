/**
 * UTCTime and GeneralizedTime as DER allows them (X.690 §11.7, §11.8; RFC 5652 §11.3): seconds present, `Z`, no fraction,
 * and a day that exists (F11).
 * @module
 */
import { derError } from './cmsError.js';

/** Time of `YYYYMMDDHHMMSSZ` in ms since 1970. @throws CmsError `ERR_DER` */
export function parseGeneralizedTime(octets: Uint8Array): number {
  if (octets.length !== 15) throw derError('time not in DER form');
  return parse(octets, digits(octets, 0, 4), 4);
}

/** Time of `YYMMDDHHMMSSZ` in ms since 1970; 50-99 stand for 1950-1999 (RFC 5280 §4.1.2.5.1). @throws CmsError `ERR_DER` */
export function parseUtcTime(octets: Uint8Array): number {
  if (octets.length !== 13) throw derError('time not in DER form');
  const year = digits(octets, 0, 2);
  return parse(octets, year < 50 ? 2000 + year : 1900 + year, 2);
}

/** Whether `Time` of ms since 1970 is written as UTCTime: from 1950 through 2049 (RFC 5652 §11.3). */
export function isUtcTime(ms: number): boolean {
  const year = new Date(ms).getUTCFullYear();
  return year >= 1950 && year < 2050;
}

function parse(octets: Uint8Array, year: number, at: number): number {
  const month = digits(octets, at, 2);
  const day = digits(octets, at + 2, 2);
  const hour = digits(octets, at + 4, 2);
  const minute = digits(octets, at + 6, 2);
  const second = digits(octets, at + 8, 2);
  if (octets[at + 10] !== 0x5a) throw derError('time not in DER form');
  // Years 0000 and 9999 mean "unknown" or "never" elsewhere; a time here is a time.
  if (year < 1 || year > 9998 || hour > 23 || minute > 59 || second > 59) throw derError('time that does not exist');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw derError('time that does not exist');
  return date.setUTCHours(hour, minute, second, 0);
}

function digits(octets: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (octets[i] as number) - 0x30;
    if (!(digit >= 0 && digit <= 9)) throw derError('time not in DER form');
    value = value * 10 + digit;
  }
  return value;
}
