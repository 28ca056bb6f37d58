/**
 * `trust runs`, `trust show`, `trust resend`, `trust cancel`: runs that wait, looked at again, said again, given up.
 * @module
 */
import type { RunOutcome, RunSummary, Verifier } from '@stanzaseal/trust';
import type { Command } from 'commander';
import { CliFailure } from './failure.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import type { System } from './system.js';
import { handshakesOver } from './trustHandshakeVerbs.js';
import { runStep, type StepOptions, step, takeStep, tellStep, verificationOver } from './trustRunSteps.js';

type RunOptions = StepOptions & { run: string };

/** Adds them. */
export function addUpkeepVerbs(group: Command, system: System): void {
  addRuns(group, system);
  addShow(group, system);
  addResend(group, system);
  addCancel(group, system);
}

function addRuns(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('runs')))
    .description('list verification runs and handshakes, and what they wait for')
    .option('--json', 'write an array (docs/cli/trustRuns.schema.json)');
  withExamples(verb, 'stanzaseal trust runs --store juliet');
  verb.action(async (options: StoreOptions & InOut & { json?: true }) => {
    const runs = await withOpenedStore(options, system, async (opened) => {
      const { verifier } = await verificationOver(opened);
      await verifier.expire();
      const handshakes = handshakesOver(opened);
      await handshakes.expire();
      return [
        ...(await verifier.runs()).map(({ peer, ...run }) => ({ ...run, peer: peer.jid })),
        ...(await handshakes.list()).map(({ isDone, ...run }) => ({
          ...run,
          protocol: 'handshake',
          stage: isDone ? 'done' : 'waiting',
        })),
      ];
    });
    const json = runs.map(({ run, protocol, peer, stage, at, expires }) => ({
      run,
      protocol,
      peer,
      stage,
      at: new Date(at).toISOString(),
      expires: new Date(expires).toISOString(),
    }));
    const lines = json.map(
      ({ run, protocol, peer, stage }) => `${run}  ${protocol.padEnd(9)}  ${stage.padEnd(9)}  ${printable(peer)}\n`,
    );
    await writeOutput(options.json === true ? `${JSON.stringify(json)}\n` : lines.join(''), options.out);
  });
}

function addShow(group: Command, system: System): void {
  const verb = ofRun(group, 'show', 'say again what a run waits for: the question, the string to compare');
  verb.action((options: RunOptions) => runStep(options, system, ({ verifier }) => verifier.show(options.run)));
}

function addResend(group: Command, system: System): void {
  const description = 'write the last message of a run again, also of one that is done; it does no harm';
  const verb = ofRun(group, 'resend', description, ' > again.xml');
  verb.action((options: RunOptions) =>
    runStep(options, system, async ({ verifier }): Promise<RunOutcome> => {
      const { run, protocol, peer } = await find(verifier, options.run);
      const send = await verifier.resend(run);
      if (send === undefined) throw new CliFailure('ERR_RUN', 'nothing was sent in that run');
      return { kind: 'waiting', run, protocol, peer, send };
    }),
  );
}

function addCancel(group: Command, system: System): void {
  const description = 'decline what a contact asked, or give up a run; of a handshake the other side hears nothing';
  const verb = ofRun(group, 'cancel', description, ' > sealed.xml');
  verb.action(async (options: RunOptions) => {
    const { run, json, out } = options;
    const taken = await withOpenedStore(options, system, async (opened) =>
      (await cancelledHandshake(opened, run)) ? undefined : takeStep(opened, ({ verifier }) => verifier.cancel(run)),
    );
    if (taken !== undefined) return tellStep(options, taken);
    if (json !== true) process.stderr.write('the handshake was given up\n');
    const line = { status: 'ended', run, reason: 'declined', by: 'us', stanza: '' };
    await writeOutput(json === true ? `${JSON.stringify(line)}\n` : '', out);
  });
}

/** A verb about one run. @param output where its example writes to */
function ofRun(group: Command, name: string, description: string, output = ''): Command {
  const verb = step(group, name, description).requiredOption('--run <id>', 'the run, as the list of runs names it');
  return withExamples(verb, `stanzaseal trust ${name} --store juliet --run 0123...${output}`);
}

/** Handshakes have names of their own, and the other side is not told. */
async function cancelledHandshake(opened: OpenedStore, run: string): Promise<boolean> {
  const handshakes = handshakesOver(opened);
  const found = (await handshakes.list()).find((one) => one.run === run);
  if (found !== undefined) await handshakes.cancel(found);
  return found !== undefined;
}

async function find(verifier: Verifier, run: string): Promise<RunSummary> {
  const found = (await verifier.runs()).find((one) => one.run === run);
  if (found === undefined) throw new CliFailure('ERR_RUN', 'there is no such run');
  return found;
}
