/**
 * A private key and its certificates out of a PKCS #12 file (RFC 7292), as browsers and `openssl pkcs12 -export` write it. pkijs knows the
 * format; what it gives is judged again by who uses it.
 * @module
 */
import { DerReader, equal } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralPrivateKey } from '@stanzaseal/cms/general';
import { OctetString } from 'asn1js';
import {
  type AuthenticatedSafe,
  CertBag,
  CryptoEngine,
  EncryptedContentInfo,
  EncryptedData,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  type SafeBag,
  type SafeContents,
} from 'pkijs';
import { TrustError } from '../trustError.js';
import { readCertificate } from './certificate.js';

/** What a file holds. */
export interface Pkcs12Content {
  /** The private key. */
  readonly key: GeneralPrivateKey;
  /** DER of its certificate, and of the others in the file. */
  readonly certificates: readonly [Uint8Array, ...Uint8Array[]];
}

/**
 * Opens a file. It must have a MAC, and be encrypted by PBES2 (OpenSSL 3, browsers of today); what OpenSSL 1 wrote by RC2 and Triple DES is
 * not taken.
 * @throws TrustError `ERR_PASSPHRASE` where the MAC is another, `ERR_UNSUPPORTED` for what is encrypted otherwise, has not one key with its
 * certificate, or is no PKCS #12 file
 * @example
 * const { key, certificates } = await openPkcs12(file, 'passphrase', { general, webCrypto: globalThis.crypto });
 */
export async function openPkcs12(
  octets: Uint8Array,
  passphrase: string,
  { general, webCrypto }: { readonly general: GeneralCrypto; readonly webCrypto: Crypto },
): Promise<Pkcs12Content> {
  const engine = new CryptoEngine({ name: 'stanzaseal', crypto: webCrypto });
  const safe = await authenticatedSafe(octets, passphrase, engine);
  const password = buffer(new TextEncoder().encode(passphrase));
  try {
    const safeContents = safe.safeContents.map(() => ({ password }));
    await safe.parseInternalValues({ safeContents }, engine);
    const contents = (safe.parsedValue as { safeContents: { value: SafeContents }[] }).safeContents;
    const bags = contents.flatMap(({ value }) => value.safeBags);
    const keys = (await Promise.all(bags.map((bag) => pkcs8In(bag, password, engine)))).flatMap((key) => key ?? []);
    if (keys.length !== 1) throw unsupported('it does not hold exactly one private key');
    const key = await general.importPrivateKey(keys[0] as Uint8Array);
    const certificates = bags.flatMap((bag) => certificateIn(bag) ?? []);
    const own = certificates.find((der) => equal(readCertificate(der).spki, key.publicKey.spki));
    if (own === undefined) throw unsupported('it does not hold the certificate of its key');
    return { key, certificates: [own, ...certificates.filter((der) => der !== own)] };
  } catch (cause) {
    throw cause instanceof TrustError
      ? cause
      : unsupported('it is encrypted or written in a way of before 2017', cause);
  }
}

/** The content under the MAC. pkijs takes the octets of a passphrase for the characters that the MAC is made over: those of Latin-1. */
async function authenticatedSafe(
  octets: Uint8Array,
  passphrase: string,
  engine: CryptoEngine,
): Promise<AuthenticatedSafe> {
  if (/[^\0-\xff]/.test(passphrase)) throw unsupported('its passphrase has characters beyond Latin-1');
  const password = buffer(Uint8Array.from(passphrase, (character) => character.charCodeAt(0)));
  let pfx: PFX;
  try {
    // It is BER by right, but every writer in use writes definite lengths: trailing octets and other tricks are not taken.
    new DerReader(octets, { octets: 1048576, depth: 32 }).encodedAs(0x30);
    pfx = PFX.fromBER(buffer(octets));
    if (pfx.macData === undefined) throw unsupported('it has no MAC');
  } catch (cause) {
    throw cause instanceof TrustError ? cause : unsupported('it is no PKCS #12 file in DER', cause);
  }
  try {
    await pfx.parseInternalValues({ password, checkIntegrity: true }, engine);
    return (pfx.parsedValue as { authenticatedSafe: AuthenticatedSafe }).authenticatedSafe;
  } catch (cause) {
    throw new TrustError('ERR_PASSPHRASE', 'the passphrase does not open the PKCS #12 file', { cause });
  }
}

async function pkcs8In(
  { bagValue }: SafeBag,
  password: ArrayBuffer,
  engine: CryptoEngine,
): Promise<Uint8Array | undefined> {
  if (bagValue instanceof PrivateKeyInfo) return new Uint8Array(bagValue.toSchema().toBER());
  if (!(bagValue instanceof PKCS8ShroudedKeyBag)) return undefined;
  const encryptedContentInfo = new EncryptedContentInfo({
    contentEncryptionAlgorithm: bagValue.encryptionAlgorithm,
    encryptedContent: bagValue.encryptedData,
  });
  return new Uint8Array(await new EncryptedData({ encryptedContentInfo }).decrypt({ password }, engine));
}

function certificateIn({ bagValue }: SafeBag): Uint8Array | undefined {
  if (!(bagValue instanceof CertBag) || !(bagValue.certValue instanceof OctetString)) return undefined;
  return new Uint8Array(bagValue.certValue.getValue());
}

function buffer(octets: Uint8Array): ArrayBuffer {
  return Uint8Array.from(octets).buffer;
}

function unsupported(why: string, cause?: unknown): TrustError {
  return new TrustError('ERR_UNSUPPORTED', `the PKCS #12 file is not supported: ${why}`, { cause });
}
