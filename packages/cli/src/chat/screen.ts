/**
 * Lines in and lines out: on a terminal what comes is shown above what is being typed; without one they are plain lines.
 * @module
 */
import { clearLine, createInterface, cursorTo } from 'node:readline';

/** Where a conversation is shown. */
export interface Screen {
  /** Shows a line. */
  print(line: string): void;
  /** Takes typed lines one after another until they end, or `end` is called, and all were taken. */
  read(take: (line: string) => Promise<void>): Promise<void>;
  /** Reads no more. */
  end(): void;
}

/** Standard input and output. */
export function openScreen(): Screen {
  const { stdin, stdout } = process;
  const terminal = stdin.isTTY === true && stdout.isTTY === true;
  let end = (): void => {};
  let show = (line: string): void => void stdout.write(`${line}\n`);
  return {
    print: (line) => show(line),
    end: () => end(),
    read(take) {
      const reader = createInterface({ input: stdin, terminal, prompt: '> ', ...(terminal && { output: stdout }) });
      if (terminal)
        show = (line) => {
          cursorTo(stdout, 0);
          clearLine(stdout, 0);
          stdout.write(`${line}\n`);
          reader.prompt(true);
        };
      end = () => reader.close();
      return new Promise((resolve, reject) => {
        let last = Promise.resolve();
        reader.on('line', (line) => {
          last = last.then(() => take(line));
          last.then(() => terminal && reader.prompt(), end);
        });
        reader.on('SIGINT', end);
        reader.on('close', () => {
          show = (line) => void stdout.write(`${line}\n`);
          last.then(resolve, reject);
        });
        if (terminal) reader.prompt();
      });
    },
  };
}
