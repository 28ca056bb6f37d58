/**
 * Runs what must not open past us and past every peer that reads such objects at all. Ours must be a refusal; what the peers do is
 * written down.
 * @module
 */
import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePem } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { decrypt, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import { type Bench, forEachOf, seen } from './bench.js';
import { CASES, type Case } from './cases.js';
import { FORGERIES } from './forgeries.js';
import { type PeerColumn, peerOf } from './peer.js';

/** What a reader did with something that must not open. */
export type Judgement = 'refuses' | 'opens' | 'opens, with other content' | 'does not read such' | 'not run';

/** One object and who opens it. */
export interface RefusalRow {
  /** What it is. */
  readonly name: string;
  /** What we did. */
  readonly ours: Judgement;
  /** What each peer did, by the name of its column. */
  readonly peers: ReadonlyMap<string, Judgement>;
  /** Whether it is an honest object, there to show that the others are refused for what was changed. */
  readonly honest: boolean;
}

const FORGED_FILES = fileURLToPath(new URL('../../../../test-vectors/openssl-forgeries/', import.meta.url));
const FORGED: readonly (readonly [file: string, name: string])[] = [
  ['e.der', 'honest object of OpenSSL'],
  ['ofb.der', 'forged file: AES-256-OFB in place of AES-GCM'],
  ['tag1.der', 'forged file: tag of 1 octet'],
  ['tag4.der', 'forged file: tag of 4 octets'],
  ['iv64.der', 'forged file: nonce of 64 octets'],
];

/** The forged files, then the changes to objects of ours. */
export async function runRefusals(bench: Bench): Promise<RefusalRow[]> {
  return [...(await forgedFiles(bench)), ...(await changedObjects(bench))];
}

/** Files whose recipient goes by a certificate: for us the library maps it, as the caller of a command line cannot. */
async function forgedFiles({ workshop, columns }: Bench): Promise<RefusalRow[]> {
  const key = await readFile(join(FORGED_FILES, 'k.pem'), 'utf8');
  await workshop.write('forged.pem', key);
  const control = await openByLibrary(key, await readFile(join(FORGED_FILES, 'e.der')));
  const rows: RefusalRow[] = [];
  for (const [file, name] of FORGED) {
    const octets = await readFile(join(FORGED_FILES, file));
    await workshop.write(file, octets);
    const peers = new Map<string, Judgement>();
    for (const column of columns) {
      const peer = peerOf(column);
      if (column.family !== 'OpenSSL') continue;
      const out = workshop.fresh('forged');
      const words = ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', file, '-inkey', 'forged.pem', '-out', out];
      const attempt = await peer?.tell?.(words);
      const content = attempt && attempt.refusal === undefined ? await workshop.read(out) : undefined;
      peers.set(column.name, attempt === undefined ? 'not run' : judgeContent(content, control));
    }
    rows.push({ name, ours: judgeContent(await openByLibrary(key, octets), control), peers, honest: file === 'e.der' });
  }
  return rows;
}

async function openByLibrary(pem: string, octets: Uint8Array): Promise<Uint8Array | undefined> {
  const crypto = createGeneralCrypto();
  const key = await crypto.importPrivateKey(decodePem(pem, 'PRIVATE KEY'));
  // SHA-1 in X9.63 is what OpenSSL wrote; it is not what is wrong with these.
  const agreementHashes = ['SHA-1', ...GENERAL_POLICY.agreementHashes] as const;
  const parameters = { profile: 'general', policy: { ...GENERAL_POLICY, agreementHashes }, crypto } as const;
  const nameOf = (): Uint8Array => key.publicKey.keyIdentifier;
  try {
    return (await decrypt(octets, { ...parameters, keys: [{ kind: 'key', key }], nameOf })).content;
  } catch {
    return undefined;
  }
}

function judgeContent(content: Uint8Array | undefined, control: Uint8Array | undefined): Judgement {
  if (content === undefined) return 'refuses';
  return control !== undefined && Buffer.from(content).equals(control) ? 'opens' : 'opens, with other content';
}

async function changedObjects(bench: Bench): Promise<RefusalRow[]> {
  const { workshop, ours } = bench;
  const bases = new Map<string, { test: Case; honest: Uint8Array }>();
  for (const party of new Set(FORGERIES.map((forgery) => forgery.party))) {
    const test = CASES.find(
      (each) => each.kind === 'encrypt' && each.party === party && each.content === 'aes-256-gcm',
    );
    if (test === undefined) throw new Error(`no row for ${party}`);
    const file = workshop.fresh('der');
    const { refusal } = await ours.write(test, file);
    const honest = await workshop.read(file);
    if (honest === undefined) throw new Error(`${test.name}: ${refusal}`);
    bases.set(party, { test, honest });
  }
  return forEachOf(FORGERIES, async ({ name, party, forge }) => {
    const { test, honest } = bases.get(party) as { test: Case; honest: Uint8Array };
    const forged = workshop.fresh('der');
    await workshop.write(forged, forge(honest));
    return { name, ...(await judgeAll(bench, test, forged)), honest: false };
  });
}

/** Shows an object to everybody who reads such. */
export async function judgeAll(
  bench: Bench,
  test: Case,
  object: string,
): Promise<{ ours: Judgement; peers: Map<string, Judgement> }> {
  const files = { object, content: bench.workshop.fresh('ours') };
  const own = await seen(bench.workshop, files.content, await bench.ours.read(test, files));
  const peers = new Map<string, Judgement>();
  for (const column of bench.columns) peers.set(column.name, await judgeByPeer(bench, column, test, object));
  return { ours: judged(own.seen), peers };
}

async function judgeByPeer({ workshop }: Bench, column: PeerColumn, test: Case, object: string): Promise<Judgement> {
  const peer = peerOf(column);
  if (peer === undefined) return 'not run';
  if (peer.cannot(test, 'reads') !== undefined) return 'does not read such';
  const content = workshop.fresh('theirs');
  const attempt = await peer.ask(test, 'reads', { object, content });
  return attempt === undefined ? 'does not read such' : judged((await seen(workshop, content, attempt)).seen);
}

function judged(outcome: string): Judgement {
  if (outcome.startsWith('refused')) return 'refuses';
  return outcome === 'content' ? 'opens' : 'opens, with other content';
}
