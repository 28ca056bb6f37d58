/**
 * OpenSSL's `cms` command. It encrypts to certificates, and decrypts with a key and the certificate that names it.
 * @module
 */
import { type Case, certificateOf, type Party } from './cases.js';
import { KEK_ID, LETTER_FILE, PASSWORD, type Parties } from './parties.js';
import type { Attempt, Peer, Turn, TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

const SUITE: Readonly<Partial<Record<Party, readonly string[]>>> = {
  ed25519: ['-md', 'sha512'],
  p256: ['-md', 'sha256'],
  p384: ['-md', 'sha384'],
  rsa: ['-md', 'sha256', '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest'],
  'ml-dsa-44': ['-md', 'sha512'],
  'ml-dsa-65': ['-md', 'sha512'],
  'ml-dsa-87': ['-md', 'sha512'],
};
const AGREEMENT = { usual: 'ecdh_kdf_md:sha256', sha1: undefined, cofactor: 'ecdh_cofactor_mode:1' } as const;

/** An OpenSSL by the words that start it (`openssl`, or a loader with its own libraries). */
export async function openssl(start: readonly string[], workshop: Workshop, parties: () => Parties): Promise<Peer> {
  const { code, output, complaint } = await workshop.run([...start, 'version']);
  if (code !== 0) throw new Error(complaint);
  const version = /^OpenSSL (\S+)/.exec(output)?.[1] ?? output.trim();
  return {
    version,
    cannot: (test, turn) => cannot(test, turn, version),
    ask: (test, turn, files) => {
      // Who knows no lattices knows no file of theirs either: there is nothing to give it.
      const known = !test.party.startsWith('ml-') || cannot(test, turn, version) === undefined;
      const words = known ? commandFor(test, turn, files, parties()) : undefined;
      return words && attempt(workshop, start, words);
    },
    tell: (words) => attempt(workshop, start, words),
  };
}

async function attempt(workshop: Workshop, start: readonly string[], words: readonly string[]): Promise<Attempt> {
  const { code, complaint } = await workshop.run([...start, ...words]);
  const [line] = complaint
    .split('\n')
    .filter((each) => /:error:|^error/i.test(each))
    .slice(-1);
  return {
    commands: [`openssl ${words.join(' ')}`],
    refusal: code === 0 ? undefined : (line ?? complaint.trim()) || `exit code ${code}`,
  };
}

function commandFor(test: Case, turn: Turn, files: TurnFiles, parties: Parties): string[] | undefined {
  if (test.kind === 'authenticate') return undefined;
  if (test.kind === 'sign') return turn === 'writes' ? sign(test, files) : verify(test, files);
  return turn === 'writes' ? encrypt(test, files, parties) : decrypt(test, files, parties);
}

function sign(test: Case, { object }: TurnFiles): string[] {
  const { party, attributes, detached, ber } = test;
  return [
    ...['cms', '-sign', '-binary', '-in', LETTER_FILE, '-signer', certificateOf(test), '-inkey', `${party}.pem`],
    ...(SUITE[party] ?? []),
    ...['-keyid', '-nocerts', '-nosmimecap'],
    ...(attributes ? [] : ['-noattr']),
    ...(detached ? [] : ['-nodetach']),
    ...(ber ? ['-stream'] : []),
    ...['-outform', 'DER', '-out', object],
  ];
}

function verify(test: Case, { object, content }: TurnFiles): string[] {
  return [
    ...[
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      object,
      '-nointern',
      '-certfile',
      certificateOf(test),
      '-noverify',
    ],
    ...(test.detached ? ['-content', LETTER_FILE] : []),
    ...['-out', content],
  ];
}

function encrypt(test: Case, { object }: TurnFiles, { kek, certified }: Parties): string[] | undefined {
  const { party, content, ber, derivation, cekHkdf, attributes } = test;
  if (cekHkdf || attributes) return undefined;
  const start = ['cms', '-encrypt', '-binary', '-in', LETTER_FILE, `-${content}`];
  const end = [...(ber ? ['-stream'] : []), '-outform', 'DER', '-out', object];
  if (party === 'kek') return [...start, '-secretkey', kek, '-secretkeyid', KEK_ID, ...end];
  if (party === 'password') return [...start, '-pwri_password', PASSWORD, ...end];
  if (!certified.has(party)) return undefined;
  const option = party === 'p256' || party === 'p384' ? AGREEMENT[derivation] : undefined;
  const oaep = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256'].flatMap((each) => ['-keyopt', each]);
  return [
    ...start,
    ...['-keyid', '-recip', certificateOf(test)],
    ...(option === undefined ? [] : ['-keyopt', option]),
    ...(derivation === 'cofactor' ? ['-keyopt', AGREEMENT.usual] : []),
    ...(party === 'rsa' ? oaep : []),
    ...end,
  ];
}

function decrypt(test: Case, { object, content }: TurnFiles, { kek, certified }: Parties): string[] {
  const { party } = test;
  const start = ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', object];
  const end = ['-out', content];
  if (party === 'kek') return [...start, '-secretkey', kek, '-secretkeyid', KEK_ID, ...end];
  if (party === 'password') return [...start, '-pwri_password', PASSWORD, ...end];
  const recipient = certified.has(party) ? ['-recip', certificateOf(test)] : [];
  return [...start, '-inkey', `${party}.pem`, ...recipient, ...end];
}

/** The first release of each branch whose tags of authAttrs are those of RFC 5083 §2.1 (openssl/openssl#31695 and its backports). */
const AUTH_ATTRS: Readonly<Record<string, number>> = { '3.0': 22, '3.4': 7, '3.5': 8, '3.6': 4 };

/**
 * Whether an OpenSSL parses authenticated attributes of AuthEnvelopedData, and takes them as associated data.
 * @param release as `3.0.22`
 */
export function readsAuthAttrs(release: string): boolean {
  const [major = 0, minor = 0, patch = 0] = release.split('.').map((each) => Number.parseInt(each, 10));
  const first = AUTH_ATTRS[`${major}.${minor}`];
  return first === undefined ? major > 3 : patch >= first;
}

/** What it is known not to do. */
function cannot(test: Case, turn: Turn, release: string): string | undefined {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  const version = major * 100 + minor;
  const { kind, party, content, cekHkdf, attributes, ber } = test;
  if (kind === 'authenticate') return 'knows no AuthenticatedData';
  if (kind === 'sign') {
    if (party.startsWith('ml-dsa') && version < 305) return 'knows no ML-DSA before 3.5';
    if (party === 'ed25519' && version < 305) return 'knows no Ed25519 in CMS before 3.5';
    if (!attributes && (party === 'ed25519' || party === 'ml-dsa-65'))
      return 'needs signed attributes with this algorithm';
    if (turn === 'writes' && ber && party === 'rsa') return 'its own encoder fails on RSA-PSS with -stream';
    return undefined;
  }
  if (party === 'x25519') return 'knows no X25519 in CMS';
  if (content === 'chacha20-poly1305') return 'knows no ChaCha20-Poly1305 in CMS';
  if (cekHkdf) return 'knows no RFC 9709';
  if (party.startsWith('ml-kem') && version < 306) return 'knows no ML-KEM in CMS before 3.6';
  if (attributes) {
    if (turn === 'writes') return 'writes no authenticated attributes';
    return readsAuthAttrs(release) ? undefined : 'cannot parse authenticated attributes before 3.0.22, 3.5.8 and 3.6.4';
  }
  if (party !== 'password' || turn === 'reads') return undefined;
  return version < 306
    ? 'encrypts for passwords by AES-CBC alone before 3.6'
    : 'encrypts for passwords by AES-GCM only where -kekcipher names another cipher (disagreement 11)';
}
