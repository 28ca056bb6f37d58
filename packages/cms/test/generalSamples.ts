/** General structures with every kind of part in them, and a rewriter from DER to BER, for the tests of structures. */
import {
  contentEncryptionAlgorithm,
  digestAlgorithm,
  type GeneralAlgorithm,
  type GeneralAuthEnvelopedData,
  type GeneralAuthenticatedData,
  type GeneralRecipientInfo,
  type GeneralSignedData,
  type GeneralSignerInfo,
  generalAlgorithm,
  generalAttributes,
  generalSignatureAlgorithm,
  hkdfAlgorithm,
  hmacAlgorithm,
  type KeyName,
  kemAlgorithm,
  keyAgreementAlgorithm,
  keyTransportAlgorithm,
  keyWrapAlgorithm,
  originatorKeyAlgorithm,
  passwordDerivationAlgorithm,
  passwordWrapAlgorithm,
} from '../src/general/index.js';
import {
  concat,
  contentTypeAttribute,
  type DerTree,
  decodeDerTree,
  encodeDer,
  encodeParts,
  fromHex,
  ID_DATA,
  integer,
  messageDigestAttribute,
  objectIdentifier,
  oid,
  sequence,
  setOf,
  utf8String,
} from '../src/index.js';

const octets = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);

/** The two ways of naming a key. */
export const byIdentifier: KeyName = { kind: 'subjectKeyIdentifier', keyIdentifier: octets(20, 1) };
const issuer = encodeDer(sequence(setOf([sequence(objectIdentifier(oid('2.5.4.3')), utf8String('Somebody'))])));
export const byIssuer: KeyName = {
  kind: 'issuerAndSerialNumber',
  der: encodeParts(0x30, issuer, encodeDer(integer(4711))),
  issuer,
  serialNumber: fromHex('1267'),
};

const wrapped = octets(40, 7);
const originator = { algorithm: originatorKeyAlgorithm('X25519'), publicKey: octets(32, 9) };
const agreement = (wrap: GeneralAlgorithm, kdf: 'X9.63' | 'HKDF'): GeneralAlgorithm =>
  keyAgreementAlgorithm({ kdf, cofactor: false, hash: 'SHA-256', wrap });

/** One recipient of each kind and way of naming. */
export const recipients: readonly GeneralRecipientInfo[] = [
  ...[byIssuer, byIdentifier].map(
    (rid, i): GeneralRecipientInfo => ({
      kind: 'ktri',
      version: 2 * i,
      rid,
      keyEncryptionAlgorithm: keyTransportAlgorithm({ hash: 'SHA-256', mgfHash: 'SHA-256', label: octets(i, 5) }),
      encryptedKey: octets(256, 3),
    }),
  ),
  {
    kind: 'kari',
    version: 3,
    originatorKey: originator,
    ukm: octets(64, 2),
    keyEncryptionAlgorithm: agreement(keyWrapAlgorithm(32), 'HKDF'),
    recipientEncryptedKeys: [byIssuer, byIdentifier].map((rid) => ({ rid, encryptedKey: wrapped })),
  },
  {
    kind: 'kari',
    version: 3,
    originatorKey: { algorithm: originatorKeyAlgorithm('EC'), publicKey: octets(65, 4) },
    ukm: undefined,
    keyEncryptionAlgorithm: agreement(generalAlgorithm(keyWrapAlgorithm(16).oid, fromHex('0500')), 'X9.63'),
    recipientEncryptedKeys: [{ rid: byIdentifier, encryptedKey: wrapped }],
  },
  {
    kind: 'kekri',
    version: 4,
    keyIdentifier: fromHex('c0fee0'),
    keyEncryptionAlgorithm: keyWrapAlgorithm(24),
    encryptedKey: wrapped,
  },
  ...[true, false].map(
    (derives): GeneralRecipientInfo => ({
      kind: 'pwri',
      version: 0,
      keyDerivationAlgorithm: derives
        ? passwordDerivationAlgorithm({
            kdf: 'PBKDF2',
            hash: 'SHA-256',
            salt: octets(16, 1),
            iterations: 600000,
            keyLength: undefined,
          })
        : undefined,
      keyEncryptionAlgorithm: passwordWrapAlgorithm({ keyLength: 32, iv: octets(16, 8) }),
      encryptedKey: octets(48, 6),
    }),
  ),
  ...[octets(9, 1), undefined].map(
    (ukm): GeneralRecipientInfo => ({
      kind: 'kemri',
      version: 0,
      rid: byIdentifier,
      kem: kemAlgorithm('ML-KEM-768'),
      kemct: octets(1088, 5),
      kdf: hkdfAlgorithm('SHA-256'),
      kekLength: 32,
      ukm,
      wrap: keyWrapAlgorithm(32),
      encryptedKey: wrapped,
    }),
  ),
  { kind: 'other', der: fromHex('a4090603550403040200ff') },
];

const signedAttrs = generalAttributes([messageDigestAttribute(octets(64, 2)), contentTypeAttribute(ID_DATA)]);
const unsignedAttrs = generalAttributes([
  { attrType: oid('1.2.3.4'), values: [encodeDer(integer(2)), encodeDer(integer(1))] },
  { attrType: oid('1.2.3.4'), values: [encodeDer(utf8String('again'))] },
]);
const signers: readonly GeneralSignerInfo[] = [
  {
    version: 1,
    sid: byIssuer,
    digestAlgorithm: digestAlgorithm('SHA-256'),
    signedAttrs,
    signatureAlgorithm: generalSignatureAlgorithm({ name: 'ECDSA', hash: 'SHA-256' }, 'P-256'),
    signature: octets(70, 1),
    unsignedAttrs,
  },
  {
    version: 3,
    sid: byIdentifier,
    digestAlgorithm: digestAlgorithm('SHA-512'),
    signedAttrs: undefined,
    signatureAlgorithm: generalSignatureAlgorithm({ name: 'Ed25519' }, 'Ed25519'),
    signature: octets(64, 1),
    unsignedAttrs: undefined,
  },
];

/** Two signers, attributes of both sorts. */
export const signedData: GeneralSignedData = {
  version: 3,
  digestAlgorithms: [digestAlgorithm('SHA-256'), digestAlgorithm('SHA-512')],
  eContentType: ID_DATA,
  eContent: octets(300, 0),
  certificateCount: 0,
  signerInfos: signers,
};

/** All recipients, attributes of both sorts. */
export const authEnvelopedData: GeneralAuthEnvelopedData = {
  version: 0,
  recipientInfos: recipients,
  contentType: ID_DATA,
  contentEncryptionAlgorithm: contentEncryptionAlgorithm('AES-256-GCM', octets(12, 1), true),
  encryptedContent: octets(300, 0),
  authAttrs: signedAttrs,
  mac: octets(16, 3),
  unauthAttrs: unsignedAttrs,
};

/** All recipients, attributes of both sorts. */
export const authenticatedData: GeneralAuthenticatedData = {
  version: 0,
  recipientInfos: recipients,
  macAlgorithm: hmacAlgorithm('SHA-256'),
  digestAlgorithm: digestAlgorithm('SHA-256'),
  eContentType: ID_DATA,
  eContent: octets(300, 0),
  authAttrs: signedAttrs,
  mac: octets(32, 3),
  unauthAttrs: unsignedAttrs,
};

/** DER as BER in every way that its tags show: indefinite lengths, octet strings in two chunks, lengths of four octets. */
export function toBer(der: Uint8Array): Uint8Array {
  return berOf(decodeDerTree(der));
}

function berOf({ tag, content }: DerTree): Uint8Array {
  const end = fromHex('0000');
  if (!(content instanceof Uint8Array)) return concat(Uint8Array.of(tag, 0x80), ...content.map(berOf), end);
  // [0] in place of an OCTET STRING: a key identifier, and encryptedContent.
  if (tag !== 0x04 && tag !== 0x80) return concat(longHeader(tag, content.length), content);
  const half = content.length >> 1;
  const chunks = [content.subarray(0, half), content.subarray(half)];
  return concat(
    Uint8Array.of(tag | 0x20, 0x80),
    ...chunks.map((chunk) => concat(longHeader(0x04, chunk.length), chunk)),
    end,
  );
}

function longHeader(tag: number, length: number): Uint8Array {
  return Uint8Array.of(tag, 0x84, 0, 0, length >> 8, length & 0xff);
}
