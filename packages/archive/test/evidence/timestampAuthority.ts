/**
 * A timestamp authority made with OpenSSL for the length of a test: a root, an authority, and `openssl ts` that answers.
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How an authority is made. */
export interface AuthorityOptions {
  /** Key of the authority's certificate: words of `openssl genpkey`. */
  readonly key?: 'P-256' | 'RSA';
  /** Its extensions, a line each. */
  readonly extensions?: readonly string[];
  /** More lines of `openssl ts`'s configuration. */
  readonly config?: readonly string[];
  /** An authority between the root and this one, with these extensions. */
  readonly between?: readonly string[];
}

/** An authority. */
export interface TestAuthority {
  /** Answers a request. */
  answer(request: Uint8Array): Uint8Array;
  /** Runs openssl in the folder: what it printed, and its exit code. */
  openssl(...words: readonly string[]): { code: number | null; output: string };
  /** DER of the root. */
  readonly root: Uint8Array;
  /** DER of the authority's certificate. */
  readonly certificate: Uint8Array;
  /** Writes a file into the folder and gives its name. */
  put(name: string, octets: Uint8Array | string): string;
  /** Reads a file of the folder. */
  read(name: string): Uint8Array;
  /** Removes the folder. */
  remove(): void;
}

/** Policy of the stamps. */
export const POLICY = '1.3.6.1.4.1.13762.3';

/** Whether OpenSSL is here; a `SKIPPED` line where it is not. */
export function hasOpenssl(): boolean {
  const found = spawnSync('openssl', ['version']).status === 0;
  if (!found) console.log('SKIPPED: no openssl');
  return found;
}

/** Makes an authority whose certificates are valid for ten years from now. */
export function createAuthority(options: AuthorityOptions = {}): TestAuthority {
  const {
    key = 'P-256',
    extensions = ['extendedKeyUsage=critical,timeStamping', 'keyUsage=critical,digitalSignature'],
  } = options;
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-tsa-'));
  const run = (...words: readonly string[]): Buffer => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const put = (name: string, octets: Uint8Array | string): string => {
    writeFileSync(join(folder, name), octets);
    return name;
  };
  const make = (name: string, kind: 'P-256' | 'RSA', lines: readonly string[], issuer?: string): void => {
    const words =
      kind === 'RSA' ? ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] : ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    run('genpkey', '-algorithm', ...words, '-out', `${name}.key`);
    run('req', '-new', '-key', `${name}.key`, '-subj', `/O=Test/CN=${name}`, '-out', `${name}.csr`);
    put(`${name}.ext`, `${lines.join('\n')}\n`);
    const by =
      issuer === undefined
        ? ['-signkey', `${name}.key`]
        : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial'];
    run(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      '-sha256',
      '-days',
      '3650',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  make('root', 'P-256', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign']);
  if (options.between !== undefined) make('between', 'P-256', options.between, 'root');
  make('tsa', key, extensions, options.between === undefined ? 'root' : 'between');
  put('serial', '01\n');
  const lines = [
    '[tsa]',
    'default_tsa = own',
    '[own]',
    'serial = serial',
    'crypto_device = builtin',
    'signer_cert = tsa.pem',
    'signer_key = tsa.key',
    ...(options.between === undefined ? [] : ['certs = between.pem']),
    'signer_digest = sha256',
    `default_policy = ${POLICY}`,
    'digests = sha256, sha384, sha512',
    'accuracy = secs:1, millisecs:500',
    ...(options.config ?? ['ess_cert_id_alg = sha256']),
  ];
  put('ts.cnf', `${lines.join('\n')}\n`);
  const der = (name: string): Uint8Array => new Uint8Array(run('x509', '-in', `${name}.pem`, '-outform', 'DER'));
  return {
    answer(request) {
      put('request.tsq', request);
      run('ts', '-reply', '-config', 'ts.cnf', '-queryfile', 'request.tsq', '-out', 'response.tsr');
      return new Uint8Array(readFileSync(join(folder, 'response.tsr')));
    },
    openssl(...words) {
      const { status, stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
      return { code: status, output: stdout + stderr };
    },
    root: der('root'),
    certificate: der('tsa'),
    put,
    read: (name) => new Uint8Array(readFileSync(join(folder, name))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
