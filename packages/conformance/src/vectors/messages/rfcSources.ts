/**
 * Expectations of the sources that are RFCs of their own.
 * @module
 */
import {
  doesNotOpen,
  doesNotVerify,
  type Expectation,
  notRun,
  refusesKey,
  takesPrivateKey,
  takesPublicKey,
  verifies,
} from './expectation.js';
import { MATERIAL, MIME, OLD_CIPHER } from './reasons.js';
import { reencodes } from './reencoding.js';

const WATSON = 'Content-Type: text/plain\r\n\r\nWatson, come here - I want to see you.\r\n';

/** RFC 3211 §3. */
export const RFC3211: readonly Expectation[] = ['rfc3211-sec3.txt', 'vectors.json'].map((file) =>
  notRun(file, OLD_CIPHER),
);

/** RFC 4134: algorithms of 2005; what we do not speak is refused cleanly. */
export const RFC4134: readonly Expectation[] = [
  notRun('ExContent.bin', MATERIAL),
  ...['AlicePrivDSSSign', 'CarlPrivDSSSign', 'DianePrivDSSSign'].map((name) =>
    refusesKey(`${name}.pri`, ['ERR_UNSUPPORTED'], 'DSA'),
  ),
  ...['AlicePrivRSASign', 'BobPrivRSAEncrypt', 'CarlPrivRSASign', 'DianePrivRSASignEncrypt'].map((name) =>
    refusesKey(`${name}.pri`, ['ERR_UNSUPPORTED'], 'small RSA keys'),
  ),
  ...['AliceDSSSignByCarlNoInherit', 'CarlDSSSelf', 'DianeDSSSignByCarlInherit'].map((name) =>
    refusesKey(`${name}.cer`, ['ERR_UNSUPPORTED'], 'DSA', 'public'),
  ),
  ...['AliceRSASignByCarl', 'BobRSASignByCarl', 'CarlRSASelf', 'DianeRSASignByCarl'].map((name) =>
    refusesKey(`${name}.cer`, ['ERR_UNSUPPORTED'], 'small RSA keys', 'public'),
  ),
  ...['DSSCRLForAll', 'DSSCRLForCarl', 'DSSCRLEmpty', 'RSACRLForAll', 'RSACRLForCarl', 'RSACRLEmpty'].map((name) =>
    notRun(`Carl${name}.crl`, 'certificate revocation lists: bare keys know none'),
  ),
  ...['3.1', '3.2'].map((number) =>
    doesNotOpen(`${number}.bin`, ['ERR_UNSUPPORTED'], undefined, 'other content types'),
  ),
  ...['4.1', '4.3', '4.4', '4.6', '4.7', '4.10'].map((number) =>
    doesNotVerify(`${number}.bin`, ['ERR_UNSUPPORTED'], {
      difference: 'DSA',
      ...(number === '4.3' && { detached: { file: 'ExContent.bin' } }),
    }),
  ),
  ...['4.2', '4.5'].map((number) =>
    doesNotVerify(`${number}.bin`, ['ERR_UNSUPPORTED'], { difference: 'small RSA keys' }),
  ),
  // Certificates only: nobody signed (RFC 5652 §5.1).
  doesNotVerify('4.11.bin', ['ERR_VERIFY'], {
    key: '../rfc9216/7.2-carlos-signing-private-key-material.pub.pem',
    detached: '',
  }),
  ...['4.8', '4.9', '5.3'].map((number) => notRun(`${number}.eml`, MIME)),
  ...['5.1', '5.2'].map((number) => doesNotOpen(`${number}.bin`, ['ERR_UNSUPPORTED'], undefined, 'EnvelopedData')),
  ...['6.0', '7.1', '7.2'].map((number) =>
    doesNotOpen(`${number}.bin`, ['ERR_UNSUPPORTED'], undefined, 'other content types'),
  ),
];

/** RFC 8410 §10 and Appendix A, whose keys are encoded wrongly. */
export const RFC8410: readonly Expectation[] = [
  takesPublicKey('01-public-key.pem'),
  takesPrivateKey('02-private-key.pem', '01-public-key.pem'),
  takesPrivateKey('03-private-key.pem', '01-public-key.pem'),
  takesPublicKey('04-certificate.pem'),
  refusesKey('05-private-key.pem', ['ERR_DER'], 'keys in BER', 'private', 'acceptable'),
  ...['06', '07', '08'].map((number) => refusesKey(`${number}-private-key.pem`, ['ERR_DER'])),
];

/** RFC 8591 §10: signed under a key that is published, encrypted to one that is not. */
export const RFC8591: readonly Expectation[] = [
  takesPublicKey('alice.pub.pem', '10.1-signed-with-cert.der'),
  verifies('10.1-signed-with-cert.der', 'alice.pub.pem', WATSON),
  verifies('10.2-signed-no-cert.der', 'alice.pub.pem', WATSON),
  reencodes('10.3-auth-enveloped-aes128gcm.der'),
];

/** RFC 9216: keys of Alice, Bob, Carlos and Dana. */
export function rfc9216(files: readonly string[]): Expectation[] {
  return files.map((file) => {
    if (file.endsWith('.key.pem')) return takesPrivateKey(file, file.replace('.key.pem', '.pub.pem'));
    return takesPublicKey(file);
  });
}

/** RFC 9690: RSA-KEM inside EnvelopedData. */
export const RFC9690: readonly Expectation[] = [
  takesPublicKey('bob.pub.pem'),
  takesPrivateKey('bob.priv.pem', 'bob.pub.pem'),
  // PKCS#1 under the label of PKCS#8.
  refusesKey('bob.priv.as-published.pem', ['ERR_DER']),
  doesNotOpen('enveloped-rsa-kem.der', ['ERR_UNSUPPORTED'], { key: 'bob.priv.pem' }, 'EnvelopedData'),
  notRun('intermediates.json', 'RSA-KEM (RFC 9690), which we do not speak'),
];
