/** Certificates by the `openssl` command, as files in a folder. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes certificates in a folder: `NAME.crt` with `NAME.key`. */
export interface Certificates {
  /** Runs a command in the folder. @throws where it fails */
  run(command: string, ...args: string[]): Buffer;
  /** An authority of its own. */
  authority(name: string): void;
  /** A certificate that `root` issues, with one line of extensions. */
  issue(name: string, extension: string): void;
}

/** Whether a command is here; a `SKIPPED` line where it is not. */
export function has(command: string, version: string): boolean {
  const found = spawnSync(command, [version]).status === 0;
  if (!found) console.log(`SKIPPED: no ${command}`);
  return found;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Certificates in a folder. */
export function certificatesIn(folder: string): Certificates {
  const run = (command: string, ...args: string[]): Buffer =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    run,
    authority(name) {
      const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', '30'];
      run('openssl', 'req', '-x509', ...KEY, ...files, '-subj', `/CN=${name}`);
    },
    issue(name, extension) {
      writeFileSync(join(folder, `${name}.ext`), extension);
      run('openssl', 'req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      const by = ['-CA', 'root.crt', '-CAkey', 'root.key', '-set_serial', '7', '-days', '20'];
      run('openssl', 'x509', '-req', '-in', `${name}.csr`, ...by, '-extfile', `${name}.ext`, '-out', `${name}.crt`);
    },
  };
}
