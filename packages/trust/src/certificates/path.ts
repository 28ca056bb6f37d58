/**
 * From a certificate to a root that the caller trusts (RFC 5280 §6.1). Issuers are candidates by their whole names, and are the issuer
 * only by the signature: key identifiers, which anybody can give himself, choose nobody.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { Certificate } from './certificate.js';
import { type CertificateCrypto, isSignedBy } from './certificateCrypto.js';
import { areUnderstood, authorityDepth, KEY_USE, mayDo } from './extensions.js';
import { keepsNameConstraints } from './nameConstraints.js';
import { isUnrevoked, type RevocationList } from './revocationList.js';

/** What a path is looked for in. */
export interface PathParameters {
  /** Certificates that came along: anybody's. */
  readonly pool: readonly Certificate[];
  /** Certificates that the caller trusts, authorities or the leaf itself. */
  readonly roots: readonly Certificate[];
  /** Revocation lists that the caller has. */
  readonly lists: readonly RevocationList[];
  /** The present in ms since 1970. */
  readonly now: number;
  /** The primitives. */
  readonly primitives: CertificateCrypto;
}

/** Certificates on a path, the root among them. */
const MAX_LENGTH = 8;
/** Signatures that are verified for one path: whoever sends a thicket of cross-certificates is not followed through it. */
const MAX_SIGNATURES = 64;

/**
 * The first path that holds in every respect, from the leaf to a root; `undefined` where there is none.
 * @throws CmsError for a certificate whose extensions cannot be read
 */
export async function findPath(
  leaf: Certificate,
  parameters: PathParameters,
): Promise<readonly Certificate[] | undefined> {
  if (!isUsable(leaf, parameters.now)) return undefined;
  let signatures = MAX_SIGNATURES;
  const { pool, roots, now, primitives } = parameters;
  const climb = async (path: readonly Certificate[]): Promise<readonly Certificate[] | undefined> => {
    const last = path[path.length - 1] as Certificate;
    if (roots.some(({ der }) => equal(der, last.der))) return (await holds(path, parameters)) ? path : undefined;
    if (path.length === MAX_LENGTH) return undefined;
    for (const issuer of [...roots, ...pool]) {
      if (!equal(issuer.subject, last.issuer) || path.some((each) => isSameAuthority(each, issuer))) continue;
      if (!isUsable(issuer, now) || !mayIssue(issuer, path)) continue;
      if (signatures === 0) return undefined;
      signatures--;
      if (!(await isSignedBy(last, issuer.spki, primitives))) continue;
      const found = await climb([...path, issuer]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return climb([leaf]);
}

function isUsable(certificate: Certificate, now: number): boolean {
  return certificate.notBefore <= now && now <= certificate.notAfter && areUnderstood(certificate);
}

/** cA, keyCertSign, and a path length that reaches over the authorities below, but for renewals of their own (RFC 5280 §6.1.4 (k) to (n)). */
function mayIssue(issuer: Certificate, path: readonly Certificate[]): boolean {
  const below = path.slice(1).filter(({ subject, issuer: name }) => !equal(subject, name)).length;
  const depth = authorityDepth(issuer);
  return depth !== undefined && below <= depth && mayDo(issuer, KEY_USE.keyCertSign);
}

/** Whoever stands on a path stands there once, under whatever certificate: cross-certificates lead in circles. */
function isSameAuthority(one: Certificate, other: Certificate): boolean {
  return equal(one.subject, other.subject) && equal(one.spki, other.spki);
}

async function holds(path: readonly Certificate[], { lists, now, primitives }: PathParameters): Promise<boolean> {
  if (!keepsNameConstraints(path)) return false;
  for (const [i, certificate] of path.slice(0, -1).entries()) {
    if (!(await isUnrevoked(certificate, path[i + 1] as Certificate, lists, { now, primitives }))) return false;
  }
  return true;
}
