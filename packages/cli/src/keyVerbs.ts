/**
 * `key`: making bare keys and naming them.
 * @module
 */
import { encodePem, toHex } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralKeyAlgorithm } from '@stanzaseal/cms/general';
import { type Command, Option } from 'commander';
import { readGeneralPrivateKey, readGeneralPublicKey } from './generalKeyFiles.js';
import { choose, type InOut, withExamples, withInOut, withOut } from './options.js';
import { PRIVATE_FILE, writeOutput } from './output.js';
import type { System } from './system.js';

const ALGORITHMS = {
  ed25519: 'Ed25519',
  x25519: 'X25519',
  p256: 'P-256',
  p384: 'P-384',
  rsa: 'RSA',
  'ml-kem-768': 'ML-KEM-768',
  'ml-kem-1024': 'ML-KEM-1024',
  'ml-dsa-44': 'ML-DSA-44',
  'ml-dsa-65': 'ML-DSA-65',
  'ml-dsa-87': 'ML-DSA-87',
} as const satisfies Record<string, GeneralKeyAlgorithm>;

/** Adds the verbs under `key`. */
export function addKeyVerbs(program: Command, system: System): void {
  const group = program.command('key').description('make bare keys and name them');
  addGenerate(group, system);
  addPublic(group);
  addId(group);
}

function addGenerate(group: Command, { random }: System): void {
  const algorithms = Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[];
  const verb = withOut(group.command('generate'))
    .description('make a private key and write it as PKCS#8 in PEM, not encrypted')
    .addOption(
      new Option('--algorithm <name>', algorithms.join('|'))
        .makeOptionMandatory()
        .argParser(choose('algorithm', algorithms)),
    );
  withExamples(
    verb,
    'stanzaseal key generate --algorithm ed25519 --out sign.pem',
    'stanzaseal key generate --algorithm x25519 > agree.pem',
    'stanzaseal key generate --algorithm ml-dsa-65 --out later.pem',
  );
  verb.action(async (options: InOut & { algorithm: keyof typeof ALGORITHMS }) => {
    const crypto = await generalCrypto();
    const key = await crypto.generatePrivateKey(ALGORITHMS[options.algorithm], random);
    await writeOutput(encodePem('PRIVATE KEY', key.pkcs8()), options.out, PRIVATE_FILE);
  });
}

function addPublic(group: Command): void {
  const verb = withInOut(group.command('public')).description(
    'write the public half of a private key as SubjectPublicKeyInfo in PEM',
  );
  withExamples(
    verb,
    'stanzaseal key public --in sign.pem --out sign.pub.pem',
    'stanzaseal key generate --algorithm x25519 | stanzaseal key public',
  );
  verb.action(async (options: InOut) => {
    const { publicKey } = await readGeneralPrivateKey(options.in, await generalCrypto());
    await writeOutput(encodePem('PUBLIC KEY', publicKey.spki), options.out);
  });
}

function addId(group: Command): void {
  const verb = withInOut(group.command('id'))
    .description('write the identifier of a public key: SHA-256 of its SubjectPublicKeyInfo, 64 hexadecimal digits')
    .option('--json', 'write an object with algorithm and keyIdentifier (docs/cli/keyId.schema.json)');
  withExamples(verb, 'stanzaseal key id --in sign.pub.pem', 'stanzaseal key id --in sign.pub.pem --json');
  verb.action(async (options: InOut & { json?: true }) => {
    const { algorithm, keyIdentifier } = await readGeneralPublicKey(options.in, await generalCrypto());
    const id = toHex(keyIdentifier);
    await writeOutput(
      `${options.json === true ? JSON.stringify({ algorithm, keyIdentifier: id }) : id}\n`,
      options.out,
    );
  });
}

/** Loaded when a verb runs: no other verb waits for it. */
async function generalCrypto(): Promise<GeneralCrypto> {
  const { createGeneralCrypto } = await import('@stanzaseal/cms/general/provider');
  return createGeneralCrypto();
}
