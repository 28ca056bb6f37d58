/**
 * What peers write in forms that we do not speak, and must not take for what they are not: EnvelopedData, PKCS #1 v1.5 and others.
 * @module
 */
import { Buffer } from 'node:buffer';
import { webcrypto, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { Certificate, ContentInfo, CryptoEngine, EnvelopedData } from 'pkijs';
import { type Bench, Trial } from './bench.js';
import { KEK_ID, LETTER, LETTER_FILE } from './parties.js';

const NOT_SPOKEN = /ERR_UNSUPPORTED/;
const OPENSSL_KEY = ['cms', 'decrypt', '--key', 'rsa.pem', '--in'];

/** Each form, by the peer that writes it. */
export async function foreignForms(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  await byOpenssl(bench, trial);
  await byGnupg(bench, trial);
  await byPkijs(bench, trial);
  await byForge(bench, trial);
  return trial;
}

async function byOpenssl({ parties }: Bench, trial: Trial): Promise<void> {
  const out = (file: string): string[] => ['-outform', 'DER', '-out', file];
  const start = ['-binary', '-in', LETTER_FILE];
  const secret = ['-secretkey', parties.kek];
  for (const [column, name, words] of [
    ['OpenSSL', 'EnvelopedData, AES-256-CBC', ['-encrypt', ...start, '-aes-256-cbc', '-keyid', '-recip', 'rsa.crt']],
    [
      'OpenSSL',
      'EnvelopedData by RSA-OAEP',
      ['-encrypt', ...start, '-aes-256-cbc', '-keyid', '-recip', 'rsa.crt', '-keyopt', 'rsa_padding_mode:oaep'],
    ],
    [
      'OpenSSL',
      'AuthEnvelopedData by PKCS #1 v1.5',
      ['-encrypt', ...start, '-aes-256-gcm', '-keyid', '-recip', 'rsa.crt'],
    ],
    ['OpenSSL', 'DigestedData', ['-digest_create', ...start, '-md', 'sha256']],
    ['OpenSSL', 'EncryptedData', ['-EncryptedData_encrypt', ...start, '-aes-256-cbc', ...secret]],
    ['OpenSSL, trixie', 'CompressedData', ['-compress', ...start]],
  ] as const) {
    const peer = trial.peer(column, `OpenSSL's ${name} is refused`);
    const file = `foreign.${name.replaceAll(/\W/g, '')}.der`;
    if (peer === undefined || !(await trial.write(peer, ['cms', ...words, ...out(file)]))) continue;
    const read =
      name === 'EncryptedData' ? ['cms', 'decrypt', '--kek-file', 'kek.bin', '--kek-id', KEK_ID, '--in'] : OPENSSL_KEY;
    trial.expect(`OpenSSL's ${name} is refused`, NOT_SPOKEN, await trial.ours(...read, file));
  }
}

async function byGnupg(_bench: Bench, trial: Trial): Promise<void> {
  const sentence = "gpgsm's EnvelopedData is refused";
  const peer = trial.peer('GnuPG', sentence);
  const words = ['--encrypt', '--recipient', '/CN=rsa', '--output', 'foreign.gpgsm.der', LETTER_FILE];
  if (peer === undefined || !(await trial.write(peer, words))) return;
  trial.expect(sentence, NOT_SPOKEN, await trial.ours(...OPENSSL_KEY, 'foreign.gpgsm.der'));
}

/** PKI.js puts AES-GCM into EnvelopedData, where there is no place for a tag. */
async function byPkijs({ workshop }: Bench, trial: Trial): Promise<void> {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as Crypto });
  const pem = Buffer.from((await workshop.read('rsa.crt')) ?? '');
  const data = new EnvelopedData();
  data.addRecipientByCertificate(
    Certificate.fromBER(new X509Certificate(pem).raw),
    { oaepHashAlgorithm: 'SHA-256' },
    undefined,
    engine,
  );
  await data.encrypt({ name: 'AES-GCM', length: 256 } as Algorithm, Uint8Array.from(LETTER).buffer, engine);
  const info = new ContentInfo({ contentType: ContentInfo.ENVELOPED_DATA, content: data.toSchema() });
  await workshop.write('foreign.pkijs.der', new Uint8Array(info.toSchema().toBER()));
  trial.expect(
    "PKI.js's EnvelopedData with AES-GCM is refused",
    NOT_SPOKEN,
    await trial.ours(...OPENSSL_KEY, 'foreign.pkijs.der'),
  );
}

/** node-forge knows PKCS #7 of 1998: RSA by PKCS #1 v1.5, AES-CBC. It reads neither AuthEnvelopedData nor key identifiers. */
async function byForge({ workshop }: Bench, trial: Trial): Promise<void> {
  const text = async (name: string): Promise<string> => Buffer.from((await workshop.read(name)) ?? '').toString();
  const certificate = forge.pki.certificateFromPem(await text('rsa.crt'));
  const letter = forge.util.createBuffer(Buffer.from(LETTER).toString('binary'));
  const signed = forge.pkcs7.createSignedData();
  signed.content = letter.copy();
  signed.addCertificate(certificate);
  signed.addSigner({
    key: await text('rsa.pem'),
    certificate,
    digestAlgorithm: forge.pki.oids.sha256 as string,
    authenticatedAttributes: [
      { type: forge.pki.oids.contentType as string, value: forge.pki.oids.data as string },
      { type: forge.pki.oids.messageDigest as string },
    ],
  });
  signed.sign();
  const write = async (name: string, value: forge.asn1.Asn1): Promise<void> =>
    workshop.write(name, Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary'));
  await write('foreign.forge.signed.der', signed.toAsn1());
  const verify = ['cms', 'verify', '--signer', 'rsa.pub.pem', '--in', 'foreign.forge.signed.der'];
  trial.expect("node-forge's signature by PKCS #1 v1.5 is refused", NOT_SPOKEN, await trial.ours(...verify));
  const enveloped = forge.pkcs7.createEnvelopedData();
  enveloped.addRecipient(certificate);
  enveloped.content = letter.copy();
  enveloped.encrypt();
  await write('foreign.forge.der', enveloped.toAsn1());
  trial.expect(
    "node-forge's EnvelopedData is refused",
    NOT_SPOKEN,
    await trial.ours(...OPENSSL_KEY, 'foreign.forge.der'),
  );
}
