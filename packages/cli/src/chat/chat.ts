/**
 * A sealed conversation: what comes is kept and shown once, what is typed is sent, and what needs a decision is asked.
 * @module
 */
import { publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import { type Contact, createMessenger, type MessengerEvent } from '@stanzaseal/messenger';
import { child, element, NS, textOf } from '@stanzaseal/stanza';
import { type Message, sealed, type XmppEntity, type XmppEvent } from '@stanzaseal/xmpp';
import { loginFailure } from '../connect.js';
import { describeEvent } from '../openedStore.js';
import { printable } from '../printable.js';
import type { System } from '../system.js';
import { createHandshaking } from './handshaking.js';
import type { History, Said } from './history.js';
import { watchPresence } from './presence.js';
import type { Screen } from './screen.js';
import { sendingRule } from './sendingRule.js';
import { createVerifying } from './verifying.js';
import { codeOf, HELP, wordsOf, wordsOfChange, wordsOfContact, wordsOfEvent } from './words.js';

/** What a chat is made of. */
export interface ChatParts {
  /** The account's store; no messenger works on it beside this one. */
  readonly store: KeyStore;
  /** A client that is not yet started. */
  readonly client: XmppEntity;
  /** Bare JID of the other side. */
  readonly to: string;
  /** Where what is said is kept. */
  readonly history: History;
  /** Where it is shown. */
  readonly screen: Screen;
  /** The system. */
  readonly system: System;
}

/** Lines of the conversation that are shown at the beginning. */
const SHOWN = 20;
/** How long what was written may take to leave when input has ended, in ms. */
const PATIENCE = 10_000;
const DAY = 86_400_000;

/** Messages that were not sent: those that wait for a later time, and those that were never taken, for whom they go to is not verified. */
export interface Unsent {
  readonly waiting: number;
  readonly refused: number;
}

/** Talks until input ends. @throws CliFailure `ERR_REFUSED`, `ERR_OFFLINE` */
export async function runChat({ store, client, to, history, screen, system }: ChatParts): Promise<Unsent> {
  const { crypto, random, now: clock } = system;
  const say = (line: string | undefined): void => {
    if (line !== undefined) screen.print(line);
  };
  let isEnding = false;
  let changed: { readonly identity: Uint8Array; readonly at: number } | undefined;
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: heard });
  const connection = sealed(client, messenger, { store, clock, random, onMessage: received, onEvent: told });
  const presence = watchPresence(client, to, say);
  const verifying = await createVerifying({ messenger, connection, to, screen });
  const handshaking = createHandshaking({ connection, to, say, retry });
  const rule = sendingRule(messenger, to, say);
  let refused = 0;

  const contact = async (): Promise<Contact | undefined> => (await messenger.contacts()).find(({ jid }) => jid === to);

  async function showChange(): Promise<void> {
    const known = await contact();
    if (known === undefined) return;
    const changedTo = changed && (await publicKeyFromRaw('Ed25519', changed.identity, crypto)).keyIdentifier;
    say(wordsOfChange({ ...known, changedTo: changedTo ?? known.changedTo }));
  }

  function heard(event: MessengerEvent): void {
    if (event.kind === 'key-changed' && event.jid === messenger.owner) return;
    if (event.kind !== 'key-changed' || event.jid !== to) return say(`* ${printable(describeEvent(event))}`);
    // Once: every message under it says so again.
    if (changed !== undefined && toHex(changed.identity) === toHex(event.identity)) return;
    changed = { identity: event.identity, at: clock() };
    void showChange().catch((error) => say(`* ${codeOf(error)}`));
  }

  function told(event: XmppEvent): void {
    if (!isEnding) say(wordsOfEvent(event));
  }

  async function received(message: Message): Promise<void> {
    if (await verifying.take(message)) return;
    const body = child(message.stanza, NS.CLIENT, 'body');
    if (body === undefined) return;
    const { conversation, isOwn, time: at, plain } = message;
    const said: Said = {
      name: plain
        ? (message.archiveId ?? `${at} ${textOf(body)}`)
        : toHex(message.sender.device) + toHex(message.messageId),
      at,
      conversation,
      from: isOwn ? messenger.owner : message.room === undefined || plain ? conversation : message.sender.jid,
      plain,
      ...(plain || isOwn ? {} : { trust: message.sender.trust }),
      text: textOf(body),
    };
    if (!(await history.add(said))) return;
    if (conversation !== to) say(`* in the conversation with ${printable(conversation)}:`);
    say(wordsOf(said, clock()));
    if (plain)
      return message.expectedSealed ? say('* it should have been sealed: anybody may have written it') : undefined;
    if (message.sender.firstContact) say(wordsOfContact(await contact(), to));
    for (const warning of message.warnings)
      if (warning.code === 'gap') say(`* ${warning.missing} message(s) before it did not come`);
  }

  async function send(text: string): Promise<void> {
    const { trust = 'unverified' } = (await contact()) ?? {};
    if (!(await rule.allows(trust))) {
      refused++;
      return say(
        `* NOT SENT: ${printable(to)} is ${trust}; /sas or /password verifies them, /policy any sends all the same`,
      );
    }
    const body = element(NS.CLIENT, 'body', {}, [text]);
    const id = await connection.send(element(NS.CLIENT, 'message', { to, type: 'chat' }, [body]));
    if (id === undefined) return;
    const said = { at: clock(), conversation: to, from: messenger.owner, plain: false, text };
    await history.add({ ...said, name: toHex(id) });
  }

  async function answer(choice: 'take' | 'keep'): Promise<void> {
    await messenger.answerKeyChange(to, choice, changed?.identity);
    const since = (changed?.at ?? clock()) - DAY;
    changed = undefined;
    say(wordsOfContact(await contact(), to));
    connection.outbox.flush();
    if (choice === 'take') await connection.catchUp({ since });
  }

  async function retry(): Promise<void> {
    const failed = connection.outbox.pending().filter(({ state }) => state === 'failed');
    for (const { messageId } of failed) await connection.outbox.retry(messageId);
  }

  const commands: Readonly<Record<string, (words: string) => Promise<void> | void>> = {
    ...verifying.commands,
    ...handshaking.commands,
    policy: rule.command,
    help: () => HELP.forEach(say),
    quit: () => screen.end(),
    take: () => answer('take'),
    keep: () => answer('keep'),
    async replace() {
      await connection.publish({ replace: true });
      connection.outbox.flush();
    },
    subscribe: () => presence.subscribe(),
    allow: () => presence.allow(),
    retry,
  };

  async function typed(line: string): Promise<void> {
    if (line.trim() === '') return;
    if (!line.startsWith('/') || line.startsWith('//')) return send(line.replace(/^\/\//, '/'));
    const [, name = '', words = ''] = /^\/(\S*)\s*(.*)$/.exec(line) ?? [];
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) return say('* there is no such command; /help lists them');
    await command(words);
  }

  const waiting = (): number =>
    connection.outbox.pending().filter(({ state }) => state === 'waiting' || state === 'sent').length;
  try {
    for (const said of history.said.filter(({ conversation }) => conversation === to).slice(-SHOWN))
      say(wordsOf(said, clock()));
    await connection.start().catch((error) => {
      throw loginFailure(error);
    });
    if ((await contact()) === undefined) await connection.keysOf(to).catch(() => undefined);
    const known = await contact();
    say(known?.changedTo === undefined ? wordsOfContact(known, to) : wordsOfChange(known));
    await verifying.show();
    await handshaking.show();
    await screen.read((line) => typed(line).catch((error) => say(`* not done: ${codeOf(error)}`)));
    for (const end = clock() + PATIENCE; waiting() > 0 && clock() < end; )
      await new Promise((go) => setTimeout(go, 20));
    return { waiting: connection.outbox.pending().filter(({ state }) => state !== 'taken').length, refused };
  } finally {
    isEnding = true;
    screen.end();
    presence.end();
    await connection.stop().catch(() => undefined);
  }
}
