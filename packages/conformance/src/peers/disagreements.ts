/**
 * The disagreements between implementations, numbered as they were found; each is a test.
 * @module
 */
import { type Bench, type Claim, forEachOf } from './bench.js';
import { curve448, latticeDigests, rsaKem } from './disagreementsOfAlgorithms.js';
import {
  authenticatedAttributes,
  missingSignedAttributes,
  mustReject,
  tagLength,
  versions,
} from './disagreementsOfForms.js';
import { contentKeyDerivation, derivationInfo, nullParameters, userKeyingMaterial } from './disagreementsOfKeys.js';
import { paddingFailures, weakPasswords } from './disagreementsOfSecrets.js';
import { foreignForms } from './foreignForms.js';
import type { RefusalRow } from './refusals.js';

/** One disagreement and what was claimed about it. */
export interface Disagreement {
  /** Heading. */
  readonly name: string;
  /** The claims. */
  readonly claims: readonly Claim[];
  /** Columns whose peers had a part in it. */
  readonly columns: readonly string[];
}

/** Tries all of them. @param refusals what came of the changed objects */
export async function runDisagreements(bench: Bench, refusals: readonly RefusalRow[]): Promise<Disagreement[]> {
  const trials = [
    ['1. User keying material with X25519 (RFC 8418 §2.2)', userKeyingMaterial],
    ['2. RFC 9709 with key agreement', contentKeyDerivation],
    ['3. aes-ICVlen left out (RFC 5084 §3.2)', tagLength],
    ['4. Authenticated attributes in AuthEnvelopedData', authenticatedAttributes],
    ['5. EdDSA and ML-DSA without signed attributes', missingSignedAttributes],
    ['6. Ed448 and X448', curve448],
    ['7. Digests with ML-DSA (RFC 9882 §3.3)', latticeDigests],
    ['8. NULL parameters of AlgorithmIdentifiers', nullParameters],
    ['9. What key derivations take in (RFC 5753 §7.2, RFC 9629 §5)', derivationInfo],
    ['10. RSA-KEM and KDF3 (RFC 9690)', rsaKem],
    ['11. Passwords at a low cost', weakPasswords],
    ['12. Failures of RSA decryption', paddingFailures],
    ['13. Versions, and parts that say nothing', versions],
    ['14. What advisories say must be refused', async (each: Bench) => mustReject(each, refusals)],
    ['Forms of others that are not spoken here', foreignForms],
  ] as const;
  return forEachOf(trials, async ([name, trial]) => ({ name, ...(await held(name, () => trial(bench))) }));
}

/** A test that throws has failed, and so has one that claims nothing. */
async function held(
  name: string,
  work: () => Promise<Omit<Disagreement, 'name'>>,
): Promise<Omit<Disagreement, 'name'>> {
  const fail = (seen: string): Omit<Disagreement, 'name'> => {
    return { claims: [{ sentence: name, held: false, seen, commands: [] }], columns: [] };
  };
  try {
    const { claims, columns } = await work();
    return claims.length > 0 ? { claims, columns } : fail('claimed nothing');
  } catch (thrown) {
    return fail((thrown as Error).stack ?? String(thrown));
  }
}
