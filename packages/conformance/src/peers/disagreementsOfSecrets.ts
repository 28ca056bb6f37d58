/**
 * Disagreements between implementations about passwords and RSA, where an answer may tell too much.
 * @module
 */
import { type Bench, Trial } from './bench.js';
import { LETTER_FILE, PASSWORD } from './parties.js';

const OPENSSL = 'OpenSSL, sid';

/** OpenSSL's passwords: HMAC-SHA-1, 2,048 iterations. */
export async function weakPasswords(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const peer = trial.peer(OPENSSL, 'its password objects open only where the caller takes their low cost');
  if (peer === undefined) return trial;
  const words = ['cms', '-encrypt', '-binary', '-in', LETTER_FILE, '-aes-256-gcm', '-pwri_password', PASSWORD];
  if (!(await trial.write(peer, [...words, '-kekcipher', 'aes-256-cbc', '-outform', 'DER', '-out', 'weak.der'])))
    return trial;
  const read = ['cms', 'decrypt', '--password-file', 'password.txt', '--in', 'weak.der'];
  trial.expect('we refuse what OpenSSL writes for a password', /ERR_OPEN/, await trial.ours(...read));
  trial.expect(
    'with --allow-weak-password-cost we open it',
    /^content$/,
    await trial.ours(...read, '--allow-weak-password-cost'),
  );
  return trial;
}

/** A padding failure must not show. */
export async function paddingFailures(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const peer = trial.peer('OpenSSL', 'RSA failures do not show');
  if (peer === undefined) return trial;
  const base = ['cms', '-encrypt', '-binary', '-in', LETTER_FILE, '-aes-256-gcm', '-keyid', '-recip', 'rsa.crt'];
  const oaep = ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'];
  const out = (file: string): string[] => ['-outform', 'DER', '-out', file];
  if (!(await trial.write(peer, [...base, ...oaep, ...out('oaep.der')]))) return trial;
  if (!(await trial.write(peer, [...base, ...out('v15.der')]))) return trial;
  await bench.ours.makeKey('rsa-other', 'rsa');
  const wrongTag = Uint8Array.from((await bench.workshop.read('oaep.der')) ?? []);
  wrongTag[wrongTag.length - 1] = (wrongTag.at(-1) ?? 0) ^ 1;
  await bench.workshop.write('oaep.tag.der', wrongTag);
  const id = bench.parties.keyIds.get('rsa')?.sha256 ?? '';
  const byOther = await trial.ours('cms', 'decrypt', '--key', 'rsa-other.pem', '--key-id', id, '--in', 'oaep.der');
  const byTag = await trial.ours('cms', 'decrypt', '--key', 'rsa.pem', '--in', 'oaep.tag.der');
  trial.expect('another RSA key under the name of the right one is refused', /ERR_OPEN/, byOther);
  trial.expect('and in the words that a wrong tag gets', new RegExp(`^${escaped(byOther.seen)}$`), byTag);
  trial.expect(
    'PKCS #1 v1.5 is refused as what is not spoken',
    /ERR_UNSUPPORTED/,
    await trial.ours('cms', 'decrypt', '--key', 'rsa.pem', '--in', 'v15.der'),
  );
  return trial;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
