/**
 * Operations on statements of third parties: endorsements by certificates, and vouches.
 * @module
 */
import { type CryptoProvider, encodeEndorsement, fromHex, toHex } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { type CertificateCheck, checkCertificateEndorsement, type Endorsed } from '@stanzaseal/trust/certificates';
import { checkVouch } from '@stanzaseal/trust/vouching';
import type { Outcome } from './vector.js';

/** What goes into a check: certificates and lists in DER. */
interface StatementInput {
  readonly statement: string;
  /** Whom it must speak of: bare JID, or domain. */
  readonly jid: string;
  /** The key that it must speak of, raw or by its identifier; any where it is left out. */
  readonly identity?: string;
  /** The time of receipt. */
  readonly now: number;
  readonly roots: readonly string[];
  readonly intermediates?: readonly string[];
  readonly revocationLists?: readonly string[];
}

/** `trust.endorsement`: a statement by which a certificate endorses a key, checked. */
export async function checkEndorsed(input: StatementInput, crypto: CryptoProvider): Promise<Outcome> {
  const endorsed = await checkCertificateEndorsement(fromHex(input.statement), checkOf(input, crypto));
  const { subject, root, match, path } = endorsed;
  return {
    intermediate: { content: contentOf(endorsed), path: path.map(toHex) },
    output: { ...shown(endorsed), subject, root, match },
  };
}

/** `trust.vouch`: a vouch, checked, beside those that are `known`. */
export async function checkVouched(
  { known = [], ...input }: StatementInput & { readonly known?: readonly string[] },
  crypto: CryptoProvider,
): Promise<Outcome> {
  const check = { ...checkOf(input, crypto), known: known.map((der) => fromHex(der)) };
  const vouch = await checkVouch(fromHex(input.statement), check);
  const { domain, listVersion, domainKey, conflicts } = vouch;
  const told = conflicts.map(({ identities, at }) => ({ identities: identities.map(({ raw }) => toHex(raw)), at }));
  return {
    intermediate: { content: contentOf(vouch), domainContent: contentOf(domainKey), path: domainKey.path.map(toHex) },
    output: { ...shown(vouch), domain, listVersion, match: domainKey.match, conflicts: told },
  };
}

function checkOf(input: StatementInput, crypto: CryptoProvider): CertificateCheck {
  const { jid, identity, now, roots, intermediates = [], revocationLists = [] } = input;
  const octets = (all: readonly string[]): Uint8Array[] => all.map((der) => fromHex(der));
  return {
    jid,
    ...(identity === undefined ? {} : { identity: fromHex(identity) }),
    now,
    roots: octets(roots),
    intermediates: octets(intermediates),
    revocationLists: octets(revocationLists),
    primitives: { crypto, general: createGeneralCrypto(), subtle: globalThis.crypto.subtle },
  };
}

/** DER of the Endorsement. */
function contentOf({ endorsement }: Endorsed): string {
  return toHex(encodeEndorsement(endorsement));
}

/** The evidence that it comes to. */
function shown({ evidence }: Endorsed): Record<string, unknown> {
  const { jid, identity, kind, by, notAfter, sequence, revokedAt } = evidence;
  return { jid, identity: toHex(identity), kind, by, notAfter, sequence, revoked: revokedAt !== undefined };
}
