/**
 * Keys in files: PKCS#8 and SubjectPublicKeyInfo in PEM.
 * @module
 */
import {
  type CryptoProvider,
  decodePem,
  importPrivateKey,
  importPublicKey,
  type PemLabel,
  type PrivateKey,
  type PublicKey,
} from '@stanzaseal/cms';
import { CliFailure } from './failure.js';
import { readText } from './input.js';

/** The private key in a file, or on standard input. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export async function readPrivateKey(file: string | undefined, crypto: CryptoProvider): Promise<PrivateKey> {
  return guarded(file, 'private', async () => importPrivateKey(await readBlock(file, 'PRIVATE KEY'), crypto));
}

/** The public key in a file, or on standard input. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export async function readPublicKey(file: string | undefined, crypto: CryptoProvider): Promise<PublicKey> {
  return guarded(file, 'public', async () => importPublicKey(await readBlock(file, 'PUBLIC KEY'), crypto));
}

async function readBlock(file: string | undefined, label: PemLabel): Promise<Uint8Array> {
  return decodePem(await readText(file), label);
}

/** Says which file it is about, and what should be in it: where several are named, `ERR_DER` alone is of no help. */
async function guarded<T>(file: string | undefined, kind: 'private' | 'public', read: () => Promise<T>): Promise<T> {
  const name = file ?? 'input';
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof CliFailure) throw cause;
    const { code } = cause as { code?: unknown };
    if (code === 'ERR_UNSUPPORTED') {
      throw new CliFailure(
        code,
        `${name} is a key of an algorithm that is not supported (Ed25519, X25519 and P-256 are)`,
        { cause },
      );
    }
    if (code !== 'ERR_DER') throw cause;
    throw new CliFailure(
      code,
      `${name} is not one ${kind} key in PEM (${kind === 'private' ? 'PKCS#8' : 'SubjectPublicKeyInfo'})`,
      { cause },
    );
  }
}
