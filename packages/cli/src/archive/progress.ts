/**
 * Bars of long works.
 * @module
 */
import { SingleBar } from 'cli-progress';

/** Shows how far a work is on standard error, where that is a terminal, while it goes on. */
export async function withProgress<T>(
  what: string,
  work: (show: (progress: { readonly done: number; readonly total: number | undefined }) => void) => Promise<T>,
): Promise<T> {
  if (process.stderr.isTTY !== true) return work(() => undefined);
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${what} {bar} {value}/{total}, {eta_formatted}`,
    clearOnComplete: true,
  });
  bar.start(0, 0);
  try {
    return await work(({ done, total }) => {
      bar.setTotal(total ?? done);
      bar.update(done);
    });
  } finally {
    bar.stop();
  }
}
