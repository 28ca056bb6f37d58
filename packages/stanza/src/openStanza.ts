/**
 * Opening: the cheap refusals first (structure, addresses, set of recipients), then one key, then the signature, then the
 * envelope. Nothing is given out before everything held.
 * @module
 */
import {
  type AgreementKeys,
  type Attribute,
  BASE64,
  type ClearContext,
  type CryptoProvider,
  decodePrivateContext,
  decodeRecipients,
  decodeReplyPrekey,
  decodeSenderKeys,
  equal,
  findAttribute,
  ID_AA_PRIVATE_CONTEXT,
  ID_AA_RECIPIENTS,
  ID_AA_REPLY_PREKEY,
  ID_AA_SENDER_KEYS,
  ID_CT_SEALED_STANZA,
  ID_SIGNED_DATA,
  inOrder,
  type MaybePromise,
  type ObjectLimits,
  type PrivateContext,
  type PublicKey,
  type Recipient,
  type ReplyPrekey,
  type SenderKeys,
} from '@stanzaseal/cms';
import {
  type Decrypted,
  decrypt,
  decryptWithCek,
  type ReadObject,
  readObject,
  recipientsOf,
  replayDigest,
} from '@stanzaseal/envelope';
import { readSignedData, verifyRead } from '@stanzaseal/signer';
import { bareJid } from './jid.js';
import { NS } from './namespaces.js';
import { openError, readEnvelope, type SealedEnvelope } from './sealedEnvelope.js';
import { defaultType, stanzaKind, stanzaType } from './stanzaKind.js';
import {
  attribute,
  childrenOf,
  element,
  PlainTextElement,
  XML_LIMITS,
  type XmlElement,
  type XmlLimits,
} from './xml.js';
import { readXmlOctets } from './xmlReader.js';

/** A sealed stanza taken apart, its addresses agreeing with the stanza around it. Nothing in it is authentic yet. */
export interface ReadSealedStanza {
  /** The stanza as it came. */
  readonly outer: XmlElement;
  /** The object. */
  readonly object: ReadObject;
  /** The clear context. */
  readonly context: ClearContext;
  /** DER of the clear context. */
  readonly contextDer: Uint8Array;
  /** Names the object in the first replay memory, once it opened. */
  readonly digest: Uint8Array;
  /** Key identifiers of the recipients, in wire order. */
  readonly rKeyIds: readonly Uint8Array[];
}

/** What `readSealedStanza` needs. */
export interface ReadParameters {
  /** Own bare JID, normalised. */
  readonly own: string;
  /** In a room: the real bare JID, normalised, of an occupant's JID as the room's roster has it. */
  readonly occupant?: ((occupantJid: string) => string | undefined) | undefined;
  /** Limits on the object. */
  readonly limits?: ObjectLimits;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** Who says they sent an object; to be answered with the key that must have signed it. */
export interface SenderClaim {
  /** Bare JID. */
  readonly from: string;
  /** Key identifier of the device key. */
  readonly device: Uint8Array;
  /** Keys carried in the object. */
  readonly senderKeys: SenderKeys | undefined;
  /** The private context, not yet verified. */
  readonly context: PrivateContext;
}

/** What `openSealedStanza` needs. */
export interface OpenParameters {
  /** Own prekeys; or a CEK from an archive. */
  readonly keys: AgreementKeys | { readonly cek: Uint8Array };
  /** Key identifier of the own device. */
  readonly device: Uint8Array;
  /**
   * Whether the own device has a prekey of an identifier: asked only where somebody else claims the prekey that opened the object.
   * Without it that is refused.
   */
  readonly isOwnPrekey?: (rKeyId: Uint8Array) => MaybePromise<boolean>;
  /** The device key of a sender, or `undefined` where it is not to be believed. Trust is the caller's: there is no default. */
  readonly findSender: (claim: SenderClaim) => MaybePromise<PublicKey | undefined>;
  /** Limits on the XML inside. */
  readonly xmlLimits?: XmlLimits;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** An opened stanza. */
export interface OpenedStanza {
  /** The stanza as it was before it was sealed. */
  readonly stanza: XmlElement;
  /** Bare JID of the sender: the real one in a room. */
  readonly from: string;
  /** Bare JID of the recipient, or room JID. */
  readonly to: string;
  /** Key identifier of the sending device. */
  readonly device: Uint8Array;
  /** When the sender says it was written, in ms since 1970. */
  readonly time: number;
  /** 16 octets. */
  readonly messageId: Uint8Array;
  /** The private context. */
  readonly context: PrivateContext;
  /** To whom it was sealed. */
  readonly recipients: readonly Recipient[];
  /** Own entry among the recipients; `undefined` where a CEK opened it. */
  readonly recipient: Recipient | undefined;
  /** The prekey for answers. */
  readonly replyPrekey: ReplyPrekey;
  /** The sender's keys, where they were carried. */
  readonly senderKeys: SenderKeys | undefined;
  /** DER of the signed attributes under the SET tag. */
  readonly signedAttrsDer: Uint8Array;
  /** The content-encryption key: for a self-archive. */
  readonly cek: Uint8Array;
}

/**
 * Takes a sealed stanza apart without any key: exactly one `<sealed/>`, a direct child; addresses, kind and type as the
 * clear context has them.
 * @throws StanzaError `ERR_OPEN`
 */
export async function readSealedStanza(outer: XmlElement, parameters: ReadParameters): Promise<ReadSealedStanza> {
  const { crypto, limits } = parameters;
  try {
    const der = sealedOctets(outer, parameters);
    const object = await readObject(der, { crypto, limits });
    const { value: context, der: contextDer } = object.clearContext as { value: ClearContext; der: Uint8Array };
    checkAddresses(outer, context, parameters);
    const digested = replayDigest(object, crypto);
    return {
      outer,
      object,
      context,
      contextDer,
      digest: digested instanceof Promise ? await digested : digested,
      rKeyIds: recipientsOf(object),
    };
  } catch (cause) {
    throw openError(cause);
  }
}

/**
 * Opens a sealed stanza that was read.
 * @throws StanzaError `ERR_OPEN`, the one answer to everything that is wrong
 */
export async function openSealedStanza(sealed: ReadSealedStanza, parameters: OpenParameters): Promise<OpenedStanza> {
  try {
    const { crypto, keys } = parameters;
    const decrypted =
      'cek' in keys
        ? await decryptWithCek(sealed.object, keys.cek, crypto)
        : await decrypt(sealed.object, { keys, crypto });
    return await openDecrypted(sealed, decrypted, parameters);
  } catch (cause) {
    throw openError(cause);
  }
}

/** Whether a stanza has an object in it: its `<sealed/>` child, however many. */
export function hasSealed(outer: XmlElement): boolean {
  return childrenOf(outer, NS.SEALED, 'sealed').length > 0;
}

/** Exactly one, a direct child, without attributes, its text canonical base64 (H4, F13). */
function sealedOctets(outer: XmlElement, { limits, crypto }: ReadParameters): Uint8Array {
  const [sealed, ...more] = childrenOf(outer, NS.SEALED, 'sealed');
  if (sealed === undefined || more.length > 0 || sealed.attributes.length > 0) throw openError();
  const [text, ...rest] = sealed.children;
  if (typeof text !== 'string' || rest.length > 0) throw openError();
  if (limits !== undefined && text.length > Math.ceil(limits.octets / 3) * 4) throw openError();
  return (sealed instanceof PlainTextElement && sealed.octets) || (crypto.base64 ?? BASE64).decode(text);
}

/** Kind and type as signed; then one of the ways in which an object can have come here (C1, C3, C8-C10, T04, T05). */
function checkAddresses(outer: XmlElement, context: ClearContext, { own, occupant }: ReadParameters): void {
  const kind = stanzaKind(outer);
  if (kind === undefined || kind !== context.kind || stanzaType(outer, kind) !== context.type) throw openError();
  // An error stanza is its server's or its peer's word about another stanza, never an object.
  if (context.type === 'error') throw openError();
  const [from, to] = [attribute(outer, 'from'), attribute(outer, 'to')];
  if (from === undefined) throw openError();
  const outerFrom = bareJid(from);
  const outerTo = to === undefined ? undefined : bareJid(to);
  if (context.type === 'groupchat') {
    if (context.to === outerFrom && occupant?.(from) === context.from) return;
    throw openError();
  }
  const received = context.from === outerFrom && context.to === own && (outerTo === undefined || outerTo === own);
  const sentCopy = context.from === own && outerFrom === own && context.to === outerTo;
  if (!received && !sentCopy) throw openError();
}

async function openDecrypted(
  sealed: ReadSealedStanza,
  decrypted: Decrypted,
  parameters: OpenParameters,
): Promise<OpenedStanza> {
  const { crypto, device, findSender } = parameters;
  if (!equal(sealed.object.data.contentType, ID_SIGNED_DATA)) throw openError();
  const signedData = readSignedData(decrypted.content, { octets: decrypted.content.length, depth: 16 }, 'SignedData');
  const [signerInfo, ...more] = signedData.signerInfos;
  if (signerInfo === undefined || more.length > 0) throw openError();
  const { context, recipients, replyPrekey, senderKeys } = readSealedAttributes(signerInfo.signedAttrs);
  if (!equal(context.clearContext, sealed.contextDer) || !equal(context.senderDevice, signerInfo.sid))
    throw openError();
  const recipient =
    checkRecipients(recipients, sealed.rKeyIds, decrypted.rKeyId, device) ??
    (decrypted.rKeyId && (await otherOwnRecipient(recipients, parameters)));

  const claim = { from: sealed.context.from, device: signerInfo.sid, senderKeys, context };
  const found = findSender(claim);
  const signer = found instanceof Promise ? await found : found;
  // A key is found by its identifier and is that identifier's: the whole of it is compared (B9).
  if (signer === undefined || !equal(signer.keyIdentifier, signerInfo.sid)) throw openError();
  const verified = await verifyRead(signedData, { signers: [signer], contentType: ID_CT_SEALED_STANZA, crypto });

  const envelope = readEnvelope(readXmlOctets(verified.content, parameters.xmlLimits ?? XML_LIMITS));
  checkEnvelope(envelope, sealed.context, verified.signingTime);
  return {
    stanza: openedStanza(envelope, sealed.outer),
    from: sealed.context.from,
    to: sealed.context.to,
    device: signerInfo.sid,
    time: envelope.time,
    messageId: sealed.context.messageId,
    context,
    recipients,
    recipient,
    replyPrekey,
    senderKeys,
    signedAttrsDer: verified.signedAttrsDer,
    cek: decrypted.cek,
  };
}

/** The profile's signed attributes, all of them and no others beside those of `verify`. */
function readSealedAttributes(signedAttrs: readonly Attribute[]): {
  context: PrivateContext;
  recipients: Recipient[];
  replyPrekey: ReplyPrekey;
  senderKeys: SenderKeys | undefined;
} {
  const context = findAttribute(signedAttrs, ID_AA_PRIVATE_CONTEXT);
  const recipients = findAttribute(signedAttrs, ID_AA_RECIPIENTS);
  const replyPrekey = findAttribute(signedAttrs, ID_AA_REPLY_PREKEY);
  const senderKeys = findAttribute(signedAttrs, ID_AA_SENDER_KEYS);
  if (context === undefined || recipients === undefined || replyPrekey === undefined) throw openError();
  if (signedAttrs.length !== (senderKeys === undefined ? 6 : 7)) throw openError();
  return {
    context: decodePrivateContext(context),
    recipients: decodeRecipients(recipients),
    replyPrekey: decodeReplyPrekey(replyPrekey),
    senderKeys: senderKeys === undefined ? undefined : decodeSenderKeys(senderKeys),
  };
}

/** The signed recipients are those on the wire; gives the own key among them where it is paired with the own device (D3, D4). */
function checkRecipients(
  recipients: readonly Recipient[],
  rKeyIds: readonly Uint8Array[],
  ownKeyId: Uint8Array | undefined,
  device: Uint8Array,
): Recipient | undefined {
  const onWire = inOrder(rKeyIds);
  if (onWire.length !== recipients.length) throw openError();
  if (recipients.some(({ rKeyId }, i) => !equal(rKeyId, onWire[i] as Uint8Array))) throw openError();
  if (ownKeyId === undefined) return undefined;
  return recipients.find(({ rKeyId, deviceKey }) => equal(rKeyId, ownKeyId) && equal(deviceKey, device));
}

/**
 * The own entry where the prekey that opened the object is claimed by another device: whoever publishes somebody's prekeys as their
 * own must not keep that somebody out. Another own prekey has to be paired with the own device: else it is refused (D4).
 */
async function otherOwnRecipient(
  recipients: readonly Recipient[],
  { device, isOwnPrekey }: OpenParameters,
): Promise<Recipient> {
  for (const recipient of recipients)
    if (equal(recipient.deviceKey, device) && (await isOwnPrekey?.(recipient.rKeyId))) return recipient;
  throw openError();
}

/** The envelope says what the context says; an iq error stands inside a result (T21). */
function checkEnvelope(envelope: SealedEnvelope, context: ClearContext, signingTime: number): void {
  const { kind, type } = envelope.stanza;
  const effective = type ?? defaultType(kind);
  const hiddenError = kind === 'iq' && effective === 'error' && context.type === 'result';
  if (kind !== context.kind || (effective !== context.type && !hiddenError)) throw openError();
  if (envelope.from !== context.from || envelope.to !== context.to) throw openError();
  if (Math.floor(envelope.time / 1000) * 1000 !== signingTime) throw openError();
}

/** The stanza as it was: attributes from the affix, content from the envelope, and the addresses of the outer stanza, whose bare parts were checked. */
function openedStanza(envelope: SealedEnvelope, outer: XmlElement): XmlElement {
  const { kind, type, id, lang } = envelope.stanza;
  const [from, to] = [attribute(outer, 'from'), attribute(outer, 'to')];
  const stanza = element(NS.CLIENT, kind, { from, to, type, id }, envelope.content);
  if (lang === undefined) return stanza;
  return { ...stanza, attributes: [...stanza.attributes, { namespace: NS.XML, name: 'lang', value: lang }] };
}
