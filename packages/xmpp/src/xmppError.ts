/**
 * The one error class of `@stanzaseal/xmpp`.
 * @module
 */

/**
 * `ERR_REFUSED`: the entity asked answered with a stanza error, whose `condition` and `text` are given. `ERR_TIMEOUT`: no answer in
 * time. `ERR_OFFLINE`: the connection is down. `ERR_TOO_LARGE`: the stanza would exceed what the server takes; nothing was sent.
 * `ERR_PLAIN`: an unsealed stanza would go to a contact whose identity key is known, or a sealed request was answered in the clear.
 * `ERR_PUBLISH`: the server does not let everybody read what
 * was published. `ERR_ROOM`: a room that is not joined, is open to everybody or hides who is in it; nothing is sealed to it.
 */
export type XmppErrorCode =
  | 'ERR_REFUSED'
  | 'ERR_TIMEOUT'
  | 'ERR_OFFLINE'
  | 'ERR_TOO_LARGE'
  | 'ERR_PLAIN'
  | 'ERR_PUBLISH'
  | 'ERR_ROOM';

/** What else is known of an error. */
export interface XmppErrorDetails extends ErrorOptions {
  /** Defined condition of the stanza error (RFC 6120 §8.3.3): `item-not-found`. */
  readonly condition?: string;
  /** Condition of the application that was asked, with its namespace: `precondition-not-met` of pubsub. */
  readonly specific?: { readonly namespace: string; readonly name: string };
  /** What the other side says about it, for people. */
  readonly text?: string;
}

/** Thrown by everything in this package that talks to others; `code` is stable, the message is for people. */
export class XmppError extends Error {
  /** Stable name of what went wrong. */
  readonly code: XmppErrorCode;
  /** Defined condition of the stanza error, where there was one. */
  readonly condition: string | undefined;
  /** Condition of the application that was asked, where it named one. */
  readonly specific: { readonly namespace: string; readonly name: string } | undefined;
  /** What the other side says about it, where it says something. */
  readonly text: string | undefined;

  /** Makes an error with a stable code, a sentence, and what else is known. */
  constructor(code: XmppErrorCode, message: string, details: XmppErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'XmppError';
    this.code = code;
    this.condition = details.condition;
    this.specific = details.specific;
    this.text = details.text;
  }
}
