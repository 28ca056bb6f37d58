/** OpenPGP keys and signatures by the `gpg` command, in a keyring that goes when the process ends. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether GnuPG is here; a `SKIPPED` line where it is not. */
export function hasGpg(): boolean {
  const found = spawnSync('gpg', ['--version']).status === 0;
  if (!found) console.log('SKIPPED: no gpg');
  return found;
}

// Short, since the agent's socket is in it.
const home: string = mkdtempSync(join(tmpdir(), 'gpg-'));
process.once('exit', () => {
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
  rmSync(home, { recursive: true, force: true });
});

/** Runs `gpg`. @throws where it fails */
export function gpg(...args: string[]): Buffer {
  const always = ['--homedir', home, '--batch', '--yes', '--pinentry-mode', 'loopback', '--passphrase', ''];
  return execFileSync('gpg', [...always, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
}

/** Makes a key for a user id; gives its fingerprint. */
export function newGpgKey(userId: string, algorithm = 'ed25519', ...more: string[]): string {
  gpg(...more, '--quick-generate-key', '--allow-freeform-uid', userId, algorithm, 'sign', '1y');
  const listed = gpg('--with-colons', '--list-keys', `=${userId}`).toString();
  const fingerprints = [...listed.matchAll(/^pub:.*\n(?:.*\n)?fpr:+([0-9A-F]{40}):/gm)].map(
    ([, print]) => print as string,
  );
  return fingerprints[fingerprints.length - 1] as string;
}

/** The public key, as octets. */
export const publicKey = (fingerprint: string): Uint8Array => new Uint8Array(gpg('--export', fingerprint));

/** A detached signature over octets, as octets. */
export function signature(fingerprint: string, octets: Uint8Array, ...more: string[]): Uint8Array {
  writeFileSync(path('text'), octets);
  return new Uint8Array(gpg(...more, '--local-user', fingerprint, '--output', '-', '--detach-sign', path('text')));
}

/** Whether gpg takes a detached signature. */
export function gpgTakes(octets: Uint8Array, detached: Uint8Array): boolean {
  writeFileSync(path('text'), octets);
  writeFileSync(path('text.sig'), detached);
  const args = ['--homedir', home, '--batch', '--verify', path('text.sig'), path('text')];
  return spawnSync('gpg', args).status === 0;
}

/** Revokes a key by the certificate that gpg made with it. */
export function revokeKey(fingerprint: string): void {
  const made = readFileSync(path(`openpgp-revocs.d/${fingerprint}.rev`), 'utf8');
  writeFileSync(path('revocation'), made.replace(':-----BEGIN', '-----BEGIN'));
  gpg('--import', path('revocation'));
}

/** Path of a file in the keyring's folder. */
export const path = (name: string): string => join(home, name);
