/**
 * General CMS structures as immutable data (RFC 5652, RFC 5083, RFC 5753, RFC 9629), as other software writes them. Where a
 * derivation or a digest takes octets as they stood (`der` of an AlgorithmIdentifier), those octets are kept.
 * @module
 */
/** `AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }` (RFC 5280 §4.1.1.2). */
export interface GeneralAlgorithm {
  /** Content octets of the OBJECT IDENTIFIER. */
  readonly oid: Uint8Array;
  /** The parameters as they stood; `undefined` where absent, which is not NULL. */
  readonly parameters: Uint8Array | undefined;
  /** The whole value as it stood. */
  readonly der: Uint8Array;
}

/** `IssuerAndSerialNumber` (RFC 5652 §10.2.4) or a key identifier: how a signer or a recipient is named. */
export type KeyName =
  | { readonly kind: 'subjectKeyIdentifier'; readonly keyIdentifier: Uint8Array }
  /** `der` is the whole value as it stood; `serialNumber` the content octets of the INTEGER. */
  | {
      readonly kind: 'issuerAndSerialNumber';
      readonly der: Uint8Array;
      readonly issuer: Uint8Array;
      readonly serialNumber: Uint8Array;
    };

/** One attribute with its values: none, one or several; most types allow exactly one (RFC 5652 §11). */
export interface GeneralAttribute {
  /** Content octets of attrType. */
  readonly attrType: Uint8Array;
  /** Each value as DER. */
  readonly values: readonly Uint8Array[];
}

/** Attributes of a SET OF, with the DER that signatures and tags are computed over. */
export interface GeneralAttributes {
  /** The attributes, in wire order; one type may stand there twice, which a reader must refuse where it uses them. */
  readonly attributes: readonly GeneralAttribute[];
  /** DER under the universal SET tag 0x31, sorted, whatever stood on the wire (RFC 5652 §5.4, RFC 5083 §2.2). */
  readonly der: Uint8Array;
}

/** `SignerInfo` (RFC 5652 §5.3). */
export interface GeneralSignerInfo {
  /** CMSVersion: 1 with issuerAndSerialNumber, 3 with subjectKeyIdentifier. */
  readonly version: number;
  /** Who signed, in the signer's own words. */
  readonly sid: KeyName;
  /** The digest. */
  readonly digestAlgorithm: GeneralAlgorithm;
  /** The signed attributes; `undefined` where absent. */
  readonly signedAttrs: GeneralAttributes | undefined;
  /** The signature's algorithm. */
  readonly signatureAlgorithm: GeneralAlgorithm;
  /** The signature. */
  readonly signature: Uint8Array;
  /** The unsigned attributes: data, never authority. */
  readonly unsignedAttrs: GeneralAttributes | undefined;
}

/** `SignedData` (RFC 5652 §5.1). */
export interface GeneralSignedData {
  /** CMSVersion. */
  readonly version: number;
  /** digestAlgorithms as they stood. */
  readonly digestAlgorithms: readonly GeneralAlgorithm[];
  /** Content octets of eContentType. */
  readonly eContentType: Uint8Array;
  /** The content, in one piece; `undefined` where detached. */
  readonly eContent: Uint8Array | undefined;
  /** Number of certificates and CRLs that came along: they are never used. */
  readonly certificateCount: number;
  /** The signers. */
  readonly signerInfos: readonly GeneralSignerInfo[];
}

/** A recipient that is a key of KeyAgreeRecipientInfo, with what it was given. */
export interface GeneralRecipientEncryptedKey {
  /** Who: by key identifier (`rKeyId`) or by certificate. */
  readonly rid: KeyName;
  /** The wrapped key. */
  readonly encryptedKey: Uint8Array;
}

/** `RecipientInfo` (RFC 5652 §6.2) and KEMRecipientInfo (RFC 9629 §3). */
export type GeneralRecipientInfo =
  | {
      readonly kind: 'ktri';
      readonly version: number;
      readonly rid: KeyName;
      readonly keyEncryptionAlgorithm: GeneralAlgorithm;
      readonly encryptedKey: Uint8Array;
    }
  | {
      readonly kind: 'kari';
      readonly version: number;
      /** originatorKey: its algorithm and the content of its BIT STRING; `undefined` for an originator named by a certificate. */
      readonly originatorKey: { readonly algorithm: GeneralAlgorithm; readonly publicKey: Uint8Array } | undefined;
      readonly ukm: Uint8Array | undefined;
      readonly keyEncryptionAlgorithm: GeneralAlgorithm;
      readonly recipientEncryptedKeys: readonly GeneralRecipientEncryptedKey[];
    }
  | {
      readonly kind: 'kekri';
      readonly version: number;
      readonly keyIdentifier: Uint8Array;
      readonly keyEncryptionAlgorithm: GeneralAlgorithm;
      readonly encryptedKey: Uint8Array;
    }
  | {
      readonly kind: 'pwri';
      readonly version: number;
      readonly keyDerivationAlgorithm: GeneralAlgorithm | undefined;
      readonly keyEncryptionAlgorithm: GeneralAlgorithm;
      readonly encryptedKey: Uint8Array;
    }
  | {
      readonly kind: 'kemri';
      readonly version: number;
      readonly rid: KeyName;
      readonly kem: GeneralAlgorithm;
      readonly kemct: Uint8Array;
      readonly kdf: GeneralAlgorithm;
      /** Length in octets of the key-encryption key, as stated. */
      readonly kekLength: number;
      readonly ukm: Uint8Array | undefined;
      readonly wrap: GeneralAlgorithm;
      readonly encryptedKey: Uint8Array;
    }
  /** One that is not known here: a reader passes over it. */
  | { readonly kind: 'other'; readonly der: Uint8Array };

/** `AuthEnvelopedData` (RFC 5083 §2.1). */
export interface GeneralAuthEnvelopedData {
  /** CMSVersion, 0. */
  readonly version: number;
  /** The recipients. */
  readonly recipientInfos: readonly GeneralRecipientInfo[];
  /** Content octets of contentType. */
  readonly contentType: Uint8Array;
  /** How the content is encrypted. */
  readonly contentEncryptionAlgorithm: GeneralAlgorithm;
  /** The ciphertext, in one piece; `undefined` where it is detached. */
  readonly encryptedContent: Uint8Array | undefined;
  /** Authenticated attributes; their DER is the AAD. */
  readonly authAttrs: GeneralAttributes | undefined;
  /** The tag. */
  readonly mac: Uint8Array;
  /** Unauthenticated attributes: data, never authority. */
  readonly unauthAttrs: GeneralAttributes | undefined;
}

/** `AuthenticatedData` (RFC 5652 §9.1). */
export interface GeneralAuthenticatedData {
  /** CMSVersion. */
  readonly version: number;
  /** The recipients. */
  readonly recipientInfos: readonly GeneralRecipientInfo[];
  /** How the MAC is made. */
  readonly macAlgorithm: GeneralAlgorithm;
  /** Digest of the content: there exactly when authAttrs are. */
  readonly digestAlgorithm: GeneralAlgorithm | undefined;
  /** Content octets of eContentType. */
  readonly eContentType: Uint8Array;
  /** The content; `undefined` where detached. */
  readonly eContent: Uint8Array | undefined;
  /** Authenticated attributes. */
  readonly authAttrs: GeneralAttributes | undefined;
  /** The MAC. */
  readonly mac: Uint8Array;
  /** Unauthenticated attributes: data, never authority. */
  readonly unauthAttrs: GeneralAttributes | undefined;
}

/** Any ContentInfo (RFC 5652 §3) of a kind that is taken. */
export type GeneralContentInfo =
  | ({ readonly kind: 'SignedData' } & GeneralSignedData)
  | ({ readonly kind: 'AuthEnvelopedData' } & GeneralAuthEnvelopedData)
  | ({ readonly kind: 'AuthenticatedData' } & GeneralAuthenticatedData);
