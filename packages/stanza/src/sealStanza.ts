/**
 * Sealing: a stanza becomes an envelope, the envelope is signed, the signed octets are encrypted, and the object goes into a
 * stanza that shows servers what they need to deliver it.
 * @module
 */
import {
  type Attribute,
  type CryptoProvider,
  attribute as cmsAttribute,
  drawOctets,
  encodeClearContext,
  encoded,
  encodePrivateContext,
  encodeRecipients,
  encodeReplyPrekey,
  encodeSenderKeys,
  ID_AA_PRIVATE_CONTEXT,
  ID_AA_RECIPIENTS,
  ID_AA_REPLY_PREKEY,
  ID_AA_SENDER_KEYS,
  ID_CT_SEALED_STANZA,
  type PrivateContext,
  type PublicKey,
  type RandomSource,
  type RecipientClass,
  type ReplyPrekey,
  type SenderKeys,
  type SigningKey,
  type StanzaKind,
  SUITE_1,
  toBase64,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import { encrypt, recipientsDigest, sealedLength } from '@stanzaseal/envelope';
import { sign, signedLength } from '@stanzaseal/signer';
import { bareJid } from './jid.js';
import { NS } from './namespaces.js';
import { paddingFor, writePadding } from './padding.js';
import { checkContent, envelopeElement, isServerProcessed } from './sealedEnvelope.js';
import { StanzaError } from './stanzaError.js';
import { stanzaKind, stanzaType } from './stanzaKind.js';
import {
  attribute,
  childrenOf,
  element,
  PlainTextElement,
  withAttributes,
  withChildren,
  type XmlElement,
  type XmlNode,
} from './xml.js';
import { writeXml } from './xmlWriter.js';

/** One device (or archive) to seal to. */
export interface SealRecipient {
  /** Its prekey or archive key: X25519. */
  readonly prekey: PublicKey;
  /** Key identifier of its device key; of the archive key itself for an archive. */
  readonly deviceKey: Uint8Array;
  /** Class of the prekey. */
  readonly class: RecipientClass;
}

/** What `sealStanza` needs. */
export interface SealParameters {
  /** Bare JID of the sender, normalised. */
  readonly from: string;
  /** Bare JID of the recipient, or room JID, normalised. */
  readonly to: string;
  /** Devices to seal to, none twice. */
  readonly recipients: readonly [SealRecipient, ...SealRecipient[]];
  /** The sending device's key. */
  readonly device: SigningKey;
  /** The private context but for what is made here. */
  readonly context: Omit<PrivateContext, 'clearContext' | 'senderDevice'>;
  /** The prekey for answers. */
  readonly replyPrekey: ReplyPrekey;
  /** The sender's keys, on first contact. */
  readonly senderKeys?: SenderKeys;
  /** Greatest length of the object in octets. */
  readonly limit: number;
  /** Time of writing, in ms since 1970. */
  readonly now: number;
  /** Drawn from in this order: message id (16 octets), padding, then what `encrypt` draws. */
  readonly random: RandomSource;
  /** Another message id than a random one, 16 octets: for sealing the same message anew. */
  readonly messageId?: Uint8Array;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** What sealing gives. */
export interface SealedStanza {
  /** The stanza to send. */
  readonly stanza: XmlElement;
  /** 16 octets. */
  readonly messageId: Uint8Array;
  /** DER of the signed attributes under the SET tag: what the next object's `previous` digests. */
  readonly signedAttrsDer: Uint8Array;
  /** The content-encryption key: for a self-archive. Whoever has it reads the object. */
  readonly cek: Uint8Array;
  /** DER of the object. */
  readonly object: Uint8Array;
}

/**
 * Seals a stanza.
 * @throws StanzaError `ERR_ADDRESS` for a stanza whose own addresses do not agree, `ERR_TOO_LARGE` before anything is
 * encrypted; TypeError for what is not sealed in this profile (error stanzas, probes, an object in an object)
 */
export async function sealStanza(stanza: XmlElement, parameters: SealParameters): Promise<SealedStanza> {
  const { from, to, recipients, device, now, random, crypto } = parameters;
  const kind = checkSealable(stanza, from, to);
  const messageId = parameters.messageId ?? drawOctets(random, 16);
  const rKeyIds = recipients.map(({ prekey }) => prekey.keyIdentifier);
  const type = outerType(stanza, kind);
  const digest = recipientsDigest(rKeyIds, crypto);
  const clearContext = encodeClearContext({
    suite: SUITE_1,
    kind,
    type,
    from,
    to,
    messageId,
    recipientsDigest: digest instanceof Promise ? await digest : digest,
  });
  const signedAttrs = sealedAttributes(parameters, clearContext);
  const signedLengthOf = signedLength(ID_CT_SEALED_STANZA, signedAttrs);
  const content = paddedEnvelope(stanza, kind, signedLengthOf, parameters);
  checkLength(signedLengthOf(content.length), clearContext.length, parameters);
  const signed = await sign(content, {
    signers: [device],
    contentType: ID_CT_SEALED_STANZA,
    // The encrypted content is of type id-signedData, so it is a SignedData and not a ContentInfo around one (RFC 5652 §5.1).
    form: 'SignedData',
    signingTime: now,
    signedAttrs,
    crypto,
  });
  const { der, cek } = await encrypt(signed.der, {
    recipients: recipients.map(({ prekey }) => prekey) as [PublicKey, ...PublicKey[]],
    clearContext,
    random,
    crypto,
  });
  const { signedAttrsDer } = signed;
  return {
    stanza: outerStanza(stanza, kind, type, messageId, der, parameters),
    messageId,
    signedAttrsDer,
    cek,
    object: der,
  };
}

/** Checks that a stanza is one that is sealed and that its own addresses agree with those it is sealed for. */
function checkSealable(stanza: XmlElement, from: string, to: string): StanzaKind {
  const kind = stanzaKind(stanza);
  if (kind === undefined) throw new TypeError('stanza is no message, presence or iq');
  const type = attribute(stanza, 'type');
  if (kind !== 'iq' && type === 'error') throw new TypeError('stanza is an error, which is not sealed');
  if (kind === 'presence' && type === 'probe') throw new TypeError('stanza is a probe, which is for servers');
  if (kind === 'iq' && !['get', 'set', 'result', 'error'].includes(type ?? ''))
    throw new TypeError('stanza is an iq without a type');
  try {
    checkContent(stanza.children);
  } catch (cause) {
    throw new TypeError('stanza holds what does not belong inside an object', { cause });
  }
  const [ownFrom, ownTo] = [attribute(stanza, 'from'), attribute(stanza, 'to')];
  if (ownFrom !== undefined && bareJid(ownFrom) !== from)
    throw new StanzaError('ERR_ADDRESS', 'stanza is from somebody else');
  if (ownTo !== undefined && bareJid(ownTo) !== to) throw new StanzaError('ERR_ADDRESS', 'stanza is to somebody else');
  return kind;
}

/** An iq error goes inside an outer result, so that servers do not learn the outcome (T21). */
function outerType(stanza: XmlElement, kind: StanzaKind): string {
  const type = stanzaType(stanza, kind);
  return kind === 'iq' && type === 'error' ? 'result' : type;
}

function sealedAttributes(parameters: SealParameters, clearContext: Uint8Array): Attribute[] {
  const { recipients, device, context, replyPrekey, senderKeys } = parameters;
  const senderDevice = device.publicKey.keyIdentifier;
  const listed = recipients.map((recipient) => ({
    rKeyId: recipient.prekey.keyIdentifier,
    deviceKey: recipient.deviceKey,
    class: recipient.class,
  }));
  return [
    cmsAttribute(ID_AA_PRIVATE_CONTEXT, encoded(encodePrivateContext({ ...context, clearContext, senderDevice }))),
    cmsAttribute(ID_AA_RECIPIENTS, encoded(encodeRecipients(listed))),
    cmsAttribute(ID_AA_REPLY_PREKEY, encoded(encodeReplyPrekey(replyPrekey))),
    ...(senderKeys === undefined ? [] : [cmsAttribute(ID_AA_SENDER_KEYS, encoded(encodeSenderKeys(senderKeys)))]),
  ];
}

/** Refuses what would be too long before anything is encrypted or drawn (H16). */
function checkLength(signedOctets: number, contextOctets: number, { recipients, limit }: SealParameters): void {
  // No recipient takes more than 128 octets and no frame more than 512: far below the limit there is nothing to compute.
  if (signedOctets + contextOctets + 128 * recipients.length + 512 <= limit) return;
  const length = sealedLength(signedOctets, recipients.length, contextOctets);
  if (length > limit) {
    throw new StanzaError('ERR_TOO_LARGE', `sealed object would have ${length} octets, the limit is ${limit}`);
  }
}

/** UTF-8 octets of the envelope, padded so that the signed octets fill a bucket (J1). */
function paddedEnvelope(
  stanza: XmlElement,
  kind: StanzaKind,
  signedLengthOf: (contentLength: number) => number,
  { from, to, now, random }: SealParameters,
): Uint8Array {
  // White space between a stanza's children is layout (RFC 6120 §8 knows no mixed content there); deeper down it is content.
  const content: readonly XmlNode[] = stanza.children.filter((node) =>
    typeof node === 'string' ? node.trim() !== '' : !isServerProcessed(node),
  );
  const affix = {
    kind,
    type: attribute(stanza, 'type'),
    id: attribute(stanza, 'id'),
    lang: attribute(stanza, 'lang', NS.XML),
  };
  const envelope = { content, stanza: affix, from, to, time: now, rpad: '' };
  // `<rpad/>` is last and becomes `<rpad></rpad>` with the padding in it.
  const empty = writeXml(envelopeElement(envelope));
  const text = `${empty.slice(0, empty.lastIndexOf('<rpad'))}<rpad>`;
  // Most text is ASCII: then it is as long as it looks, and goes into its place without a copy.
  const plain = paddedOctets(text.length, signedLengthOf);
  const { read, written } = encoder.encodeInto(text, plain.octets);
  const isAscii = read === text.length && written === text.length;
  const start = isAscii ? undefined : toUtf8(text);
  const { octets, padding } = start === undefined ? plain : paddedOctets(start.length, signedLengthOf);
  if (start !== undefined) octets.set(start, 0);
  const at = octets.length - ENVELOPE_END.length - padding;
  if (padding > 0) writePadding(drawOctets(random, padding), octets, at);
  octets.set(ENVELOPE_END, at + padding);
  return octets;
}

/** Room for an envelope whose text before the padding takes so many octets, and for how much padding. */
function paddedOctets(
  textLength: number,
  signedLengthOf: (contentLength: number) => number,
): { octets: Uint8Array; padding: number } {
  const fixed = textLength + ENVELOPE_END.length;
  const padding = paddingFor((pad) => signedLengthOf(fixed + pad));
  return { octets: new Uint8Array(fixed + padding), padding };
}

const encoder = new TextEncoder();

const ENVELOPE_END = toUtf8('</rpad></envelope>');

function outerStanza(
  stanza: XmlElement,
  kind: StanzaKind,
  type: string,
  messageId: Uint8Array,
  object: Uint8Array,
  { from, to }: SealParameters,
): XmlElement {
  const sealed = new PlainTextElement(NS.SEALED, 'sealed', toBase64(object));
  const outside = childrenOf(stanza).filter((node) => isServerProcessed(node) && node.namespace !== NS.EME);
  const typeAttribute = attribute(stanza, 'type') === undefined ? undefined : type;
  const id = kind === 'iq' ? (attribute(stanza, 'id') ?? toHex(messageId)) : toHex(messageId);
  const outer = withAttributes(element(NS.CLIENT, kind), {
    from: attribute(stanza, 'from') ?? from,
    to: attribute(stanza, 'to') ?? to,
    type: typeAttribute,
    id,
  });
  if (kind !== 'message') return withChildren(outer, [sealed, ...outside]);
  const encryption = element(NS.EME, 'encryption', { namespace: NS.SEALED, name: 'stanzaseal' });
  const hints = outside.some(({ namespace }) => namespace === NS.HINTS) || !isWorthKeeping(stanza);
  const store = hints ? [] : [element(NS.HINTS, 'store')];
  return withChildren(outer, [sealed, encryption, ...store, ...outside]);
}

/** Chat states alone are not worth storing (XEP-0085 §5.5 says so of plain ones). */
function isWorthKeeping(stanza: XmlElement): boolean {
  return childrenOf(stanza).some(({ namespace }) => namespace !== 'http://jabber.org/protocol/chatstates');
}
