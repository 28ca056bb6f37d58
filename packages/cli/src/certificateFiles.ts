/**
 * Certificates, revocation lists and keyrings in files, as openssl and gpg write them.
 * @module
 */
import { findPemBlocks } from '@stanzaseal/cms/general';
import { CliFailure } from './failure.js';
import { readInput, textIn } from './input.js';

/** 16 MiB: revocation lists are long. */
const MAX_OCTETS = 16777216;

/** DER of the certificates in a file, PEM or DER, in their order. @throws CliFailure `ERR_DER` for none */
export function readCertificateFile(file: string): Promise<Uint8Array[]> {
  return read(file, 'CERTIFICATE', 'certificate');
}

/** DER of the revocation lists in a file. @throws CliFailure `ERR_DER` for none */
export function readRevocationListFile(file: string): Promise<Uint8Array[]> {
  return read(file, 'X509 CRL', 'revocation list');
}

/** An OpenPGP key or keyring: its text where it is armoured. */
export async function readOpenPgpFile(file: string): Promise<Uint8Array | string> {
  const octets = await readInput(file, MAX_OCTETS);
  return isText(octets) ? textIn(octets, file) : octets;
}

async function read(file: string, label: string, what: string): Promise<Uint8Array[]> {
  const octets = await readInput(file, MAX_OCTETS);
  if (!isText(octets)) return [octets];
  const found = findPemBlocks(textIn(octets, file)).filter((block) => block.label === label);
  if (found.length === 0) throw new CliFailure('ERR_DER', `${file} holds no ${what}`);
  return found.map((block) => block.octets);
}

/** DER of ours begins with a SEQUENCE of more than 127 octets, and OpenPGP with a packet: neither is ASCII. */
function isText(octets: Uint8Array): boolean {
  return octets.subarray(0, 2).every((octet) => octet < 0x80);
}
