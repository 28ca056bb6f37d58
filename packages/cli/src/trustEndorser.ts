/**
 * Who endorses, from the options of a command line: a certificate with its key, or an OpenPGP key.
 * @module
 */
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import type { CertificateSigner } from '@stanzaseal/trust/certificates';
import type { Command } from 'commander';
import { readCertificateFile, readOpenPgpFile } from './certificateFiles.js';
import { usageFailure } from './failure.js';
import { readGeneralPrivateKey } from './generalKeyFiles.js';
import { readInput } from './input.js';
import { collect } from './options.js';
import { passphraseText } from './passphrase.js';
import { printable } from './printable.js';
import type { System } from './system.js';

/** Options that name who endorses, and for how long. */
export interface EndorserOptions {
  readonly pkcs12?: string;
  readonly pkcs12PassphraseFile?: string;
  readonly key?: string;
  readonly certificate?: string[];
  readonly openpgp?: string;
  readonly openpgpPassphraseFile?: string;
  readonly days?: string;
  readonly sequence?: string;
}

/** An OpenPGP private key; asks for its passphrase when it turns out to have one. */
export interface OpenPgpEndorser {
  /** The key. */
  readonly key: Uint8Array | string;
  /** Its passphrase, from a file or the terminal. */
  readonly passphrase: () => Promise<string>;
}

const MAX_PKCS12_OCTETS = 1048576;
const DAY = 86_400_000;
const DEFAULT_DAYS = '365';

/** Adds the options of a certificate that endorses. */
export function withCertificate(command: Command): Command {
  return command
    .option('--pkcs12 <file>', 'endorse by the certificate in this PKCS #12 file')
    .option('--pkcs12-passphrase-file <file>', 'take its passphrase from this file; else it is asked for')
    .option('--key <file>', 'endorse by the certificate of this private key (PKCS #8 PEM)')
    .option(
      '--certificate <file>',
      'the certificate of the key, and those between it and the root, PEM; may be repeated',
      collect,
    );
}

/** Adds the options of the terms. */
export function withTerms(command: Command): Command {
  return command
    .option('--days <number>', `how long it holds, at most as long as the certificate or key (${DEFAULT_DAYS})`)
    .option('--sequence <number>', 'its number among those of the same author; the seconds since 1970 when left out');
}

/** The certificate that is named. @throws CliFailure `ERR_USAGE` where there is not one */
export async function readCertificateSigner(
  options: EndorserOptions,
  general: GeneralCrypto,
  { random }: System,
): Promise<CertificateSigner> {
  const { pkcs12, key: keyFile, certificate: files = [] } = options;
  if ((pkcs12 === undefined) === (keyFile === undefined)) throw usageFailure("give one of '--pkcs12' and '--key'");
  if (pkcs12 === undefined) {
    if (files.length === 0) throw usageFailure("'--key' goes with '--certificate'");
    const [first, ...more] = (await Promise.all(files.map(readCertificateFile))).flat();
    const key = await readGeneralPrivateKey(keyFile, general);
    return { key, certificates: [first as Uint8Array, ...more], general, random };
  }
  const { openPkcs12 } = await import('@stanzaseal/trust/certificates/pkcs12');
  const octets = await readInput(pkcs12, MAX_PKCS12_OCTETS);
  const passphrase = await passphraseText({
    passphraseFile: options.pkcs12PassphraseFile,
    prompt: `passphrase of ${printable(pkcs12)}`,
    option: '--pkcs12-passphrase-file',
  });
  const { key, certificates } = await openPkcs12(octets, passphrase, { general, webCrypto: globalThis.crypto });
  const [own, ...more] = certificates;
  const between = (await Promise.all(files.map(readCertificateFile))).flat();
  return { key, certificates: [own, ...more, ...between], general, random };
}

/** The OpenPGP key that is named. */
export async function readOpenPgpEndorser({
  openpgp,
  openpgpPassphraseFile,
}: EndorserOptions): Promise<OpenPgpEndorser> {
  const file = openpgp as string;
  const passphrase = () =>
    passphraseText({
      passphraseFile: openpgpPassphraseFile,
      prompt: `passphrase of ${printable(file)}`,
      option: '--openpgp-passphrase-file',
    });
  return { key: await readOpenPgpFile(file), passphrase };
}

/** From when until when, and under which number. @throws CliFailure `ERR_USAGE` */
export function termsOf(
  { days = DEFAULT_DAYS, sequence }: EndorserOptions,
  now: number,
): { notBefore: number; notAfter: number; sequence: number } {
  const number = (text: string, name: string): number => {
    if (!/^\d{1,15}$/.test(text) || Number(text) === 0) throw usageFailure(`'${name}' is not a number above 0`);
    return Number(text);
  };
  const period = number(days, '--days') * DAY;
  if (period > 3653 * DAY) throw usageFailure("'--days' is more than ten years");
  return {
    notBefore: now,
    notAfter: now + period,
    sequence: sequence === undefined ? Math.floor(now / 1000) : number(sequence, '--sequence'),
  };
}
