/**
 * Messages that waited together: opened as one row, handed over one after another, and accepted in few durable commits. A message is
 * accepted as soon as the application has it, and while that commit waits for the disk, the application gets the next: what it has by
 * then goes with the next commit.
 * @module
 */
import type { OpenResult } from '@stanzaseal/messenger';
import { type OpenedMany, openMany, type Refused } from '@stanzaseal/messenger/batch';
import { attribute } from '@stanzaseal/stanza';
import { bareOrNone } from '../rooms/roomPresence.js';
import { accepted, type DeliveryPorts, deliver, give, isSealed, type Outcome, unopened } from './deliver.js';
import type { Arrived } from './unwrap.js';

/** Delivers messages in their order; one outcome for each. A crash brings again what was not accepted. It throws nothing. */
export async function deliverMany(group: readonly Arrived[], ports: DeliveryPorts): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < group.length) {
    const from = outcomes.length;
    const end = group.findIndex((arrived, i) => i >= from && !goesTogether(arrived, ports));
    const row = group.slice(from, end < 0 ? group.length : end);
    if (row.length > 1) outcomes.push(...(await deliverRow(row, ports)));
    else outcomes.push(await deliver(group[from] as Arrived, ports));
  }
  return outcomes;
}

/** Rooms are another way: who an occupant is, the archive says of each message for itself. */
function goesTogether({ stanza, via }: Arrived, { occupant }: DeliveryPorts): boolean {
  const [type, from = ''] = [attribute(stanza, 'type'), attribute(stanza, 'from')];
  if (type === 'error' || type === 'groupchat' || bareOrNone(from) === undefined || !isSealed(stanza)) return false;
  return occupant(from, via === 'archive' ? stanza : undefined) === undefined;
}

async function deliverRow(row: readonly Arrived[], ports: DeliveryPorts): Promise<Outcome[]> {
  const stanzas = row.map(({ stanza }) => stanza);
  const occupant = (jid: string): string | undefined => ports.occupant(jid, undefined);
  let opening: OpenedMany;
  try {
    opening = await openMany(ports.messenger, stanzas, { occupant });
  } catch {
    // A store that fails: each says so for itself.
    return oneByOne(row, (arrived) => deliver(arrived, ports));
  }
  const outcomes: (Outcome | undefined)[] = [];
  const acceptor = createAcceptor(opening, ports);
  let isWhole = true;
  for (const [i, arrived] of row.entries()) {
    const outcome = await handOver(arrived, opening.results[i] as OpenResult | Refused, ports);
    outcomes.push(outcome);
    // Behind one that has to come again each is accepted for itself.
    isWhole &&= outcome !== 'held';
    if (isWhole) acceptor.accept(i + 1);
  }
  const done = await acceptor.settled();
  return oneByOne(row, async (arrived, i) => {
    const [outcome, result] = [outcomes[i], opening.results[i]];
    if (outcome !== undefined) return outcome;
    if (i < done) return result?.status === 'opened' ? 'accepted' : 'known';
    return result?.status === 'opened' ? accepted(result, ports) : deliver(arrived, ports);
  });
}

/** Gives what opened to the application; the outcome where that is settled before anything is stored. */
async function handOver(
  arrived: Arrived,
  result: OpenResult | Refused,
  ports: DeliveryPorts,
): Promise<'held' | 'refused' | undefined> {
  if (result.status === 'opened') return (await give(arrived, result, ports)) ? undefined : 'held';
  if (result.status !== 'refused') return undefined;
  return unopened(arrived, bareOrNone(attribute(arrived.stanza, 'from')) ?? '', ports);
}

/** Accepts the first so many of a row, one commit at a time. */
function createAcceptor(
  { results, accept }: OpenedMany,
  { onAccepted }: DeliveryPorts,
): { accept(count: number): void; settled(): Promise<number> } {
  let [wanted, done] = [0, 0];
  let running = Promise.resolve();
  async function acceptWanted(): Promise<void> {
    if (done === wanted) return;
    const count = wanted;
    await accept(count);
    const from = done;
    done = count;
    for (const result of results.slice(from, count)) if (result.status === 'opened') onAccepted(result);
  }
  return {
    accept(count) {
      wanted = count;
      running = running.then(acceptWanted);
      // What fails is tried once more, each for itself.
      running.catch(() => undefined);
    },
    settled: () =>
      running.then(
        () => done,
        () => done,
      ),
  };
}

async function oneByOne(
  row: readonly Arrived[],
  work: (arrived: Arrived, place: number) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [place, arrived] of row.entries()) outcomes.push(await work(arrived, place));
  return outcomes;
}
