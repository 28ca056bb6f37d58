/**
 * Requests that wait for their answers: the answer of the very entity that was asked, under an id that nobody can guess (H12,
 * CVE-2024-46957).
 * @module
 */
import { attribute, child, childrenOf, fullJid, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import { XmppError } from './xmppError.js';

/** Requests under way. */
export interface OpenQueries {
  /** Waits for the answer to a request; `ERR_TIMEOUT` after so many ms. */
  wait(id: string, asked: string | undefined, timeout: number): Promise<XmlElement>;
  /** Looks at an iq that came; gives whether it was an answer. */
  take(iq: XmlElement): boolean;
  /** Ends one, or all, with an error. */
  end(error: Error, id?: string): void;
}

/** @param isOwn whether a JID is the own account: it and its server answer in each other's name (RFC 6120 §8.1.2.1) */
export function createOpenQueries(isOwn: (jid: string) => boolean): OpenQueries {
  const open = new Map<string, Query>();

  function isFromAsked(from: string | undefined, asked: string | undefined): boolean {
    if (asked === undefined || isOwn(asked)) return from === undefined || isOwn(from);
    return from !== undefined && normalised(from) === normalised(asked);
  }

  return {
    wait: (id, asked, timeout) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => end(() => reject(new XmppError('ERR_TIMEOUT', `no answer within ${timeout} ms`))),
          timeout,
        );
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          open.delete(id);
          settle();
        };
        open.set(id, {
          asked,
          resolve: (result) => end(() => resolve(result)),
          reject: (error) => end(() => reject(error)),
        });
      }),
    take(iq) {
      const type = attribute(iq, 'type');
      const query = type === 'result' || type === 'error' ? open.get(attribute(iq, 'id') ?? '') : undefined;
      if (query === undefined || !isFromAsked(attribute(iq, 'from'), query.asked)) return false;
      if (type === 'result') query.resolve(iq);
      else query.reject(refusalIn(iq));
      return true;
    },
    end(error, id) {
      for (const query of id === undefined ? [...open.values()] : [open.get(id)]) query?.reject(error);
    },
  };
}

interface Query {
  readonly asked: string | undefined;
  readonly resolve: (result: XmlElement) => void;
  readonly reject: (error: Error) => void;
}

/** What an error stanza says. Conditions are found by their namespaces: servers put the application's first or last, as they like. */
export function refusalIn(stanza: XmlElement): XmppError {
  const error = child(stanza, stanza.namespace, 'error');
  const parts = error === undefined ? [] : childrenOf(error);
  const defined = parts.filter(({ namespace }) => namespace === NS.STANZAS);
  const condition = defined.find(({ name }) => name !== 'text')?.name ?? 'undefined-condition';
  const said = defined.find(({ name }) => name === 'text');
  const specific = parts.find(({ namespace }) => namespace !== NS.STANZAS);
  return new XmppError('ERR_REFUSED', `refused: ${condition}`, {
    condition,
    ...(said === undefined ? {} : { text: textOf(said) }),
    ...(specific === undefined ? {} : { specific: { namespace: specific.namespace, name: specific.name } }),
  });
}

function normalised(jid: string): string {
  try {
    return fullJid(jid);
  } catch {
    return jid;
  }
}
