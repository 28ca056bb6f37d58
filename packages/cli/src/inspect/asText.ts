/**
 * An object as a tree for people: offsets and lengths, names, values, and behind `--` what each part is and stands under.
 * @module
 */
import { styleText } from 'node:util';
import type { GeneralNode, GeneralValue } from '@stanzaseal/cms/general';
import { quoted } from '../printable.js';
import type { Examined } from './examine.js';

/** Gives text a colour, or leaves it as it is. */
export type Paint = (style: 'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string;

/** Colours for a terminal. Whether there is one that wants them is for the caller to say. */
export const colours: Paint = (style, text) => styleText(style, text, { validateStream: false });
/** No colours. */
export const plain: Paint = (_style, text) => text;

/** The whole text, one line for each value. */
export function asText(object: Examined, paint: Paint): string {
  const { label, structure, isStrictDer, length, broken, warnings, root } = object;
  const form = broken !== undefined ? 'broken' : isStrictDer ? 'strict DER' : 'not strict DER';
  const title = [...(label === undefined ? [] : [`PEM ${label}`]), structure ?? 'unknown structure', form];
  const lines = [`# ${paint('bold', title.join(', '))}, ${length} octets`, paint('dim', '# offset header content')];
  addLines(lines, object, root, '', 0, paint);
  if (broken !== undefined) lines.push(paint('red', `# breaks at ${broken.offset}: ${broken.reason}`));
  for (const { code, path, offset, message } of warnings) {
    const place = path === '' ? `${offset}` : `${offset} ${path}`;
    lines.push(`# ${paint('yellow', `warning ${code}`)} at ${place}: ${message}`);
  }
  return `${lines.join('\n')}\n`;
}

function addLines(
  lines: string[],
  object: Examined,
  node: GeneralNode,
  around: string,
  depth: number,
  paint: Paint,
): void {
  const { offset, headerLength, contentLength, indefinite, path, structure, tag, value } = node;
  // Only the last step of the path: the indentation says the rest.
  const name = path === undefined || path === around ? '' : path.slice(around.length).replace(/^\./, '');
  const words = [
    ...(name === '' ? [] : [paint('bold', name)]),
    ...(structure === undefined ? [] : [paint('cyan', structure)]),
    paint('dim', tag),
    ...(value === undefined ? [] : [valueText(value, object.structure)].filter((text) => text !== '')),
    ...(node.incomplete === undefined ? [] : [paint('red', '(not whole)')]),
  ];
  const remarks = [
    object.meanings.get(node),
    object.keyIdentifiers.has(node) ? `key identifier ${object.keyIdentifiers.get(node)}` : undefined,
    object.protection.get(node)?.message,
  ].filter((remark) => remark !== undefined);
  if (remarks.length > 0) words.push(paint('green', `-- ${remarks.join('; ')}`));
  const place = [offset, headerLength, indefinite ? `${contentLength}*` : contentLength].map((number) =>
    String(number).padStart(7),
  );
  lines.push(`${paint('dim', place.join(' '))}  ${'  '.repeat(depth)}${words.join(' ')}`);
  for (const child of node.children ?? []) addLines(lines, object, child, path ?? '', depth + 1, paint);
}

function valueText(value: GeneralValue, structure: string | undefined): string {
  switch (value.kind) {
    case 'boolean':
      return value.boolean ? 'TRUE' : 'FALSE';
    case 'null':
      return '';
    case 'integer':
      if (value.decimal === undefined) return hexText(value);
      return value.name === undefined ? value.decimal : `${value.name}(${value.decimal})`;
    case 'objectIdentifier':
      return value.name === undefined ? value.oid : `${value.name} (${value.oid})`;
    case 'time':
      return value.time.endsWith('Z') && value.time.includes('T') ? value.time : quoted(value.time);
    case 'text':
      return `${quoted(value.text)}${value.truncated ? ' ...' : ''}`;
    case 'octets':
      return value.text === undefined ? hexText(value) : `${hexText(value)} ${quoted(value.text)}`;
    case 'secret':
      return structure === undefined
        ? '(not shown: perhaps part of a private key)'
        : '(not shown: part of a private key)';
  }
}

/** Half of what JSON has: a line should fit a screen. */
function hexText({ hex, truncated }: { readonly hex: string; readonly truncated: boolean }): string {
  const shown = hex.slice(0, 64);
  return `${shown}${truncated || shown.length < hex.length ? '...' : ''}`;
}
