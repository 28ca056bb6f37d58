/**
 * The keys of a run: made by our own command line, certified (for peers that know no bare keys) by OpenSSL under our 32-octet
 * key identifier as subjectKeyIdentifier.
 * @module
 */
import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import type { Case, Party } from './cases.js';
import type { OurSide } from './ourSide.js';
import type { Workshop } from './workshop.js';

/** The content that is signed and encrypted: no line of it would survive a conversion of line ends. */
export const LETTER: Uint8Array = Buffer.from('But soft,\nwhat light\r\nthrough yonder window breaks?\0\n');
/** Name of the file with it. */
export const LETTER_FILE = 'letter.txt';
/** Name of the shared key-encryption key. */
export const KEK_ID = '6a756c696574';
/** The shared password. */
export const PASSWORD = 'wherefore-art-thou-romeo';

const KEYS = {
  ed25519: 'ed25519',
  x25519: 'x25519',
  p256: 'p256',
  p384: 'p384',
  rsa: 'rsa',
  'ml-kem-512': undefined,
  'ml-kem-768': 'ml-kem-768',
  'ml-kem-1024': 'ml-kem-1024',
  'ml-dsa-44': 'ml-dsa-44',
  'ml-dsa-65': 'ml-dsa-65',
  'ml-dsa-87': 'ml-dsa-87',
} as const;
/** Keys that OpenSSL knows from 3.5 on. */
const LATTICE = /^ml-/;

/** The keys: for a party `p256` there are `p256.pem`, `p256.pub.pem`, and `p256.crt` where `certified` has it. */
export interface Parties {
  /** Key identifiers in hex: SHA-256 of the SubjectPublicKeyInfo, and SHA-1 of the key (RFC 5280 §4.2.1.2). */
  readonly keyIds: ReadonlyMap<Party, { readonly sha256: string; readonly sha1: string }>;
  /** Parties that have a certificate. */
  readonly certified: ReadonlySet<Party>;
  /** How keys and certificates were made, for P-256 as an example. */
  readonly commands: readonly string[];
  /** The shared key-encryption key in hex; the file `kek.bin` holds its octets. */
  readonly kek: string;
}

/**
 * Makes keys and certificates in the workshop.
 * @param certifier command of OpenSSL: the newest that there is
 * @throws Error when our own side cannot make a key
 */
export async function makeParties(workshop: Workshop, ours: OurSide, certifier: readonly string[]): Promise<Parties> {
  const kek = randomBytes(32);
  await workshop.write(LETTER_FILE, LETTER);
  await workshop.write('kek.bin', kek);
  await workshop.write('password.txt', PASSWORD);
  const keyIds = new Map<Party, { sha256: string; sha1: string }>();
  const certified = new Set<Party>();
  await must(workshop, [...certifier, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.pem']);
  await must(workshop, [
    ...certifier,
    'req',
    '-x509',
    '-new',
    '-key',
    'ca.pem',
    '-subj',
    '/CN=peers',
    '-out',
    'ca.crt',
  ]);
  for (const [party, algorithm] of Object.entries(KEYS) as [keyof typeof KEYS, string | undefined][]) {
    const key = await ours.makeKey(party, algorithm);
    const sha256 = createHash('sha256').update(key.spki).digest('hex');
    keyIds.set(party, { sha256, sha1: createHash('sha1').update(key.subjectPublicKey).digest('hex') });
    const refusal =
      (await certify(workshop, certifier, party, `${party}.crt`, sha256)) ??
      (await certify(workshop, certifier, party, `${party}.sha1.crt`, 'hash'));
    if (refusal === undefined) certified.add(party);
    else if (!LATTICE.test(party)) throw new Error(`openssl makes no certificate for ${party}: ${refusal}`);
  }
  const commands = [
    ...[
      'stanzaseal key generate --algorithm p256 --out p256.pem',
      'stanzaseal key public --in p256.pem --out p256.pub.pem',
    ],
    `echo subjectKeyIdentifier=$(stanzaseal key id --in p256.pub.pem) > p256.crt.ext`,
    ['openssl', ...certifying('p256', 'p256.crt')].join(' '),
  ];
  return { keyIds, certified, commands, kek: kek.toString('hex') };
}

/** The identifier that a row's key goes by, in hex. */
export function idOf({ party, named }: Pick<Case, 'party' | 'named'>, { keyIds }: Parties): string {
  return party === 'kek' ? KEK_ID : (keyIds.get(party)?.[named] ?? '');
}

/** A certificate on a public key alone, as no X25519 or ML-KEM key can ask for one; the complaint if OpenSSL cannot. */
async function certify(
  workshop: Workshop,
  certifier: readonly string[],
  party: Party,
  file: string,
  identifier: string,
): Promise<string | undefined> {
  await workshop.write(`${file}.ext`, `subjectKeyIdentifier=${identifier}\n`);
  const { code, complaint } = await workshop.run([...certifier, ...certifying(party, file)]);
  return code === 0 ? undefined : complaint;
}

function certifying(party: Party, file: string): string[] {
  return [
    ...['x509', '-new', '-subj', `/CN=${party}`, '-force_pubkey', `${party}.pub.pem`],
    ...['-CA', 'ca.crt', '-CAkey', 'ca.pem', '-days', '30', '-extfile', `${file}.ext`, '-out', file],
  ];
}

async function must(workshop: Workshop, words: readonly string[]): Promise<void> {
  const { code, complaint } = await workshop.run(words);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${complaint}`);
}
