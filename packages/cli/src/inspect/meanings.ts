/**
 * What a field is for, in a few words, by the structure it stands in.
 * @module
 */
import { STANZASEAL_ARC } from '@stanzaseal/cms';
import type { GeneralNode } from '@stanzaseal/cms/general';
import { oidOf, part } from './nodes.js';

/** The words for every value that has some. */
export function meaningsOf(root: GeneralNode): Map<GeneralNode, string> {
  const meanings = new Map<GeneralNode, string>();
  const visit = (node: GeneralNode, around: GeneralNode | undefined): void => {
    const words = fieldWords(node, around) ?? structureWords(node);
    if (words !== undefined) meanings.set(node, words);
    for (const child of node.children ?? []) visit(child, node);
  };
  visit(root, undefined);
  return meanings;
}

function fieldWords({ path }: GeneralNode, around: GeneralNode | undefined): string | undefined {
  if (path === undefined || around?.path === undefined || around.structure === undefined) return undefined;
  const name = /^\.?([^.[]+)/.exec(path.slice(around.path.length))?.[1];
  return name === undefined ? undefined : FIELDS[around.structure]?.[name];
}

function structureWords(node: GeneralNode): string | undefined {
  if (node.structure === 'Attribute') return ATTRIBUTES[oidOf(part(node, 'attrType')) ?? ''];
  return node.structure === undefined ? undefined : STRUCTURES[node.structure];
}

const STRUCTURES: Readonly<Record<string, string>> = {
  SignerInfo: 'one signature',
  KeyTransRecipientInfo: 'a recipient by public-key encryption of the content key',
  KeyAgreeRecipientInfo: 'recipients by key agreement with one key of the sender',
  KEKRecipientInfo: 'a recipient by a symmetric key that both sides have',
  PasswordRecipientInfo: 'a recipient by a password',
  OtherRecipientInfo: 'a recipient by other means',
  KEMRecipientInfo: 'a recipient by key encapsulation (RFC 9629)',
  RecipientEncryptedKey: 'one recipient',
  Recipient: 'which device stands behind a key identifier on the wire',
};

const NAMES = {
  version: 'of the syntax',
  keyEncryptionAlgorithm: 'how the content key is wrapped',
  encryptedKey: 'the content key, wrapped',
};
const ENVELOPE = {
  version: 'of the syntax',
  originatorInfo: 'certificates that the sender adds',
  recipientInfos: 'who can open it',
  mac: 'what authenticates it',
};

const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ContentInfo: { contentType: 'what kind of object this is' },
  SignedData: {
    version: 'of the syntax',
    digestAlgorithms: 'for readers that digest in one pass',
    encapContentInfo: 'what is signed',
    certificates: 'offered by whoever sent it',
    crls: 'offered by whoever sent it',
    signerInfos: 'who signed',
  },
  EncapsulatedContentInfo: { eContentType: 'what kind of content it is', eContent: 'the content' },
  SignerInfo: {
    version: '1: named by certificate, 3: by key identifier',
    sid: 'who claims to have signed',
    digestAlgorithm: 'digest of the content',
    signedAttrs: 'what the signer says about the content',
    signatureAlgorithm: 'how it is signed',
    signature: 'the signature',
    unsignedAttrs: 'anybody may have added these',
  },
  EnvelopedData: { ...ENVELOPE, unprotectedAttrs: 'anybody may have added these' },
  AuthEnvelopedData: {
    ...ENVELOPE,
    authAttrs: 'readable by all, changed by none',
    unauthAttrs: 'anybody may have added these',
  },
  AuthenticatedData: {
    ...ENVELOPE,
    macAlgorithm: 'how it is authenticated, for recipients alone',
    digestAlgorithm: 'digest of the content',
    encapContentInfo: 'what is authenticated, in the clear',
    authAttrs: 'what the sender says about the content',
    unauthAttrs: 'anybody may have added these',
  },
  EncryptedData: { version: 'of the syntax', unprotectedAttrs: 'anybody may have added these' },
  DigestedData: { digestAlgorithm: 'digest of the content', digest: 'a checksum, which anybody can compute' },
  EncryptedContentInfo: {
    contentType: 'what kind of content it is',
    contentEncryptionAlgorithm: 'how the content is encrypted',
    encryptedContent: 'the content, encrypted',
  },
  KeyTransRecipientInfo: { ...NAMES, rid: 'whose key opens it' },
  KeyAgreeRecipientInfo: {
    ...NAMES,
    originator: 'whose key the recipient agrees with',
    ukm: 'goes into the key derivation',
    keyEncryptionAlgorithm: 'key agreement, and how the content key is wrapped',
    recipientEncryptedKeys: 'a wrapped content key for each recipient',
  },
  OriginatorPublicKey: { publicKey: 'ephemeral key of the sender' },
  RecipientEncryptedKey: { rid: 'whose key opens it', encryptedKey: 'the content key, wrapped' },
  RecipientKeyIdentifier: { subjectKeyIdentifier: 'key identifier', date: 'which key, where there are several' },
  KEKRecipientInfo: { ...NAMES, kekid: 'which key' },
  KEKIdentifier: { keyIdentifier: 'a name that both sides know the key by' },
  PasswordRecipientInfo: { ...NAMES, keyDerivationAlgorithm: 'how the password becomes a key' },
  OtherRecipientInfo: { oriType: 'what kind of recipient' },
  KEMRecipientInfo: {
    ...NAMES,
    rid: 'whose key opens it',
    kem: 'the encapsulation',
    kemct: 'its ciphertext: holds the shared secret',
    kdf: 'from the shared secret to the wrapping key',
    kekLength: 'of the wrapping key, in octets',
    ukm: 'goes into the key derivation',
    wrap: 'how the content key is wrapped',
  },
  GCMParameters: { 'aes-nonce': 'never twice under one key', 'aes-ICVlen': 'octets of the tag' },
  CCMParameters: { 'aes-nonce': 'never twice under one key', 'aes-ICVlen': 'octets of the tag' },
  'PBKDF2-params': { salt: 'makes equal passwords differ', iterationCount: 'what a guess costs' },
  'scrypt-params': { salt: 'makes equal passwords differ', costParameter: 'what a guess costs' },
  OneAsymmetricKey: { privateKey: 'the secret' },
  ClearContext: {
    version: 'of the profile',
    suite: 'the algorithms, as one number',
    kind: 'of the stanza',
    type: 'of the stanza',
    from: 'bare address of the sender',
    to: 'bare address of the recipient or room',
    messageId: 'names the message, whatever id the stanza has',
    recipientsDigest: 'binds the key identifiers of all recipients',
  },
  PrivateContext: {
    clearContext: 'the clear context again, as the sender signed it',
    senderDevice: 'key identifier of the sending device',
    senderListVersion: "of the sender's device list",
    peerListVersion: "newest of the peer's device lists that the sender knows",
    counter: 'of objects in this conversation',
    previous: 'digest of the one before',
    inReplyTo: 'message id of the request',
  },
  Recipient: { rKeyId: 'key identifier on the wire', deviceKey: 'key identifier of the device', class: 'of the key' },
  ReplyPrekey: { key: 'answer to this key', notAfter: 'and not later than this' },
  SenderKeys: {
    identity: 'who it is, for the first contact',
    device: 'what signed this',
    endorsement: 'by the identity',
  },
  DeviceList: {
    identity: 'signs this list',
    previous: 'digest of the list before',
    archiveKeys: 'who else reads along',
  },
  PrekeyBundle: {
    identity: 'key identifier of the account',
    device: 'key identifier of the device that signs this',
    lastResort: 'used when no one-time key is left',
    oneTime: 'each for one sender',
  },
  Endorsement: { endorser: 'key identifier of the one who says so', endorsed: 'the key it is about' },
  MacData: { mac: 'under a password' },
};

const ATTRIBUTES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.9.3': 'what kind of content this is about',
  '1.2.840.113549.1.9.4': 'digest of the content: it ties the content to these attributes',
  '1.2.840.113549.1.9.5': "when, by the signer's own word",
  '1.2.840.113549.1.9.6': 'a signature over the signature',
  '1.2.840.113549.1.9.52': 'the algorithms, so that they cannot be exchanged (RFC 6211)',
  '1.2.840.113549.1.9.15': 'what the sender can read',
  '1.2.840.113549.1.9.16.2.14': 'a time stamp over the signature',
  [`${STANZASEAL_ARC}.2.1`]: 'what servers may know and nobody may change',
  [`${STANZASEAL_ARC}.2.2`]: 'ties the content key to this object',
  [`${STANZASEAL_ARC}.2.3`]: 'where in its conversation this belongs',
  [`${STANZASEAL_ARC}.2.4`]: 'every recipient, under the signature',
  [`${STANZASEAL_ARC}.2.5`]: 'a fresh key for the answer',
  [`${STANZASEAL_ARC}.2.6`]: 'what a first contact is verified by',
};
