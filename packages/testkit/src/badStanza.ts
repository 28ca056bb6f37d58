/**
 * A bad peer that seals: it does what `sealStanza` does, step by step, with one thing changed on the way. Each step signs and
 * encrypts honestly what it was given, so a refusal is due to the change alone.
 * @module
 */
import {
  type Attribute,
  attribute,
  type ClearContext,
  type CryptoProvider,
  copyOctets,
  encodeClearContext,
  encoded,
  encodePrivateContext,
  encodeRecipients,
  encodeReplyPrekey,
  encodeSenderKeys,
  fromBase64,
  ID_AA_PRIVATE_CONTEXT,
  ID_AA_RECIPIENTS,
  ID_AA_REPLY_PREKEY,
  ID_AA_SENDER_KEYS,
  ID_CT_SEALED_STANZA,
  type PrivateContext,
  type PublicKey,
  type RandomSource,
  type Recipient,
  type ReplyPrekey,
  type SenderKeys,
  type SigningKey,
  toBase64,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import { encrypt, recipientsDigest } from '@stanzaseal/envelope';
import { sign } from '@stanzaseal/signer';
import {
  child,
  element,
  envelopeElement,
  NS,
  type SealRecipient,
  textOf,
  withChildren,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '@stanzaseal/stanza';
import { at, changed } from './der.js';

/** What the bad peer seals, and what it changes; a change left out is none. */
export interface BadStanza {
  /** Signed bare JID of the sender. */
  readonly from: string;
  /** Signed bare JID of the recipient, or room JID. */
  readonly to: string;
  /** Signed kind; `message` where left out. */
  readonly kind?: ClearContext['kind'];
  /** Signed type; `chat` where left out. */
  readonly type?: string;
  /** Content; a body where left out. */
  readonly content?: readonly XmlNode[];
  /** To whom. */
  readonly recipients: readonly [SealRecipient, ...SealRecipient[]];
  /** Who signs. */
  readonly device: SigningKey;
  /** The private context but for what is made here. */
  readonly context?: Partial<PrivateContext>;
  /** The prekey for answers. */
  readonly replyPrekey: ReplyPrekey;
  /** The sender's keys. */
  readonly senderKeys?: SenderKeys;
  /** Time of writing in ms. */
  readonly now: number;
  /** Randomness. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Changes the clear context, which everything else then follows. */
  readonly changeContext?: (context: ClearContext) => ClearContext;
  /** Changes the signed recipients. */
  readonly changeRecipients?: (recipients: Recipient[]) => Recipient[];
  /** Changes the signed attributes. */
  readonly changeAttributes?: (attributes: Attribute[]) => Attribute[];
  /** Changes the envelope's source text before it is signed. */
  readonly changeEnvelope?: (xml: string) => string;
  /** Changes the signed octets before they are encrypted. */
  readonly changeSigned?: (der: Uint8Array) => Uint8Array;
  /** signing-time in ms; that of writing where left out. */
  readonly signingTime?: number;
  /** Content type of what is signed. */
  readonly contentType?: Uint8Array;
  /** Attributes of the outer stanza. */
  readonly outer?: Readonly<Record<string, string | undefined>>;
}

/** What the bad peer made. */
export interface SealedBadly {
  /** The stanza to send. */
  readonly stanza: XmlElement;
  /** DER of the signed data inside. */
  readonly signed: Uint8Array;
  /** DER of the clear context. */
  readonly clearContext: Uint8Array;
}

/** Seals with the changes asked for. */
export async function sealBadly(bad: BadStanza): Promise<SealedBadly> {
  const { from, to, kind = 'message', type = 'chat', recipients, device, now, random, crypto } = bad;
  const messageId = random(16);
  const rKeyIds = recipients.map(({ prekey }) => prekey.keyIdentifier);
  const plain: ClearContext = {
    suite: 1,
    kind,
    type,
    from,
    to,
    messageId,
    recipientsDigest: await recipientsDigest(rKeyIds, crypto),
  };
  const clearContext = encodeClearContext(bad.changeContext?.(plain) ?? plain);
  const listed = recipients.map(({ prekey, deviceKey, class: recipientClass }) => ({
    rKeyId: prekey.keyIdentifier,
    deviceKey,
    class: recipientClass,
  }));
  const context: PrivateContext = {
    clearContext,
    senderDevice: device.publicKey.keyIdentifier,
    senderListVersion: 1,
    peerListVersion: 0,
    counter: 1,
    ...bad.context,
  };
  const attributes = [
    attribute(ID_AA_PRIVATE_CONTEXT, encoded(encodePrivateContext(context))),
    attribute(ID_AA_RECIPIENTS, encoded(encodeRecipients(bad.changeRecipients?.(listed) ?? listed))),
    attribute(ID_AA_REPLY_PREKEY, encoded(encodeReplyPrekey(bad.replyPrekey))),
    ...(bad.senderKeys === undefined ? [] : [attribute(ID_AA_SENDER_KEYS, encoded(encodeSenderKeys(bad.senderKeys)))]),
  ];
  const content = bad.content ?? [element(NS.CLIENT, 'body', {}, ['Wherefore art thou?'])];
  const affix = { kind, type, id: 'inner', lang: undefined };
  const xml = writeXml(envelopeElement({ content, stanza: affix, from, to, time: now, rpad: 'padding' }));
  const { der } = await sign(toUtf8(bad.changeEnvelope?.(xml) ?? xml), {
    signers: [device],
    contentType: bad.contentType ?? ID_CT_SEALED_STANZA,
    form: 'SignedData',
    signingTime: bad.signingTime ?? now,
    signedAttrs: bad.changeAttributes?.(attributes) ?? attributes,
    crypto,
  });
  const signed = bad.changeSigned?.(der) ?? der;
  const object = await encryptSigned(
    signed,
    clearContext,
    recipients.map(({ prekey }) => prekey),
    random,
    crypto,
  );
  const outer = { from, to, type, id: toHex(messageId), ...bad.outer };
  return { stanza: carrying(element(NS.CLIENT, kind, outer), object), signed, clearContext };
}

/** Encrypts signed octets anew: what a co-recipient, who has them, can always do. */
export async function encryptSigned(
  signed: Uint8Array,
  clearContext: Uint8Array,
  recipients: readonly PublicKey[],
  random: RandomSource,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const to = recipients as [PublicKey, ...PublicKey[]];
  return (await encrypt(signed, { recipients: to, clearContext, random, crypto })).der;
}

/** The object in a sealed stanza: DER. */
export function objectIn(stanza: XmlElement): Uint8Array {
  return fromBase64(textOf(child(stanza, NS.SEALED, 'sealed') as XmlElement));
}

/** The same stanza carrying another object in the place of its own, if it has one. */
export function carrying(stanza: XmlElement, object: Uint8Array): XmlElement {
  const sealed = element(NS.SEALED, 'sealed', {}, [toBase64(object)]);
  return withChildren(stanza, [
    sealed,
    ...stanza.children.filter((node) => typeof node === 'string' || node.name !== 'sealed'),
  ]);
}

/** The same stanza with a bit of the first octet of one value of its object flipped. */
export function flippedAt(stanza: XmlElement, path: readonly number[]): XmlElement {
  const object = changed(objectIn(stanza), (root) => {
    const value = at(root, ...path);
    const octets = copyOctets(value.content as Uint8Array);
    octets[0] = (octets[0] as number) ^ 1;
    value.content = octets;
  });
  return carrying(stanza, object);
}
