/**
 * A certificate authority of one test, and what it issued to a server.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './available.js';

/** Files in PEM. */
export interface Certificates {
  /** The certificate of the authority: what a client has to trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** Certificate and key in one file, as ejabberd wants it. */
  readonly bundle: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes an authority and its certificate for these domains and what is below them, in `directory/certs`. */
export function makeCertificates(directory: string, domains: readonly string[]): Certificates {
  const folder = join(directory, 'certs');
  const file = (name: string) => join(folder, name);
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]) => execFileSync(pathOf('openssl'), args, { cwd: folder, stdio: 'pipe' });
  const names = domains.flatMap((domain) => [`DNS:${domain}`, `DNS:*.${domain}`]).join(',');
  const authority = ['-subj', '/CN=stanzaseal test authority', '-days', '30'];
  openssl('req', '-x509', ...NEW_KEY, ...authority, '-keyout', 'authority.key', '-out', 'authority.pem');
  openssl('req', '-new', ...NEW_KEY, '-subj', `/CN=${domains[0]}`, '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(file('extensions'), `subjectAltName=${names}\n`);
  const signer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '30'];
  openssl('x509', '-req', '-in', 'server.csr', ...signer, '-extfile', 'extensions', '-out', 'server.pem');
  writeFileSync(file('bundle.pem'), openssl('x509', '-in', 'server.pem'));
  writeFileSync(file('bundle.pem'), openssl('pkey', '-in', 'server.key'), { flag: 'a' });
  // It has issued what it had to.
  rmSync(file('authority.key'));
  return {
    authority: file('authority.pem'),
    certificate: file('server.pem'),
    key: file('server.key'),
    bundle: file('bundle.pem'),
  };
}
