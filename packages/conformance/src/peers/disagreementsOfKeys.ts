/**
 * Disagreements between implementations about how keys are derived, named and wrapped, each with what we hold.
 * @module
 */
import { Buffer } from 'node:buffer';
import { type Bench, Trial } from './bench.js';
import { wrapWithNull } from './nullParameters.js';
import { LETTER_FILE } from './parties.js';

const BOUNCY_CASTLE = 'Bouncy Castle, sid';
const OPENSSL = 'OpenSSL, sid';
/** dhSinglePass-stdDH-hkdf-sha256-scheme, dhSinglePass-stdDH-sha256kdf-scheme, id-alg-hkdf-with-sha256. */
const X25519_SCHEME = 'scheme=1.2.840.113549.1.9.16.3.19';
const P256_SCHEME = 'scheme=1.3.132.1.11.1';
const HKDF_SCHEME = 'scheme=1.2.840.113549.1.9.16.3.28';
/** id-sha256 as an OBJECT IDENTIFIER. */
const ID_SHA256 = Buffer.from('0609608648016503040201', 'hex');
const UKM = '000102030405060708090a0b0c0d0e0f';

/** RFC 8418 §2.2: the ukm is HKDF's salt. */
export async function userKeyingMaterial(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const peer = trial.peer(BOUNCY_CASTLE, 'its X25519 objects with ukm are refused, those without open');
  if (peer === undefined) return trial;
  const id = `id=${bench.parties.keyIds.get('x25519')?.sha256}`;
  const base = ['encrypt', 'kind=kari', X25519_SCHEME, 'recipient=x25519.pub.pem', id, 'content=aes-256-gcm'];
  const io = (out: string): string[] => [`in=${LETTER_FILE}`, `out=${out}`];
  if (!(await trial.write(peer, [...base, `ukm=${UKM}`, ...io('ukm.der')]))) return trial;
  if (!(await trial.write(peer, [...base, ...io('noukm.der')]))) return trial;
  trial.expect(
    'Bouncy Castle leaves the salt empty and opens its own X25519 object with ukm',
    /^content$/,
    await trial.theirs(peer, (content) => [
      'decrypt',
      'kind=kari',
      'key=x25519.pem',
      id,
      'in=ukm.der',
      `out=${content}`,
    ]),
  );
  const read = ['cms', 'decrypt', '--key', 'x25519.pem', '--in'];
  trial.expect('we refuse it', /ERR_OPEN/, await trial.ours(...read, 'ukm.der'));
  trial.expect('we open its object without ukm', /^content$/, await trial.ours(...read, 'noukm.der'));
  return trial;
}

/** RFC 9709 with key agreement. */
export async function contentKeyDerivation(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const peer = trial.peer(BOUNCY_CASTLE, 'its objects by RFC 9709 to keys by agreement open here, though not there');
  if (peer === undefined) return trial;
  for (const [party, scheme] of [
    ['p256', P256_SCHEME],
    ['x25519', X25519_SCHEME],
  ] as const) {
    const id = `id=${bench.parties.keyIds.get(party)?.sha256}`;
    const whom = [scheme, `recipient=${party}.pub.pem`, id, 'content=aes-256-gcm', 'hkdf=yes'];
    const file = `${party}.hkdf.der`;
    if (!(await trial.write(peer, ['encrypt', 'kind=kari', ...whom, `in=${LETTER_FILE}`, `out=${file}`]))) continue;
    trial.expect(
      `we open what Bouncy Castle writes for ${party}`,
      /^content$/,
      await trial.ours('cms', 'decrypt', '--key', `${party}.pem`, '--in', file),
    );
    trial.expect(
      `Bouncy Castle does not open its own object for ${party}`,
      /^refused/,
      await trial.theirs(peer, (content) => [
        'decrypt',
        'kind=kari',
        `key=${party}.pem`,
        id,
        `in=${file}`,
        `out=${content}`,
      ]),
    );
  }
  return trial;
}

/** NULL or nothing as parameters: read both, and take into derivations what stood there. */
export async function nullParameters(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  await oaepParameters(trial, bench);
  const { workshop, parties } = bench;
  const spki = Buffer.from((await workshop.read('p256.pub.pem')) ?? '').toString();
  const keyIdentifier = Buffer.from(parties.keyIds.get('p256')?.sha256 ?? '', 'hex');
  for (const [file, parameters] of [
    ['wrapnull.der', true],
    ['wrapbare.der', false],
  ] as const) {
    await workshop.write(file, wrapWithNull(spki, keyIdentifier, parameters));
    const how = parameters ? 'with NULL' : 'without parameters';
    trial.expect(
      `we open key agreement whose key wrap stands ${how}`,
      /^content$/,
      await trial.ours('cms', 'decrypt', '--key', 'p256.pem', '--in', file),
    );
    const peer = trial.peer('OpenSSL', `OpenSSL opens key agreement whose key wrap stands ${how}`);
    if (peer === undefined) continue;
    trial.expect(
      `so does OpenSSL, ${how}`,
      /^content$/,
      await trial.theirs(peer, (out) => [
        'cms',
        '-decrypt',
        '-binary',
        '-inform',
        'DER',
        '-in',
        file,
        '-inkey',
        'p256.pem',
        '-recip',
        'p256.crt',
        '-out',
        out,
      ]),
    );
  }
  return trial;
}

/** OAEP names its hash with NULL or without (RFC 4055 §2.1 wants both read). */
async function oaepParameters(trial: Trial, { workshop, parties }: Bench): Promise<void> {
  const castle = [`id=${parties.keyIds.get('rsa')?.sha256}`, 'content=aes-256-gcm', `in=${LETTER_FILE}`];
  const openssl = ['-keyid', '-recip', 'rsa.crt', '-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'];
  const encrypt = ['cms', '-encrypt', '-binary', '-in', LETTER_FILE, '-aes-256-gcm', ...openssl];
  for (const [name, expected, words, file] of [
    [
      'Bouncy Castle',
      'NULL',
      ['encrypt', 'kind=ktri', 'recipient=rsa.pub.pem', ...castle, 'out=oaepnull.der'],
      'oaepnull.der',
    ],
    ['OpenSSL', 'nothing', [...encrypt, '-outform', 'DER', '-out', 'oaepbare.der'], 'oaepbare.der'],
  ] as const) {
    const sentence = `${name} writes ${expected} behind the hash of OAEP`;
    const peer = trial.peer(name, sentence);
    if (peer === undefined || !(await trial.write(peer, words))) continue;
    const octets = Buffer.from((await workshop.read(file)) ?? '');
    const behind = octets.at(octets.indexOf(ID_SHA256) + ID_SHA256.length) === 0x05 ? 'NULL' : 'nothing';
    trial.expect(sentence, new RegExp(`^${expected}$`), { seen: behind, commands: words });
    trial.expect(
      `we open what ${name} writes`,
      /^content$/,
      await trial.ours('cms', 'decrypt', '--key', 'rsa.pem', '--in', file),
    );
  }
}

/** The info of KEMRecipientInfo (RFC 9629 §5) and ECC-CMS-SharedInfo (RFC 5753 §7.2), each with ukm. */
export async function derivationInfo(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const kem = 'we open ML-KEM-768 with ukm and HKDF-SHA-512';
  const openssl = bench.parties.certified.has('ml-kem-768') ? trial.peer(OPENSSL, kem) : undefined;
  const recipient = ['-recip', 'ml-kem-768.crt', '-recip_kdf', 'HKDF-SHA512', '-recip_ukm', UKM];
  const words = ['cms', '-encrypt', '-binary', '-in', LETTER_FILE, '-aes-256-gcm', '-keyid', ...recipient];
  if (openssl !== undefined && (await trial.write(openssl, [...words, '-outform', 'DER', '-out', 'kem.ukm.der'])))
    trial.expect(
      kem,
      /^content$/,
      await trial.ours('cms', 'decrypt', '--key', 'ml-kem-768.pem', '--in', 'kem.ukm.der'),
    );
  for (const [column, kind, party, scheme] of [
    [BOUNCY_CASTLE, 'kemri', 'ml-kem-768', HKDF_SCHEME],
    ['Bouncy Castle', 'kari', 'p256', P256_SCHEME],
  ] as const) {
    const sentence = `we open what ${column} writes for ${party} with ukm`;
    const peer = trial.peer(column, sentence);
    if (peer === undefined) continue;
    const whom = [
      `kind=${kind}`,
      scheme,
      `recipient=${party}.pub.pem`,
      `id=${bench.parties.keyIds.get(party)?.sha256}`,
    ];
    const file = `${party}.ukm.der`;
    if (
      !(await trial.write(peer, [
        'encrypt',
        ...whom,
        `ukm=${UKM}`,
        'content=aes-256-gcm',
        `in=${LETTER_FILE}`,
        `out=${file}`,
      ]))
    )
      continue;
    trial.expect(sentence, /^content$/, await trial.ours('cms', 'decrypt', '--key', `${party}.pem`, '--in', file));
  }
  return trial;
}
