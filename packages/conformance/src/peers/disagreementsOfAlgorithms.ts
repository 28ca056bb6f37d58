/**
 * Disagreements between implementations about algorithms: Curve448, ML-DSA's digests, RSA-KEM.
 * @module
 */
import { fromHex, oid } from '@stanzaseal/cms';
import { at, changed } from '@stanzaseal/testkit';
import { type Bench, ownObject, Trial } from './bench.js';
import { LETTER_FILE } from './parties.js';

const KEM_RECIPIENT = [1, 0, 1, 0, 1] as const;
const ID_KEM_RSA = oid('1.0.18033.2.2.4');
/** id-kdf-kdf3 of ANSI X9.44. */
const ID_KDF3 = oid('1.3.133.16.840.9.44.1.2');

/** Ed448 and X448, of which each writes another form: we speak neither. */
export async function curve448(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const system = trial.peer('OpenSSL', 'keys of Curve448 are made');
  const peer = trial.peer('Bouncy Castle, sid', 'objects under Curve448 are refused as what is not spoken');
  if (system === undefined || peer === undefined) return trial;
  for (const key of ['ed448', 'x448']) {
    await trial.write(system, ['genpkey', '-algorithm', key, '-out', `${key}.pem`]);
    await trial.write(system, ['pkey', '-in', `${key}.pem`, '-pubout', '-out', `${key}.pub.pem`]);
  }
  const io = (out: string): string[] => ['id=0448', `in=${LETTER_FILE}`, `out=${out}`];
  if (await trial.write(peer, ['sign', 'key=ed448.pem', 'algorithm=Ed448', ...io('ed448.der')])) {
    const verify = ['cms', 'verify', '--signer', 'ed448.pub.pem', '--key-id', '0448', '--in', 'ed448.der'];
    trial.expect('an Ed448 key is refused as what is not spoken', /ERR_UNSUPPORTED/, await trial.ours(...verify));
    const other = ['cms', 'verify', '--signer', 'ed25519.pub.pem', '--key-id', '0448', '--in', 'ed448.der'];
    trial.expect('its signature is nobody else’s', /ERR_(VERIFY|UNSUPPORTED)/, await trial.ours(...other));
  }
  // dhSinglePass-stdDH-hkdf-sha512-scheme.
  const scheme = 'scheme=1.2.840.113549.1.9.16.3.21';
  const words = ['encrypt', 'kind=kari', scheme, 'recipient=x448.pub.pem', 'content=aes-256-gcm'];
  if (await trial.write(peer, [...words, ...io('x448.der')])) {
    const decrypt = ['cms', 'decrypt', '--key-id', '0448', '--in', 'x448.der', '--key'];
    trial.expect(
      'an X448 key is refused as what is not spoken',
      /ERR_UNSUPPORTED/,
      await trial.ours(...decrypt, 'x448.pem'),
    );
    const other = await trial.ours(...decrypt, 'x25519.pem');
    trial.expect('an X448 object does not open by an X25519 key', /ERR_(OPEN|UNSUPPORTED)/, other);
  }
  return trial;
}

/** RFC 9882 §3.3 has a table of digests for each ML-DSA. */
export async function latticeDigests(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const peer = trial.peer('OpenSSL, sid', 'ML-DSA with other digests than SHA-512');
  if (peer === undefined) return trial;
  for (const [party, digest, taken] of [
    ['ml-dsa-44', 'sha256', true],
    ['ml-dsa-44', 'sha384', true],
    ['ml-dsa-65', 'sha384', true],
    ['ml-dsa-65', 'sha256', false],
    ['ml-dsa-87', 'sha384', false],
  ] as const) {
    const file = `${party}.${digest}.der`;
    const words = ['cms', '-sign', '-binary', '-in', LETTER_FILE, '-signer', `${party}.crt`, '-inkey', `${party}.pem`];
    const more = ['-md', digest, '-keyid', '-nocerts', '-nosmimecap', '-nodetach', '-outform', 'DER', '-out', file];
    if (!(await trial.write(peer, [...words, ...more]))) continue;
    const read = await trial.ours('cms', 'verify', '--signer', `${party}.pub.pem`, '--in', file);
    const sentence = `we ${taken ? 'take' : 'refuse'} ${party.toUpperCase()} with ${digest.toUpperCase()}`;
    trial.expect(sentence, taken ? /^content$/ : /ERR_VERIFY/, read);
  }
  return trial;
}

/** RSA-KEM (RFC 9690) and its KDF3, on which implementations differ: neither is spoken, and neither must pass for something else. */
export async function rsaKem(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const honest = await ownObject(bench, 'ml-kem-768', false);
  const rsa = changed(honest, (root) => {
    at(root, ...KEM_RECIPIENT, 1).content = fromHex(bench.parties.keyIds.get('rsa')?.sha256 ?? '');
    at(root, ...KEM_RECIPIENT, 2, 0).content = ID_KEM_RSA;
  });
  const kdf3 = changed(honest, (root) => {
    at(root, ...KEM_RECIPIENT, 4, 0).content = ID_KDF3;
  });
  await bench.workshop.write('rsakem.der', rsa);
  await bench.workshop.write('kdf3.der', kdf3);
  const decrypt = ['cms', 'decrypt', '--key'];
  const byRsa = await trial.ours(...decrypt, 'rsa.pem', '--in', 'rsakem.der');
  trial.expect('RSA-KEM to our RSA key is refused as what is not spoken', /ERR_UNSUPPORTED/, byRsa);
  const byKdf3 = await trial.ours(...decrypt, 'ml-kem-768.pem', '--in', 'kdf3.der');
  trial.expect('so is KDF3 with ML-KEM', /ERR_UNSUPPORTED/, byKdf3);
  return trial;
}
