/**
 * What a chat says of messages, people and events.
 * @module
 */
import type { Contact } from '@stanzaseal/messenger';
import { fingerprint } from '@stanzaseal/trust/fingerprint';
import type { XmppEvent } from '@stanzaseal/xmpp';
import { printable } from '../printable.js';
import type { Said } from './history.js';

/** The commands, for `/help`. */
export const HELP: readonly string[] = [
  '/sas            verify them: both compare a short string over the telephone or face to face; /same or /different says how it went',
  '/password [QUESTION]  verify them by a password that you share, or that answers the question; it is asked for and not shown',
  '/accept, /decline     answer what they asked; /password answers with the password',
  '/handshake [responder]  exchange keys with them where none are published, or fresh ones; says nothing of who they are',
  '/fingerprint    show both fingerprints, to compare in the same way; /verify takes what you were told, or what their code says',
  '/policy [verified|any]  send to them only while they are verified, or in any case',
  '/take, /keep    after their key changed: believe the new one, or stay with the old one',
  '/subscribe      ask to see when they are there; /allow lets them see it of you',
  '/replace        put the keys of this store in the place of others of your account',
  '/retry          try again what could not be sent',
  '/quit           end; //text begins with a stroke',
];

/** A message as lines. */
export function wordsOf({ at, from, plain, trust, text }: Said, now: number): string {
  const time = new Date(at).toISOString();
  const shown = new Date(now).toISOString().slice(0, 10) === time.slice(0, 10) ? time.slice(11, 16) : time.slice(0, 16);
  const lines = text.split('\n').map(printable).join('\n    ');
  return `[${shown.replace('T', ' ')}] ${printable(from)}${plain ? ' (NOT SEALED)' : trust === undefined ? '' : ` (${trust})`}: ${lines}`;
}

/** What is known of the other side. */
export function wordsOfContact(contact: Contact | undefined, jid: string): string {
  if (contact === undefined)
    return `* nothing is known of ${printable(jid)} yet; where they have published no keys, /handshake asks for them`;
  const hint =
    contact.trust === 'unverified' ? ': /sas, over the telephone or face to face, shows whether it is they' : '';
  return `* ${printable(jid)} is ${contact.trust}${hint}`;
}

/** The dialogue of a changed key. */
export function wordsOfChange({ jid, fingerprint: was, trust, changedTo }: Contact): string {
  return [
    `* THE KEY OF ${printable(jid)} IS ANOTHER ONE: they began anew, or somebody stands between you.`,
    `*   was ${fingerprint(was)} (${trust})`,
    ...(changedTo === undefined ? [] : [`*   is  ${fingerprint(changedTo)}`]),
    '* Ask them over the telephone or face to face. /take believes the new one, /keep stays with the old one; until then nothing is sent.',
  ].join('\n');
}

/** An event that the user should know, or `undefined`. */
export function wordsOfEvent(event: XmppEvent): string | undefined {
  switch (event.kind) {
    case 'offline':
      return '* the connection is lost; what you write waits';
    case 'online':
      return `* online as ${printable(event.jid)}`;
    case 'bounced':
      return `* did not get to ${printable(event.to)} (${printable(event.condition)}); it is tried again`;
    case 'held':
      return `* something waits for you: ${codeOf(event.cause)}`;
    case 'failed':
      return `* NOT SENT to ${printable(event.to)}: ${printable(event.condition)}; /retry tries again`;
    case 'unopened':
      return `* something of ${printable(event.from)} does not open`;
    case 'forged':
      return `* a forged ${event.what} was dropped`;
    case 'archive-gap':
      return `* the server forgot messages since ${new Date(event.since).toISOString()}; some may be missing`;
    case 'archive-absent':
      return '* the server keeps no archive: what comes while you are away may be lost';
    case 'handler-failed':
      return `* a message could not be kept (${codeOf(event.error)}); it comes again`;
    case 'publish-failed':
      if (codeOf(event.cause) === 'ERR_KEY_CHANGED')
        return '* your account has keys of another identity on the server: another device of yours, or an older store. /replace puts this one in its place';
      return `* your keys could not be published: ${codeOf(event.cause)}`;
    case 'unlisted':
      return '* this device is not in the list of your account: nobody seals to it';
    default:
      return undefined;
  }
}

/** The code of what was thrown. */
export function codeOf(thrown: unknown): string {
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  return printable(String(code ?? message ?? thrown));
}
