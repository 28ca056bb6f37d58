/**
 * Statements by which a certificate endorses a bare key: made with the certificate's private key, wherever that lives.
 * @module
 */
import {
  type CryptoProvider,
  copyOctets,
  decodeEndorsement,
  type Endorsement,
  encodeEndorsement,
  equal,
  ID_CT_ENDORSEMENT,
  publicKeyFromRaw,
  type RandomSource,
  type SigningKey,
} from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralPrivateKey } from '@stanzaseal/cms/general';
import { requestEndorsement, verify } from '@stanzaseal/signer';
import { sign } from '@stanzaseal/signer/general';
import { bareJid } from '@stanzaseal/stanza';
import { encodeStatement, readStatement } from '../statement.js';
import { statementError, TrustError } from '../trustError.js';
import { nameMatch } from './accountNames.js';
import { type Certificate, readCertificate } from './certificate.js';
import { maySignStatements } from './usage.js';

/** Who endorses. */
export interface CertificateSigner {
  /** DER of the certificate, and of those between it and a root; the root itself may be left out. */
  readonly certificates: readonly [Uint8Array, ...Uint8Array[]];
  /** Its private key: Ed25519, P-256, P-384, RSA. Of a token: what `pkcs11GeneralKey` gives. */
  readonly key: GeneralPrivateKey;
  /** The provider that can use it. */
  readonly general: GeneralCrypto;
  /** Randomness, for signatures that take it. */
  readonly random: RandomSource;
}

/** What is endorsed, and for how long. */
export interface EndorsementTerms {
  /** Bare JID of the account; the domain, for a key that vouches for its accounts. */
  readonly jid: string;
  /** Begin and end of validity in ms since 1970. */
  readonly notBefore: number;
  /** It ends with the certificate in any case. */
  readonly notAfter: number;
  /** Higher than that of any statement of this certificate about this key before. */
  readonly sequence: number;
}

/**
 * DER of a statement by which a certificate endorses an identity key, where one party holds both.
 * @throws TrustError `ERR_UNSUPPORTED` for a certificate whose key is of another kind; RangeError for a certificate that does not name the
 * account, is not for signing, or has another key
 * @example
 * const statement = await endorseByCertificate(identity, { jid, notBefore: now, notAfter: now + YEAR, sequence: 1 }, signer, { now, crypto });
 */
export async function endorseByCertificate(
  identity: SigningKey,
  terms: EndorsementTerms,
  signer: CertificateSigner,
  parameters: { readonly now: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const request = await requestCertificateEndorsement(identity, terms, signer.certificates[0], parameters);
  return completeCertificateEndorsement(request, signer, parameters);
}

/**
 * DER of a request, signed by the identity key: for a certificate whose key is on another machine, which then completes it.
 * @param certificate DER of the certificate that is to endorse the key
 * @throws RangeError for octets that are no certificate
 */
export async function requestCertificateEndorsement(
  identity: SigningKey,
  terms: EndorsementTerms,
  certificate: Uint8Array,
  { now, crypto }: { readonly now: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const { spki } = givenCertificate(certificate, 'certificate');
  const endorsement: Endorsement = {
    ...terms,
    endorser: await crypto.sha256(spki),
    endorsed: identity.publicKey,
    owner: bareJid(terms.jid),
    purpose: 'identity',
  };
  return requestEndorsement(endorsement, identity, { signingTime: now, crypto });
}

/**
 * Adds the certificate's signature to a request, after the request's own was verified, and the certificates.
 * @throws as `endorseByCertificate`; TrustError `ERR_VERIFY` for a request that is not signed by the key that it names, or that names another certificate
 */
export async function completeCertificateEndorsement(
  request: Uint8Array,
  signer: CertificateSigner,
  { now, crypto }: { readonly now: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const { content, signerInfos } = readRequest(request);
  const endorsement = decodeEndorsement(content);
  const { algorithm, raw } = endorsement.endorsed;
  try {
    const endorsed = await publicKeyFromRaw(algorithm, raw, crypto);
    await verify(request, { signers: [endorsed], contentType: ID_CT_ENDORSEMENT, crypto });
  } catch (cause) {
    throw statementError(cause);
  }
  if (endorsement.purpose !== 'identity') throw statementError();
  return stated(content, endorsement, signerInfos, signer, now);
}

/**
 * DER of a statement by which a certificate takes back what it said of a key: signed by it alone, since the key may be in other hands.
 * @param identity the key
 * @throws as `endorseByCertificate`
 */
export async function revokeByCertificate(
  identity: SigningKey['publicKey'],
  terms: EndorsementTerms,
  signer: CertificateSigner,
  { now, crypto }: { readonly now: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const { spki } = givenCertificate(signer.certificates[0], 'certificates[0]');
  const endorser = await crypto.sha256(spki);
  const owner = bareJid(terms.jid);
  const endorsement: Endorsement = { ...terms, endorser, endorsed: identity, owner, purpose: 'revoked' };
  return stated(encodeEndorsement(endorsement), endorsement, [], signer, now);
}

async function stated(
  content: Uint8Array,
  { endorser, owner }: Endorsement,
  others: readonly Uint8Array[],
  { certificates, key, general, random }: CertificateSigner,
  now: number,
): Promise<Uint8Array> {
  const read = certificates.map((der, i) => givenCertificate(der, `certificates[${i}]`));
  const leaf = read[0] as Certificate;
  if (!equal(endorser, await general.digest('SHA-256', leaf.spki))) throw statementError();
  await expectOwnKey(leaf, key, general);
  if (nameMatch(leaf, owner) === undefined) throw new RangeError(`certificates[0] does not name ${owner}`);
  if (!maySignStatements(leaf, owner)) throw new RangeError('certificates[0] is not for signing');
  const contentType = ID_CT_ENDORSEMENT;
  const own = await sign(content, {
    profile: 'general',
    signers: [{ key }],
    contentType,
    signingTime: now,
    random,
    crypto: general,
  });
  const signerInfos = [...readStatement(own).signerInfos, ...others];
  return encodeStatement({ content, signerInfos, certificates: unique(read), others: [] });
}

/** The key must be the certificate's, in the certificate's own spelling: its identifier is the endorser. */
async function expectOwnKey({ spki }: Certificate, key: GeneralPrivateKey, general: GeneralCrypto): Promise<void> {
  try {
    await general.importPublicKey(spki);
  } catch (cause) {
    throw new TrustError('ERR_UNSUPPORTED', 'the certificate has a key of a kind that is not supported', { cause });
  }
  if (!equal(spki, key.publicKey.spki)) throw new RangeError('key is not that of certificates[0]');
}

function givenCertificate(der: Uint8Array, name: string): Certificate {
  try {
    return readCertificate(der);
  } catch (cause) {
    throw new RangeError(`${name} is no certificate in DER`, { cause });
  }
}

function unique(certificates: readonly Certificate[]): Uint8Array[] {
  const all = certificates.map(({ der }) => der);
  return all.filter((der, i) => all.findIndex((other) => equal(other, der)) === i);
}

function readRequest(request: Uint8Array): Pick<ReturnType<typeof readStatement>, 'content' | 'signerInfos'> {
  try {
    return readStatement(copyOctets(request));
  } catch (cause) {
    throw statementError(cause);
  }
}
