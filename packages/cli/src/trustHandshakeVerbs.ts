/**
 * `trust handshake`: coming to know somebody's keys by messages that need none, and may be days apart. What is to be sent goes to standard
 * output, in the clear; what the user is to know goes to standard error, or into the object of `--json`.
 * @module
 */
import { drawOctets, fromHex, toHex } from '@stanzaseal/cms';
import {
  createHandshakes,
  type HandshakeOutcome,
  type Handshakes,
  handshakeMessage,
} from '@stanzaseal/messenger/handshake';
import { attribute, bareJid, withAttributes } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { wordsOfHandshake } from './handshakeWords.js';
import { readText } from './input.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { PRIVATE_FILE, writeOutput } from './output.js';
import { oneLine, runStream, type StreamResult } from './stanzaStream.js';
import type { System } from './system.js';

type Options = StoreOptions & InOut & { json?: true; secretFile?: string };

const SCHEMA = 'docs/cli/trustHandshake.schema.json';
/** Octets of a common secret. */
const SECRET_LENGTH = 32;
const MAX_SECRET_OCTETS = 1024;

const COMMON =
  "a secret that both have ('handshake secret' makes one): nobody without it is shown anything; give it at each step";

/** Adds the verbs of handshakes under `trust`. */
export function addHandshakeVerbs(trust: Command, system: System): void {
  const group = trust
    .command('handshake')
    .description('exchange keys with somebody of whom you have none; proves who is there, not who that is');
  addBegin(group, system);
  addReceive(group, system);
  addResend(group, system);
  addSecret(group, system);
}

/** Handshakes over an opened store. Who gives a message to the shell wants it answered. @param secret what both have, where they have it */
export function handshakesOver({ messenger }: OpenedStore, secret?: Uint8Array): Handshakes {
  return createHandshakes(messenger, { answers: () => true, common: () => secret });
}

function addBegin(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('begin')))
    .description('write the first message; where one waits for its answer, that one again')
    .requiredOption('--to <jid>', 'the other side', bareJidOption)
    .option(
      '--protects <side>',
      'whose keys an active attacker is not to learn: initiator (3 messages) or responder (4)',
      'initiator',
    )
    .option('--secret-file <file>', COMMON)
    .option('--json', `write an object (${SCHEMA})`);
  withExamples(
    verb,
    'stanzaseal trust handshake begin --store juliet --to romeo@montague.example > hello.xml',
    'stanzaseal trust handshake begin --store juliet --to romeo@montague.example --secret-file secret > hello.xml',
  );
  verb.action(async (options: Options & { to: string; protects: string }) => {
    const { protects } = options;
    if (protects !== 'initiator' && protects !== 'responder')
      throw usageFailure("'--protects' is initiator or responder");
    const secret = await readSecret(options.secretFile);
    await withOpenedStore(options, system, async (opened) => {
      if (options.to === opened.store.owner) throw usageFailure("'--to' is yourself");
      const handshakes = handshakesOver(opened, secret);
      await give([await handshakes.begin(options.to, protects)], options, opened, handshakes);
    });
  });
}

function addReceive(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('receive')))
    .description("take messages as they arrived, with the server's 'from', and write the answers")
    .option('--from <jid>', 'take those of this side alone', bareJidOption)
    .option('--secret-file <file>', `${COMMON}; goes with '--from'`)
    .option('--json', `write one object a line (${SCHEMA})`);
  withExamples(
    verb,
    'stanzaseal trust handshake receive --store romeo < hello.xml > answer.xml',
    'stanzaseal trust handshake receive --store romeo --from juliet@capulet.example --secret-file secret < hello.xml > answer.xml',
  );
  verb.action(async (options: Options & { from?: string }) => {
    // Given to what somebody else said it would end a handshake of theirs.
    if (options.secretFile !== undefined && options.from === undefined)
      throw usageFailure("'--secret-file' goes with '--from', who has it too");
    const awaited = options.from;
    const secret = await readSecret(options.secretFile);
    process.exitCode = await withOpenedStore(options, system, async (opened) => {
      const handshakes = handshakesOver(opened, secret);
      return runStream(options, async (stanza): Promise<StreamResult> => {
        const from = attribute(stanza, 'from');
        if (from === undefined)
          throw new CliFailure('ERR_ADDRESS', "has no 'from'; who it is from is the server's word");
        if (awaited !== undefined && bareJid(from) !== awaited)
          throw new CliFailure('ERR_ADDRESS', `is from ${bareJid(from)}, not from ${awaited}`);
        const outcome = await handshakes.receive(stanza);
        if (outcome === undefined) throw new CliFailure('ERR_UNSUPPORTED', 'carries no handshake message');
        if (options.json !== true) process.stderr.write(`${wordsOfHandshake(outcome)}\n`);
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
    .requiredOption('--to <jid>', 'the other side', bareJidOption)
    .option('--json', `write one object a line (${SCHEMA})`);
  withExamples(verb, 'stanzaseal trust handshake resend --store juliet --to romeo@montague.example > again.xml');
  verb.action(async (options: Options & { to: string }) => {
    const peer = options.to;
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

function addSecret(group: Command, { random }: System): void {
  const verb = withOut(group.command('secret')).description(
    'write a new secret for two, 64 hexadecimal digits, to be handed over by another way than these messages',
  );
  withExamples(verb, 'stanzaseal trust handshake secret --out secret');
  verb.action((options: InOut) =>
    writeOutput(`${toHex(drawOctets(random, SECRET_LENGTH))}\n`, options.out, PRIVATE_FILE),
  );
}

/** A common secret: 64 hexadecimal digits in a file. What is in it is not told in the failure. */
async function readSecret(file: string | undefined): Promise<Uint8Array | undefined> {
  if (file === undefined) return undefined;
  const digits = (await readText(file, MAX_SECRET_OCTETS)).trim();
  if (digits.length !== 2 * SECRET_LENGTH || !/^[0-9a-f]*$/i.test(digits))
    throw new CliFailure(
      'ERR_UNSUPPORTED',
      `${file} is not 64 hexadecimal digits; a password, which can be guessed, does not do`,
    );
  return fromHex(digits);
}

/** Writes outcomes; what was written counts as sent. */
async function give(
  outcomes: readonly HandshakeOutcome[],
  options: Options,
  opened: OpenedStore,
  handshakes: Handshakes,
): Promise<void> {
  const lines = outcomes.map((outcome) => lineOf(outcome, opened));
  if (options.json !== true) for (const outcome of outcomes) process.stderr.write(`${wordsOfHandshake(outcome)}\n`);
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
