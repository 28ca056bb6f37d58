/**
 * `cms encrypt` and `cms decrypt`. The work is in `cmsEncryptActions.ts`, which is loaded when one of them runs.
 * @module
 */
import { ID_DATA } from '@stanzaseal/cms';
import { type Command, Option } from 'commander';
import type { DecryptOptions, EncryptOptions } from './cmsEncryptActions.js';
import { choose, collect, type InOut, parseKeyId, parseOid, withExamples, withInOut } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

const CIPHERS = {
  'aes-256-gcm': 'AES-256-GCM',
  'aes-128-gcm': 'AES-128-GCM',
  'chacha20-poly1305': 'ChaCha20-Poly1305',
} as const;
type Cipher = keyof typeof CIPHERS;

/** Adds `encrypt` to a group. */
export function addEncrypt(group: Command, system: System): void {
  const ciphers = Object.keys(CIPHERS) as Cipher[];
  const verb = withInOut(group.command('encrypt'))
    .description('encrypt content as AuthEnvelopedData (RFC 5083) to keys, shared keys and passwords')
    .option(
      '--recipient <file>',
      'public key of a recipient (X25519, P-256, P-384, RSA, ML-KEM), SubjectPublicKeyInfo in PEM; once for each',
      collect,
    )
    .option('--kek-file <file>', 'key shared with a recipient: 16, 24 or 32 octets, or in hexadecimal digits', collect)
    .addOption(
      new Option('--kek-id <hex>', 'the name of that key, one for each --kek-file').argParser(
        (value: string, earlier: Uint8Array[] = []) => [...earlier, parseKeyId(value)],
      ),
    )
    .option('--password-file <file>', 'password of a recipient: what is in the file, without a line end', collect)
    .addOption(
      new Option('--content-type <oid>', 'what the content is')
        .default(ID_DATA, 'id-data, 1.2.840.113549.1.7.1')
        .argParser(parseOid),
    )
    .addOption(
      new Option('--content-encryption <name>', ciphers.join('|'))
        .default('aes-256-gcm')
        .argParser(choose('content encryption', ciphers)),
    )
    .option('--cek-hkdf', 'derive the content key by RFC 9709')
    .option('--pem', 'write PEM in place of DER');
  withExamples(
    verb,
    'stanzaseal cms encrypt --recipient juliet.pub.pem < letter.txt > letter.cms',
    'stanzaseal cms encrypt --recipient juliet.pub.pem --recipient nurse.pub.pem --cek-hkdf --pem --in letter.txt',
    'stanzaseal cms encrypt --password-file words.txt --content-encryption chacha20-poly1305 < letter.txt > letter.cms',
  );
  verb.action(async (options: InOut & Omit<EncryptOptions, 'contentEncryption'> & { contentEncryption: Cipher }) => {
    const { encryptContent } = await import('./cmsEncryptActions.js');
    const contentEncryption = CIPHERS[options.contentEncryption];
    await writeOutput(await encryptContent({ ...options, contentEncryption }, system), options.out);
  });
}

/** Adds `decrypt` to a group. */
export function addDecrypt(group: Command): void {
  const verb = withInOut(group.command('decrypt'))
    .description('decrypt AuthEnvelopedData or verify AuthenticatedData, in BER, DER or PEM, and write the content')
    .option('--key <file>', 'own private key (X25519, P-256, P-384, RSA, ML-KEM), PKCS#8 in PEM')
    .addOption(
      new Option('--key-id <hex>', 'another identifier that the key goes by in the object').argParser(parseKeyId),
    )
    .option('--kek-file <file>', 'key shared with the sender: 16, 24 or 32 octets, or in hexadecimal digits')
    .addOption(new Option('--kek-id <hex>', 'the name of that key').argParser(parseKeyId))
    .option('--password-file <file>', 'password: what is in the file, without a line end')
    .option('--allow-weak-password-cost', 'take a password derivation that is too cheap to withstand guessing');
  withExamples(
    verb,
    'stanzaseal cms decrypt --key agree.pem < letter.cms > letter.txt',
    'stanzaseal cms decrypt --key agree.pem --key-id 6b657931 --in letter.cms --out letter.txt',
  );
  verb.action(async (options: InOut & DecryptOptions) => {
    const { decryptContent } = await import('./cmsEncryptActions.js');
    await decryptContent(options);
  });
}
