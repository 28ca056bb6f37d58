/**
 * What an archive at a shell signs with: a directory of its own, beside neither contents nor keys in a backup's sense
 * (docs/decisions/0019-archive-at-a-shell.md). `origin`: the log's name; `checkpoint*.pem`: keys that sign checkpoints, several while one
 * is rotated; `newest.checkpoint`: the last one that was signed; `record.pem`: signs records; `keys`: where owners' keys are, if elsewhere;
 * `officer*.pub.pem` and `officers-needed`: who must approve a release of keys (docs/decisions/0022-release-at-a-shell.md).
 * @module
 */
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Quorum } from '@stanzaseal/archive';
import { formatVerifierKey } from '@stanzaseal/archive/evidence';
import {
  type AgreementKeys,
  decodePem,
  encodePem,
  equal,
  exportPrivateKey,
  exportPublicKey,
  generatePrivateKey,
  importPrivateKey,
  importPublicKey,
  type PrivateKey,
  type PublicKey,
  type SigningKey,
  toHex,
} from '@stanzaseal/cms';
import { CliFailure } from '../failure.js';
import { readText } from '../input.js';
import { PRIVATE_FILE } from '../output.js';
import type { System } from '../system.js';

/** What is in the directory. */
export interface Signing {
  /** The log's name. */
  readonly origin: string;
  /** Sign checkpoints. */
  readonly checkpointKeys: readonly SigningKey[];
  /** Signs records. */
  readonly recordKey: SigningKey;
  /** URL of owners' keys, where they are not beside the contents. */
  readonly keys: string | undefined;
}

/** What a new directory is made with. */
export interface NewSigning {
  /** The log's name; one with the key's identifier in it if absent, which nobody else has. */
  readonly origin?: string | undefined;
  /** URL of owners' keys. */
  readonly keys?: string | undefined;
}

/** Whether the directory is there. */
export function isSigningThere(directory: string): Promise<boolean> {
  return access(join(directory, 'origin')).then(
    () => true,
    () => false,
  );
}

/** Makes the directory, whole or not at all. */
export async function createSigning(
  directory: string,
  { origin, keys }: NewSigning,
  { random, crypto }: System,
): Promise<void> {
  const [checkpoint, record] = [
    await generatePrivateKey('Ed25519', random, crypto),
    await generatePrivateKey('Ed25519', random, crypto),
  ];
  const name = origin ?? `stanzaseal.invalid/${toHex(checkpoint.publicKey.keyIdentifier).slice(0, 16)}`;
  const verifierKey = nameChecked(name, checkpoint);
  const temporary = `${directory}.new`;
  await mkdir(dirname(directory), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { mode: 0o700 });
  const write = (file: string, text: string, mode?: number) =>
    writeFile(join(temporary, file), text, { flush: true, ...(mode === undefined ? {} : { mode }) });
  await write('checkpoint.pem', pemOf(checkpoint), PRIVATE_FILE);
  await write('checkpoint.pub.pem', encodePem('PUBLIC KEY', exportPublicKey(checkpoint.publicKey)));
  await write('checkpoint.vkey', `${verifierKey}\n`);
  await write('record.pem', pemOf(record), PRIVATE_FILE);
  await write('record.pub.pem', encodePem('PUBLIC KEY', exportPublicKey(record.publicKey)));
  if (keys !== undefined) await write('keys', `${keys}\n`, PRIVATE_FILE);
  await write('origin', `${name}\n`);
  await rename(temporary, directory);
}

/** Reads the directory. @throws CliFailure `ERR_NOT_FOUND`, `ERR_DER` */
export async function readSigning(directory: string, system: System): Promise<Signing> {
  if (!(await isSigningThere(directory)))
    throw new CliFailure('ERR_NOT_FOUND', `${directory} holds no keys of an archive`);
  const names = await readdir(directory);
  const files = names.filter((name) => /^checkpoint.*\.pem$/.test(name) && !name.endsWith('.pub.pem')).sort();
  const keys = names.includes('keys') ? (await readText(join(directory, 'keys'))).trim() : undefined;
  return {
    origin: (await readText(join(directory, 'origin'))).trim(),
    checkpointKeys: await Promise.all(files.map((name) => signingKeyIn(join(directory, name), system))),
    recordKey: await signingKeyIn(join(directory, 'record.pem'), system),
    keys,
  };
}

async function signingKeyIn(file: string, { crypto }: System): Promise<SigningKey> {
  const key = await privateKeyIn(file, { crypto });
  if (key.publicKey.algorithm !== 'Ed25519') throw new CliFailure('ERR_UNSUPPORTED', `${file} is no Ed25519 key`);
  return key.signingKey(crypto);
}

/** A private key in a file. @throws CliFailure `ERR_DER` */
export async function privateKeyIn(file: string, { crypto }: Pick<System, 'crypto'>): Promise<PrivateKey> {
  const text = await readText(file);
  try {
    return await importPrivateKey(decodePem(text, 'PRIVATE KEY'), crypto);
  } catch (cause) {
    throw new CliFailure('ERR_DER', `${file} is not one private key in PEM (PKCS#8) of this profile`, { cause });
  }
}

/** Who must approve that keys are released: two where the directory does not say how many; `undefined` where it names nobody. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export async function quorumIn(directory: string, system: System): Promise<Quorum | undefined> {
  const names = await readdir(directory);
  const files = names.filter((name) => /^officer.*\.pub\.pem$/.test(name)).sort();
  if (files.length === 0) return undefined;
  const text = names.includes('officers-needed') ? (await readText(join(directory, 'officers-needed'))).trim() : '2';
  if (!/^\d{1,3}$/.test(text)) throw new CliFailure('ERR_UNSUPPORTED', `${directory}/officers-needed is no number`);
  const officers = await Promise.all(files.map((name) => publicKeyIn(join(directory, name), system)));
  return { officers, needed: Number(text) };
}

/** Private archive keys in files, for one run. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export async function agreementKeysIn(files: readonly string[], { crypto }: System): Promise<AgreementKeys> {
  const pairs = await Promise.all(
    files.map(async (file) => {
      const key = await privateKeyIn(file, { crypto });
      if (key.publicKey.algorithm !== 'X25519') throw new CliFailure('ERR_UNSUPPORTED', `${file} is no X25519 key`);
      return { id: key.publicKey.keyIdentifier, key: await key.agreementKey(crypto) };
    }),
  );
  return { find: (id) => pairs.find((pair) => equal(pair.id, id))?.key };
}

/** A public key in a file. @throws CliFailure `ERR_DER` */
export async function publicKeyIn(file: string, { crypto }: Pick<System, 'crypto'>): Promise<PublicKey> {
  const text = await readText(file);
  try {
    return await importPublicKey(decodePem(text, 'PUBLIC KEY'), crypto);
  } catch (cause) {
    throw new CliFailure('ERR_DER', `${file} is not one public key in PEM (SubjectPublicKeyInfo)`, { cause });
  }
}

function pemOf(key: PrivateKey): string {
  return encodePem('PRIVATE KEY', exportPrivateKey(key));
}

function nameChecked(name: string, { publicKey: key }: PrivateKey): string {
  try {
    return formatVerifierKey({ name, use: 'ed25519', key });
  } catch (cause) {
    throw new CliFailure('ERR_USAGE', `'${name}' is no name of a log: no white space, no plus`, { cause, exitCode: 2 });
  }
}
