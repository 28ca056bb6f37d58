/**
 * Checking statements by which an OpenPGP key endorses a bare key. Nothing is fetched: the keys that are believed are the caller's.
 * @module
 */
import { type CryptoProvider, DerReader, decodeEndorsement, equal, ID_CT_ENDORSEMENT } from '@stanzaseal/cms';
import { verify } from '@stanzaseal/signer';
import { bareJid } from '@stanzaseal/stanza';
import { type Endorsed, type Expected, evidenceOf, judgeEndorsement } from '../endorsed.js';
import { readStatement, type Statement, withoutCertificates } from '../statement.js';
import { statementError, TrustError } from '../trustError.js';
import { type OpenPgpKeyData, openPgp, readPublicKeys, userIdOf } from './library.js';
import { checkSignedText } from './signedText.js';
import { ID_CF_OPENPGP_SIGNATURE } from './statementText.js';

/** What is trusted, and expected. */
export interface OpenPgpCheck extends Expected {
  /** Public keys, or keyrings, of whom the caller knows that they belong to whom their user ids name. There is no default. */
  readonly keys: readonly OpenPgpKeyData[];
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A statement by an OpenPGP key that holds. */
export interface OpenPgpEndorsement extends Endorsed {
  /** The user id that names the account. */
  readonly userId: string;
  /** Fingerprint of the OpenPGP key in hexadecimal. */
  readonly fingerprint: string;
}

/**
 * Checks that an OpenPGP key which the caller gives, with the account's `xmpp:` address as user id, endorses an identity key, whose holder
 * agrees. Key, user id and signing subkey must be in force at the time of receipt.
 * @throws TrustError `ERR_VERIFY`, the one answer to every statement that is not good; `ERR_UNSUPPORTED` without the package `openpgp`;
 * RangeError for keys that cannot be read; StanzaError `ERR_ADDRESS` for a `jid` that is none
 * @example
 * const { evidence } = await checkOpenPgpEndorsement(statement, { jid, keys: [keyring], now: Date.now(), crypto });
 * await recordEvidence(messenger, evidence); // 'endorsed'
 */
export async function checkOpenPgpEndorsement(statement: Uint8Array, check: OpenPgpCheck): Promise<OpenPgpEndorsement> {
  const jid = bareJid(check.jid);
  const library = await openPgp();
  const keys = (await Promise.all(check.keys.map((data, i) => readPublicKeys(library, data, `keys[${i}]`)))).flat();
  try {
    const read = readStatement(Uint8Array.from(statement));
    const { content } = read;
    const endorsement = decodeEndorsement(content);
    const endorsed = await judgeEndorsement(endorsement, 'identity', { ...check, jid }, check.crypto);
    // Its holder agrees, but for a revocation, which is the OpenPGP key's alone.
    if (endorsement.purpose === 'revoked') {
      if (read.signerInfos.length > 0) throw statementError();
    } else {
      const parameters = { signers: [endorsed] as const, contentType: ID_CT_ENDORSEMENT, crypto: check.crypto };
      await verify(withoutCertificates(read), parameters);
    }
    const signature = signatureIn(read);
    const { key, until } = await checkSignedText(library, { content, signature, keys }, check);
    const userId = await userIdOf(library, key, jid, check.now);
    if (userId === undefined) throw statementError();
    const fingerprint = key.getFingerprint();
    const by = `${userId} (${fingerprint.toUpperCase()})`;
    const evidence = evidenceOf('openpgp', by, statement, endorsement, { now: check.now, until });
    return { evidence, endorsement, endorsed, userId, fingerprint };
  } catch (cause) {
    throw cause instanceof TrustError && cause.code === 'ERR_VERIFY' ? cause : statementError(cause);
  }
}

function signatureIn({ certificates, others }: Statement): Uint8Array {
  const [other, ...more] = others;
  if (other === undefined || more.length > 0 || certificates.length > 0) throw statementError();
  if (!equal(other.format, ID_CF_OPENPGP_SIGNATURE)) throw statementError();
  const reader = new DerReader(other.value);
  const signature = reader.octetString();
  reader.end();
  return signature;
}
