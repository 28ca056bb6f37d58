/**
 * AlgorithmIdentifier, whatever the algorithm.
 *
 * ```
 * AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL }
 * ```
 * @module
 */
import { CmsError, derError } from '../../cmsError.js';
import { DerReader } from '../../derReader.js';
import { encodeParts } from '../../derWriter.js';
import { oidToText } from '../../objectIdentifiers.js';
import type { BerNode } from '../berTree.js';
import { oidNames } from '../oidNames.js';
import { BerFields, isTag, objectIdentifierOf, TAG } from './berFields.js';
import { derOf, derUnder } from './derOfBer.js';
import type { GeneralAlgorithm } from './types.js';

/** DER of NULL. */
export const NULL: Uint8Array = Uint8Array.of(0x05, 0x00);

/** An AlgorithmIdentifier to be written: content octets of the OBJECT IDENTIFIER, DER of the parameters or nothing. */
export function generalAlgorithm(oid: Uint8Array, parameters?: Uint8Array): GeneralAlgorithm {
  const name = encodeParts(0x06, oid);
  const der = parameters === undefined ? encodeParts(0x30, name) : encodeParts(0x30, name, parameters);
  return { oid, parameters, der };
}

/** Reads an AlgorithmIdentifier under its own tag, or under an IMPLICIT one. @throws CmsError `ERR_DER` */
export function readAlgorithm(node: BerNode, tag: number = TAG.sequence): GeneralAlgorithm {
  const fields = new BerFields(node, tag);
  const oid = objectIdentifierOf(fields.take(TAG.objectIdentifier));
  const parameters = node.children.length > 1 ? derOf(fields.any()) : undefined;
  fields.end();
  return { oid, parameters, der: isTag(node, TAG.sequence) ? derOf(node) : derUnder(0x30, node) };
}

/** Reads an AlgorithmIdentifier that stands inside the parameters of another. @throws CmsError `ERR_DER` */
export function innerAlgorithm(reader: DerReader): GeneralAlgorithm {
  const der = reader.encodedAs(0x30);
  const inside = reader.over(der).sequence();
  const oid = inside.objectIdentifier();
  const parameters = inside.atEnd ? undefined : inside.any();
  inside.end();
  return { oid, parameters, der };
}

/** A reader over the parameters, which must be there. @throws CmsError `ERR_DER` */
export function parametersOf({ parameters }: GeneralAlgorithm): DerReader {
  if (parameters === undefined) throw derError('parameters missing');
  return new DerReader(parameters);
}

/** The one AlgorithmIdentifier that the parameters are. @throws CmsError `ERR_DER` */
export function algorithmInside(algorithm: GeneralAlgorithm): GeneralAlgorithm {
  const reader = parametersOf(algorithm);
  const inner = innerAlgorithm(reader);
  reader.end();
  return inner;
}

/** Refuses parameters where there are to be none. @throws CmsError `ERR_DER` */
export function expectNoParameters({ parameters }: GeneralAlgorithm): void {
  if (parameters !== undefined) throw derError('parameters where there are none');
}

/** Refuses parameters other than NULL. @throws CmsError `ERR_DER` */
export function expectNullOrNone({ parameters }: GeneralAlgorithm): void {
  if (parameters !== undefined && (parameters.length !== 2 || parameters[0] !== 0x05))
    throw derError('parameters where there are none');
}

/** The clean refusal of an algorithm at a place, with its name: for throwing. */
export function unsupportedAlgorithm({ oid }: GeneralAlgorithm, place: string): CmsError {
  const text = oidToText(oid);
  return new CmsError('ERR_UNSUPPORTED', `${place} ${oidNames.get(text) ?? text} is not supported`);
}
