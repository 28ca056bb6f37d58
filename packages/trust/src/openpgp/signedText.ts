/**
 * The OpenPGP signature over the text of an endorsement, and the key that made it.
 * @module
 */
import { type CryptoProvider, decodeEndorsement, equal } from '@stanzaseal/cms';
import type { Key } from 'openpgp';
import { statementError } from '../trustError.js';
import { type OpenPgp, openPgpKeyIdentifier, strict } from './library.js';
import { statementText } from './statementText.js';

/** An OpenPGP signature over the text of an endorsement. */
export interface SignedText {
  /** DER of the Endorsement. */
  readonly content: Uint8Array;
  /** The signature, in octets. */
  readonly signature: Uint8Array;
  /** The keys that are believed. */
  readonly keys: readonly Key[];
}

/**
 * Verifies an OpenPGP signature over the text of an endorsement by the key that the endorsement names, and that key.
 * @returns the key, and when it or its signing subkey ends, in ms since 1970
 * @throws TrustError `ERR_VERIFY`, and whatever the library throws
 */
export async function checkSignedText(
  library: OpenPgp,
  { content, signature, keys }: SignedText,
  { now, crypto }: { readonly now: number; readonly crypto: CryptoProvider },
): Promise<{ readonly key: Key; readonly until: number }> {
  const { endorser } = decodeEndorsement(content);
  const config = strict(library);
  const whole = { ...library.config, ...config };
  const date = new Date(now);
  const key = await keyOf(endorser, keys, crypto);
  const read = await library.readSignature({ binarySignature: signature, config });
  const [packet, ...more] = read.packets;
  // One signature over the octets as they are: of text, line ends and trailing spaces would be anybody's.
  if (packet === undefined || more.length > 0 || packet.signatureType !== library.enums.signature.binary)
    throw statementError();
  const message = await library.createMessage({ binary: await statementText(content, crypto) });
  const verified = await library.verify({
    message,
    signature: read,
    verificationKeys: key,
    date,
    expectSigned: true,
    format: 'binary',
    config,
  });
  await verified.signatures[0]?.verified;
  // The library judges the key at the time that the signature names, which is the signer's own word (B11).
  await key.verifyPrimaryKey(date, undefined, whole);
  const signing = await key.getSigningKey(packet.issuerKeyID, date, undefined, whole);
  const ends = [await key.getExpirationTime(undefined, whole)];
  if ('mainKey' in signing) ends.push(await signing.getExpirationTime(date, whole));
  ends.push(packet.getExpirationTime());
  return { key, until: Math.min(...ends.map((end) => (end === null ? now : Number(end)))) };
}

async function keyOf(endorser: Uint8Array, keys: readonly Key[], crypto: CryptoProvider): Promise<Key> {
  for (const key of keys) if (equal(await openPgpKeyIdentifier(key, crypto), endorser)) return key;
  throw statementError();
}
