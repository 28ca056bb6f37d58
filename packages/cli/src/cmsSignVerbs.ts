/**
 * `cms sign` and `cms verify`. The work is in `cmsSignActions.ts`, which is loaded when one of them runs.
 * @module
 */
import { ID_DATA } from '@stanzaseal/cms';
import { type Command, Option } from 'commander';
import type { SignOptions, VerifyOptions } from './cmsSignActions.js';
import { type InOut, parseKeyId, parseOid, withExamples, withInOut } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

/** Adds `sign` to a group. */
export function addSign(group: Command, system: System): void {
  const verb = withInOut(group.command('sign'))
    .description(
      'sign content as SignedData (Ed25519 with SHA-512, P-256 with SHA-256, P-384 with SHA-384, RSA-PSS with SHA-256, ML-DSA)',
    )
    .requiredOption('--key <file>', 'private key of the signer, PKCS#8 in PEM')
    .addOption(
      new Option('--content-type <oid>', 'what the content is')
        .default(ID_DATA, 'id-data, 1.2.840.113549.1.7.1')
        .argParser(parseOid),
    )
    .option('--detached', 'leave the content out of the object')
    .option('--pem', 'write PEM in place of DER');
  withExamples(
    verb,
    'stanzaseal cms sign --key sign.pem --content-type 2.25.1 < letter.txt > letter.cms',
    'stanzaseal cms sign --key sign.pem --detached --pem --in letter.txt --out letter.sig',
  );
  verb.action(async (options: InOut & SignOptions) => {
    const { signContent } = await import('./cmsSignActions.js');
    await writeOutput(await signContent(options, system), options.out);
  });
}

/** Adds `verify` to a group. */
export function addVerify(group: Command): void {
  const verb = withInOut(group.command('verify'))
    .description('verify SignedData, in BER, DER or PEM, under a public key, and write the content')
    .requiredOption('--signer <file>', 'public key of the signer, SubjectPublicKeyInfo in PEM')
    .addOption(
      new Option(
        '--key-id <hex>',
        'identifier that the signer goes by in the object (else each signature is tried)',
      ).argParser(parseKeyId),
    )
    .option('--content <file>', 'the content, where it is not in the object')
    .option('--allow-missing-signed-attributes', 'take a signature straight over content of type id-data');
  withExamples(
    verb,
    'stanzaseal cms verify --signer sign.pub.pem < letter.cms > letter.txt',
    'stanzaseal cms verify --signer sign.pub.pem --content letter.txt --in letter.sig',
  );
  verb.action(async (options: InOut & VerifyOptions) => {
    const { verifyContent } = await import('./cmsSignActions.js');
    await verifyContent(options);
  });
}
