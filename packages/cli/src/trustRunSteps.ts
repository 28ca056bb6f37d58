/**
 * What steps of verification runs share at the shell: runs over an opened store, and what a step came to, for programs and for people.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { createVerification, type Settled, type Verification } from '@stanzaseal/messenger/verification';
import type { Outcome, RunOutcome } from '@stanzaseal/trust';
import { password } from '@stanzaseal/trust/password';
import { sas } from '@stanzaseal/trust/sas';
import type { Command } from 'commander';
import { CliFailure } from './failure.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import { oneLine } from './stanzaStream.js';
import type { System } from './system.js';

/** Options of a verb that takes a step. */
export type StepOptions = StoreOptions & InOut & { json?: true };

type Take = (verification: Verification) => Promise<RunOutcome>;

/** A step that was taken. */
export interface TakenStep {
  /** What it came to. */
  readonly settled: Settled;
  /** The same for programs, with what is to be sent. */
  readonly line: StepLine;
}

/** A verb that takes a step. */
export function step(group: Command, name: string, description: string): Command {
  return withOut(withStore(group.command(name)))
    .description(description)
    .option('--json', 'write an object (docs/cli/trustRun.schema.json)');
}

/** Takes a step, and tells it. @throws CliFailure `ERR_VERIFY` where the run ended by it */
export async function runStep(options: StepOptions, system: System, take: Take): Promise<void> {
  const taken = await withOpenedStore(options, system, (opened) => takeStep(opened, take));
  await tellStep(options, taken);
  if (taken.settled.outcome.kind === 'ended')
    throw new CliFailure('ERR_VERIFY', 'the run ended without verifying anybody');
}

/** Takes a step, and seals what is to be sent. */
export async function takeStep(opened: OpenedStore, take: Take): Promise<TakenStep> {
  const verification = await verificationOver(opened);
  const settled = await verification.settle(await take(verification));
  return { settled, line: await lineOf(settled, opened) };
}

/** Writes what is to be sent, and says what the step came to. */
export async function tellStep({ json, out }: StepOptions, { settled, line }: TakenStep): Promise<void> {
  if (json !== true) process.stderr.write(`${describe(settled)}\n`);
  await writeOutput(json === true ? `${JSON.stringify(line)}\n` : line.stanza && `${line.stanza}\n`, out);
}

/** Runs over an opened store. */
export function verificationOver({ messenger }: OpenedStore): Promise<Verification> {
  return createVerification(messenger, { protocols: [sas, password] });
}

/** What a step came to, for programs (docs/cli/trustRun.schema.json); `stanza` is sealed, and empty where nothing is to be sent. */
export interface StepLine {
  readonly status: string;
  readonly stanza: string;
  readonly [member: string]: unknown;
}

/** The line of a step; seals what is to be sent. @throws MessengerError where it cannot be sealed */
export async function lineOf(
  { outcome, message, trust }: Settled<Outcome>,
  { messenger }: OpenedStore,
): Promise<StepLine> {
  const to = outcome.kind === 'ignored' ? undefined : outcome.peer.jid;
  const stanza =
    message === undefined || to === undefined ? '' : oneLine((await messenger.seal(message, { to })).stanza);
  if (outcome.kind === 'ignored') return { status: 'ignored', stanza };
  const { run, protocol, peer } = outcome;
  return {
    status: outcome.kind,
    run,
    protocol,
    peer: { jid: peer.jid, fingerprint: toHex(peer.identity) },
    ...(outcome.kind === 'compare' && { value: outcome.value }),
    ...(outcome.kind === 'requested' && outcome.question !== undefined && { question: outcome.question }),
    ...(outcome.kind === 'ended' && { reason: outcome.reason, by: outcome.by }),
    ...(trust !== undefined && { trust }),
    stanza,
  };
}

const WARNINGS = {
  declined: 'was declined',
  mismatch: 'DOES NOT MATCH: a mistake, or somebody stands between you',
  deviation: 'did not go by the rules: somebody may stand between you',
  expired: 'expired',
} as const;

/** What a step came to, for people. */
export function describe({ outcome, trust }: Settled<Outcome>): string {
  if (outcome.kind === 'ignored') return 'nothing to do: of no run here, or seen before';
  const { run, protocol, peer } = outcome;
  const name = printable(peer.jid);
  switch (outcome.kind) {
    case 'requested':
      return `${name} asks (${protocol})${outcome.question === undefined ? '' : `: "${printable(outcome.question)}"`}\nanswer with: stanzaseal trust ${protocol} accept --run ${run}`;
    case 'waiting':
      return `run ${run}: it is the turn of ${name}`;
    case 'compare': {
      const { characters, spelled, emoji } = outcome.value;
      return [
        `compare with ${name}, over the telephone or face to face, not here:`,
        `  ${characters.slice(0, 3)} ${characters.slice(3)}   (${spelled.join(' ')})`,
        `  ${emoji.map((picture) => `${picture.symbol} ${picture.word}`).join('   ')}`,
        `then: stanzaseal trust sas confirm --run ${run} --typed 'what they read', or --same, or --different`,
      ].join('\n');
    }
    case 'verified':
      return `${name} is ${trust ?? 'verified'}`;
    case 'elsewhere':
      return `run ${run}: another device of yours answered`;
    case 'ended':
      return `run ${run} with ${name} ${WARNINGS[outcome.reason]}`;
  }
}
