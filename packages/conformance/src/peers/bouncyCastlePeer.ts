/**
 * Bouncy Castle through our Java program in `packages/conformance/peers`: one process for each version, a command a line.
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Case, Party } from './cases.js';
import { idOf, LETTER_FILE, PASSWORD, type Parties } from './parties.js';
import type { Attempt, Peer, Turn, TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

const SIGNATURE: Readonly<Partial<Record<Party, string>>> = {
  ed25519: 'Ed25519',
  p256: 'SHA256withECDSA',
  p384: 'SHA384withECDSA',
  rsa: 'SHA256withRSAandMGF1',
  'ml-dsa-44': 'ML-DSA-44',
  'ml-dsa-65': 'ML-DSA-65',
  'ml-dsa-87': 'ML-DSA-87',
};
/** dhSinglePass-stdDH with HKDF-SHA-256 (RFC 8418); with X9.63 and SHA-256, SHA-384 (RFC 5753). */
const SCHEME: Readonly<Partial<Record<Party, string>>> = {
  x25519: '1.2.840.113549.1.9.16.3.19',
  p256: '1.3.132.1.11.1',
  p384: '1.3.132.1.11.2',
};
const OTHER_SCHEME = { sha1: '1.3.133.16.840.63.0.2', cofactor: '1.3.132.1.14.1' } as const;
/** id-alg-hkdf-with-sha256 (RFC 8619). */
const HKDF_SHA256 = '1.2.840.113549.1.9.16.3.28';
/** What our policy asks at least is 100,000. */
const ITERATIONS = 600_000;

/** The process. */
class Conversation {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(words: readonly string[], folder: string) {
    const [program = '', ...args] = words;
    this.#child = spawn(program, args, { cwd: folder });
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', () => this.#end());
    this.#child.on('close', () => this.#end());
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.(line));
  }

  /** Gives a command and takes its answer. */
  say(words: readonly string[]): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#child.exitCode === null) this.#child.stdin.write(`${words.join(' ')}\n`);
      else this.#end();
    });
  }

  /** Ends the process. */
  close(): void {
    this.#child.kill();
  }

  #end(): void {
    for (const answer of this.#waiting.splice(0)) answer('error: the Java program ended');
  }
}

/**
 * A Bouncy Castle by its three jars, for which the Java program is compiled into a folder of the workshop.
 * @param sources the Java program's files
 */
export async function bouncyCastle(
  jars: readonly string[],
  sources: readonly string[],
  workshop: Workshop,
  parties: () => Parties,
): Promise<Peer> {
  const classes = workshop.fresh('classes');
  const compiled = await workshop.run(['javac', '-nowarn', '-d', classes, '-cp', jars.join(':'), ...sources]);
  if (compiled.code !== 0) throw new Error(compiled.complaint.trim());
  const java = new Conversation(['java', '-cp', [classes, ...jars].join(':'), 'BouncyCastle'], workshop.folder);
  const answer = await java.say(['version']);
  const version = /v(\d[\d.]*)$/.exec(answer)?.[1];
  if (version === undefined) throw new Error(answer);
  const [, minor = 0] = version.split('.').map(Number);
  return {
    version,
    cannot: (test, turn) => cannot(test, turn, minor),
    ask: (test, turn, files) => tell(java, commandFor(test, turn, files, parties())),
    tell: (words) => tell(java, words),
    close: () => java.close(),
  };
}

async function tell(java: Conversation, words: readonly string[]): Promise<Attempt> {
  const answer = await java.say(words);
  return {
    commands: [`java BouncyCastle ${words.join(' ')}`],
    refusal: answer === 'ok' ? undefined : answer.replace(/^error: /, ''),
  };
}

function commandFor(test: Case, turn: Turn, { object, content }: TurnFiles, parties: Parties): string[] {
  const { kind, party, attributes, detached, ber } = test;
  const id = `id=${idOf(test, parties)}`;
  const writes = turn === 'writes';
  if (kind === 'sign') {
    if (!writes) {
      const outside = detached ? [`content=${LETTER_FILE}`] : [];
      return ['verify', `signer=${party}.pub.pem`, id, `in=${object}`, ...outside, `out=${content}`];
    }
    const more = [...(attributes ? [] : ['attributes=no']), ...(detached ? ['detached=yes'] : [])];
    const algorithm = `algorithm=${SIGNATURE[party]}`;
    return ['sign', `key=${party}.pem`, id, algorithm, ...more, ...encoding(ber), `in=${LETTER_FILE}`, `out=${object}`];
  }
  const verb = kind === 'encrypt' ? (writes ? 'encrypt' : 'decrypt') : writes ? 'authenticate' : 'check';
  const whom = writes ? recipient(test, parties) : opener(test, parties);
  if (!writes) return [verb, ...whom, `in=${object}`, `out=${content}`];
  const more = [...(attributes ? ['attributes=yes'] : []), ...(test.cekHkdf ? ['hkdf=yes'] : []), ...encoding(ber)];
  const cipher = kind === 'encrypt' ? [`content=${test.content}`] : [];
  return [verb, ...whom, ...cipher, ...more, `in=${LETTER_FILE}`, `out=${object}`];
}

function recipient(test: Case, parties: Parties): string[] {
  const { party, derivation } = test;
  if (party === 'kek') return opener(test, parties);
  if (party === 'password') return [...opener(test, parties), `iterations=${ITERATIONS}`];
  const scheme = derivation === 'usual' ? SCHEME[party] : OTHER_SCHEME[derivation];
  const oid = party.startsWith('ml-kem') ? HKDF_SHA256 : scheme;
  const named = oid === undefined ? [] : [`scheme=${oid}`];
  return [`kind=${kindOf(party)}`, ...named, `recipient=${party}.pub.pem`, `id=${idOf(test, parties)}`];
}

function opener(test: Case, parties: Parties): string[] {
  const { party } = test;
  const id = `id=${idOf(test, parties)}`;
  if (party === 'kek') return ['kind=kekri', `kek=${parties.kek}`, id];
  if (party === 'password') return ['kind=pwri', `password=${PASSWORD}`];
  return [`kind=${kindOf(party)}`, `key=${party}.pem`, id];
}

function kindOf(party: Party): string {
  return party === 'rsa' ? 'ktri' : party.startsWith('ml-kem') ? 'kemri' : 'kari';
}

function encoding(ber: boolean): string[] {
  return ber ? ['encoding=BER'] : [];
}

/** What it is known not to do; `minor` as 72, 80, 86. */
function cannot(test: Case, turn: Turn, minor: number): string | undefined {
  const { kind, party } = test;
  const lattice = party.startsWith('ml-');
  if (lattice && minor < 80) return 'knows neither ML-KEM nor ML-DSA in 1.72';
  if (kind === 'sign')
    return lattice && minor < 86 && turn === 'writes'
      ? 'reads no private key of ML-DSA that is a seed, before 1.86'
      : undefined;
  if (party === 'x25519' && minor < 86) return 'knows no X25519 in CMS before 1.86';
  if (kind === 'authenticate')
    return lattice && turn === 'reads' ? 'has no reader of AuthenticatedData for ML-KEM' : undefined;
  return turn === 'writes' ? cannotWrite(test, minor) : cannotRead(test, minor);
}

function cannotWrite({ content, cekHkdf }: Case, minor: number): string | undefined {
  if (content === 'chacha20-poly1305' && minor < 86) return 'writes no ChaCha20-Poly1305 before 1.86';
  return cekHkdf && minor < 80 ? 'knows no RFC 9709 in 1.72' : undefined;
}

function cannotRead({ party, cekHkdf }: Case, minor: number): string | undefined {
  if (party !== 'rsa' && minor < 80) return 'reads AuthEnvelopedData for RSA alone in 1.72';
  if ((party === 'password' || party.startsWith('ml-')) && minor < 86)
    return 'reads no AuthEnvelopedData for passwords and ML-KEM before 1.86';
  if (!cekHkdf) return undefined;
  if (minor < 80) return 'knows no RFC 9709 in 1.72';
  // Nor what it wrote itself: see the second disagreement.
  return party !== 'kek' && (kindOf(party) === 'kari' || party === 'password')
    ? 'derives the content key by RFC 9709 for neither key agreement nor passwords'
    : undefined;
}
