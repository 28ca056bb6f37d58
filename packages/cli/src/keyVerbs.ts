/**
 * `key`: making bare keys and naming them.
 * @module
 */
import {
  encodePem,
  exportPrivateKey,
  exportPublicKey,
  generatePrivateKey,
  type KeyAlgorithm,
  toHex,
} from '@stanzaseal/cms';
import { type Command, Option } from 'commander';
import { readPrivateKey, readPublicKey } from './keyFiles.js';
import { choose, type InOut, withExamples, withInOut, withOut } from './options.js';
import { PRIVATE_FILE, writeOutput } from './output.js';
import type { System } from './system.js';

const ALGORITHMS = { ed25519: 'Ed25519', x25519: 'X25519', p256: 'P-256' } as const satisfies Record<
  string,
  KeyAlgorithm
>;
const LATER = ['p384', 'rsa', 'ml-kem-768', 'ml-kem-1024', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'];

/** Adds the verbs under `key`. */
export function addKeyVerbs(program: Command, system: System): void {
  const group = program.command('key').description('make bare keys and name them');
  addGenerate(group, system);
  addPublic(group, system);
  addId(group, system);
}

function addGenerate(group: Command, { crypto, random }: System): void {
  const algorithms = Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[];
  const verb = withOut(group.command('generate'))
    .description('make a private key and write it as PKCS#8 in PEM, not encrypted')
    .addOption(
      new Option('--algorithm <name>', algorithms.join('|'))
        .makeOptionMandatory()
        .argParser(choose('algorithm', algorithms, LATER)),
    );
  withExamples(
    verb,
    'stanzaseal key generate --algorithm ed25519 --out sign.pem',
    'stanzaseal key generate --algorithm x25519 > agree.pem',
  );
  verb.action(async (options: InOut & { algorithm: keyof typeof ALGORITHMS }) => {
    const key = await generatePrivateKey(ALGORITHMS[options.algorithm], random, crypto);
    await writeOutput(encodePem('PRIVATE KEY', exportPrivateKey(key)), options.out, PRIVATE_FILE);
  });
}

function addPublic(group: Command, { crypto }: System): void {
  const verb = withInOut(group.command('public')).description(
    'write the public half of a private key as SubjectPublicKeyInfo in PEM',
  );
  withExamples(
    verb,
    'stanzaseal key public --in sign.pem --out sign.pub.pem',
    'stanzaseal key generate --algorithm x25519 | stanzaseal key public',
  );
  verb.action(async (options: InOut) => {
    const { publicKey } = await readPrivateKey(options.in, crypto);
    await writeOutput(encodePem('PUBLIC KEY', exportPublicKey(publicKey)), options.out);
  });
}

function addId(group: Command, { crypto }: System): void {
  const verb = withInOut(group.command('id'))
    .description('write the identifier of a public key: SHA-256 of its SubjectPublicKeyInfo, 64 hexadecimal digits')
    .option('--json', 'write an object with algorithm and keyIdentifier (docs/cli/keyId.schema.json)');
  withExamples(verb, 'stanzaseal key id --in sign.pub.pem', 'stanzaseal key id --in sign.pub.pem --json');
  verb.action(async (options: InOut & { json?: true }) => {
    const { algorithm, keyIdentifier } = await readPublicKey(options.in, crypto);
    const id = toHex(keyIdentifier);
    await writeOutput(
      `${options.json === true ? JSON.stringify({ algorithm, keyIdentifier: id }) : id}\n`,
      options.out,
    );
  });
}
