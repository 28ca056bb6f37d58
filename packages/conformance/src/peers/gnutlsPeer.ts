/**
 * GnuTLS's certtool: SignedData alone. It signs in the name of a certificate (issuer and serial number) and verifies under one.
 * @module
 */
import { type Case, certificateOf } from './cases.js';
import { LETTER_FILE } from './parties.js';
import type { Peer, Turn, TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

const HASH: Readonly<Record<string, string>> = { ed25519: 'SHA512', p256: 'SHA256', p384: 'SHA384', rsa: 'SHA256' };

/** certtool of this system. @throws Error where there is none */
export async function gnutls(workshop: Workshop): Promise<Peer> {
  const { code, output, complaint } = await workshop.run(['certtool', '--version']);
  if (code !== 0) throw new Error(complaint);
  return {
    version: /^certtool (\S+)/.exec(output)?.[1] ?? output.trim(),
    cannot,
    mustBeRefused: ({ party }) =>
      party === 'rsa' ? 'signs by PKCS #1 v1.5, unless the key itself is one for PSS' : undefined,
    ask: (test, turn, files) => {
      const words = commandFor(test, turn, files);
      return words && run(workshop, words);
    },
  };
}

async function run(workshop: Workshop, words: readonly string[]): ReturnType<NonNullable<Peer['tell']>> {
  const { code, output, complaint } = await workshop.run(words);
  const said = `${output}\n${complaint}`.trim().split('\n').at(-1)?.trim();
  return { commands: [words.join(' ')], refusal: code === 0 ? undefined : said || `exit code ${code}` };
}

function commandFor(test: Case, turn: Turn, files: TurnFiles): string[] | undefined {
  const { kind, party, attributes, detached, ber } = test;
  if (kind !== 'sign' || HASH[party] === undefined) return undefined;
  if (turn === 'reads') {
    return [
      ...['certtool', '--p7-verify', '--inder', '--infile', files.object, '--load-certificate', certificateOf(test)],
      ...(detached ? ['--load-data', LETTER_FILE] : ['--p7-show-data', '--outfile', files.content]),
    ];
  }
  if (ber) return undefined;
  return [
    ...['certtool', detached ? '--p7-detached-sign' : '--p7-sign', '--load-privkey', `${party}.pem`],
    ...['--load-certificate', certificateOf(test), '--hash', HASH[party]],
    // A time makes it write signed attributes.
    ...(attributes ? ['--p7-time'] : []),
    ...['--infile', LETTER_FILE, '--outder', '--outfile', files.object],
  ];
}

function cannot({ kind, party, ber }: Case, turn: Turn): string | undefined {
  if (kind !== 'sign') return 'knows SignedData alone';
  if (party.startsWith('ml-dsa')) return 'knows no ML-DSA';
  if (turn === 'writes' && ber) return 'writes no BER';
  return undefined;
}
