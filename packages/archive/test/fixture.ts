// What tests of an archive share: people who seal, a clock, keys, and two kinds of databases to open an archive over.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePrivateKey, type SigningKey } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { element, NS, readXml, sealStanza, writeXml } from '@stanzaseal/stanza';
import { unsafeSeededRandom } from '@stanzaseal/testkit';
import type { Row, Value } from '../src/engine/database.js';
import {
  type Archive,
  ArchiveError,
  type ArchiveEvent,
  type ArchiveOptions,
  openArchive,
  type StanzaItem,
} from '../src/index.js';

export const crypto = createCryptoProvider();
export const random = unsafeSeededRandom('archive');
export const JULIET = 'juliet@capulet.example';
export const ROMEO = 'romeo@montague.example';
export const ORIGIN = 'capulet.example/archive';
export const START: number = Date.UTC(2026, 10, 21, 4);

const keyOf = (algorithm: 'Ed25519' | 'X25519') => generatePrivateKey(algorithm, random, crypto);
const device = await (await keyOf('Ed25519')).signingKey(crypto);
const deviceKey = (await keyOf('Ed25519')).publicKey.keyIdentifier;
export const prekey = (await keyOf('X25519')).publicKey;
const replyPrekey = { key: (await keyOf('X25519')).publicKey, notAfter: START + 1e9 };
export const checkpointKey: SigningKey = await (await keyOf('Ed25519')).signingKey(crypto);

/** A sealed chat message as text of a stream between clients. */
export async function sealed(
  text: string,
  from: string = ROMEO,
  to: string = JULIET,
  limit = 262_144,
): Promise<string> {
  const stanza = element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.CLIENT, 'body', {}, [text])]);
  const { stanza: outer } = await sealStanza(stanza, {
    from,
    to,
    recipients: [{ prekey, deviceKey, class: 'reply' }],
    device,
    context: { senderListVersion: 1, peerListVersion: 1, counter: 1 },
    replyPrekey,
    limit,
    now: START,
    random,
    crypto,
  });
  return writeXml(outer, { defaultNamespace: NS.CLIENT });
}

/** An ordinary chat message. */
export function plain(body: string, attributes: Record<string, string> = {}): string {
  const all = { from: `${ROMEO}/orchard`, to: JULIET, type: 'chat', ...attributes };
  const message = element(NS.CLIENT, 'message', all, [element(NS.CLIENT, 'body', {}, [body])]);
  return writeXml(message, { defaultNamespace: NS.CLIENT });
}

/** Item `i` of a feed, the same in every process. */
export function itemOf(i: number): StanzaItem {
  return { stanza: plain(`body ${i}`), owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` };
}

/** A place where archives are made, each its own. */
export interface Place {
  readonly engine: 'sqlite' | 'postgres';
  /** URL of a new archive. */
  url(): string;
  /** Runs SQL on the contents or the keys behind an archive's back, while it is closed. */
  tamper(url: string, part: 'content' | 'keys', sql: string, values?: readonly Value[]): Promise<Row[]>;
}

/** An archive with what happened to it. */
export interface Opened {
  readonly archive: Archive;
  readonly events: ArchiveEvent[];
  readonly url: string;
}

/** Opens an archive: a new one unless a URL is given. */
export async function opened(
  place: Place,
  options: Partial<ArchiveOptions> = {},
  url: string = place.url(),
): Promise<Opened> {
  const events: ArchiveEvent[] = [];
  const archive = await openArchive(url, {
    origin: ORIGIN,
    checkpointKey,
    random,
    clock: () => START,
    crypto,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { archive, events, url };
}

/** The code of what a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof ArchiveError ? error.code : (error as Error).name;
  }
}

/** Text of octets. */
export const textOf = (octets: Uint8Array | undefined): string => new TextDecoder().decode(octets);

/** The text of a stanza's body. */
export function bodyOf(octets: Uint8Array | undefined): string {
  const { children } = readXml(textOf(octets), undefined, { defaultNamespace: NS.CLIENT });
  const body = children.find((node) => typeof node !== 'string' && node.name === 'body');
  return typeof body === 'object' ? body.children.join('') : '';
}

const made: string[] = [];
process.once('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** A directory that is removed when the process ends. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'stanzaseal-archive-'));
  made.push(path);
  return path;
}
