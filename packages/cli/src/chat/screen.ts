/**
 * Lines in and lines out: on a terminal what comes is shown above what is being typed; without one they are plain lines.
 * @module
 */
import { clearLine, createInterface, cursorTo } from 'node:readline';
import { Writable } from 'node:stream';

/** Where a conversation is shown. */
export interface Screen {
  /** Shows a line. */
  print(line: string): void;
  /** Takes typed lines one after another until they end, or `end` is called, and all were taken. */
  read(take: (line: string) => Promise<void>): Promise<void>;
  /**
   * Asks for a line that is not shown while it is typed, nor kept among those that a key brings back; without a terminal it is the next
   * one. To be called while a line is taken. `undefined` where there is none any more.
   */
  ask(question: string): Promise<string | undefined>;
  /** Reads no more. */
  end(): void;
}

/** Standard input and output. */
export function openScreen(): Screen {
  const { stdin, stdout } = process;
  const terminal = stdin.isTTY === true && stdout.isTTY === true;
  const write = (text: string): void => void stdout.write(text);
  const lines: string[] = [];
  let question: string | undefined;
  let asked: ((line: string | undefined) => void) | undefined;
  let awaited: (() => void) | undefined;
  let isOver = false;
  // What is typed is shown by readline, which knows no other way to be silent.
  const output = new Writable({
    write(text, _, done) {
      if (question === undefined) stdout.write(text);
      done();
    },
  });
  Object.defineProperty(output, 'columns', { get: () => stdout.columns });
  const reader = createInterface({ input: stdin, terminal, prompt: '> ', ...(terminal && { output }) });
  reader.pause();
  reader.on('history', (history: string[]) => void (question !== undefined && history.shift()));
  reader.on('line', (line) => {
    if (asked !== undefined) return asked(line);
    lines.push(line);
    awaited?.();
  });
  reader.on('SIGINT', () => reader.close());
  reader.on('close', () => {
    isOver = true;
    asked?.(undefined);
    awaited?.();
  });

  async function next(): Promise<string | undefined> {
    while (lines.length === 0 && !isOver) await new Promise<void>((resolve) => (awaited = resolve));
    return lines.shift();
  }

  return {
    print(line) {
      if (!terminal || isOver) return write(`${line}\n`);
      cursorTo(stdout, 0);
      clearLine(stdout, 0);
      write(`${line}\n`);
      if (question === undefined) reader.prompt(true);
      else write(question);
    },
    end: () => reader.close(),
    async read(take) {
      reader.resume();
      if (terminal) reader.prompt();
      for (let line = await next(); line !== undefined; line = await next()) {
        await take(line);
        if (terminal && !isOver) reader.prompt(true);
      }
    },
    async ask(words) {
      if (!terminal) return next();
      if (isOver) return undefined;
      question = words;
      write(words);
      const line = await new Promise<string | undefined>((resolve) => (asked = resolve));
      [asked, question] = [undefined, undefined];
      write('\n');
      return line;
    },
  };
}
