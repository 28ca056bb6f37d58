/**
 * What an OpenPGP key signs: a text that says what it is, and holds the endorsement. A signature over the bare octets of an endorsement
 * could be had from somebody who signs files that others send.
 *
 * ```
 * Statement about a key of an account, stanzaseal/0
 * account: xmpp:juliet@capulet.example
 * key: 0f1e2d3c 4b5a6978 8796a5b4 c3d2e1f0 01122334 45566778 899aabbc cddeeff0
 * says: it is the identity key of this account
 * until: 2027-11-21T00:00:00Z
 * endorsement: MIGp...
 * ```
 * @module
 */
import {
  type CryptoProvider,
  decodeEndorsement,
  oid,
  publicKeyFromRaw,
  STANZASEAL_ARC,
  toBase64,
  toUtf8,
} from '@stanzaseal/cms';
import { fingerprint } from '../fingerprint.js';

/** id-cf-openPgpSignature: a detached OpenPGP signature over the text of an endorsement, in an OCTET STRING. */
export const ID_CF_OPENPGP_SIGNATURE: Uint8Array = oid(`${STANZASEAL_ARC}.3.1`);

/**
 * The text of an endorsement: UTF-8, each line ended by one line feed. All of it follows from the last line.
 * @param content DER of the Endorsement
 * @throws CmsError `ERR_DER` for what is none
 */
export async function statementText(content: Uint8Array, crypto: CryptoProvider): Promise<Uint8Array> {
  const { owner, endorsed, purpose, notAfter } = decodeEndorsement(content);
  const { keyIdentifier } = await publicKeyFromRaw(endorsed.algorithm, endorsed.raw, crypto);
  const says = purpose === 'revoked' ? 'it is not' : 'it is';
  return toUtf8(
    [
      'Statement about a key of an account, stanzaseal/0',
      `account: xmpp:${owner}`,
      `key: ${fingerprint(keyIdentifier)}`,
      `says: ${says} the identity key of this account`,
      `until: ${new Date(notAfter).toISOString().replace('.000Z', 'Z')}`,
      `endorsement: ${toBase64(content)}`,
      '',
    ].join('\n'),
  );
}
