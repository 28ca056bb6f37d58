/** A certificate of a domain under an authority, by openssl, in a folder that goes when it is read. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePem } from '@stanzaseal/cms';
import type { GeneralPrivateKey } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';

/** DER of both, and the leaf's key. */
export interface DomainCertificate {
  readonly root: Uint8Array;
  readonly leaf: Uint8Array;
  readonly key: GeneralPrivateKey;
}

/** Makes it, valid for a year. */
export async function certificateOf(domain: string): Promise<DomainCertificate> {
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-domain-'));
  const openssl = (args: string): void => {
    execFileSync('openssl', args.split(' '), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  try {
    writeFileSync(join(folder, 'leaf.cnf'), `subjectAltName=DNS:${domain}\nextendedKeyUsage=serverAuth\n`);
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
    openssl(`req -x509 ${key} -keyout root.key -out root.pem -days 365 -subj /CN=Root`);
    openssl(`req ${key} -keyout leaf.key -out leaf.csr -subj /CN=${domain}`);
    openssl(
      'x509 -req -in leaf.csr -CA root.pem -CAkey root.key -days 365 -extfile leaf.cnf -set_serial 2 -out leaf.pem',
    );
    const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const der = (name: string): Uint8Array =>
      new Uint8Array(Buffer.from(text(name).replace(/-----[^-]+-----/g, ''), 'base64'));
    const pkcs8 = decodePem(text('leaf.key'), 'PRIVATE KEY');
    return { root: der('root.pem'), leaf: der('leaf.pem'), key: await createGeneralCrypto().importPrivateKey(pkcs8) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
