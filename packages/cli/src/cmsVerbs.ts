/**
 * `cms`: general CMS under bare keys, for interoperability; and looking at anything. The work is in `cmsActions.ts` and
 * `inspection.ts`.
 * @module
 */
import { ID_DATA } from '@stanzaseal/cms';
import { type Command, Option } from 'commander';
import { decryptContent, encryptContent, signContent, verifyContent } from './cmsActions.js';
import { inspect } from './inspection.js';
import { choose, collect, type InOut, parseKeyId, parseOid, withExamples, withInOut, withLater } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

/** Adds the verbs under `cms`. */
export function addCmsVerbs(program: Command, system: System): void {
  const group = program.command('cms').description('sign, encrypt and look at general CMS under bare keys');
  addSign(group, system);
  addVerify(group, system);
  addEncrypt(group, system);
  addDecrypt(group, system);
  addInspect(group);
}

function addSign(group: Command, system: System): void {
  const verb = withInOut(group.command('sign'))
    .description('sign content as SignedData (Ed25519 with SHA-512, P-256 with SHA-256)')
    .requiredOption('--key <file>', 'private key of the signer, PKCS#8 in PEM')
    .addOption(contentTypeOption('what the content is'))
    .option('--detached', 'leave the content out of the object')
    .option('--pem', 'write PEM in place of DER');
  withExamples(
    verb,
    'stanzaseal cms sign --key sign.pem --content-type 2.25.1 < letter.txt > letter.cms',
    'stanzaseal cms sign --key sign.pem --detached --pem --in letter.txt --out letter.sig',
  );
  verb.action(async (options: InOut & { key: string; contentType: Uint8Array; detached?: true; pem?: true }) => {
    await writeOutput(await signContent(options, system), options.out);
  });
}

function addVerify(group: Command, system: System): void {
  const verb = withInOut(group.command('verify'))
    .description('verify SignedData, in DER or PEM, under a public key, and write the content')
    .requiredOption('--signer <file>', 'public key of the signer, SubjectPublicKeyInfo in PEM')
    .addOption(
      new Option(
        '--key-id <hex>',
        'identifier that the signer goes by in the object (else each signature is tried)',
      ).argParser(parseKeyId),
    )
    .option('--content <file>', 'the content, where it is not in the object');
  withLater(verb, '--allow-missing-signed-attributes');
  withExamples(
    verb,
    'stanzaseal cms verify --signer sign.pub.pem < letter.cms > letter.txt',
    'stanzaseal cms verify --signer sign.pub.pem --content letter.txt --in letter.sig',
  );
  verb.action(async (options: InOut & { signer: string; keyId?: Uint8Array; content?: string }) => {
    await writeOutput(await verifyContent(options, system), options.out);
  });
}

function addEncrypt(group: Command, system: System): void {
  const verb = withInOut(group.command('encrypt'))
    .description('encrypt content as AuthEnvelopedData to X25519 keys (RFC 8418)')
    .option('--recipient <file>', 'public key of a recipient, SubjectPublicKeyInfo in PEM; once for each', collect)
    .addOption(contentTypeOption('what the content is'))
    .addOption(
      new Option('--content-encryption <name>', 'aes-256-gcm')
        .default('aes-256-gcm')
        .argParser(choose('content encryption', ['aes-256-gcm'], ['aes-128-gcm', 'chacha20-poly1305'])),
    )
    .option('--cek-hkdf', 'derive the content key by RFC 9709')
    .option('--pem', 'write PEM in place of DER');
  withLater(verb, '--kek-file <file>', '--kek-id <hex>', '--password-file <file>');
  withExamples(
    verb,
    'stanzaseal cms encrypt --recipient juliet.pub.pem < letter.txt > letter.cms',
    'stanzaseal cms encrypt --recipient juliet.pub.pem --recipient nurse.pub.pem --cek-hkdf --pem --in letter.txt',
  );
  verb.action(
    async (options: InOut & { recipient?: string[]; contentType: Uint8Array; cekHkdf?: true; pem?: true }) => {
      await writeOutput(await encryptContent({ ...options, recipients: options.recipient ?? [] }, system), options.out);
    },
  );
}

function addDecrypt(group: Command, system: System): void {
  const verb = withInOut(group.command('decrypt'))
    .description('decrypt AuthEnvelopedData, in DER or PEM, with an X25519 key, and write the content')
    .requiredOption('--key <file>', 'own private key, PKCS#8 in PEM')
    .addOption(
      new Option('--key-id <hex>', 'another identifier that the key goes by in the object').argParser(parseKeyId),
    );
  withLater(verb, '--kek-file <file>', '--kek-id <hex>', '--password-file <file>', '--allow-weak-password-cost');
  withExamples(
    verb,
    'stanzaseal cms decrypt --key agree.pem < letter.cms > letter.txt',
    'stanzaseal cms decrypt --key agree.pem --key-id 6b657931 --in letter.cms --out letter.txt',
  );
  verb.action(async (options: InOut & { key: string; keyId?: Uint8Array }) => {
    await writeOutput(await decryptContent(options, system), options.out);
  });
}

function addInspect(group: Command): void {
  const verb = withInOut(group.command('inspect'))
    .description(
      'show what CMS, a key, a certificate or any other BER or DER says; never needs a key, never shows a secret',
    )
    .option('--json', 'write an object with the whole tree (docs/cli/inspect.schema.json)');
  withExamples(
    verb,
    'stanzaseal cms inspect < letter.cms',
    "stanzaseal cms inspect --json --in letter.cms | jq -r '.objects[0].structure'",
  );
  verb.action(async (options: InOut & { json?: true }) => {
    await writeOutput(await inspect(options.in, options.json === true), options.out);
  });
}

function contentTypeOption(description: string): Option {
  return new Option('--content-type <oid>', description)
    .default(ID_DATA, 'id-data, 1.2.840.113549.1.7.1')
    .argParser(parseOid);
}
