/**
 * AuthenticatedData (RFC 5652 §9): content that may be read by all, under a MAC that the recipients alone can check, or make.
 * @module
 */
import {
  type Attribute,
  contentTypeAttribute,
  drawOctets,
  equal,
  ID_CONTENT_TYPE,
  ID_MESSAGE_DIGEST,
  messageDigestAttribute,
  type RandomSource,
} from '@stanzaseal/cms';
import {
  digestAlgorithm,
  encodeGeneralAuthenticatedData,
  type GeneralCrypto,
  generalAttributes,
  hmacAlgorithm,
} from '@stanzaseal/cms/general';
import type { GeneralRecipient } from './parties.js';
import { prepareRecipients } from './wrapCek.js';

/** MACs that are written: HMAC (RFC 4231). */
export type MacName = 'HMAC-SHA-256' | 'HMAC-SHA-384' | 'HMAC-SHA-512';

/** What `authenticate` needs. */
export interface AuthenticateParameters {
  /** By the caller's word alone. */
  readonly profile: 'general';
  /** 1 to 512, none twice. */
  readonly recipients: readonly GeneralRecipient[];
  /** Content octets of the OBJECT IDENTIFIER that says what the content is. */
  readonly contentType: Uint8Array;
  /** The MAC; message-digest is made by the same hash. */
  readonly macAlgorithm: MacName;
  /** Authenticated attributes beside content-type and message-digest, which are always written. */
  readonly authAttrs?: readonly Attribute[];
  /** Drawn from in this order: what the recipients need (`prepareRecipients`), the MAC key (as long as the hash). */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: GeneralCrypto;
}

/**
 * Authenticates content for recipients: DER of a ContentInfo with the content in it.
 * @throws TypeError, RangeError as `encrypt` does
 * @example
 * const der = await authenticate(content, { profile: 'general', recipients, contentType: ID_DATA, macAlgorithm: 'HMAC-SHA-256',
 *   random, crypto });
 */
export async function authenticate(content: Uint8Array, parameters: AuthenticateParameters): Promise<Uint8Array> {
  const { recipients, contentType, macAlgorithm, authAttrs: more = [], random, crypto } = parameters;
  if (more.some(({ attrType }) => equal(attrType, ID_CONTENT_TYPE) || equal(attrType, ID_MESSAGE_DIGEST)))
    throw new RangeError('authAttrs have a content-type or a message-digest, which follow from the content');
  const hash = MACS[macAlgorithm];
  const keyLength = Number(hash.slice(-3)) / 8;
  const wrap = await prepareRecipients(recipients, keyLength, { random, crypto });
  const key = drawOctets(random, keyLength);
  const digest = await crypto.digest(hash, content);
  const authAttrs = generalAttributes([contentTypeAttribute(contentType), messageDigestAttribute(digest), ...more]);
  return encodeGeneralAuthenticatedData({
    recipientInfos: await wrap(key),
    macAlgorithm: hmacAlgorithm(hash),
    digestAlgorithm: digestAlgorithm(hash),
    eContentType: contentType,
    eContent: content,
    authAttrs,
    mac: await crypto.hmac(hash, key, authAttrs.der),
    unauthAttrs: undefined,
  });
}

const MACS = { 'HMAC-SHA-256': 'SHA-256', 'HMAC-SHA-384': 'SHA-384', 'HMAC-SHA-512': 'SHA-512' } as const;
