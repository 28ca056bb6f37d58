/**
 * GnuPG's gpgsm: signs in the name of a certificate, with keys in the store of its agent. It cannot parse a signer named by key
 * identifier, so it reads none of our SignedData.
 * @module
 */
import { Buffer } from 'node:buffer';
import { createPrivateKey } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case, Party } from './cases.js';
import { LETTER_FILE, PASSWORD } from './parties.js';
import type { Attempt, Peer, Turn, TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

const PASSPHRASE = 'x';
const REFUSED: Readonly<Partial<Record<Party, string>>> = {
  p256: 'gives ecdsa-with-SHA256 a NULL for parameters, which RFC 5754 §3.3 forbids',
  rsa: 'signs by PKCS #1 v1.5',
};
const BATCH = ['gpgsm', '--batch', '--yes', '--pinentry-mode', 'loopback', '--passphrase-fd', '0'];

/** gpgsm of this system, with the run's P-256 and RSA keys in a store of its own. @throws Error where there is none */
export async function gnupg(workshop: Workshop): Promise<Peer> {
  const { code, output, complaint } = await workshop.run(['gpgsm', '--version']);
  if (code !== 0) throw new Error(complaint);
  await importKeys(workshop);
  return {
    version: /^gpgsm \(GnuPG\) (\S+)/.exec(output)?.[1] ?? output.trim(),
    cannot,
    mustBeRefused: ({ party }) => REFUSED[party],
    ask: (test, turn, files) => {
      const words = commandFor(test, turn, files);
      return words && run(workshop, words, test.party === 'password' ? PASSWORD : PASSPHRASE);
    },
    tell: (words) => run(workshop, ['gpgsm', ...words], PASSPHRASE),
    // Its agent watches over this folder alone.
    close: () => void workshop.run(['gpgconf', '--kill', 'gpg-agent']),
  };
}

async function run(workshop: Workshop, words: readonly string[], passphrase: string): Promise<Attempt> {
  const { code, complaint } = await workshop.run([...BATCH, ...words.slice(1)], `${passphrase}\n`);
  const said = complaint.trim().split('\n').at(-1);
  return { commands: [words.join(' ')], refusal: code === 0 ? undefined : said || `exit code ${code}` };
}

function commandFor(test: Case, turn: Turn, { object, content }: TurnFiles): string[] | undefined {
  const { kind, party } = test;
  if (turn === 'reads') {
    if (kind === 'sign') return ['gpgsm', '--verify', '--output', content, object];
    return kind === 'encrypt' ? ['gpgsm', '--decrypt', '--output', content, object] : undefined;
  }
  if (cannot(test, turn) !== undefined) return undefined;
  return ['gpgsm', '--include-certs', '0', '--local-user', `/CN=${party}`, '--sign', '--output', object, LETTER_FILE];
}

function cannot({ kind, party, attributes, detached, ber }: Case, turn: Turn): string | undefined {
  if (turn === 'reads') {
    if (kind === 'sign') return 'cannot parse a signer named by key identifier';
    return kind === 'encrypt'
      ? 'reads AES-GCM only for a password, and only where aes-ICVlen is absent'
      : 'knows no AuthenticatedData';
  }
  if (kind !== 'sign') return 'writes EnvelopedData with AES-CBC alone';
  if (party !== 'p256' && party !== 'rsa') return 'does not sign with such a key';
  if (!attributes || ber || detached) return 'is asked for content inside and signed attributes alone';
  return undefined;
}

/** gpgsm ends by a fault on importing an EC key from PKCS #12, so keys go into the agent's store as it writes them itself. */
async function importKeys(workshop: Workshop): Promise<void> {
  await workshop.write('gpgsm.conf', 'disable-crl-checks\ndisable-policy-checks\ndisable-dirmngr\n');
  await workshop.write('gpg-agent.conf', 'allow-loopback-pinentry\n');
  const fingerprint = await workshop.run(['openssl', 'x509', '-in', 'ca.crt', '-noout', '-fingerprint', '-sha1']);
  await workshop.write('trustlist.txt', `${fingerprint.output.replace(/^.*=/, '').trim()} S relax\n`);
  await mkdir(join(workshop.folder, 'private-keys-v1.d'), { mode: 0o700 });
  for (const file of ['ca.crt', 'p256.crt', 'rsa.crt']) await workshop.run(['gpgsm', '--batch', '--import', file]);
  for (const party of ['p256', 'rsa']) {
    const listed = await workshop.run(['gpgsm', '--batch', '--with-colons', '--list-keys', `/CN=${party}`]);
    const grip = /^grp:+([0-9A-F]{40}):/m.exec(listed.output)?.[1];
    const pem = await workshop.read(`${party}.pem`);
    if (grip === undefined || pem === undefined) throw new Error(`gpgsm does not know ${party}: ${listed.complaint}`);
    await workshop.write(join('private-keys-v1.d', `${grip}.key`), storedKey(Buffer.from(pem)));
  }
}

/** A private key as a canonical S-expression of libgcrypt. */
function storedKey(pem: Buffer): Buffer {
  const jwk = createPrivateKey(pem).export({ format: 'jwk' });
  const part = (name: string, value: Buffer): Buffer => list(atom(name), atom(value));
  const number = (text: string | undefined): Buffer => {
    const octets = Buffer.from(text ?? '', 'base64url');
    return (octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets;
  };
  if (jwk.kty === 'EC') {
    const point = Buffer.concat([
      Buffer.of(4),
      Buffer.from(jwk.x ?? '', 'base64url'),
      Buffer.from(jwk.y ?? '', 'base64url'),
    ]);
    const curve = part('curve', Buffer.from('NIST P-256'));
    return list(
      atom('private-key'),
      list(atom('ecc'), curve, part('q', point), part('d', Buffer.from(jwk.d ?? '', 'base64url'))),
    );
  }
  // libgcrypt's u is the inverse of p modulo q, JWK's qi that of q modulo p: so the two primes change places.
  const names = { n: jwk.n, e: jwk.e, d: jwk.d, p: jwk.q, q: jwk.p, u: jwk.qi };
  const numbers = Object.entries(names).map(([name, value]) => part(name, number(value)));
  return list(atom('private-key'), list(atom('rsa'), ...numbers));
}

function atom(value: Buffer | string): Buffer {
  const octets = Buffer.from(value as string);
  return Buffer.concat([Buffer.from(`${octets.length}:`), octets]);
}

function list(...parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('('), ...parts, Buffer.from(')')]);
}
