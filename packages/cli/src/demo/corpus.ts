/**
 * The corpus of stanzas that the demo sends: `test-vectors/stanzas`, or the copy of it in the published package.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attribute, readXml, type XmlElement, type XmlNode } from '@stanzaseal/stanza';

/** A stanza of the corpus and what must come back. */
export interface CorpusStanza {
  /** File name without its ending. */
  readonly name: string;
  /** What it is one of: chat, receipts, iq-roster. */
  readonly group: string;
  /** The stanza as a client would send it. */
  readonly stanza: XmlElement;
  /** Its content as it must come back. */
  readonly children: readonly XmlNode[];
  /** Its `id`, or `null`. */
  readonly id: string | null;
}

/** The sealable stanzas of the corpus, in the order of their names. @throws Error where there is no corpus */
export function readCorpus(): CorpusStanza[] {
  const directory = ['../../test-vectors/stanzas', '../../../../test-vectors/stanzas']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (directory === undefined) throw new Error('the corpus of stanzas is missing from this installation');
  const stanzas: CorpusStanza[] = [];
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.json')) continue;
    const name = file.slice(0, -'.json'.length);
    const twin = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Twin;
    if (!twin.sealable) continue;
    const text = readFileSync(join(directory, `${name}.xml`), 'utf8');
    const stanza = readXml(text.trimEnd(), undefined, { defaultNamespace: 'jabber:client' });
    stanzas.push({ name, group: twin.group, stanza, children: twin.stanza.children, id: twin.stanza.id });
  }
  return stanzas;
}

/** Whether an opened stanza is the one that was sealed: attributes in any order, everything else to the letter. */
export function isSame(opened: XmlElement, expected: CorpusStanza): boolean {
  const id = attribute(opened, 'id') ?? null;
  return id === expected.id && canonical(opened.children) === canonical(expected.children);
}

interface Twin {
  sealable: boolean;
  group: string;
  stanza: { id: string | null; children: XmlNode[] };
}

function canonical(children: readonly XmlNode[]): string {
  return JSON.stringify(children, (_, value) => {
    if (!Array.isArray(value?.attributes)) return value;
    const attributes = value.attributes.map((item: object) => JSON.stringify(item)).sort();
    return { ...value, attributes };
  });
}
