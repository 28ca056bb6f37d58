/**
 * Sealing: a stanza becomes an envelope, the envelope is signed, the signed octets are encrypted, and the object goes into a
 * stanza that shows servers what they need to deliver it.
 * @module
 */
import {
  BASE64,
  type CryptoProvider,
  concat,
  drawOctets,
  encodeClearContext,
  encodeSenderKeys,
  ID_AA_PRIVATE_CONTEXT,
  ID_AA_RECIPIENTS,
  ID_AA_REPLY_PREKEY,
  ID_AA_SENDER_KEYS,
  ID_CT_SEALED_STANZA,
  MAX_RECIPIENTS,
  type PrivateContext,
  type PublicKey,
  privateContextNode,
  type RandomSource,
  type RecipientClass,
  type ReplyPrekey,
  recipientsNode,
  replyPrekeyNode,
  type SenderKeys,
  type SignedDataLengths,
  type SigningKey,
  type StanzaKind,
  SUITE_1,
  toHex,
  toUtf8,
  type UnwrittenAttribute,
} from '@stanzaseal/cms';
import { encrypt, recipientsDigest, sealedLength } from '@stanzaseal/envelope';
import { sign, signedLengths } from '@stanzaseal/signer';
import { bareJid } from './jid.js';
import { NS } from './namespaces.js';
import { PADDING, paddingFor } from './padding.js';
import { checkContent, envelopeElement, isServerProcessed } from './sealedEnvelope.js';
import { StanzaError } from './stanzaError.js';
import { stanzaKind, stanzaType } from './stanzaKind.js';
import { writeAscii } from './textLength.js';
import { attribute, childrenOf, element, PlainTextElement, type XmlElement, type XmlNode } from './xml.js';
import { checkCharacters } from './xmlName.js';
import { writeXmlPieces, type XmlPiece } from './xmlWriter.js';

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
  readonly senderKeys?: SenderKeys | undefined;
  /** Greatest length of the object in octets. */
  readonly limit: number;
  /** Time of writing, in ms since 1970. */
  readonly now: number;
  /** Drawn from in this order: message id (16 octets), then what `encrypt` draws. */
  readonly random: RandomSource;
  /** Another message id than a random one, 16 octets: for sealing the same message anew. */
  readonly messageId?: Uint8Array | undefined;
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
 * encrypted, also for more than 512 recipients; TypeError for what is not sealed in this profile (error stanzas, probes, an object
 * in an object); RangeError for ids of another length
 */
export async function sealStanza(stanza: XmlElement, parameters: SealParameters): Promise<SealedStanza> {
  const { from, to, recipients, device, now, random, crypto } = parameters;
  const kind = checkSealable(stanza, from, to);
  if (recipients.length > MAX_RECIPIENTS)
    throw new StanzaError(
      'ERR_TOO_LARGE',
      `an object has ${MAX_RECIPIENTS} recipients at most, not ${recipients.length}`,
    );
  const messageId = parameters.messageId ?? drawOctets(random, 16);
  // Of another length nobody could read them.
  if (messageId.length !== 16) throw new RangeError('messageId is not 16 octets');
  if ((parameters.context.inReplyTo?.length ?? 16) !== 16) throw new RangeError('inReplyTo is not 16 octets');
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
  const lengths = signedLengths(ID_CT_SEALED_STANZA, now, signedAttrs);
  const spaceBefore = FRAME + 128 * recipients.length;
  const { content, room } = paddedEnvelope(
    stanza,
    kind,
    lengths,
    [spaceBefore, FRAME + clearContext.length],
    parameters,
  );
  checkLength(room, clearContext.length, parameters);
  const signed = await sign(content, {
    signers: [device],
    contentType: ID_CT_SEALED_STANZA,
    // The encrypted content is of type id-signedData, so it is a SignedData and not a ContentInfo around one (RFC 5652 §5.1).
    form: 'SignedData',
    signingTime: now,
    signedAttrs,
    room,
    crypto,
  });
  const { der, cek } = await encrypt(signed.der, {
    recipients: recipients.map(({ prekey }) => prekey) as [PublicKey, ...PublicKey[]],
    clearContext,
    spaceBefore,
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
  // An iq has a type; errors of other kinds are not sealed, nor are probes, which are for servers.
  const isSealable =
    kind === 'iq'
      ? ['get', 'set', 'result', 'error'].includes(type ?? '')
      : type !== 'error' && (kind !== 'presence' || type !== 'probe');
  if (!isSealable) throw new TypeError('stanza is of a type that is not sealed');
  try {
    checkContent(stanza.children);
  } catch (cause) {
    throw new TypeError('stanza holds what does not belong inside an object', { cause });
  }
  checkAddress(stanza, 'from', from);
  checkAddress(stanza, 'to', to);
  return kind;
}

function checkAddress(stanza: XmlElement, name: 'from' | 'to', jid: string): void {
  const own = attribute(stanza, name);
  if (own !== undefined && bareJid(own) !== jid)
    throw new StanzaError('ERR_ADDRESS', `stanza is ${name} somebody else`);
}

/** An iq error goes inside an outer result, so that servers do not learn the outcome (T21). */
function outerType(stanza: XmlElement, kind: StanzaKind): string {
  const type = stanzaType(stanza, kind);
  return kind === 'iq' && type === 'error' ? 'result' : type;
}

function sealedAttributes(parameters: SealParameters, clearContext: Uint8Array): UnwrittenAttribute[] {
  const { recipients, device, context, replyPrekey, senderKeys } = parameters;
  const senderDevice = device.publicKey.keyIdentifier;
  const listed = recipients.map((recipient) => ({
    rKeyId: recipient.prekey.keyIdentifier,
    deviceKey: recipient.deviceKey,
    class: recipient.class,
  }));
  const attributes: UnwrittenAttribute[] = [
    { attrType: ID_AA_PRIVATE_CONTEXT, value: privateContextNode(clearContext, senderDevice, context) },
    { attrType: ID_AA_RECIPIENTS, value: recipientsNode(listed) },
    { attrType: ID_AA_REPLY_PREKEY, value: replyPrekeyNode(replyPrekey) },
  ];
  if (senderKeys !== undefined) attributes.push({ attrType: ID_AA_SENDER_KEYS, value: encodeSenderKeys(senderKeys) });
  return attributes;
}

/** Refuses what would be too long before anything is encrypted or drawn (H16). */
function checkLength(room: Uint8Array, contextOctets: number, { recipients, limit }: SealParameters): void {
  // The object takes less than there is space for: far below the limit there is nothing to compute.
  if (room.buffer.byteLength <= limit) return;
  const length = sealedLength(room.length, recipients.length, contextOctets);
  if (!(length <= limit)) {
    throw new StanzaError('ERR_TOO_LARGE', `sealed object would have ${length} octets, the limit is ${limit}`);
  }
}

/** An envelope in octets, and the room for the SignedData in which they are the content, with space for an object around it. */
interface PaddedEnvelope {
  readonly content: Uint8Array;
  readonly room: Uint8Array;
  readonly padding: number;
}

/** UTF-8 octets of the envelope, padded so that the signed octets fill a bucket (J1). */
function paddedEnvelope(
  stanza: XmlElement,
  kind: StanzaKind,
  lengths: SignedDataLengths,
  around: readonly [before: number, behind: number],
  { from, to, now }: SealParameters,
): PaddedEnvelope {
  // White space between a stanza's children is layout (RFC 6120 §8 knows no mixed content there); deeper down it is content.
  const children: readonly XmlNode[] = stanza.children.filter((node) =>
    typeof node === 'string' ? node.trim() !== '' : !isServerProcessed(node),
  );
  const affix = {
    kind,
    type: attribute(stanza, 'type'),
    id: attribute(stanza, 'id'),
    lang: attribute(stanza, 'lang', NS.XML),
  };
  const pieces = writeXmlPieces(envelopeElement({ content: children, stanza: affix, from, to, time: now, rpad: '' }));
  // Most text is ASCII: then it is as long as it looks, and is written once.
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  let made = roomFor(length, lengths, around);
  if (!writeAsciiPieces(pieces, made.content)) {
    const octets = concat(
      ...pieces.map(({ text }) => {
        checkCharacters(text);
        return toUtf8(text);
      }),
    );
    made = roomFor(octets.length, lengths, around);
    made.content.set(octets);
  }
  const { content, padding } = made;
  // `<rpad/>` is last and becomes `<rpad></rpad>` with the padding in it.
  const at = content.length - RPAD_END.length - padding;
  content.set(RPAD_START, at - RPAD_START.length);
  content.fill(PADDING, at, at + padding);
  content.set(RPAD_END, at + padding);
  return made;
}

/** Writes text and looks at its characters, as far as all of it is ASCII; tells whether it is. */
function writeAsciiPieces(pieces: readonly XmlPiece[], into: Uint8Array): boolean {
  let at = 0;
  return pieces.every(({ text, isChecked }) => {
    const ascii = writeAscii(text, into.subarray(at));
    if (ascii && !isChecked) checkCharacters(text, ascii);
    at += text.length;
    return ascii;
  });
}

/** Room for an envelope whose text without padding takes so many octets, and for how much padding. */
function roomFor(
  textLength: number,
  { whole, behind }: SignedDataLengths,
  [spaceBefore, spaceBehind]: readonly [number, number],
): PaddedEnvelope {
  const fixed = textLength - RPAD_EMPTY.length + RPAD_START.length + RPAD_END.length;
  const padding = paddingFor((pad) => whole(fixed + pad));
  const end = spaceBefore + whole(fixed + padding);
  const space = new Uint8Array(end + spaceBehind);
  const content = space.subarray(end - behind - fixed - padding, end - behind);
  return { content, room: space.subarray(spaceBefore, end), padding };
}

/** More octets than stand before an object's recipients and its content, or behind that beside the clear context. A recipient takes less than 128. */
const FRAME = 512;

const RPAD_EMPTY = '<rpad/></envelope>';
const RPAD_START = toUtf8('<rpad>');
const RPAD_END = toUtf8('</rpad></envelope>');

function outerStanza(
  stanza: XmlElement,
  kind: StanzaKind,
  type: string,
  messageId: Uint8Array,
  object: Uint8Array,
  { from, to, crypto }: SealParameters,
): XmlElement {
  const sealed = new PlainTextElement(NS.SEALED, 'sealed', (crypto.base64 ?? BASE64).encode(object));
  const outside = childrenOf(stanza).filter((node) => isServerProcessed(node) && node.namespace !== NS.EME);
  const children: XmlNode[] = [sealed];
  if (kind === 'message') {
    children.push(element(NS.EME, 'encryption', { namespace: NS.SEALED, name: 'stanzaseal' }));
    const isHinted = outside.some(({ namespace }) => namespace === NS.HINTS);
    if (!isHinted && isWorthKeeping(stanza)) children.push(element(NS.HINTS, 'store'));
  }
  children.push(...outside);
  const attributes = {
    from: attribute(stanza, 'from') ?? from,
    to: attribute(stanza, 'to') ?? to,
    type: attribute(stanza, 'type') === undefined ? undefined : type,
    id: (kind === 'iq' ? attribute(stanza, 'id') : undefined) ?? toHex(messageId),
  };
  return element(NS.CLIENT, kind, attributes, children);
}

/** Chat states alone are not worth storing (XEP-0085 §5.5 says so of plain ones). */
function isWorthKeeping(stanza: XmlElement): boolean {
  return childrenOf(stanza).some(({ namespace }) => namespace !== 'http://jabber.org/protocol/chatstates');
}
