/**
 * A link that asks the own server again when it stumbled: accounts that publish at the same moment lock each other's tables (ejabberd
 * with Mnesia answers one of them `internal-server-error`, "Database failure"), and an instant later it works.
 * @module
 */
import type { RandomSource } from '@stanzaseal/cms';
import { attribute } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { backOff, type Schedule } from '../schedule.js';
import { isRefusal } from './pubsub.js';

/** What it takes. */
export interface RetryingLinkPorts {
  /** The connection. */
  readonly link: Link;
  /** Randomness, for delays: who met once should not meet again. */
  readonly random: RandomSource;
  /** Timers. */
  readonly schedule: Schedule;
}

const MAX_RETRIES = 3;
const FIRST_RETRY = 100;
const LONGEST_RETRY = 1000;

/**
 * Makes one. An iq `set` for the own account that is answered `internal-server-error` is sent again, three times at most, after 50 to 100 ms
 * and twice as much each time; what is answered then stands. It is for requests that may be repeated.
 */
export function createRetryingLink({ link, random, schedule }: RetryingLinkPorts): Link {
  const pause = (failures: number): Promise<void> =>
    new Promise((resolve) => void schedule(resolve, backOff(random, failures, FIRST_RETRY, LONGEST_RETRY)));

  return {
    ...link,
    async query(iq, options) {
      const mayBeRepeated = attribute(iq, 'type') === 'set' && attribute(iq, 'to') === undefined;
      for (let failures = 1; ; failures++) {
        try {
          return await link.query(iq, options);
        } catch (cause) {
          if (!mayBeRepeated || failures > MAX_RETRIES || !isRefusal(cause, 'internal-server-error')) throw cause;
          await pause(failures);
        }
      }
    },
  };
}
