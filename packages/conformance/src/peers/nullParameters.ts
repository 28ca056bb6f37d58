/**
 * AuthEnvelopedData by key agreement with P-256 in which the key wrap stands with NULL or with nothing for parameters, made from RFC
 * 5753 by Node's primitives alone. ECC-CMS-SharedInfo copies that AlgorithmIdentifier, so a reader that writes its own in its place
 * derives another key.
 * @module
 */
import { Buffer } from 'node:buffer';
import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import { LETTER } from './parties.js';

const ID_AUTH_ENVELOPED_DATA = der(0x06, Buffer.from('2a864886f70d0109100117', 'hex'));
const ID_DATA = der(0x06, Buffer.from('2a864886f70d010701', 'hex'));
const ID_EC_PUBLIC_KEY = der(0x06, Buffer.from('2a8648ce3d0201', 'hex'));
/** dhSinglePass-stdDH-sha256kdf-scheme. */
const SCHEME = der(0x06, Buffer.from('2b8104010b01', 'hex'));
const AES256_WRAP = der(0x06, Buffer.from('60864801650304012d', 'hex'));
const AES256_GCM = der(0x06, Buffer.from('60864801650304012e', 'hex'));
const NULL = Buffer.of(0x05, 0);

/** The object with the letter in it, for one P-256 key. */
export function wrapWithNull(publicKeyPem: string, keyIdentifier: Uint8Array, withNull: boolean): Uint8Array {
  const wrap = der(0x30, AES256_WRAP, ...(withNull ? [NULL] : []));
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: createPublicKey(publicKeyPem) });
  // X9.63 with SHA-256: one block is all that AES-256 takes.
  const sharedInfo = der(0x30, wrap, der(0xa2, der(0x04, Buffer.of(0, 0, 1, 0))));
  const kek = createHash('sha256')
    .update(secret)
    .update(Buffer.of(0, 0, 0, 1))
    .update(sharedInfo)
    .digest();
  const cek = randomBytes(32);
  const wrapper = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
  const encryptedKey = Buffer.concat([wrapper.update(cek), wrapper.final()]);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', cek, nonce, { authTagLength: 16 });
  const encryptedContent = Buffer.concat([cipher.update(LETTER), cipher.final()]);
  // The last 65 octets of a SubjectPublicKeyInfo are the uncompressed point.
  const point = ephemeral.publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  const originatorKey = der(0xa1, der(0x30, ID_EC_PUBLIC_KEY), der(0x03, Buffer.of(0), point));
  const recipient = der(0x30, der(0xa0, der(0x04, Buffer.from(keyIdentifier))), der(0x04, encryptedKey));
  const kari = der(0xa1, integer(3), der(0xa0, originatorKey), der(0x30, SCHEME, wrap), der(0x30, recipient));
  const parameters = der(0x30, der(0x04, nonce), integer(16));
  const content = der(0x30, ID_DATA, der(0x30, AES256_GCM, parameters), der(0x80, encryptedContent));
  const data = der(0x30, integer(0), der(0x31, kari), content, der(0x04, cipher.getAuthTag()));
  return new Uint8Array(der(0x30, ID_AUTH_ENVELOPED_DATA, der(0xa0, data)));
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.of(value));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...octets), content]);
}
