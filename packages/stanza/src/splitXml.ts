/**
 * Cuts a stream of elements that white space separates into the source text of each, without building any: the shell's input.
 * Linear in the length of the input however it is cut into chunks; a piece is looked at twice at most.
 * @module
 */
import type { StanzaError } from './stanzaError.js';
import { xmlError } from './stanzaError.js';
import type { XmlLimits } from './xml.js';
import { XML_LIMITS } from './xml.js';
import { XmlSplitter } from './xmlSplitter.js';
import { XmlTokenizer } from './xmlTokens.js';

/** The source of one element, still to be read with `readXml`; or, with `ERR_XML`, why there is none. `index` counts items from 1. */
export type XmlItem =
  | { readonly index: number; readonly text: string; readonly error?: undefined }
  | { readonly index: number; readonly text?: undefined; readonly error: StanzaError };

/**
 * Yields the elements of a stream as soon as each is complete. What is damaged yields an error item, and reading goes on after its end
 * tag; if there is none, at the next line that begins with a start tag of a stanza or of the same name.
 * @example
 * for await (const item of splitXml(process.stdin.setEncoding('utf8'))) if (item.text !== undefined) readXml(item.text);
 */
export async function* splitXml(
  source: string | AsyncIterable<string>,
  limits: XmlLimits = XML_LIMITS,
): AsyncGenerator<XmlItem, void, undefined> {
  let index = 0;
  let ready: XmlItem[] = [];
  const splitter = new XmlSplitter(limits, {
    element: (text) => ready.push({ index: ++index, text }),
    damaged: (reason) => ready.push({ index: ++index, error: xmlError(reason) }),
  });
  const tokens = new XmlTokenizer(limits.octets, (token) => splitter.take(token));
  for await (const chunk of typeof source === 'string' ? [source] : source) {
    tokens.push(chunk);
    const items = ready;
    ready = [];
    yield* items;
  }
  tokens.end();
  splitter.end();
  yield* ready;
}
