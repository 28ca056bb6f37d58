/**
 * Keys of the general profile in files: PKCS#8 and SubjectPublicKeyInfo in PEM, of every algorithm that general CMS has here.
 * @module
 */
import { decodePem, type PemLabel } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralPrivateKey, GeneralPublicKey } from '@stanzaseal/cms/general';
import { CliFailure } from './failure.js';
import { readText } from './input.js';

/** The private key in a file, or on standard input. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export function readGeneralPrivateKey(file: string | undefined, crypto: GeneralCrypto): Promise<GeneralPrivateKey> {
  return read(file, 'PRIVATE KEY', (pkcs8) => crypto.importPrivateKey(pkcs8));
}

/** The public key in a file, or on standard input. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export function readGeneralPublicKey(file: string | undefined, crypto: GeneralCrypto): Promise<GeneralPublicKey> {
  return read(file, 'PUBLIC KEY', (spki) => crypto.importPublicKey(spki));
}

async function read<T>(
  file: string | undefined,
  label: PemLabel,
  importKey: (der: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const text = await readText(file);
  try {
    return await importKey(decodePem(text, label));
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    const name = file ?? 'input';
    if (code === 'ERR_UNSUPPORTED')
      throw new CliFailure(code, `${name} is a key of an algorithm or a size that is not supported`, { cause });
    if (code !== 'ERR_DER') throw cause;
    const what = label === 'PRIVATE KEY' ? 'private key in PEM (PKCS#8)' : 'public key in PEM (SubjectPublicKeyInfo)';
    throw new CliFailure(code, `${name} is not one ${what}`, { cause });
  }
}
