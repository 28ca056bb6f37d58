/**
 * Derives the JSON twins of `test-vectors/stanzas/*.xml` with saxes, a parser that this project uses for nothing else,
 * so that the twins are a second opinion about every stanza and not an echo of the project's own reader.
 *
 *     node --import tsx scripts/vectors/stanzaTwins.ts            writes every twin
 *     node --import tsx scripts/vectors/stanzaTwins.ts --check    compares only; exit 1 when one is stale or missing
 *
 * The XML files and `stanzaGroups.ts` are written by hand; the twins are not. Their format is described in
 * `test-vectors/stanzas/README.md`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SaxesParser } from 'saxes';
import { stanzaGroups, unsealable } from './stanzaGroups.js';

type Attribute = { namespace: string; name: string; value: string };
type Tree = { namespace: string; name: string; attributes: Attribute[]; children: (Tree | string)[] };

const corpus = fileURLToPath(new URL('../../test-vectors/stanzas/', import.meta.url));
const client = 'jabber:client';
const xml = 'http://www.w3.org/XML/1998/namespace';
const xmlns = 'http://www.w3.org/2000/xmlns/';
const kinds = ['message', 'presence', 'iq'];

// XEP-0420 §9: what servers process stays beside the sealed content. Of XEP-0359 only the stanza-id is theirs.
const outside: readonly [namespace: string, name?: string][] = [
  ['urn:xmpp:hints'],
  ['urn:xmpp:sid:0', 'stanza-id'],
  ['http://jabber.org/protocol/address'],
  ['urn:xmpp:eme:0'],
];

const flags = process.argv.slice(2);
if (flags.some((flag) => flag !== '--check')) {
  console.error('usage: stanzaTwins.ts [--check]');
  process.exit(2);
}
process.exitCode = run(flags.includes('--check'));

function run(check: boolean): number {
  const grouped = Object.entries(stanzaGroups).flatMap(([group, names]) => names.map((name) => ({ group, name })));
  const problems = misfiled(grouped.map(({ name }) => name));
  for (const { group, name } of grouped) {
    const file = `${corpus}${name}.json`;
    try {
      const text = print(twin(group, name));
      if (!check) writeFileSync(file, text);
      else if (readFileSync(file, 'utf8') !== text) problems.push(`${name}.json is stale`);
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  for (const problem of problems) console.error(`error: ${problem}`);
  console.error(`${grouped.length} twins ${check ? 'compared' : 'written'}, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

/** Files without a group, groups without a file, names listed twice, reasons for nothing, twins of nothing. */
function misfiled(names: string[]): string[] {
  const files = readdirSync(corpus);
  const found = new Set(files.filter((file) => file.endsWith('.xml')).map((file) => file.slice(0, -4)));
  const twins = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
  return [
    ...[...found].filter((name) => !names.includes(name)).map((name) => `${name}.xml is in no group`),
    ...names.filter((name) => !found.has(name)).map((name) => `${name}.xml is missing`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is in two groups`),
    ...Object.keys(unsealable).flatMap((name) => (names.includes(name) ? [] : `${name} is unsealable but in no group`)),
    ...twins.filter((name) => !found.has(name)).map((name) => `${name}.json has no XML`),
  ];
}

function twin(group: string, name: string): object {
  const bytes = readFileSync(`${corpus}${name}.xml`);
  const root = parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  if (root.namespace !== client || !kinds.includes(root.name)) throw new Error('is not a stanza');
  const attribute = (local: string, namespace = ''): string | null =>
    root.attributes.find((one) => one.namespace === namespace && one.name === local)?.value ?? null;
  const known = ['type', 'id', 'from', 'to'];
  for (const { namespace, name: local } of root.attributes) {
    // The twin has no place for another attribute of the root, so it would be lost without a word.
    if (!(namespace === '' && known.includes(local)) && !(namespace === xml && local === 'lang'))
      throw new Error(`has a root attribute ${local}`);
  }
  const children = root.children.filter((child) => typeof child === 'object' || /[^ \t\r\n]/.test(child));
  if (!children.every((child) => typeof child === 'object')) throw new Error('has text directly under the stanza');
  const server = children.filter(isOutside);
  const why = unsealable[name];
  const type = attribute('type') ?? { message: 'normal', presence: 'available' }[root.name];
  if (type === undefined) throw new Error('is an iq without type');
  return {
    group,
    sealable: why === undefined,
    ...(why === undefined ? {} : { why }),
    stanza: {
      kind: root.name,
      type,
      id: attribute('id'),
      lang: attribute('lang', xml),
      from: attribute('from'),
      to: attribute('to'),
      children: children.filter((child) => !isOutside(child)),
    },
    ...(server.length === 0 ? {} : { outside: server }),
  };
}

function isOutside(tree: Tree): boolean {
  return outside.some(([namespace, name]) => tree.namespace === namespace && (name ?? tree.name) === tree.name);
}

function parse(text: string): Tree {
  const parser = new SaxesParser({ xmlns: true, additionalNamespaces: { '': client } });
  const top: Tree = { namespace: '', name: '', attributes: [], children: [] };
  const open = [top];
  const addText = (piece: string): void => {
    const { children } = open.at(-1) as Tree;
    const last = children.at(-1);
    // Text, CDATA sections and references beside each other are one string: the infoset does not tell them apart.
    if (typeof last === 'string') children[children.length - 1] = last + piece;
    else if (piece !== '') children.push(piece);
  };
  parser.on('error', (error) => {
    throw error;
  });
  for (const event of ['comment', 'processinginstruction', 'doctype', 'xmldecl'] as const)
    parser.on(event, () => {
      throw new Error(`holds a ${event}, which RFC 6120 §11.1 forbids`);
    });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', (tag) => {
    const attributes = Object.values(tag.attributes)
      .filter(({ uri }) => uri !== xmlns)
      .map(({ uri, local, value }) => ({ namespace: uri, name: local, value }));
    const tree: Tree = { namespace: tag.uri, name: tag.local, attributes, children: [] };
    (open.at(-1) as Tree).children.push(tree);
    open.push(tree);
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  return top.children.find((child) => typeof child === 'object') as Tree;
}

/** JSON in which marks that a reader cannot see (bidi, joiners, unusual spaces, private use) are escapes. */
function print(value: object): string {
  const unseen = (char: string): string =>
    Array.from(
      { length: char.length },
      (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join('');
  return `${JSON.stringify(value, null, 2).replace(/(?![ \n])[\p{C}\p{Z}]/gu, unseen)}\n`;
}
