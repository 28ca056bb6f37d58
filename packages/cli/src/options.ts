/**
 * Options that verbs share, and those that are promised for later.
 * @module
 */
import { fromHex, MAX_OID_OCTETS, oid } from '@stanzaseal/cms';
import { bareJid, StanzaError } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { withToken } from './storeSecrets.js';

/** Options of a verb that reads and writes. */
export interface InOut {
  /** File to read in place of standard input. */
  readonly in?: string;
  /** File to write in place of standard output. */
  readonly out?: string;
}

/** Adds `--in` and `--out`. */
export function withInOut(command: Command): Command {
  return withOut(command.option('--in <file>', 'read this file in place of standard input'));
}

/** Adds `--out`. */
export function withOut(command: Command): Command {
  return command.option('--out <file>', 'write this file, on success alone, in place of standard output');
}

/** Adds `--store`, `--passphrase-file` and the options of a token. */
export function withStore(command: Command): Command {
  const store = command
    .requiredOption('--store <dir>', 'directory of the key store')
    .option('--passphrase-file <file>', 'take the passphrase from this file; else it is asked for on the terminal');
  return withToken(store);
}

/** Adds examples to a verb's help. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((each) => `  ${each}`).join('\n')}`);
}

/** Collects an option that may be given more than once. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** An address from the command line, as it stands. @throws CliFailure `ERR_ADDRESS` */
export function addressOption(value: string): string {
  try {
    bareJid(value);
  } catch (cause) {
    if (!(cause instanceof StanzaError)) throw cause;
    throw new CliFailure(cause.code, `'${value}' is no address: ${cause.message}`, { cause });
  }
  return value;
}

/** An account from the command line: its bare JID. @throws CliFailure `ERR_ADDRESS` */
export function bareJidOption(value: string): string {
  return bareJid(addressOption(value));
}

/** A choice. `what` names it: `algorithm`. */
export function choose<T extends string>(what: string, choices: readonly T[]): (value: string) => T {
  return (value) => {
    const chosen = choices.find((each) => each === value);
    if (chosen === undefined) throw usageFailure(`unknown ${what} '${value}'; supported now: ${choices.join(', ')}`);
    return chosen;
  };
}

/** Content octets of a dotted OBJECT IDENTIFIER. */
export function parseOid(value: string): Uint8Array {
  let octets: Uint8Array | undefined;
  try {
    // Arcs are of any size, and turning long ones into octets takes time that grows with the square.
    octets = value.length > 4 * MAX_OID_OCTETS ? undefined : oid(value);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
  }
  if (octets === undefined || octets.length > MAX_OID_OCTETS)
    throw usageFailure(`'${value}' is not an object identifier like 2.25.1`);
  return octets;
}

/** Octets of a key identifier. */
export function parseKeyId(value: string): Uint8Array {
  if (value === '' || value.length > 128 || value.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(value)) {
    throw usageFailure(`'${value}' is not a key identifier in hexadecimal digits`);
  }
  return fromHex(value);
}
