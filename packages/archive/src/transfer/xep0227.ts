/**
 * An archive as a file of XEP-0227, with each owner's messages as results of XEP-0313: what servers import.
 * @module
 */
import { element, NS, writeXml } from '@stanzaseal/stanza';
import type { Archive } from '../archive.js';
import { elementOf } from '../query/archivedStanza.js';
import { PIE, PIE_ARCHIVE } from '../sources/xep0227/places.js';
import { type ExportedEntry, exportEntries } from './exportedEntries.js';

/** Why an entry is not in the file: its recipients were dropped, it is in quarantine, no message, or of an owner that is no account. */
export type LeftOutReason = 'dropped' | 'quarantined' | 'no message' | 'no account';

/** What is written, and who is told of it. */
export interface Xep0227ExportOptions {
  /** Bare JIDs; all owners if absent. */
  readonly owners?: readonly string[];
  /** The file cannot say this one. */
  readonly onLeftOut?: (entry: ExportedEntry, reason: LeftOutReason) => void;
  /** How many entries were looked at. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: undefined }) => void;
}

/**
 * The file's text, in pieces. A room is a user of its service's domain.
 * @throws ArchiveError `ERR_PROOF` at the first entry that is damaged
 * @example
 * for await (const text of writeXep0227(archive)) process.stdout.write(text);
 */
export async function* writeXep0227(
  archive: Archive,
  options: Xep0227ExportOptions = {},
): AsyncGenerator<string, void, undefined> {
  const owners = [...(options.owners ?? (await archive.owners()))].map(partsOf).sort(byHost);
  let done = 0;
  yield `<?xml version='1.0' encoding='UTF-8'?>\n<server-data xmlns='${PIE}'>\n`;
  let host: string | undefined;
  for (const owner of owners) {
    let isOpen = false;
    for await (const entry of exportEntries(archive, [owner.jid])) {
      options.onProgress?.({ done: ++done, total: undefined });
      const result = owner.user === '' ? 'no account' : resultOf(entry);
      if (typeof result === 'string') {
        options.onLeftOut?.(entry, result);
        continue;
      }
      if (owner.host !== host) {
        if (host !== undefined) yield '</host>\n';
        host = owner.host;
        yield `${opening('host', { jid: host })}\n`;
      }
      if (!isOpen) yield `${opening('user', { name: owner.user })}\n<archive xmlns='${PIE_ARCHIVE}'>\n`;
      isOpen = true;
      yield `${result.text}\n`;
    }
    if (isOpen) yield '</archive>\n</user>\n';
  }
  if (host !== undefined) yield '</host>\n';
  yield '</server-data>\n';
}

interface Parts {
  readonly jid: string;
  readonly user: string;
  readonly host: string;
}

function partsOf(jid: string): Parts {
  const at = jid.indexOf('@');
  return { jid, user: at < 0 ? '' : jid.slice(0, at), host: jid.slice(at + 1) };
}

/** A host stands in the file once. */
function byHost(a: Parts, b: Parts): number {
  const [one, other] = [`${a.host}/${a.user}`, `${b.host}/${b.user}`];
  return one < other ? -1 : one > other ? 1 : 0;
}

function resultOf({ stanzaId, receivedAt, octets, quarantined }: ExportedEntry): LeftOutReason | { text: string } {
  if (octets === undefined) return 'dropped';
  if (quarantined !== undefined) return 'quarantined';
  const stanza = elementOf(octets);
  if (stanza.name !== 'message') return 'no message';
  const delay = element(NS.DELAY, 'delay', { stamp: new Date(receivedAt).toISOString() });
  const forwarded = element(NS.FORWARD, 'forwarded', {}, [delay, stanza]);
  const result = element(NS.MAM, 'result', { id: stanzaId }, [forwarded]);
  return { text: writeXml(result, { defaultNamespace: PIE_ARCHIVE, depth: 256 }) };
}

function opening(name: string, attributes: Readonly<Record<string, string>>): string {
  return writeXml(element(PIE, name, attributes), { defaultNamespace: PIE }).replace(/\/>$/, '>');
}
