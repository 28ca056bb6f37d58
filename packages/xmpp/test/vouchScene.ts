/** A domain's key and what its certificate says of it, without openssl: the service reads it, and does not judge it. */
import { encodeEndorsement, ID_CT_ENDORSEMENT, type SigningKey } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { sign } from '@stanzaseal/signer';

const crypto = createCryptoProvider();

/** A statement about the key of a domain that no certificate has signed. */
export async function domainStatementOf(key: SigningKey, domain: string, now: number): Promise<Uint8Array> {
  const content = encodeEndorsement({
    endorser: new Uint8Array(32),
    endorsed: key.publicKey,
    owner: domain,
    purpose: 'identity',
    notBefore: now,
    notAfter: now + 365 * 86_400_000,
    sequence: 1,
  });
  return (await sign(content, { signers: [key], contentType: ID_CT_ENDORSEMENT, signingTime: now, crypto })).der;
}
