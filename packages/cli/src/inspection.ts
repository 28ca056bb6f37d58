/**
 * `cms inspect`: anything as a tree, for people or as JSON, also what breaks off or goes wrong on the way.
 * @module
 */
import { CmsError } from '@stanzaseal/cms';
import { CliFailure, reportFailure, tell } from './failure.js';
import { asJson } from './inspect/asJson.js';
import { asText, colours, type Paint, plain } from './inspect/asText.js';
import { type Examined, examine, readAsFarAsItGoes } from './inspect/examine.js';
import { readAnything } from './objectInput.js';
import type { InOut } from './options.js';
import { writeOutput } from './output.js';

/** What came of looking at a file. */
export interface Inspection {
  /** The result; empty where there is nothing to show. */
  readonly text: string;
  /** One for each object that is not whole. */
  readonly failures: readonly CliFailure[];
}

/**
 * Shows everything in a file or on standard input. What is broken is shown as far as it goes, and is a failure after that; to a
 * file of `--out`, which appears on success alone, nothing is written then.
 * @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED`
 */
export async function showInspection(options: InOut & { readonly json?: true }): Promise<void> {
  // `hasColors` knows NO_COLOR, FORCE_COLOR and dumb terminals.
  const wanted = options.out === undefined && process.stdout.isTTY === true && process.stdout.hasColors();
  const { text, failures } = await inspect(options.in, options.json === true, wanted ? colours : plain);
  const [last, ...others] = [...failures].reverse();
  if (last === undefined || (options.out === undefined && text !== '')) await writeOutput(text, options.out);
  for (const failure of others.reverse()) reportFailure(tell(failure));
  if (last !== undefined) throw last;
}

/** Looks at everything in a file or on standard input. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export async function inspect(file: string | undefined, json: boolean, paint: Paint = plain): Promise<Inspection> {
  const failures: CliFailure[] = [];
  const objects = (await readAnything(file)).flatMap(({ label, octets }) => look(label, octets, failures) ?? []);
  if (objects.length === 0) return { text: '', failures };
  if (json) return { text: `${JSON.stringify({ objects: objects.map(asJson) })}\n`, failures };
  return { text: objects.map((each) => asText(each, paint)).join('\n'), failures };
}

function look(label: string | undefined, octets: Uint8Array, failures: CliFailure[]): Examined | undefined {
  const read = readAnyOctets(octets);
  if (read === undefined) {
    failures.push(new CliFailure('ERR_DER', 'input is not BER'));
    return undefined;
  }
  const { structure, broken } = read;
  if (structure === undefined && broken === undefined && label?.endsWith('PRIVATE KEY')) {
    const sentence = 'a private key of an unknown form is not shown: its secret part is not known';
    failures.push(new CliFailure('ERR_UNSUPPORTED', sentence));
    return undefined;
  }
  if (broken !== undefined) {
    failures.push(new CliFailure('ERR_DER', `input is broken at octet ${broken.offset}: ${broken.reason}`));
  }
  return examine(octets, label, read);
}

function readAnyOctets(octets: Uint8Array): ReturnType<typeof readAsFarAsItGoes> {
  try {
    return readAsFarAsItGoes(octets);
  } catch (cause) {
    if (!(cause instanceof CmsError)) throw cause;
    throw new CliFailure(cause.code, cause.message.replace('octets are', 'input is'), { cause });
  }
}
