/** Certificates, revocation lists and PKCS #12 files by the `openssl` command, in a folder that goes when the process ends. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePem } from '@stanzaseal/cms';
import type { GeneralPrivateKey } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';

/** Whether OpenSSL is here; a `SKIPPED` line where it is not. */
export function hasOpenssl(): boolean {
  const found = spawnSync('openssl', ['version']).status === 0;
  if (!found) console.log('SKIPPED: no openssl');
  return found;
}

/** A key that OpenSSL makes. */
export type KeyKind = 'rsa' | 'p256' | 'p384' | 'ed25519';

/** What a certificate is to be. */
export interface Wish {
  readonly subject?: string;
  readonly key?: KeyKind;
  /** Another's key in place of a new one. */
  readonly keyOf?: Issued;
  readonly issuer?: Issued;
  /** Lines of OpenSSL's extension sections. */
  readonly extensions?: readonly string[];
  readonly digest?: string;
  readonly pss?: true;
  readonly days?: number;
  readonly serial?: number;
}

/** A certificate with its key. */
export interface Issued {
  /** Its files: `NAME.pem` and `NAME.key`. */
  readonly name: string;
  readonly der: Uint8Array;
  readonly key: GeneralPrivateKey;
}

const general = createGeneralCrypto();
const folder: string = mkdtempSync(join(tmpdir(), 'stanzaseal-trust-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** Path of a file in the folder. */
export const path = (name: string): string => join(folder, name);

const KEYS: Readonly<Record<KeyKind, string[]>> = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['-algorithm', 'ED25519'],
};

/** Runs `openssl`. @throws where it fails */
export function openssl(...args: string[]): Buffer {
  return execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
}

/** Extensions of an authority. */
export const AUTHORITY: readonly string[] = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];

/** An xmppAddr of somebody, as a line of extensions. */
export const named = (jid: string): string => `subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:${jid}`;

/** Issues a certificate: signed by the issuer, or by itself. */
export async function issue(wish: Wish = {}): Promise<Issued> {
  const name = `c${++count}`;
  const { subject = `/CN=${name}`, issuer, extensions = AUTHORITY, digest = 'sha256', days = 3650 } = wish;
  if (wish.keyOf === undefined) openssl('genpkey', ...KEYS[wish.key ?? 'p256'], '-out', `${name}.key`);
  else writeFileSync(path(`${name}.key`), readFileSync(path(`${wish.keyOf.name}.key`)));
  writeFileSync(path(`${name}.cnf`), `[req]\ndistinguished_name=dn\n[dn]\n[ext]\n${extensions.join('\n')}\n`);
  openssl('req', '-new', '-config', `${name}.cnf`, '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
  const by =
    issuer === undefined ? ['-signkey', `${name}.key`] : ['-CA', `${issuer.name}.pem`, '-CAkey', `${issuer.name}.key`];
  const pss = wish.pss === true ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'] : [];
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-extfile', `${name}.cnf`, '-extensions', 'ext', ...by, ...pss],
    ...['-days', String(days), `-${digest}`, '-set_serial', String(wish.serial ?? 1000 + count), '-out', `${name}.pem`],
  );
  return { name, der: der(`${name}.pem`), key: await keyIn(`${name}.key`) };
}

/** DER of a certificate or list in PEM. */
export function der(file: string): Uint8Array {
  const [, base64 = ''] = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(readFileSync(path(file), 'utf8')) ?? [];
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** A private key in PKCS #8 PEM. */
export async function keyIn(file: string): Promise<GeneralPrivateKey> {
  return general.importPrivateKey(decodePem(readFileSync(path(file), 'utf8'), 'PRIVATE KEY'));
}

/** A revocation list of an issuer. */
export function revocationList(issuer: Issued, revoked: readonly Issued[], days = 30): Uint8Array {
  const name = `l${++count}`;
  const config = ['[ca]', 'default_ca=own', '[own]', `database=${path(`${name}.txt`)}`, 'default_md=sha256', ''];
  writeFileSync(path(`${name}.txt`), '');
  writeFileSync(path(`${name}.cnf`), config.join('\n'));
  const own = ['-config', `${name}.cnf`, '-cert', `${issuer.name}.pem`, '-keyfile', `${issuer.name}.key`];
  for (const each of revoked) openssl('ca', ...own, '-revoke', `${each.name}.pem`);
  openssl('ca', ...own, '-gencrl', '-crldays', String(days), '-out', `${name}.pem`);
  return der(`${name}.pem`);
}

/** Whether `openssl verify` takes a leaf through intermediates to a root. */
export function opensslTakes(leaf: Issued, between: readonly Issued[], root: Issued, ...more: string[]): boolean {
  const files = between.map(({ name }) => readFileSync(path(`${name}.pem`), 'utf8')).join('');
  writeFileSync(path('between.pem'), files);
  const untrusted = between.length === 0 ? [] : ['-untrusted', 'between.pem'];
  const args = ['verify', '-CAfile', `${root.name}.pem`, ...untrusted, ...more, `${leaf.name}.pem`];
  return spawnSync('openssl', args, { cwd: folder }).status === 0;
}
