/**
 * Runs the sources of messages and keys: every file of an index needs an expectation, or the run fails.
 * @module
 */
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import type { Tally } from '../tally.js';
import { doesNotOpen, type Expectation } from './expectation.js';
import * as kem from './kemSources.js';
import * as openssl from './opensslSources.js';
import { readsAsIndexed } from './parsedStructure.js';
import * as peers from './peerSources.js';
import { RFC_PRIMITIVES, RFC9709_KEYS } from './primitiveSources.js';
import { pyasn1 } from './pyasn1Source.js';
import * as rfc from './rfcSources.js';
import { indexOf } from './vectorFile.js';

type Table = readonly Expectation[] | ((files: readonly string[]) => Expectation[]);

/** Expectations by source. */
export const MESSAGE_SOURCES: Readonly<Record<string, Table>> = Object.freeze({
  asn1crypto: peers.ASN1CRYPTO,
  'bc-java-cms': peers.BC_JAVA,
  'gnupg-gpgsm': peers.GNUPG,
  'ietf-hackathon-pqc': kem.hackathon,
  'lamps-cms-kyber': kem.LAMPS_CMS_KYBER,
  'lamps-cms-ml-dsa': kem.LAMPS_CMS_ML_DSA,
  'lamps-dilithium-certificates': kem.LAMPS_ML_DSA_KEYS,
  'lamps-kyber-certificates': kem.LAMPS_ML_KEM_KEYS,
  'lamps-rfc9690-rsa-kem': rfc.RFC9690,
  libksba: peers.LIBKSBA,
  'openssl-master': openssl.OPENSSL_MASTER,
  'openssl-tests': openssl.OPENSSL_TESTS,
  pkijs: peers.PKIJS,
  'pyasn1-alt-modules': pyasn1,
  'pyca-cryptography': peers.PYCA,
  'rfc-primitives': RFC_PRIMITIVES,
  rfc3211: rfc.RFC3211,
  rfc4134: rfc.RFC4134,
  rfc8410: rfc.RFC8410,
  rfc8591: rfc.RFC8591,
  rfc9216: rfc.rfc9216,
  rfc9709: [
    ...RFC9709_KEYS,
    doesNotOpen('enveloped-kekri-cek-hkdf-aes128cbc.der', ['ERR_UNSUPPORTED'], undefined, 'EnvelopedData'),
  ],
  'rustcrypto-cms': peers.RUSTCRYPTO,
  wolfssl: peers.WOLFSSL,
});

/** Files whose octets are no CMS of today, so that their structure is not compared. */
const NOT_READ: ReadonlySet<string> = new Set([
  'asn1crypto/pkcs7-signed-digested.der',
  'asn1crypto/cms-signed-indefinite-length.der',
  'rustcrypto-cms/apple_mdm_signature_der.bin',
]);

/** Runs a source and counts what came of it. */
export async function runMessageSource(root: string, name: string, crypto: GeneralCrypto, tally: Tally): Promise<void> {
  const source = { root, name, crypto };
  const indexed = indexOf(source);
  const table = MESSAGE_SOURCES[name] ?? [];
  const expectations = typeof table === 'function' ? table(indexed.map(({ file }) => file)) : table;
  const structures = indexed.filter(({ file }) => !NOT_READ.has(`${name}/${file}`)).flatMap(readsAsIndexed);
  for (const { file, id, expected, traits, run } of [...expectations, ...structures]) {
    await tally.count({ source: name, file, id, expected, traits }, () => run(source));
  }
  for (const { file } of indexed) {
    if (expectations.some((each) => each.file === file)) continue;
    await tally.count({ source: name, file, id: '', expected: 'valid', traits: [] }, async () => {
      throw new Error('no expectation is written down for this file');
    });
  }
}
