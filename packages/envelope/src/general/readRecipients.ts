/**
 * Who an object is for: what anybody can read of it.
 * @module
 */
import {
  type GeneralLimits,
  type GeneralRecipientInfo,
  type KeyName,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { entriesOf, type RecipientEntry } from './recipientEntry.js';
import { refusalOf } from './refusal.js';

/** A recipient as it stands in an object; nothing of it is authentic. */
export interface RecipientDescription {
  /** Kind of its RecipientInfo. */
  readonly kind: GeneralRecipientInfo['kind'];
  /** Its name; `undefined` for a password and for what is not known here. A KEK's is a `subjectKeyIdentifier`. */
  readonly name: KeyName | undefined;
  /** Content octets of the OBJECT IDENTIFIER of its algorithm (of the KEM for `kemri`); `undefined` where it is not known. */
  readonly algorithm: Uint8Array | undefined;
}

/** What an object is, and for whom. */
export interface RecipientList {
  /** Kind of the object: to be decrypted, or to be verified. */
  readonly kind: 'AuthEnvelopedData' | 'AuthenticatedData';
  /** Content octets of the OBJECT IDENTIFIER that says what the content is. */
  readonly contentType: Uint8Array;
  /** The recipients, in wire order. */
  readonly recipients: readonly RecipientDescription[];
}

/**
 * Reads who the recipients of an object are, without keys.
 * @throws EnvelopeError `ERR_OPEN` for what has no recipients or is malformed; CmsError `ERR_UNSUPPORTED` for other kinds of content
 * @example
 * const { kind, recipients } = readRecipients(octets, GENERAL_POLICY.limits);
 */
export function readRecipients(octets: Uint8Array, limits: GeneralLimits): RecipientList {
  try {
    const data = readGeneralContentInfo(octets, limits);
    if (data.kind === 'SignedData') throw new EnvelopeError();
    const contentType = data.kind === 'AuthEnvelopedData' ? data.contentType : data.eContentType;
    return { kind: data.kind, contentType, recipients: entriesOf(data.recipientInfos).map(described) };
  } catch (cause) {
    throw refusalOf(cause);
  }
}

function described({ info, name }: RecipientEntry): RecipientDescription {
  return { kind: info.kind, name, algorithm: algorithmOf(info) };
}

function algorithmOf(info: GeneralRecipientInfo): Uint8Array | undefined {
  if (info.kind === 'other') return undefined;
  return (info.kind === 'kemri' ? info.kem : info.keyEncryptionAlgorithm).oid;
}
