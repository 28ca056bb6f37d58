/**
 * Expectations of the sources of ML-KEM and ML-DSA: LAMPS' examples and the hackathon's messages of five producers.
 * @module
 */
import { concat, equal, fromHex } from '@stanzaseal/cms';
import { answerOf } from '../verdict.js';
import {
  does,
  doesNotOpen,
  type Expectation,
  notRun,
  opens,
  refusesKey,
  takesPrivateKey,
  takesPublicKey,
  verifies,
} from './expectation.js';
import { MATERIAL } from './reasons.js';
import { type MessageSource, privateKeyFile, rawFile } from './vectorFile.js';

/** RFC 9936's example: three forms of one private key, each intermediate. */
export const LAMPS_CMS_KYBER: readonly Expectation[] = [
  ...['both', 'seed', 'expanded'].flatMap((form) => [
    takesPrivateKey(`ML-KEM-512-${form}.priv.pem`, 'ML-KEM-512.pub.pem'),
    opens('ML-KEM-512.cms.pem', { key: `ML-KEM-512-${form}.priv.pem` }, 'Hello, world!'),
  ]),
  takesPublicKey('ML-KEM-512.pub.pem', undefined, '599788c37aed400ee405d1b2a3366ab17d824a51'),
  takesPublicKey('ML-KEM-512.cert.pem', 'ML-KEM-512.pub.pem'),
  does('intermediates.json', 'each step', kemSteps),
  notRun('ML-KEM-512.cms.txt', MATERIAL),
];

/** RFC 9882's examples; the keys stand in the source of RFC 9881. */
export const LAMPS_CMS_ML_DSA: readonly Expectation[] = ['44', '65', '87'].flatMap((level) => [
  verifies(
    `mldsa${level}-signed-attrs.pem`,
    `../lamps-dilithium-certificates/ML-DSA-${level}.pub.pem`,
    `ML-DSA-${level} signed-data example with signed attributes`,
  ),
  notRun(`mldsa${level}-signed-attrs.txt`, MATERIAL),
]);

/** RFC 9881's keys, with the bad ones of its Appendix C.4. */
export const LAMPS_ML_DSA_KEYS: readonly Expectation[] = [
  ...['44', '65', '87'].flatMap((level) => latticeKeys(`ML-DSA-${level}`)),
  ...[1, 2, 3].map((n) => refusesKey(`bad-ML-DSA-44-${n}.priv.pem`, ['ERR_DER'])),
];

/** RFC 9935's keys, with the bad ones of its Appendix C.4. */
export const LAMPS_ML_KEM_KEYS: readonly Expectation[] = [
  ...['512', '768', '1024'].flatMap((level) => latticeKeys(`ML-KEM-${level}`)),
  ...[1, 2, 3, 4].map((n) => refusesKey(`bad-ML-KEM-512-${n}.priv.pem`, ['ERR_DER'])),
];

/** Artifacts of the hackathon, by the naming that its producers agreed on. */
export function hackathon(files: readonly string[]): Expectation[] {
  return files.flatMap((file) => hackathonFile(file, files));
}

function hackathonFile(file: string, files: readonly string[]): Expectation[] {
  const [folder, stem] = /^([^/]+)\/(.*?\.3\.4\.[34]\.\d+)_/.exec(file)?.slice(1) ?? [file.split('/')[0], ''];
  const base = `${folder}/${stem}`;
  const plaintext = { file: `${folder}/expected_plaintext.txt` };
  const privateKeys = files.filter((other) => other.startsWith(`${base}_`) && other.endsWith('priv.der'));
  const spki = `${base}_spki.der`;
  if (file.endsWith('priv.der')) {
    return [takesPrivateKey(file, files.includes(spki) ? spki : `${base}_signed_attrs.der`)];
  }
  if (file.endsWith('_spki.der')) return [takesPublicKey(file)];
  if (file.endsWith('_ee.der')) return [takesPublicKey(file, spki)];
  if (file.endsWith('_signed_attrs.der')) {
    // CryptoNext signs its text behind a MIME header.
    const before = folder === 'cryptonext' ? 'Content-Type: text/plain\r\n\r\n' : '';
    return [verifies(file, file, { ...plaintext, before })];
  }
  if (file.endsWith('_ss.bin')) {
    return privateKeys.map((key) =>
      does(file, `decapsulates with ${key}`, (source) => decapsulates(source, base, key)),
    );
  }
  if (file.includes('_kemri_auth')) {
    // CHT put an ML-KEM ciphertext into a KeyTransRecipientInfo: RFC 9936 §2 wants KEMRecipientInfo.
    if (folder === 'cht') return privateKeys.map((key) => doesNotOpen(file, ['ERR_OPEN', 'ERR_UNSUPPORTED'], { key }));
    return privateKeys.map((key) => opens(file, { key }, plaintext));
  }
  if (file.includes('_kemri_'))
    return [doesNotOpen(file, ['ERR_UNSUPPORTED'], { key: privateKeys[0] as string }, 'EnvelopedData')];
  return [notRun(file, MATERIAL)];
}

function latticeKeys(name: string): Expectation[] {
  return [
    takesPublicKey(`${name}.pub.pem`),
    takesPublicKey(`${name}.crt.pem`, `${name}.pub.pem`),
    ...['both', 'seed', 'expanded'].map((form) => takesPrivateKey(`${name}-${form}.priv.pem`, `${name}.pub.pem`)),
  ];
}

async function decapsulates(source: MessageSource, base: string, key: string): ReturnType<Expectation['run']> {
  const privateKey = await privateKeyFile(source, key);
  return answerOf(
    () => source.crypto.decapsulate(privateKey, rawFile(source, `${base}_ciphertext.bin`)),
    (secret) => equal(secret, rawFile(source, `${base}_ss.bin`)),
  );
}

/** Secret, key-encryption key and content-encryption key of RFC 9936's example, by the provider's functions. */
async function kemSteps(source: MessageSource): ReturnType<Expectation['run']> {
  const { crypto } = source;
  const steps = JSON.parse(new TextDecoder().decode(rawFile(source, 'intermediates.json'))) as Record<string, string>;
  const step = (name: string): Uint8Array => fromHex((steps[name] as string).toLowerCase());
  const key = await privateKeyFile(source, 'ML-KEM-512-seed.priv.pem');
  return answerOf(
    async () => {
      const secret = await crypto.decapsulate(key, step('kemct'));
      const kek = await crypto.hkdf(
        'SHA-256',
        secret,
        new Uint8Array(0),
        step('hkdfInfo(CMSORIforKEMOtherInfo DER)'),
        16,
      );
      const cek = await crypto.unwrapKey(kek, step('wrappedCek'));
      return concat(secret, kek, cek);
    },
    (computed) => equal(computed, concat(step('sharedSecret'), step('kek'), step('cek'))),
  );
}
