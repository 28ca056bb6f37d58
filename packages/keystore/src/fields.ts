/**
 * Kinds of record members: how each is copied, written as JSON and read back.
 * @module
 */
import { copyOctets, fromBase64, toBase64 } from '@stanzaseal/cms';
import { secretOctets } from './secret.js';

/** A kind of member. Every function throws TypeError for a value of another kind; callers give that its meaning. */
export interface Field<T> {
  /** A value that shares nothing changeable with the given one. */
  copy(value: T): T;
  /** The value as JSON. */
  toJson(value: T): unknown;
  /** The value of JSON. */
  fromJson(json: unknown): T;
}

/** A member that may be absent. */
export interface OptionalField<T> extends Field<T> {
  /** Tells it from one that must be there. */
  readonly optional: true;
}

/** A kind of record. */
export interface RecordField<R> extends Field<R> {
  /** A copy; members that are the very values of `previous`, itself such a copy, are shared with it. */
  copy(value: R, previous?: R): R;
}

/** The kinds of all members of a record: leaving one out, or naming one too many, does not compile. */
export type Fields<R> = {
  readonly [K in keyof R]-?: Pick<R, never> extends Pick<R, K> ? OptionalField<Exclude<R[K], undefined>> : Field<R[K]>;
};

/** Octets: `{"octets": base64}`, so that no text can be taken for octets nor octets for a text. */
export const octets: Field<Uint8Array> = octetField(copyOctets);

/** Secret octets, the same in JSON, which never print (E10). */
export const secret: Field<Uint8Array> = octetField(secretOctets);

/** A text. */
export const text: Field<string> = same((value) => typeof value === 'string');

/** A count, or a time in ms: an integer of 0 to 2^53 - 1. */
export const integer: Field<number> = same((value) => Number.isSafeInteger(value) && (value as number) >= 0);

/** A yes or no. */
export const flag: Field<boolean> = same((value) => typeof value === 'boolean');

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return same((value) => words.includes(value as T));
}

/** A list of values of a kind. */
export function listOf<T>(field: Field<T>): Field<readonly T[]> {
  return {
    copy: (value) => checked(value, Array.isArray(value)).map((item) => field.copy(item)),
    toJson: (value) => checked(value, Array.isArray(value)).map((item) => field.toJson(item)),
    fromJson: (json) => checked(json as readonly unknown[], Array.isArray(json)).map((item) => field.fromJson(item)),
  };
}

/** The same kind, but the member may be absent. */
export function optional<T>(field: Field<T>): OptionalField<T> {
  return { ...field, optional: true };
}

/** An object of named members, frozen where it is made here. */
export function record<R extends object>(fields: Fields<R>): RecordField<R> {
  const entries = Object.entries(fields as Record<string, Field<unknown> & { optional?: true }>).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const names = new Set(entries.map(([name]) => name));

  function convert(value: unknown, member: (field: Field<unknown>, value: unknown, name: string) => unknown): R {
    checked(value, typeof value === 'object' && value !== null && Object.keys(value).every((name) => names.has(name)));
    const converted: Record<string, unknown> = {};
    for (const [name, field] of entries) {
      const given = Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined;
      if (given === undefined) checked(value, field.optional === true);
      else converted[name] = member(field, given, name);
    }
    return Object.freeze(converted) as R;
  }

  return {
    // Long lists are so not copied with every change, and keys opened from a secret stay opened.
    copy: (value, previous) =>
      convert(value, (field, given, name) =>
        given === (previous as Record<string, unknown> | undefined)?.[name] ? given : field.copy(given),
      ),
    toJson: (value) => convert(value, (field, given) => field.toJson(given)),
    fromJson: (json) => convert(json, (field, given) => field.fromJson(given)),
  };
}

function octetField(copy: (value: Uint8Array) => Uint8Array): Field<Uint8Array> {
  return {
    copy: (value) => copy(checked(value, value instanceof Uint8Array)),
    toJson: (value) => ({ octets: toBase64(checked(value, value instanceof Uint8Array)) }),
    fromJson(json) {
      const members = Object.entries(checked(json as object, typeof json === 'object' && json !== null));
      const [name, base64] = members[0] ?? [];
      checked(json, members.length === 1 && name === 'octets' && typeof base64 === 'string');
      return copy(fromBase64(base64 as string));
    },
  };
}

function same<T>(fits: (value: unknown) => boolean): Field<T> {
  const pass = (value: unknown): T => checked(value as T, fits(value));
  return { copy: pass, toJson: pass, fromJson: pass };
}

function checked<T>(value: T, fits: boolean): T {
  if (!fits) throw new TypeError('record has a member of another kind, one too many, or lacks one');
  return value;
}
