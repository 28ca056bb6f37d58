/**
 * `trust handshake`: coming to know somebody's keys by messages that need none, and may be days apart. What is to be sent goes to standard
 * output, in the clear; what the user is to know goes to standard error, or into the object of `--json`.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import {
  createHandshakes,
  type HandshakeOutcome,
  type Handshakes,
  handshakeMessage,
} from '@stanzaseal/messenger/handshake';
import { attribute, bareJid, withAttributes } from '@stanzaseal/stanza';
import { fingerprint } from '@stanzaseal/trust/fingerprint';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import { oneLine, runStream, type StreamResult } from './stanzaStream.js';
import type { System } from './system.js';

type Options = StoreOptions & InOut & { json?: true };

const SCHEMA = 'docs/cli/trustHandshake.schema.json';

/** Adds the verbs of handshakes under `trust`. */
export function addHandshakeVerbs(trust: Command, system: System): void {
  const group = trust
    .command('handshake')
    .description('exchange keys with somebody of whom you have none; proves who is there, not who that is');
  addBegin(group, system);
  addReceive(group, system);
  addResend(group, system);
}

/** Handshakes over an opened store. Who gives a message to the shell wants it answered. */
export function handshakesOver({ messenger }: OpenedStore): Handshakes {
  return createHandshakes(messenger, { answers: () => true });
}

function addBegin(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('begin')))
    .description('write the first message; where one waits for its answer, that one again')
    .requiredOption('--to <jid>', 'the other side')
    .option(
      '--protects <side>',
      'whose keys an active attacker is not to learn: initiator (3 messages) or responder (4)',
      'initiator',
    )
    .option('--json', `write an object (${SCHEMA})`);
  withExamples(verb, 'stanzaseal trust handshake begin --store juliet --to romeo@montague.example > hello.xml');
  verb.action(async (options: Options & { to: string; protects: string }) => {
    const { protects } = options;
    if (protects !== 'initiator' && protects !== 'responder')
      throw usageFailure("'--protects' is initiator or responder");
    await withOpenedStore(options, system, async (opened) => {
      const handshakes = handshakesOver(opened);
      await give([await handshakes.begin(options.to, protects)], options, opened, handshakes);
    });
  });
}

function addReceive(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('receive')))
    .description("take messages as they arrived, with the server's 'from', and write the answers")
    .option('--json', `write one object a line (${SCHEMA})`);
  withExamples(verb, 'stanzaseal trust handshake receive --store romeo < hello.xml > answer.xml');
  verb.action(async (options: Options) => {
    process.exitCode = await withOpenedStore(options, system, async (opened) => {
      const handshakes = handshakesOver(opened);
      return runStream(options, async (stanza): Promise<StreamResult> => {
        if (attribute(stanza, 'from') === undefined)
          throw new CliFailure('ERR_ADDRESS', "has no 'from'; who it is from is the server's word");
        const outcome = await handshakes.receive(stanza);
        if (outcome === undefined) throw new CliFailure('ERR_UNSUPPORTED', 'carries no handshake message');
        if (options.json !== true) process.stderr.write(`${describe(outcome)}\n`);
        const line = lineOf(outcome, opened);
        const lines = options.json === true || line.stanza !== '' ? [line] : [];
        return { lines, afterwards: () => handshakes.sent(outcome) };
      });
    });
  });
}

function addResend(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('resend')))
    .description('write the last messages to somebody again; it does no harm')
    .requiredOption('--to <jid>', 'the other side')
    .option('--json', `write one object a line (${SCHEMA})`);
  verb.action(async (options: Options & { to: string }) => {
    const peer = bareJid(options.to);
    await withOpenedStore(options, system, async (opened) => {
      const handshakes = handshakesOver(opened);
      const outcomes: HandshakeOutcome[] = [];
      for (const { isDone, ...one } of await handshakes.list()) {
        if (one.peer !== peer) continue;
        outcomes.push({ ...one, kind: isDone ? 'done' : 'waiting', payload: await handshakes.resend(one) });
      }
      if (outcomes.length === 0) throw new CliFailure('ERR_RUN', `no handshake with ${peer} is remembered`);
      await give(outcomes, options, opened, handshakes);
    });
  });
}

/** Writes outcomes; what was written counts as sent. */
async function give(
  outcomes: readonly HandshakeOutcome[],
  options: Options,
  opened: OpenedStore,
  handshakes: Handshakes,
): Promise<void> {
  const lines = outcomes.map((outcome) => lineOf(outcome, opened));
  if (options.json !== true) for (const outcome of outcomes) process.stderr.write(`${describe(outcome)}\n`);
  const texts = lines.map((line) => (options.json === true ? JSON.stringify(line) : line.stanza));
  await writeOutput(
    texts
      .filter((text) => text !== '')
      .map((text) => `${text}\n`)
      .join(''),
    options.out,
  );
  for (const outcome of outcomes) await handshakes.sent(outcome);
}

/** What a step came to, for programs; `stanza` is empty where nothing is to be sent. Its `from` is what the server would write. */
function lineOf({ kind, peer, run, payload, trust, fingerprint: own }: HandshakeOutcome, { messenger }: OpenedStore) {
  const message = payload && withAttributes(handshakeMessage(peer, payload), { from: messenger.owner });
  return {
    status: kind,
    run,
    peer,
    ...(own !== undefined && { fingerprint: toHex(own) }),
    ...(trust !== undefined && { trust }),
    stanza: message === undefined ? '' : oneLine(message),
  };
}

/** What a step came to, for people. */
function describe({ kind, peer, trust, fingerprint: own }: HandshakeOutcome): string {
  const name = printable(peer);
  switch (kind) {
    case 'waiting':
      return `it is the turn of ${name}`;
    case 'done':
      return own === undefined || trust === undefined
        ? `the handshake with ${name} is done`
        : `keys of ${name} are known; they are ${trust}\n  ${fingerprint(own)}`;
    case 'ended':
      return `the handshake with ${name} ended: something was not as it should be`;
    case 'elsewhere':
      return `another device of yours answered ${name}`;
    case 'ignored':
      return 'nothing to do: of no handshake here, or seen before';
  }
}
