/**
 * What an archive sees of a stanza without any key. A pure function of octets: it may run anywhere.
 * @module
 */
import {
  BASE64,
  type CryptoProvider,
  chain,
  copyOctets,
  encodeDer,
  fromUtf8,
  type MaybePromise,
  type ObjectLimits,
} from '@stanzaseal/cms';
import { type ReadObject, readObjectAtOnce, recipientsOf } from '@stanzaseal/envelope';
import { XML_LIMITS, type XmlLimits } from '@stanzaseal/stanza';
import { cutInPlace } from '../evidence/recipientInfos.js';
import { contentDigest } from './contentDigest.js';
import type { Description, DescriptionInPlace, Peer, SealedInPlace } from './description.js';
import { because, Malformed, UNWRITABLE } from './malformed.js';
import { type OwnedStanza, receiveStanza, type SeenStanza, seeStanza } from './receivedStanza.js';
import { octetsOf } from './unicode.js';

/** What describing needs. */
export interface DescribeParameters {
  /** Bare JID, normalised, of the account or room in whose archive it goes. */
  readonly owner: string;
  /** Limits on the XML; `XML_LIMITS` if absent. */
  readonly xmlLimits?: XmlLimits;
  /** Limits on the object. */
  readonly objectLimits?: ObjectLimits;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/**
 * Describes a stanza by its octets or text: never a throw for what they hold. A carbon copy to the owner is the stanza that it carries.
 * @example
 * const description = await describeStanza(octets, { owner: 'juliet@capulet.example', crypto });
 */
export async function describeStanza(
  stanza: Uint8Array | string,
  parameters: DescribeParameters,
): Promise<Description> {
  const own = stanza instanceof Uint8Array ? copyOctets(stanza) : stanza; // what the caller does with theirs meanwhile is theirs (J6)
  const [described] = describeInStages([{ stanza: own, owner: parameters.owner }], parameters);
  const description = await (described as MaybePromise<DescriptionInPlace>);
  if (description.form !== 'sealed') return description;
  const { before, after } = description.shell;
  return {
    ...description,
    shell: { before: fromUtf8(before), after: fromUtf8(after) },
    object: encodeDer(description.object),
  };
}

/**
 * As `describeStanza` for many, by views of octets that nobody else writes to, and without promises where the provider computes at once. Each step is
 * done for all before the next: what one step needs of the processor's caches is there then, and all of them together are more than those hold. One
 * stanza after another takes a quarter longer.
 */
export function describeInStages(
  stanzas: readonly OwnedStanza[],
  { xmlLimits = XML_LIMITS, objectLimits, crypto }: Omit<DescribeParameters, 'owner'>,
): MaybePromise<DescriptionInPlace>[] {
  const received = stage(stanzas, (each) => receiveStanza(each, xmlLimits));
  const seen = stage(received, seeStanza);
  const ders = stage(seen, ({ sealed }) => sealed && decoded(sealed.base64, crypto));
  const objects = stage(ders, (der) => der && objectOf(der, crypto, objectLimits));
  const described = stage(objects, (object, i) => {
    const own = seen[i] as SeenStanza;
    return object === undefined
      ? plain(own, crypto)
      : chain(object, (read) => sealed(own, read, ders[i] as Uint8Array));
  });
  return described.map((description, i) => {
    const quarantined = (error: unknown) => quarantine((stanzas[i] as OwnedStanza).stanza, error, crypto);
    if (description instanceof Malformed) return quarantined(description);
    return description instanceof Promise ? description.catch(quarantined) : description;
  });
}

/** One step for all. What was malformed before stays so. */
function stage<T, U>(values: readonly (T | Malformed)[], step: (value: T, index: number) => U): (U | Malformed)[] {
  return values.map((value, i) => {
    if (value instanceof Malformed) return value;
    try {
      return step(value, i);
    } catch (error) {
      if (error instanceof Malformed) return error;
      throw error;
    }
  });
}

function plain(
  { octets, owner, root, kind, type, peer, from, to }: SeenStanza,
  crypto: CryptoProvider,
): MaybePromise<DescriptionInPlace> {
  const digest = because(UNWRITABLE, () => contentDigest(root, from?.bare ?? owner, to?.bare ?? owner, crypto));
  return chain(digest, (identity) => ({ form: 'plain', kind, type, peer, object: octets, identity }));
}

function sealed(
  { kind, type, peer, from, to, sealed }: SeenStanza,
  object: ReadObject,
  der: Uint8Array,
): SealedInPlace {
  const context = object.clearContext.value;
  if (kind !== context.kind || type !== context.type || !agree(context, type, from, to))
    throw new Malformed('a sealed object of another stanza');
  const { shell } = sealed as NonNullable<SeenStanza['sealed']>;
  const { object: cut, recipientInfos } = cutInPlace(der);
  const identity = object.data.afterRecipientInfos;
  const rKeyIds = recipientsOf(object);
  return { form: 'sealed', kind, type, peer, shell, identity, object: cut, recipientInfos, rKeyIds };
}

function quarantine(
  stanza: Uint8Array | string,
  error: unknown,
  crypto: CryptoProvider,
): MaybePromise<DescriptionInPlace> {
  if (!(error instanceof Malformed)) throw error;
  const object = octetsOf(stanza);
  return chain(crypto.sha256(object), (identity) => ({ form: 'quarantined', reason: error.message, object, identity }));
}

function objectOf(der: Uint8Array, crypto: CryptoProvider, limits: ObjectLimits | undefined): MaybePromise<ReadObject> {
  const refused = () => new Malformed('a sealed object of another structure');
  try {
    const object = readObjectAtOnce(der, limits === undefined ? { crypto } : { crypto, limits });
    return object instanceof Promise ? object.catch(() => Promise.reject(refused())) : object;
  } catch {
    throw refused();
  }
}

/** Canonical base64 (F13), by the provider where it has a reader of its own. */
function decoded(base64: string, crypto: CryptoProvider): Uint8Array {
  return because('a sealed object that is no canonical base64', () => (crypto.base64 ?? BASE64).decode(base64));
}

/** The addresses that were sealed are those of the stanza, or of the room that passed it on. */
function agree(
  signed: { readonly from: string; readonly to: string },
  type: string,
  from: Peer | undefined,
  to: Peer | undefined,
): boolean {
  if (type === 'groupchat' && from?.bare === signed.to) return true;
  return (from === undefined || from.bare === signed.from) && (to === undefined || to.bare === signed.to);
}
