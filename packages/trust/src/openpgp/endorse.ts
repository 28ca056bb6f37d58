/**
 * Statements by which an OpenPGP key endorses a bare key: signed here, or by `gpg` wherever the private key is.
 * @module
 */
import {
  type CryptoProvider,
  type Endorsement,
  encodeDer,
  encodeEndorsement,
  octetString,
  type SigningKey,
} from '@stanzaseal/cms';
import { requestEndorsement } from '@stanzaseal/signer';
import { bareJid } from '@stanzaseal/stanza';
import type { Key } from 'openpgp';
import { encodeStatement, readStatement } from '../statement.js';
import { statementError } from '../trustError.js';
import {
  type OpenPgpKeyData,
  openPgp,
  openPgpKeyIdentifier,
  readPublicKeys,
  readSecretKey,
  strict,
  userIdOf,
} from './library.js';
import { checkSignedText } from './signedText.js';
import { ID_CF_OPENPGP_SIGNATURE, statementText } from './statementText.js';

/** What is said, and for how long. */
export interface OpenPgpTerms {
  /** Bare JID of the account. */
  readonly jid: string;
  /** Begin and end of validity in ms since 1970. */
  readonly notBefore: number;
  /** It ends with the OpenPGP key in any case. */
  readonly notAfter: number;
  /** Higher than that of any statement of this OpenPGP key about this identity key before. */
  readonly sequence: number;
}

/** Time and primitives. */
export interface OpenPgpParameters {
  /** The present in ms since 1970. */
  readonly now: number;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A statement that lacks its OpenPGP signature. */
export interface OpenPgpRequest {
  /** DER of the statement so far, signed by the identity key. */
  readonly request: Uint8Array;
  /** The octets that the OpenPGP key is to sign as they are: `gpg --detach-sign`. */
  readonly text: Uint8Array;
}

/**
 * DER of a statement by which an OpenPGP private key endorses an identity key.
 * @throws RangeError for what is no private key, or has no user id `xmpp:` for the account that is in force; TrustError `ERR_PASSPHRASE`;
 * `ERR_UNSUPPORTED` without the package `openpgp`
 * @example
 * const statement = await endorseByOpenPgp(identity, { jid, notBefore: now, notAfter: now + YEAR, sequence: 1 }, { key, passphrase }, { now, crypto });
 */
export async function endorseByOpenPgp(
  identity: SigningKey,
  terms: OpenPgpTerms,
  secret: { readonly key: OpenPgpKeyData; readonly passphrase?: string },
  parameters: OpenPgpParameters,
): Promise<Uint8Array> {
  const library = await openPgp();
  const key = await readSecretKey(library, secret.key, secret.passphrase);
  const { request, text } = await requested(identity, terms, key, parameters);
  return completed(request, await signed(text, key, parameters.now));
}

/**
 * What an OpenPGP key on another machine is to sign.
 * @param key the public key
 * @throws as `endorseByOpenPgp`; RangeError for a keyring of several keys
 */
export async function requestOpenPgpEndorsement(
  identity: SigningKey,
  terms: OpenPgpTerms,
  key: OpenPgpKeyData,
  parameters: OpenPgpParameters,
): Promise<OpenPgpRequest> {
  const [only, ...more] = await readPublicKeys(await openPgp(), key, 'key');
  if (only === undefined || more.length > 0) throw new RangeError('key is not one OpenPGP key');
  return requested(identity, terms, only, parameters);
}

/**
 * Adds the detached signature that `gpg` made over the text of a request.
 * @param key the public key, with which the signature is verified first
 * @throws TrustError `ERR_VERIFY` for a signature that is not by that key over that text
 */
export async function completeOpenPgpEndorsement(
  request: Uint8Array,
  signature: OpenPgpKeyData,
  key: OpenPgpKeyData,
  parameters: OpenPgpParameters,
): Promise<Uint8Array> {
  const library = await openPgp();
  const keys = await readPublicKeys(library, key, 'key');
  try {
    const read = await (typeof signature === 'string'
      ? library.readSignature({ armoredSignature: signature })
      : library.readSignature({ binarySignature: Uint8Array.from(signature) }));
    const octets = read.write() as Uint8Array;
    const { content } = readStatement(Uint8Array.from(request));
    await checkSignedText(library, { content, signature: octets, keys }, parameters);
    return completed(request, octets);
  } catch (cause) {
    throw statementError(cause);
  }
}

/**
 * DER of a statement by which an OpenPGP private key takes back what it said of a key: signed by it alone.
 * @param identity the key
 * @throws as `endorseByOpenPgp`
 */
export async function revokeByOpenPgp(
  identity: SigningKey['publicKey'],
  terms: OpenPgpTerms,
  secret: { readonly key: OpenPgpKeyData; readonly passphrase?: string },
  { now, crypto }: OpenPgpParameters,
): Promise<Uint8Array> {
  const library = await openPgp();
  const key = await readSecretKey(library, secret.key, secret.passphrase);
  const endorser = await openPgpKeyIdentifier(key, crypto);
  const owner = bareJid(terms.jid);
  const endorsement: Endorsement = { ...terms, endorser, endorsed: identity, owner, purpose: 'revoked' };
  const content = encodeEndorsement(endorsement);
  const signature = await signed(await statementText(content, crypto), key, now);
  return withSignature(content, [], signature);
}

async function requested(
  identity: SigningKey,
  terms: OpenPgpTerms,
  key: Key,
  { now, crypto }: OpenPgpParameters,
): Promise<OpenPgpRequest> {
  const owner = bareJid(terms.jid);
  if ((await userIdOf(await openPgp(), key, owner, now)) === undefined)
    throw new RangeError(`key has no user id 'xmpp:${owner}' that is in force`);
  const endorser = await openPgpKeyIdentifier(key, crypto);
  const endorsement: Endorsement = { ...terms, endorser, endorsed: identity.publicKey, owner, purpose: 'identity' };
  const request = await requestEndorsement(endorsement, identity, { signingTime: now, crypto });
  return { request, text: await statementText(encodeEndorsement(endorsement), crypto) };
}

async function signed(
  text: Uint8Array,
  key: Awaited<ReturnType<typeof readSecretKey>>,
  now: number,
): Promise<Uint8Array> {
  const library = await openPgp();
  const config = strict(library);
  const message = await library.createMessage({ binary: text });
  const date = new Date(now);
  const signature = await library.sign({ message, signingKeys: key, detached: true, format: 'binary', date, config });
  return Uint8Array.from(signature);
}

function completed(request: Uint8Array, signature: Uint8Array): Uint8Array {
  const { content, signerInfos } = readStatement(Uint8Array.from(request));
  return withSignature(content, signerInfos, signature);
}

function withSignature(content: Uint8Array, signerInfos: readonly Uint8Array[], signature: Uint8Array): Uint8Array {
  const other = { format: ID_CF_OPENPGP_SIGNATURE, value: encodeDer(octetString(signature)) };
  return encodeStatement({ content, signerInfos, certificates: [], others: [other] });
}
