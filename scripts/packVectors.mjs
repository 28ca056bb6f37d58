// Copies the test vectors and the corpus into a package before it is packed:
//   node scripts/packVectors.mjs cli|vectors [--remove]
// `stanzaseal vectors check` and `stanzaseal demo` need them where there is no repository, and `@stanzaseal/vectors` is nothing
// else; it gets an index as well. With --remove it takes the copy away again: it would grow old.
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [name = '', option] = process.argv.slice(2);
if (name !== 'cli' && name !== 'vectors') throw new RangeError(`no package ${name} with vectors`);
const folder = fileURLToPath(new URL(`../packages/${name}`, import.meta.url));
const [copy, index] = [join(folder, 'test-vectors'), join(folder, 'index.json')];
rmSync(copy, { recursive: true, force: true });
if (name === 'vectors') rmSync(index, { force: true });
if (option !== '--remove') {
  cpSync(fileURLToPath(new URL('../test-vectors', import.meta.url)), copy, { recursive: true });
  if (name === 'vectors') {
    /** @type {typeof import('../packages/vectors/src/listVectors.js')} */
    const { listVectors } = await import(pathToFileURL(join(folder, 'dist', 'listVectors.js')).href);
    writeFileSync(index, `${JSON.stringify(listVectors(pathToFileURL(`${copy}/`)), null, 1)}\n`);
  }
}
