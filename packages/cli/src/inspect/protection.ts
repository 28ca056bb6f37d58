/**
 * Which part of an object is authenticated by what, by the structures alone: whether a signature or a tag is right takes a key,
 * and nothing here has one.
 * @module
 */
import { STANZASEAL_ARC } from '@stanzaseal/cms';
import type { GeneralNode } from '@stanzaseal/cms/general';
import { contentAlgorithm } from './contentAlgorithm.js';
import { attributesOf, elements, outerPart, part } from './nodes.js';

/** What a part stands under. */
export type Protector =
  | 'content-type' // names in authenticated attributes
  | 'digest' // a digest in authenticated attributes
  | 'key-derivation' // a change gives another key, which opens nothing
  | 'key-wrap' // the integrity check of the wrapped key
  | 'mac'
  | 'nothing'
  | 'recipients-digest'
  | 'signature'
  | 'tag';

/** What authenticates a part. */
export interface Protection {
  /** Stable name. */
  readonly by: Protector;
  /** In words: `under the tag`. */
  readonly message: string;
}

/** The protection of every part that has, or plainly lacks, some of its own; what is inside a part stands under the same. */
export function protectionOf(root: GeneralNode): Map<GeneralNode, Protection> {
  const found = new Map<GeneralNode, Protection>();
  const visit = (node: GeneralNode): void => {
    // Of a structure that is not whole, what protects the rest may be cut off.
    if (node.incomplete === undefined) protectParts(node, found);
    for (const child of node.children ?? []) visit(child);
  };
  visit(root);
  return found;
}

function protectParts(node: GeneralNode, found: Map<GeneralNode, Protection>): void {
  PROTECTORS[node.structure ?? '']?.(node, (name, by, message, of = node) => {
    const inside = outerPart(of, name);
    if (inside !== undefined) found.set(inside, { by, message });
  });
  if (node.structure === 'SignedData' || node.structure === 'AuthenticatedData') protectContent(node, found);
}

/** Notes what a field of the structure, or of another value, stands under. */
type Note = (name: string, by: Protector, message: string, of?: GeneralNode) => void;

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
/** Makes an object one of `urn:xmpp:sealed:0`. */
const CLEAR_CONTEXT = `${STANZASEAL_ARC}.2.1`;
const NOTHING = 'under nothing';
const NO_TAG = 'under nothing: the algorithm has no tag';
const CHOICE_OF_ALGORITHM = 'the nonce goes into the tag; which algorithm it is stands under nothing';
const AGREED = 'a change gives another key, which unwraps nothing';
const WRAPPED = 'under the integrity check of the key wrap';

const PROTECTORS: Readonly<Record<string, (node: GeneralNode, note: Note) => void>> = {
  SignedData(_node, note) {
    for (const name of ['digestAlgorithms', 'certificates', 'crls']) note(name, 'nothing', NOTHING);
  },
  SignerInfo(_node, note) {
    note('sid', 'nothing', 'under nothing: whose signature it is shows when it verifies');
    note('signedAttrs', 'signature', 'under the signature below');
    note('unsignedAttrs', 'nothing', NOTHING);
  },
  AuthEnvelopedData(node, note) {
    const { tag, cekHkdf } = contentAlgorithm(part(node, 'authEncryptedContentInfo'));
    note('originatorInfo', 'nothing', NOTHING);
    if (hasAttribute(node, CLEAR_CONTEXT) && tag !== undefined) {
      note(
        'recipientInfos',
        'recipients-digest',
        'key identifiers under recipientsDigest in authAttrs, the rest under nothing',
      );
    } else note('recipientInfos', 'nothing', NOTHING);
    if (tag === undefined) note('authAttrs', 'nothing', NO_TAG);
    else note('authAttrs', 'tag', `under the tag of ${tag}`);
    note('unauthAttrs', 'nothing', NOTHING);
    const content = part(node, 'authEncryptedContentInfo');
    if (hasAttribute(node, CONTENT_TYPE) && tag !== undefined) {
      note('contentType', 'content-type', 'under content-type in authAttrs', content);
    } else note('contentType', 'nothing', NOTHING, content);
    if (cekHkdf) note('contentEncryptionAlgorithm', 'key-derivation', 'goes into the content key (RFC 9709)', content);
    else note('contentEncryptionAlgorithm', 'nothing', CHOICE_OF_ALGORITHM, content);
    if (tag === undefined) note('encryptedContent', 'nothing', NO_TAG, content);
    else note('encryptedContent', 'tag', `under the tag of ${tag}`, content);
  },
  AuthenticatedData(_node, note) {
    note('originatorInfo', 'nothing', NOTHING);
    note('recipientInfos', 'nothing', NOTHING);
    note('authAttrs', 'mac', 'under the mac below');
    note('unauthAttrs', 'nothing', NOTHING);
  },
  EnvelopedData(_node, note) {
    for (const name of ['originatorInfo', 'recipientInfos', 'encryptedContentInfo', 'unprotectedAttrs']) {
      note(name, 'nothing', NOTHING);
    }
  },
  EncryptedData(_node, note) {
    for (const name of ['encryptedContentInfo', 'unprotectedAttrs']) note(name, 'nothing', NOTHING);
  },
  DigestedData(_node, note) {
    note('encapContentInfo', 'nothing', 'under nothing: who changes it can renew the digest');
  },
  KeyAgreeRecipientInfo(_node, note) {
    for (const name of ['originator', 'ukm', 'keyEncryptionAlgorithm']) note(name, 'key-derivation', AGREED);
  },
  RecipientEncryptedKey(_node, note) {
    note('encryptedKey', 'key-wrap', WRAPPED);
  },
  KEKRecipientInfo(_node, note) {
    note('encryptedKey', 'key-wrap', WRAPPED);
  },
  KEMRecipientInfo(_node, note) {
    for (const name of ['kemct', 'kdf', 'ukm', 'wrap']) note(name, 'key-derivation', AGREED);
    note('encryptedKey', 'key-wrap', WRAPPED);
  },
  Certificate(_node, note) {
    note('tbsCertificate', 'signature', "under the issuer's signature");
  },
  CertificateList(_node, note) {
    note('tbsCertList', 'signature', "under the issuer's signature");
  },
  CertificationRequest(_node, note) {
    note('certificationRequestInfo', 'signature', 'under the signature of its own key');
  },
};

function hasAttribute(authEnvelopedData: GeneralNode, type: string): boolean {
  return attributesOf(part(authEnvelopedData, 'authAttrs')).some(({ oid }) => oid === type);
}

/** The content of SignedData and AuthenticatedData stands under each signer's attributes, or under the signature itself. */
function protectContent(node: GeneralNode, found: Map<GeneralNode, Protection>): void {
  const content = part(node, 'encapContentInfo');
  if (content === undefined) return;
  const type = outerPart(content, 'eContentType');
  const inside = outerPart(content, 'eContent');
  const [bound, direct, by] = node.structure === 'SignedData' ? bySigners(node) : byMac(node);
  const digest = bound === undefined ? [] : [`under message-digest in ${bound}`];
  const directly = direct === undefined ? [] : [`under ${direct} itself`];
  const all = [...digest, ...directly];
  if (inside === undefined)
    found.set(content, { by: all.length === 0 ? 'nothing' : 'digest', message: 'the content is kept elsewhere' });
  else {
    const message = all.join('; ') || 'under nothing: nobody signed';
    found.set(inside, { by: bound !== undefined ? 'digest' : direct !== undefined ? by : 'nothing', message });
  }
  if (type === undefined) return;
  if (bound === undefined) found.set(type, { by: 'nothing', message: NOTHING });
  else found.set(type, { by: 'content-type', message: `under content-type in ${bound}` });
}

function bySigners(node: GeneralNode): [bound: string | undefined, direct: string | undefined, by: Protector] {
  const signers = elements(part(node, 'signerInfos'));
  const name = (chosen: boolean): string | undefined => {
    const places = signers.flatMap((signer, i) =>
      (part(signer, 'signedAttrs') !== undefined) === chosen ? [`[${i}]`] : [],
    );
    if (places.length === 0) return undefined;
    const shown = places.slice(0, 4).join(', ');
    return `${shown}${places.length > 4 ? ` and ${places.length - 4} more` : ''}`;
  };
  const [attributes, none] = [name(true), name(false)];
  return [
    attributes === undefined ? undefined : `signedAttrs of signerInfos${attributes}`,
    none === undefined ? undefined : `the signature of signerInfos${none}`,
    'signature',
  ];
}

function byMac(node: GeneralNode): [bound: string | undefined, direct: string | undefined, by: Protector] {
  return part(node, 'authAttrs') === undefined ? [undefined, 'the mac', 'mac'] : ['authAttrs', undefined, 'mac'];
}
