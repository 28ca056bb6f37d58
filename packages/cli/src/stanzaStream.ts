/**
 * A stream of stanzas through a verb: one after another, what is refused is told and the rest go on.
 * @module
 */
import { readXml, splitXml, writeXml, type XmlElement } from '@stanzaseal/stanza';
import { SingleBar } from 'cli-progress';
import { BrokenPipe, CliFailure, EXIT_REFUSED, reportFailure, tell } from './failure.js';
import { readTextChunks } from './input.js';
import type { InOut } from './options.js';
import { type Output, openOutput } from './output.js';

/** What becomes of one stanza: lines for the output, and what is to be done when they are safe. */
export interface StreamResult {
  /** One JSON object for each line, with the stanza as text in `stanza`. */
  readonly lines: readonly { readonly stanza: string; readonly [member: string]: unknown }[];
  /** Done after the lines were written, or after the output file has appeared. */
  readonly afterwards?: () => Promise<void>;
}

/** Runs a stream. @returns the exit code: 1 if any stanza was refused */
export async function runStream(
  options: InOut & { readonly json?: true },
  work: (stanza: XmlElement) => Promise<StreamResult>,
): Promise<number> {
  const output = await openOutput(options.out);
  const progress = startProgress();
  const held: (() => Promise<void>)[] = [];
  let count = 0;
  let refused = 0;
  try {
    for await (const item of splitXml(readTextChunks(options.in))) {
      count++;
      try {
        if (item.error !== undefined) throw item.error;
        const result = await work(readXml(item.text, undefined, { defaultNamespace: 'jabber:client' }));
        for (const line of result.lines) {
          const { stanza, ...rest } = line;
          await output.write(
            `${options.json === true ? JSON.stringify({ index: item.index, ...rest, stanza }) : stanza}\n`,
          );
        }
        if (result.afterwards !== undefined) {
          if (output.appearsAtCommit) held.push(result.afterwards);
          else await result.afterwards();
        }
      } catch (thrown) {
        if (thrown instanceof BrokenPipe) throw thrown;
        refused++;
        await refuse(thrown, item.index, options, output);
      }
      progress?.update(count);
    }
    if (count === 0) throw new CliFailure('ERR_XML', 'input holds no stanza');
    if (refused > 0) {
      await output.discard();
      return EXIT_REFUSED;
    }
    await output.commit();
    for (const afterwards of held) await afterwards();
    return 0;
  } catch (thrown) {
    await output.discard();
    throw thrown;
  } finally {
    progress?.stop();
  }
}

/** A stanza on one line: newlines inside text become references. */
export function oneLine(stanza: XmlElement): string {
  return writeXml(stanza, { singleLine: true });
}

async function refuse(
  thrown: unknown,
  index: number,
  { json }: { readonly json?: true },
  output: Output,
): Promise<void> {
  const told = tell(thrown);
  reportFailure({ ...told, sentence: `stanza ${index}: ${told.sentence}` });
  if (json === true)
    await output.write(`${JSON.stringify({ index, status: 'refused', code: told.code, warnings: [] })}\n`);
}

/** A bar on standard error, where that is a terminal. */
function startProgress(): SingleBar | undefined {
  if (process.stderr.isTTY !== true) return undefined;
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{value} stanzas, {duration_formatted}',
    clearOnComplete: true,
  });
  bar.start(0, 0);
  return bar;
}
