/**
 * The XEP-0420 envelope inside an object: the stanza's content, and beside it the affixes that say whose it is, when it was
 * written and which stanza it was.
 * @module
 */
import type { StanzaKind } from '@stanzaseal/cms';
import { NS } from './namespaces.js';
import { StanzaError } from './stanzaError.js';
import { attribute, childrenOf, type XmlAttribute, type XmlElement, type XmlNode } from './xml.js';

/** What the affix `<stanza xmlns='urn:xmpp:sealed:0'/>` says: it alone supplies the opened stanza's attributes. */
export interface StanzaAffix {
  /** Kind. */
  readonly kind: StanzaKind;
  /** `type` as it was written, `undefined` where there was none. */
  readonly type: string | undefined;
  /** `id`, `undefined` where there was none. */
  readonly id: string | undefined;
  /** `xml:lang`, `undefined` where there was none. */
  readonly lang: string | undefined;
}

/** An envelope as data. */
export interface SealedEnvelope {
  /** The stanza's children. */
  readonly content: readonly XmlNode[];
  /** The stanza's own attributes. */
  readonly stanza: StanzaAffix;
  /** Bare JID of the sender. */
  readonly from: string;
  /** Bare JID of the recipient, or room JID. */
  readonly to: string;
  /** When it was written, in ms since 1970. */
  readonly time: number;
  /** Padding characters. */
  readonly rpad: string;
}

/** The envelope's element. */
export function envelopeElement(envelope: SealedEnvelope): XmlElement {
  const { kind, type, id, lang } = envelope.stanza;
  const attributes = [plain('kind', kind)];
  if (type !== undefined) attributes.push(plain('type', type));
  if (id !== undefined) attributes.push(plain('id', id));
  if (lang !== undefined) attributes.push({ namespace: NS.XML, name: 'lang', value: lang });
  return affix('envelope', NONE, [
    affix('content', NONE, envelope.content),
    affix('time', [plain('stamp', new Date(envelope.time).toISOString())]),
    affix('from', [plain('jid', envelope.from)]),
    affix('to', [plain('jid', envelope.to)]),
    { namespace: NS.SEALED, name: 'stanza', attributes, children: NONE },
    affix('rpad', NONE, envelope.rpad === '' ? NONE : [envelope.rpad]),
  ]);
}

// One envelope for each stanza that is sealed: made member by member, which costs half of what `element` does.
const NONE: readonly never[] = [];

function affix(name: string, attributes: readonly XmlAttribute[], children: readonly XmlNode[] = NONE): XmlElement {
  return { namespace: NS.SCE, name, attributes, children };
}

function plain(name: string, value: string): XmlAttribute {
  return { namespace: '', name, value };
}

/** Reads an envelope; every affix is there, once, and nothing unknown beside them. @throws StanzaError `ERR_OPEN` */
export function readEnvelope(root: XmlElement): SealedEnvelope {
  if (root.namespace !== NS.SCE || root.name !== 'envelope' || root.attributes.length > 0) throw openError();
  const children = childrenOf(root);
  if (children.length !== 6 || root.children.length !== 6) throw openError();
  const stanza = only(root, NS.SEALED, 'stanza');
  const kind = attribute(stanza, 'kind');
  if (kind !== 'message' && kind !== 'presence' && kind !== 'iq') throw openError();
  const { children: content } = only(root, NS.SCE, 'content');
  const { children: padding } = only(root, NS.SCE, 'rpad');
  if (padding.length > 1 || typeof (padding[0] ?? '') !== 'string') throw openError();
  checkContent(content);
  return {
    content: content.filter((node) => typeof node === 'string' || !isServerProcessed(node)),
    stanza: {
      kind,
      type: attribute(stanza, 'type'),
      id: attribute(stanza, 'id'),
      lang: attribute(stanza, 'lang', NS.XML),
    },
    from: required(only(root, NS.SCE, 'from'), 'jid'),
    to: required(only(root, NS.SCE, 'to'), 'jid'),
    time: readStamp(required(only(root, NS.SCE, 'time'), 'stamp')),
    rpad: (padding[0] as string | undefined) ?? '',
  };
}

/**
 * Whether servers act on an element, so that it belongs outside (XEP-0420 §9): hints, stanza ids, addresses, EME. Found
 * inside it is dropped (T15). The sender's own origin-id may be inside.
 */
export function isServerProcessed(node: XmlElement): boolean {
  switch (node.namespace) {
    case NS.HINTS:
    case NS.ADDRESS:
    case NS.EME:
      return true;
    case NS.STANZA_ID:
      return node.name === 'stanza-id';
    default:
      return false;
  }
}

/** Content is what stands in one stanza: no stanza, no stream element, no object in the object (H6, G6). @throws StanzaError `ERR_OPEN` */
export function checkContent(content: readonly XmlNode[]): void {
  for (const node of content) {
    if (typeof node === 'string') continue;
    const isStanza =
      (node.namespace === NS.CLIENT || node.namespace === NS.SERVER) &&
      (node.name === 'message' || node.name === 'presence' || node.name === 'iq');
    const isSealed =
      (node.namespace === NS.SEALED && node.name === 'sealed') ||
      (node.namespace === NS.SCE && node.name === 'envelope');
    if (isStanza || isSealed || node.namespace === STREAMS) throw openError();
  }
}

const STREAMS = 'http://etherx.jabber.org/streams';
const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** XEP-0082 DateTime in UTC with milliseconds, of a day that exists. */
function readStamp(stamp: string): number {
  const ms = STAMP.test(stamp) ? Date.parse(stamp) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== stamp) throw openError();
  return ms;
}

function only(root: XmlElement, namespace: string, name: string): XmlElement {
  const [found, ...more] = childrenOf(root, namespace, name);
  if (found === undefined || more.length > 0) throw openError();
  return found;
}

function required(parent: XmlElement, name: string): string {
  const value = attribute(parent, name);
  if (value === undefined) throw openError();
  return value;
}

/** The one error of opening a stanza; the reason is kept as `cause` for debugging and never shown. */
export function openError(cause?: unknown): StanzaError {
  return new StanzaError('ERR_OPEN', 'stanza is not for us, or damaged', cause === undefined ? undefined : { cause });
}
