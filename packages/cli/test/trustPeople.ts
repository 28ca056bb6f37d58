/** Stores of Romeo and Juliet in one folder, and verbs run over them. */
import { conformsTo } from './jsonSchema.js';
import { type Outcome, stanzaseal, workspace } from './stanzaseal.js';

export const ROMEO = 'romeo@montague.example';
export const JULIET = 'juliet@capulet.example';

const { path, passphrase, remove } = workspace();
const checkStep = conformsTo('trustRun');

export { path, remove };

/** Runs a verb over a store. */
export function run(store: string, args: readonly string[], input = ''): Promise<Outcome> {
  return stanzaseal([...args, '--store', path(store), ...passphrase], input);
}

/** Makes a store. */
export function create(store: string, owner: string): Promise<Outcome> {
  return run(store, ['store', 'create', '--owner', owner]);
}

/** Hands over what one store publishes. */
export async function publish(from: string, to: string): Promise<Outcome> {
  return run(to, ['bundle', 'import'], (await run(from, ['bundle', 'export'])).stdout);
}

/** Both stores, of which each knows what the other published. */
export async function introduced(): Promise<void> {
  await create('romeo', ROMEO);
  await create('juliet', JULIET);
  await publish('romeo', 'juliet');
  await publish('juliet', 'romeo');
}

/** A verb under `trust` that writes one object. */
export async function step(store: string, args: readonly string[], input = '') {
  const { code, stdout, stderr } = await run(store, ['trust', ...args, '--json'], input);
  const line = JSON.parse(stdout.split('\n')[0] || `"${stderr}"`);
  checkStep(line);
  return { ...line, code };
}

/** What a store knows of its contacts. */
export async function levels(store: string): Promise<string[]> {
  const { stdout } = await run(store, ['trust', 'list', '--json']);
  return JSON.parse(stdout).map(({ jid, trust }: { jid: string; trust: string }) => `${jid} ${trust}`);
}
