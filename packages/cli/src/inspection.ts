/**
 * `cms inspect`: anything as a tree, for people or as JSON.
 * @module
 */
import { CmsError } from '@stanzaseal/cms';
import {
  GENERAL_LIMITS,
  type GeneralNode,
  type GeneralObject,
  type GeneralValue,
  readGeneral,
} from '@stanzaseal/cms/general';
import { CliFailure, warn } from './failure.js';
import { readAnything } from './objectInput.js';
import { quoted } from './printable.js';

/** Something looked at: what the general reader says, and the PEM label it stood under. */
interface Inspected extends GeneralObject {
  readonly label?: string;
}

/** Shows everything in a file or on standard input. @throws CliFailure `ERR_DER` for what is not BER; for part of it, all is refused */
export async function inspect(file: string | undefined, asJson: boolean): Promise<string> {
  const objects = (await readAnything(file)).map(({ label, octets }) => look(label, octets));
  for (const { trailingOctets } of objects) if (trailingOctets > 0) warn(`${trailingOctets} octets follow the object`);
  if (asJson) return `${JSON.stringify({ objects })}\n`;
  return objects.map(asText).join('\n');
}

function look(label: string | undefined, octets: Uint8Array): Inspected {
  const object = read(octets);
  // Text often looks like the beginning of some value: "MIME" is one of 73 octets. A known structure is none by chance.
  if (object.structure === undefined && object.trailingOctets > 0) throw new CliFailure('ERR_DER', 'input is not BER');
  if (object.structure === undefined && label !== undefined && label.endsWith('PRIVATE KEY')) {
    throw new CliFailure(
      'ERR_UNSUPPORTED',
      'a private key of an unknown form is not shown: its secret part is not known',
    );
  }
  return { ...(label === undefined ? {} : { label }), ...object };
}

function read(octets: Uint8Array): GeneralObject {
  try {
    return readGeneral(octets, GENERAL_LIMITS);
  } catch (cause) {
    if (!(cause instanceof CmsError)) throw cause;
    throw new CliFailure(cause.code, cause.message.replace('octets are', 'input is'), { cause });
  }
}

function asText({ label, structure, isStrictDer, root }: Inspected): string {
  const title = [
    structure ?? 'unknown structure',
    isStrictDer ? 'strict DER' : 'BER, or DER with more than the strict reader takes',
  ];
  if (label !== undefined) title.unshift(`PEM ${label}`);
  const lines = [`# ${title.join(', ')}`, '# offset header content'];
  addLines(lines, root, '', 0);
  return `${lines.join('\n')}\n`;
}

function addLines(lines: string[], node: GeneralNode, around: string, depth: number): void {
  const { offset, headerLength, contentLength, indefinite, path, structure, tag, value } = node;
  // Only the last step of the path: the indentation says the rest.
  const name = path === undefined || path === around ? '' : path.slice(around.length).replace(/^\./, '');
  const words = [name, structure ?? '', tag, value === undefined ? '' : valueText(value)].filter((word) => word !== '');
  const place = [offset, headerLength, indefinite ? `${contentLength}*` : contentLength].map((number) =>
    String(number).padStart(7),
  );
  lines.push(`${place.join(' ')}  ${'  '.repeat(depth)}${words.join(' ')}`);
  for (const child of node.children ?? []) addLines(lines, child, path ?? '', depth + 1);
}

function valueText(value: GeneralValue): string {
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
      return '(not shown: part of a private key)';
  }
}

/** Half of what JSON has: a line should fit a screen. */
function hexText({ hex, truncated }: { readonly hex: string; readonly truncated: boolean }): string {
  const shown = hex.slice(0, 64);
  return `${shown}${truncated || shown.length < hex.length ? '...' : ''}`;
}
