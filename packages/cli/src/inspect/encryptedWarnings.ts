/**
 * What is odd about encrypted and authenticated content: tags, nonces, what no tag covers, and recipients.
 * @module
 */
import { createHash } from 'node:crypto';
import { compare, concat, equal, STANZASEAL_ARC } from '@stanzaseal/cms';
import type { GeneralNode } from '@stanzaseal/cms/general';
import { addAttributeWarnings, addDigestWarning } from './attributeWarnings.js';
import { contentAlgorithm } from './contentAlgorithm.js';
import type { Look } from './look.js';
import { attributesOf, elements, oidOf, part, stringLength, stringOctets, wireOctets } from './nodes.js';

const ID_DATA = '1.2.840.113549.1.7.1';
/** Octets of a full tag, of the DEFAULT tag, and of the nonce that GCM and ChaCha20-Poly1305 are made for. */
const [FULL_TAG, DEFAULT_TAG, NONCE] = [16, 12, 12];
const CLEAR_CONTEXT = `${STANZASEAL_ARC}.2.1`;

/** Adds warnings about a structure that encrypts or authenticates; about another one none. */
export function addEncryptedWarnings(node: GeneralNode, look: Look): void {
  RULES[node.structure ?? '']?.(node, look);
}

const RULES: Readonly<Record<string, (node: GeneralNode, look: Look) => void>> = {
  AuthEnvelopedData(node, look) {
    addRecipientWarnings(node, look);
    addTagWarnings(node, look);
    const attributes = part(node, 'authAttrs');
    addAttributeWarnings(attributes, look);
    addUncovered(node, 'unauthAttrs', 'unauthenticated-attributes', look);
    const contentType = part(part(node, 'authEncryptedContentInfo'), 'contentType');
    if (contentType !== undefined && oidOf(contentType) !== ID_DATA && isMissing(node, attributes)) {
      look.warnings.add(
        'no-authenticated-attributes',
        node,
        'content other than id-data needs authAttrs (RFC 5083 §2.1)',
      );
    }
    addRecipientsDigest(node, look);
  },
  AuthenticatedData(node, look) {
    addRecipientWarnings(node, look);
    const attributes = part(node, 'authAttrs');
    addAttributeWarnings(attributes, look);
    addUncovered(node, 'unauthAttrs', 'unauthenticated-attributes', look);
    const content = part(node, 'encapContentInfo');
    addDigestWarning(attributes, part(node, 'digestAlgorithm'), part(content, 'eContent'), look);
    if (oidOf(part(content, 'eContentType')) !== ID_DATA && isMissing(node, attributes)) {
      look.warnings.add(
        'no-authenticated-attributes',
        node,
        'content other than id-data needs authAttrs (RFC 5652 §9.1)',
      );
    }
  },
  EnvelopedData(node, look) {
    addRecipientWarnings(node, look);
    addUnauthenticated(node, look);
  },
  EncryptedData: (node, look) => addUnauthenticated(node, look),
};

/** What is cut off may have held it. */
function isMissing(node: GeneralNode, found: GeneralNode | undefined): boolean {
  return found === undefined && node.incomplete === undefined;
}

function addUnauthenticated(node: GeneralNode, look: Look): void {
  addUncovered(node, 'unprotectedAttrs', 'unprotected-attributes', look);
  const { name, isAead, node: algorithm = node } = contentAlgorithm(part(node, 'encryptedContentInfo'));
  look.warnings.add(
    'no-authentication',
    algorithm,
    `nothing authenticates what ${name} encrypts here: it can be changed unseen`,
  );
  if (isAead)
    look.warnings.add('aead-without-tag', algorithm, `${name} has a tag, for which ${node.structure} has no place`);
}

/** A6, A7 and A1 of the attack list: CVE-2026-34182, CVE-2025-15467. */
function addTagWarnings(node: GeneralNode, look: Look): void {
  const content = contentAlgorithm(part(node, 'authEncryptedContentInfo'));
  const { node: algorithm = node, name, isAead } = content;
  if (content.tag === undefined) {
    look.warnings.add('not-an-aead', algorithm, `${name} has no tag: nothing here is authenticated (CVE-2026-34182)`);
  }
  if (!isAead) return;
  const stated = content.tagLength ?? (content.tagLengthIsDefault ? DEFAULT_TAG : undefined);
  if (content.tagLengthIsDefault)
    look.warnings.add('tag-length-default', algorithm, 'aes-ICVlen is missing, which means 12');
  if (stated !== undefined && stated !== FULL_TAG) {
    look.warnings.add('tag-length', algorithm, `a tag of ${stated} octets: ${FULL_TAG} are to be had`);
  }
  const mac = part(node, 'mac');
  const length = mac === undefined ? undefined : stringLength(mac);
  if (length !== undefined && stated !== undefined && length !== stated) {
    look.warnings.add(
      'tag-length-differs',
      mac as GeneralNode,
      `mac has ${length} octets, the parameters say ${stated}`,
    );
  }
  if (content.nonceLength !== undefined && content.nonceLength !== NONCE) {
    look.warnings.add(
      'nonce-length',
      algorithm,
      `a nonce of ${content.nonceLength} octets: ${NONCE} are what it is made for`,
    );
  }
}

function addUncovered(
  node: GeneralNode,
  name: string,
  code: 'unauthenticated-attributes' | 'unprotected-attributes',
  look: Look,
): void {
  const attributes = part(node, name);
  if (attributes !== undefined)
    look.warnings.add(code, attributes, 'attributes that anybody may have added or changed');
}

function addRecipientWarnings(node: GeneralNode, look: Look): void {
  const infos = part(node, 'recipientInfos');
  if (infos !== undefined && elements(infos).length === 0)
    look.warnings.add('no-recipients', infos, 'nobody can open it');
  const seen = new Set<string>();
  for (const name of recipientNames(infos)) {
    const key = Buffer.from(wireOctets(name, look.input)).toString('latin1');
    if (seen.has(key))
      look.warnings.add('duplicate-recipient', name, 'named before: readers differ in which of them they take');
    seen.add(key);
  }
}

/** What each recipient goes by. */
function recipientNames(infos: GeneralNode | undefined): GeneralNode[] {
  return elements(infos).flatMap((info) => {
    const inner = info.structure === 'OtherRecipientInfo' ? part(info, 'oriValue') : info;
    const keys =
      inner?.structure === 'KeyAgreeRecipientInfo' ? elements(part(inner, 'recipientEncryptedKeys')) : [inner];
    return keys.flatMap((key) => part(key, 'rid') ?? part(key, 'kekid') ?? []);
  });
}

/** recipientsDigest is SHA-256 over the sorted key identifiers on the wire (docs/specification.md): no key is needed to see it differ. */
function addRecipientsDigest(node: GeneralNode, look: Look): void {
  const context = attributesOf(part(node, 'authAttrs')).find(({ oid }) => oid === CLEAR_CONTEXT)?.values[0];
  const stated = part(context, 'recipientsDigest');
  if (stated === undefined) return;
  const identifiers = recipientNames(part(node, 'recipientInfos'))
    .map((name) => part(name, 'subjectKeyIdentifier'))
    .flatMap((identifier) => (identifier === undefined ? [] : [stringOctets(identifier, look.input)]));
  const digest = createHash('sha256')
    .update(concat(...identifiers.sort(compare)))
    .digest();
  if (equal(digest, stringOctets(stated, look.input))) return;
  look.warnings.add(
    'recipients-digest-differs',
    stated,
    'not the digest of the recipients on the wire: no device opens it',
  );
}
