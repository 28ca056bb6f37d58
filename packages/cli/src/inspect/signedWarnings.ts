/**
 * What is odd about SignedData (RFC 5652 §5): attributes, signers, and what stands beside that nobody signed.
 * @module
 */
import type { GeneralNode } from '@stanzaseal/cms/general';
import { addAttributeWarnings, addDigestWarning } from './attributeWarnings.js';
import type { Look } from './look.js';
import { attributesOf, elements, oidName, oidOf, part, wireOctets } from './nodes.js';

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const REQUIRED: readonly (readonly [oid: string, name: string])[] = [
  [CONTENT_TYPE, 'content-type'],
  ['1.2.840.113549.1.9.4', 'message-digest'],
];
const COUNTERSIGNATURE = '1.2.840.113549.1.9.6';
const ID_DATA = '1.2.840.113549.1.7.1';

/** Adds warnings about SignedData and the signatures in it; about another structure none. */
export function addSignedWarnings(node: GeneralNode, look: Look): void {
  if (node.structure !== 'SignedData') return;
  const content = part(node, 'encapContentInfo');
  const eContentType = part(content, 'eContentType');
  if (oidOf(eContentType) === ID_DATA) {
    const message =
      'id-data can stand for anything, also for signed attributes (draft-ietf-lamps-cms-euf-cma-signeddata)';
    look.warnings.add('id-data', eContentType as GeneralNode, message);
  }
  const beside = [
    ['certificates', 'certificates'],
    ['crls', 'revocation-lists'],
  ] as const;
  for (const [name, code] of beside) {
    const found = part(node, name);
    if (found !== undefined)
      look.warnings.add(code, found, `${name} that nobody signed the choice of: bare keys need none`);
  }
  const signerInfos = part(node, 'signerInfos');
  const signers = elements(signerInfos);
  if (signerInfos?.incomplete === undefined && signers.length === 0) {
    look.warnings.add(
      'no-signers',
      signerInfos ?? node,
      'nobody signed: readers that check every signature check none',
    );
  }
  const names = new Set<string>();
  for (const signer of signers) {
    addSignerWarnings(signer, eContentType, look);
    if (signer.incomplete === undefined) {
      addDigestWarning(part(signer, 'signedAttrs'), part(signer, 'digestAlgorithm'), part(content, 'eContent'), look);
    }
    addDuplicate(names, part(signer, 'sid'), look);
  }
}

function addSignerWarnings(signer: GeneralNode, eContentType: GeneralNode | undefined, look: Look): void {
  const signedAttrs = part(signer, 'signedAttrs');
  addAttributeWarnings(signedAttrs, look);
  const attributes = attributesOf(signedAttrs);
  if (signer.incomplete === undefined) {
    if (signedAttrs === undefined) {
      look.warnings.add(
        'no-signed-attributes',
        signer,
        'the signature is over the content alone, not over what kind it is',
      );
    }
    const missing =
      signedAttrs === undefined ? [] : REQUIRED.filter(([oid]) => !attributes.some((each) => each.oid === oid));
    for (const [, name] of missing) {
      look.warnings.add('missing-attribute', signedAttrs as GeneralNode, `${name} is missing (RFC 5652 §5.3)`);
    }
  }
  const said = attributes.find(({ oid }) => oid === CONTENT_TYPE)?.values[0];
  if (said !== undefined && eContentType !== undefined && oidName(said) !== oidName(eContentType)) {
    look.warnings.add(
      'content-type-differs',
      said,
      `${oidName(said)} is signed, the content is called ${oidName(eContentType)}`,
    );
  }
  const unsigned = part(signer, 'unsignedAttrs');
  if (unsigned === undefined) return;
  look.warnings.add('unsigned-attributes', unsigned, 'attributes that anybody may have added or changed');
  for (const { oid, values } of attributesOf(unsigned)) {
    // What a countersignature signs is the signature that it stands under (RFC 5652 §11.4).
    if (oid !== COUNTERSIGNATURE) continue;
    for (const value of values) {
      addAttributeWarnings(part(value, 'signedAttrs'), look);
      addDigestWarning(part(value, 'signedAttrs'), part(value, 'digestAlgorithm'), part(signer, 'signature'), look);
    }
  }
}

function addDuplicate(names: Set<string>, sid: GeneralNode | undefined, look: Look): void {
  if (sid === undefined) return;
  const key = Buffer.from(wireOctets(sid, look.input)).toString('latin1');
  if (names.has(key)) look.warnings.add('duplicate-signer', sid, 'signed before under the same name');
  names.add(key);
}
