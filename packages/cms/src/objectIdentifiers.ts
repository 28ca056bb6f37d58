/**
 * OBJECT IDENTIFIERs as their DER content octets. They are compared as octets everywhere: arcs beyond 2^53 print
 * differently in different libraries, octets do not (F6).
 * @module
 */

/**
 * Content octets of an OBJECT IDENTIFIER in dotted form; arcs may be of any size. @throws RangeError for text that is none
 *
 * The annotation lets a bundle keep only the identifiers that it uses.
 */
/* @__NO_SIDE_EFFECTS__ */
export function oid(dotted: string): Uint8Array {
  // The first arc is 0, 1 or 2, and behind 0 and 1 stands 39 at most (X.660 §7.6).
  if (!/^([01]\.[1-3]?\d|2\.(0|[1-9]\d*))(\.(0|[1-9]\d*))*$/.test(dotted))
    throw new RangeError('dotted is not an object identifier');
  const [first, second, ...rest] = dotted.split('.').map(BigInt) as [bigint, bigint, ...bigint[]];
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const groups = [Number(arc & 0x7fn)];
    for (let high = arc >> 7n; high > 0n; high >>= 7n) groups.unshift(Number(high & 0x7fn) | 0x80);
    octets.push(...groups);
  }
  return Uint8Array.from(octets);
}

/** Dotted form of an OBJECT IDENTIFIER's content octets. */
export function oidToText(octets: Uint8Array): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of octets) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const joint = arcs[0] ?? 0n;
  const first = joint < 40n ? 0n : joint < 80n ? 1n : 2n;
  return [first, joint - first * 40n, ...arcs.slice(1)].join('.');
}

// RFC 5652, RFC 5083: content types and attributes
/** id-data (RFC 5652 §4). */
export const ID_DATA: Uint8Array = oid('1.2.840.113549.1.7.1');
/** id-signedData (RFC 5652 §5.1). */
export const ID_SIGNED_DATA: Uint8Array = oid('1.2.840.113549.1.7.2');
/** id-ct-authEnvelopedData (RFC 5083 §2.1). */
export const ID_CT_AUTH_ENVELOPED_DATA: Uint8Array = oid('1.2.840.113549.1.9.16.1.23');
/** id-contentType (RFC 5652 §11.1). */
export const ID_CONTENT_TYPE: Uint8Array = oid('1.2.840.113549.1.9.3');
/** id-messageDigest (RFC 5652 §11.2). */
export const ID_MESSAGE_DIGEST: Uint8Array = oid('1.2.840.113549.1.9.4');
/** id-signingTime (RFC 5652 §11.3). */
export const ID_SIGNING_TIME: Uint8Array = oid('1.2.840.113549.1.9.5');

// Public keys and signatures
/** id-X25519 (RFC 8410 §3). */
export const ID_X25519: Uint8Array = oid('1.3.101.110');
/** id-Ed25519 (RFC 8410 §3, RFC 8419 §2.1). */
export const ID_ED25519: Uint8Array = oid('1.3.101.112');
/** id-ecPublicKey (RFC 5480 §2.1.1). */
export const ID_EC_PUBLIC_KEY: Uint8Array = oid('1.2.840.10045.2.1');
/** secp256r1 (RFC 5480 §2.1.1.1). */
export const ID_P256: Uint8Array = oid('1.2.840.10045.3.1.7');
/** ecdsa-with-SHA256 (RFC 5754 §3.3). */
export const ID_ECDSA_WITH_SHA256: Uint8Array = oid('1.2.840.10045.4.3.2');
/** id-sha256 (RFC 5754 §2.2). */
export const ID_SHA256: Uint8Array = oid('2.16.840.1.101.3.4.2.1');
/** id-sha512 (RFC 5754 §2.4). */
export const ID_SHA512: Uint8Array = oid('2.16.840.1.101.3.4.2.3');

// Key agreement, key wrap, content encryption
/** dhSinglePass-stdDH-hkdf-sha256-scheme (RFC 8418 §2.2). */
export const ID_STD_DH_HKDF_SHA256: Uint8Array = oid('1.2.840.113549.1.9.16.3.19');
/** id-aes256-wrap (RFC 3565 §2.3.2). */
export const ID_AES256_WRAP: Uint8Array = oid('2.16.840.1.101.3.4.1.45');
/** id-aes256-GCM (RFC 5084 §3.2). */
export const ID_AES256_GCM: Uint8Array = oid('2.16.840.1.101.3.4.1.46');
/** id-alg-cek-hkdf-sha256 (RFC 9709 §2). */
export const ID_CEK_HKDF_SHA256: Uint8Array = oid('1.2.840.113549.1.9.16.3.31');

/** Arc under which everything of `urn:xmpp:sealed:0` is named: a UUID under 2.25 (ITU-T X.667). */
export const STANZASEAL_ARC = '2.25.190310237082559258561972166712186265384';
/** id-ct-sealedStanza: an XEP-0420 envelope. */
export const ID_CT_SEALED_STANZA: Uint8Array = ownOid('1.1');
/** id-ct-deviceList: `DeviceList`. */
export const ID_CT_DEVICE_LIST: Uint8Array = ownOid('1.2');
/** id-ct-prekeyBundle: `PrekeyBundle`. */
export const ID_CT_PREKEY_BUNDLE: Uint8Array = ownOid('1.3');
/** id-ct-endorsement: `Endorsement`. */
export const ID_CT_ENDORSEMENT: Uint8Array = ownOid('1.4');
/** id-ct-handshake: a message of the trust handshake. */
export const ID_CT_HANDSHAKE: Uint8Array = ownOid('1.5');
/** id-ct-archiveRecord: a record of an archive. */
export const ID_CT_ARCHIVE_RECORD: Uint8Array = ownOid('1.6');
/** id-aa-clearContext: `ClearContext`. */
export const ID_AA_CLEAR_CONTEXT: Uint8Array = ownOid('2.1');
/** id-aa-cekCommitment: OCTET STRING of 32 octets. */
export const ID_AA_CEK_COMMITMENT: Uint8Array = ownOid('2.2');
/** id-aa-privateContext: `PrivateContext`. */
export const ID_AA_PRIVATE_CONTEXT: Uint8Array = ownOid('2.3');
/** id-aa-recipients: `Recipients`. */
export const ID_AA_RECIPIENTS: Uint8Array = ownOid('2.4');
/** id-aa-replyPrekey: `ReplyPrekey`. */
export const ID_AA_REPLY_PREKEY: Uint8Array = ownOid('2.5');
/** id-aa-senderKeys: `SenderKeys`. */
export const ID_AA_SENDER_KEYS: Uint8Array = ownOid('2.6');

/* @__NO_SIDE_EFFECTS__ */
function ownOid(arcs: string): Uint8Array {
  return oid(`${STANZASEAL_ARC}.${arcs}`);
}
