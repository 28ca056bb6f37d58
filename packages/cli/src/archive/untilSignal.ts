/**
 * The end of a verb that goes on until somebody ends it.
 * @module
 */
import { constants } from 'node:os';

/** Waits for a signal, so that what is under way can be brought to an end. A second one ends the process as any other verb's. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.removeAllListeners(signal);
      process.once(signal, () => {
        process.once(signal, () => process.exit(128 + constants.signals[signal]));
        resolve();
      });
    }
  });
}
