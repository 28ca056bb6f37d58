/**
 * What a server holds of a conversation: its archive, as it gives it to who logs in with the password, and the files on its disk.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attribute, child, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import { fromXmppElement, toXmppElement, type XmppElement, type XmppElementClass } from '@stanzaseal/xmpp';
import type { clientOf } from '../connect.js';
import { CliFailure } from '../failure.js';

/** What the files of a server hold. */
export interface DiskFindings {
  /** Files that were searched. */
  readonly files: number;
  /** Their octets. */
  readonly octets: number;
  /** Which of the words stand in one of them. */
  readonly found: ReadonlySet<string>;
}

const RSM = 'http://jabber.org/protocol/rsm';
const PAGE = 100;
const PATIENCE = 20_000;

/** Logs in without any key, and gives all messages of the archive (XEP-0313), oldest first. @throws CliFailure `ERR_OFFLINE` */
export async function readArchive(client: ReturnType<typeof clientOf>): Promise<XmlElement[]> {
  const held: XmlElement[] = [];
  await client.start();
  try {
    const ElementClass = client.root?.constructor as unknown as XmppElementClass;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const id = `page-${held.length}`;
      const fin = nextFin(client, id, held);
      const rsm = element(RSM, 'set', {}, [
        element(RSM, 'max', {}, [String(PAGE)]),
        ...(after === '' ? [] : [element(RSM, 'after', {}, [after])]),
      ]);
      const query = element(NS.MAM, 'query', { queryid: id }, [rsm]);
      const iq = element(NS.CLIENT, 'iq', { type: 'set', id }, [query]);
      await client.send(toXmppElement(iq, ElementClass) as Parameters<typeof client.send>[0]);
      after = await fin;
    }
    return held;
  } finally {
    await client.stop().catch(() => undefined);
  }
}

/** Takes in a page; gives what the next one is after, or `undefined` at the end. */
function nextFin(client: ReturnType<typeof clientOf>, id: string, held: XmlElement[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(), PATIENCE);
    const take = (arrived: unknown): void => {
      const stanza = fromXmppElement(arrived as XmppElement);
      const result = child(stanza, NS.MAM, 'result');
      const forwarded = result && child(result, NS.FORWARD, 'forwarded');
      const message = forwarded && child(forwarded, NS.CLIENT, 'message');
      if (message !== undefined) held.push(message);
      if (stanza.name === 'iq' && attribute(stanza, 'id') === id) end(stanza);
    };
    const end = (answer?: XmlElement): void => {
      clearTimeout(timer);
      client.removeListener('stanza', take);
      const fin = answer && child(answer, NS.MAM, 'fin');
      if (fin === undefined) return reject(new CliFailure('ERR_OFFLINE', 'the server does not show its archive'));
      const set = child(fin, RSM, 'set');
      const last = set && child(set, RSM, 'last');
      const isEnd = attribute(fin, 'complete') === 'true' || last === undefined;
      resolve(isEnd ? undefined : textOf(last));
    };
    client.on('stanza', take);
  });
}

/** Searches all files under a directory for words, octet by octet. */
export function searchDisk(directory: string, words: readonly string[]): DiskFindings {
  const found = new Set<string>();
  let [files, octets] = [0, 0];
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = readFileSync(join(entry.parentPath, entry.name));
    files += 1;
    octets += content.length;
    for (const word of words) if (content.includes(word)) found.add(word);
  }
  return { files, octets, found };
}
