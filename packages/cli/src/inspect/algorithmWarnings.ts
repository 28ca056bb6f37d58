/**
 * Algorithms and parameters that should no longer be relied on, wherever they stand.
 * @module
 */
import type { GeneralNode } from '@stanzaseal/cms/general';
import { numberOf, oidOf, part, stringLength } from './nodes.js';
import type { WarningCode, Warnings } from './warnings.js';

const PKCS = '1.2.840.113549';
const SMIME = `${PKCS}.1.9.16`;
const RSA = `${PKCS}.1.1.1`;
const OAEP = `${PKCS}.1.1.7`;
const PSS = `${PKCS}.1.1.10`;
/** sha*WithRSAEncryption: PKCS #1 v1.5. */
const RSA_V15: ReadonlySet<string> = new Set([RSA, ...[4, 5, 11, 12, 13, 14].map((last) => `${PKCS}.1.1.${last}`)]);

const SHA1 = 'SHA-1 no longer withstands collisions';
const MD5 = 'MD5 no longer withstands collisions';
const WEAK: ReadonlyMap<string, readonly [WarningCode, string]> = new Map([
  [`${PKCS}.2.5`, ['weak-digest', MD5]],
  [`${PKCS}.1.1.4`, ['weak-digest', MD5]],
  ['1.3.14.3.2.26', ['weak-digest', SHA1]],
  [`${PKCS}.1.1.5`, ['weak-digest', SHA1]],
  ['1.2.840.10045.4.1', ['weak-digest', SHA1]],
  ['1.2.840.10040.4.3', ['weak-digest', SHA1]],
  ...['2', '3', '16'].map((last): [string, [WarningCode, string]] => [
    `1.3.133.16.840.63.0.${last}`,
    ['weak-digest', 'key derivation by SHA-1'],
  ]),
  ['1.2.840.10040.4.1', ['weak-signature', 'DSA is no longer approved (FIPS 186-5)']],
  ['1.3.14.3.2.7', ['weak-cipher', 'a DES key is found in hours']],
  [`${PKCS}.3.2`, ['weak-cipher', 'RC2 is broken']],
  [`${PKCS}.3.7`, ['weak-cipher', '3DES has blocks of 64 bits and is no longer approved']],
  [`${SMIME}.3.6`, ['weak-cipher', '3DES key wrap is no longer approved']],
  [`${SMIME}.3.7`, ['weak-cipher', 'RC2 is broken']],
]);
/** What `stanzaseal cms decrypt` asks of a password's cost: see `GENERAL_POLICY` of the envelope package. */
const LEAST_ITERATIONS = 100_000;
const LEAST_SCRYPT_OCTETS = 2 ** 25;
/** Octets of an RSA modulus of 2,048 bits. */
const LEAST_MODULUS = 256;

/** Adds warnings about every AlgorithmIdentifier of a tree, and about the keys that RSA shows by the length of what it makes. */
export function addAlgorithmWarnings(root: GeneralNode, warnings: Warnings): void {
  const visit = (node: GeneralNode): void => {
    RULES[node.structure ?? '']?.(node, warnings);
    for (const child of node.children ?? []) visit(child);
  };
  visit(root);
}

const RULES: Readonly<Record<string, (node: GeneralNode, warnings: Warnings) => void>> = {
  AlgorithmIdentifier(node, warnings) {
    const oid = oidOf(part(node, 'algorithm'));
    const weak = WEAK.get(oid ?? '');
    if (weak !== undefined) warnings.add(weak[0], node, weak[1]);
    if (oid === OAEP || oid === PSS) {
      const parameters = part(node, 'parameters');
      // All three are DEFAULT sha1 and mgf1SHA1 (RFC 8017 §A.2.1, §A.2.3).
      const named =
        part(parameters, 'hashAlgorithm') !== undefined && part(parameters, 'maskGenAlgorithm') !== undefined;
      if (!named && node.incomplete === undefined)
        warnings.add('weak-digest', node, 'a hash that is not named is SHA-1');
    }
  },
  SignerInfo(node, warnings) {
    const algorithm = part(node, 'signatureAlgorithm');
    if (RSA_V15.has(oidOf(part(algorithm, 'algorithm')) ?? '')) {
      warnings.add('rsa-v1.5', algorithm as GeneralNode, 'signature with the padding of PKCS #1 v1.5');
    }
    const isRsa = oidOf(part(algorithm, 'algorithm'))?.startsWith(`${PKCS}.1.1.`) === true;
    addSmallKey(part(node, 'signature'), isRsa, warnings);
  },
  KeyTransRecipientInfo(node, warnings) {
    const algorithm = part(node, 'keyEncryptionAlgorithm');
    const oid = oidOf(part(algorithm, 'algorithm'));
    if (oid === RSA) {
      warnings.add(
        'rsa-v1.5',
        algorithm as GeneralNode,
        'encryption with the padding of PKCS #1 v1.5 (Bleichenbacher)',
      );
    }
    addSmallKey(part(node, 'encryptedKey'), oid === RSA || oid === OAEP, warnings);
  },
  KeyAgreeRecipientInfo(node, warnings) {
    const algorithm = part(node, 'keyEncryptionAlgorithm');
    if (algorithm === undefined || algorithm.incomplete || part(algorithm, 'parameters') !== undefined) return;
    warnings.add('missing-parameters', algorithm, 'key agreement without the key wrap it is for (CVE-2026-28389)');
  },
  PasswordRecipientInfo(node, warnings) {
    if (node.incomplete || part(node, 'keyDerivationAlgorithm') !== undefined) return;
    warnings.add('no-key-derivation', node, 'the password is used as a key');
  },
  'PBKDF2-params'(node, warnings) {
    const count = numberOf(part(node, 'iterationCount'));
    if (count === undefined || count >= LEAST_ITERATIONS) return;
    warnings.add(
      'weak-cost',
      node,
      `a guess at the password costs ${count} iterations, which should be 100,000 at least`,
    );
  },
  'scrypt-params'(node, warnings) {
    const [cost, size] = [numberOf(part(node, 'costParameter')), numberOf(part(node, 'blockSize'))];
    if (cost === undefined || size === undefined || 128 * cost * size >= LEAST_SCRYPT_OCTETS) return;
    warnings.add('weak-cost', node, 'a guess at the password costs less than 32 MiB of memory');
  },
};

function addSmallKey(made: GeneralNode | undefined, isRsa: boolean, warnings: Warnings): void {
  if (made === undefined || made.incomplete || !isRsa) return;
  const length = stringLength(made);
  if (length > 0 && length < LEAST_MODULUS) warnings.add('small-key', made, `an RSA key of some ${8 * length} bits`);
}
