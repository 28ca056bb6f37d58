/**
 * A second, independent reader over fast-xml-parser: what differential tests hold `readXml` against. Shares no code with it but
 * types and namespace names. It is not for input from a network: fast-xml-parser alone is lax, and this file makes up for it only
 * where a tree still shows what the text was (docs/decisions/0003-xml-reader.md).
 * @module
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { NS } from './namespaces.js';
import { StanzaError } from './stanzaError.js';
import type { XmlAttribute, XmlElement, XmlLimits, XmlNode } from './xml.js';
import { XML_LIMITS } from './xml.js';
import type { ReadXmlOptions } from './xmlReader.js';

/**
 * Reads a text that is one element with fast-xml-parser. Elements and attributes named `__proto__`, `constructor` or `prototype` are
 * refused by that library, though XML allows them.
 * @throws StanzaError `ERR_XML`
 */
export function readWithFastXmlParser(
  text: string,
  limits: XmlLimits = XML_LIMITS,
  options: ReadXmlOptions = {},
): XmlElement {
  if (new TextEncoder().encode(text).length > limits.octets) refuse('text is longer than the limit');
  if (!XML_CHARACTERS.test(text)) refuse('text holds a character that XML has not');
  // The parser swallows document types whole, so they must be looked for in the text.
  if (/<[!?]/.test(text.replace(/<!\[CDATA\[[^]*?\]\]>/g, '')))
    refuse('comments, instructions and document types are not allowed');
  // And it drops text after the root.
  if (!/^[ \t\r\n]*<[^]*>[ \t\r\n]*$/.test(text)) refuse('text is not one element');
  let nodes: FxpNode[];
  try {
    const verdict = XMLValidator.validate(text);
    if (verdict !== true) throw new Error(verdict.err.msg);
    nodes = new XMLParser({ ...LOSSLESS, maxNestedTags: limits.depth }).parse(text) as FxpNode[];
  } catch (cause) {
    throw new StanzaError('ERR_XML', 'fast-xml-parser refuses the text', { cause });
  }
  const roots = nodes.filter((node) => !('#text' in node && /^[ \t\n]*$/.test(String(node['#text']))));
  const [root] = roots;
  if (roots.length !== 1 || root === undefined || '#text' in root || '#cdata' in root)
    refuse('text is not one element');
  return convert(root as FxpNode, new Map([['', options.defaultNamespace ?? '']]), limits.depth);
}

/** `preserveOrder` gives a node as an object with its name as the key of its children, and attributes under `:@`. */
type FxpNode = Readonly<Record<string, unknown>>;

// Entities stay as written: with processEntities the library drops or keeps numeric references as it sees fit.
const LOSSLESS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  cdataPropName: '#cdata',
  commentPropName: '#comment',
  processEntities: false,
  // Else an attribute named `toString` comes back as `__toString`.
  onDangerousProperty: (name: string): string => name,
} as const;

const XML_CHARACTERS = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const NAME_START =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const PART = `[${NAME_START}][${NAME_START}\\-.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040]*`;
const QUALIFIED_NAME = new RegExp(`^(?:(${PART}):)?(${PART})$`, 'u');

function convert(node: FxpNode, outer: ReadonlyMap<string, string>, depth: number): XmlElement {
  if (depth <= 0) refuse('elements are nested too deep');
  const tag = Object.keys(node).find((key) => key !== ':@') as string;
  const raw = Object.entries((node[':@'] ?? {}) as Record<string, string>);
  const scope = new Map(outer);
  const plain: [prefix: string, name: string, value: string][] = [];
  for (const [key, written] of raw) {
    if (written.includes('<')) refuse("'<' stands in an attribute value");
    const value = decode(written.replace(/[\t\n\r]/g, ' '));
    const [prefix, name] = split(key);
    if (prefix === '' && name === 'xmlns') declare(scope, '', value);
    else if (prefix === 'xmlns') declare(scope, name, value);
    else plain.push([prefix, name, value]);
  }
  const [prefix, name] = split(tag);
  const attributes: XmlAttribute[] = plain.map(([own, local, value]) => ({
    namespace: own === '' ? '' : resolve(scope, own),
    name: local,
    value,
  }));
  if (new Set(attributes.map((item) => JSON.stringify([item.namespace, item.name]))).size !== attributes.length)
    refuse('an attribute stands twice');
  const children: XmlNode[] = [];
  const append = (text: string): void => {
    const last = children.length - 1;
    if (typeof children[last] === 'string') children[last] += text;
    else if (text !== '') children.push(text);
  };
  for (const item of node[tag] as FxpNode[]) {
    if ('#text' in item) {
      const text = String(item['#text']);
      if (text.includes(']]>')) refuse("']]>' stands in text");
      append(decode(text));
    } else if ('#cdata' in item) append((item['#cdata'] as FxpNode[]).map((part) => String(part['#text'])).join(''));
    else children.push(convert(item, scope, depth - 1));
  }
  return { namespace: resolve(scope, prefix), name, attributes, children };
}

function split(written: string): [prefix: string, name: string] {
  const match = QUALIFIED_NAME.exec(written);
  if (match === null) refuse('a name is malformed');
  return [match[1] ?? '', match[2] as string];
}

function declare(scope: Map<string, string>, prefix: string, uri: string): void {
  const reserved = prefix === 'xmlns' || uri === NS.XMLNS || (prefix === 'xml') !== (uri === NS.XML);
  if (reserved || (prefix !== '' && uri === '')) refuse('a prefix is declared wrongly');
  scope.set(prefix, uri);
}

function resolve(scope: ReadonlyMap<string, string>, prefix: string): string {
  const uri = prefix === 'xml' ? NS.XML : scope.get(prefix);
  if (uri === undefined) refuse('a prefix is not declared');
  return uri;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decode(text: string): string {
  if (/&(?!(?:#\d+|#x[\da-fA-F]+|[a-z]+);)/.test(text)) refuse('a reference is malformed');
  return text.replace(/&(#?)(x?)(\w+);/g, (_, hash: string, x: string, digits: string) => {
    if (hash === '') return NAMED.get(x + digits) ?? refuse('an entity is not predefined');
    const code = Number.parseInt(digits, x === '' ? 10 : 16);
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\0';
    return XML_CHARACTERS.test(character) ? character : refuse('a reference is to no XML character');
  });
}

function refuse(message: string): never {
  throw new StanzaError('ERR_XML', message);
}
