/**
 * Key transport: RSAES-OAEP (RFC 4055 §4). PKCS #1 v1.5 is refused by name, since a wrong key shows in it (RFC 8017 §7.2).
 *
 * ```
 * RSAES-OAEP-params ::= SEQUENCE { hashFunc [0] EXPLICIT AlgorithmIdentifier DEFAULT sha1Identifier,
 *   maskGenFunc [1] EXPLICIT AlgorithmIdentifier DEFAULT mgf1SHA1Identifier,
 *   pSourceFunc [2] EXPLICIT AlgorithmIdentifier DEFAULT pSpecifiedEmptyIdentifier }
 * ```
 * @module
 */
import { CmsError } from '../../../cmsError.js';
import { constructed, encodeDer, encoded, octetString, sequence } from '../../../derWriter.js';
import { oid } from '../../../objectIdentifiers.js';
import { equal } from '../../../octets.js';
import type { OaepParameters } from '../../generalCrypto.js';
import { generalAlgorithm, parametersOf } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, oidOf, oidTable } from './oidTable.js';
import { explicitAlgorithm, hashNodes, readHashes } from './rsaParameters.js';

const TRANSPORTS = oidTable<'RSAES-OAEP'>('1.2.840.113549.1.1', [['RSAES-OAEP', 7]]);
const ID_P_SPECIFIED = oid('1.2.840.113549.1.1.9');

/**
 * Reads keyEncryptionAlgorithm of a KeyTransRecipientInfo; hashes with NULL or without.
 * @throws CmsError `ERR_UNSUPPORTED` for PKCS #1 v1.5 and any other, `ERR_DER` for bad parameters and for a pSpecified without
 * a value (CVE-2026-28390)
 */
export function readKeyTransportAlgorithm(algorithm: GeneralAlgorithm): OaepParameters {
  nameOf(TRANSPORTS, algorithm, 'key transport by');
  const reader = parametersOf(algorithm);
  const parameters = reader.sequence();
  reader.end();
  const hashes = readHashes(parameters);
  const source = explicitAlgorithm(parameters, 0xa2);
  parameters.end();
  return { ...hashes, label: source === undefined ? new Uint8Array(0) : readLabel(source) };
}

/** RSAES-OAEP as keyEncryptionAlgorithm. */
export function keyTransportAlgorithm({ hash, mgfHash, label }: OaepParameters): GeneralAlgorithm {
  const source = generalAlgorithm(ID_P_SPECIFIED, encodeDer(octetString(label)));
  const parameters = sequence(
    ...hashNodes(hash, mgfHash),
    ...(label.length === 0 ? [] : [constructed(0xa2, [encoded(source.der)])]),
  );
  return generalAlgorithm(oidOf(TRANSPORTS, 'RSAES-OAEP'), encodeDer(parameters));
}

function readLabel(source: GeneralAlgorithm): Uint8Array {
  if (!equal(source.oid, ID_P_SPECIFIED))
    throw new CmsError('ERR_UNSUPPORTED', 'label from another source is not supported');
  const reader = parametersOf(source);
  const label = reader.octetString();
  reader.end();
  return label;
}
