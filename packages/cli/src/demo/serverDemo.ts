/**
 * The demonstration on a real server: Romeo writes to Juliet, who is offline and reads it at her next login; they answer each
 * other, on the prekeys that came with the messages; and what the server holds of it is looked at.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { attribute, child, element, NS, textOf, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import type { SealedMessage } from '@stanzaseal/xmpp';
import type { System } from '../system.js';
import { type CorpusStanza, isSame, readCorpus } from './corpus.js';
import { type LocalServer, startLocalServer } from './localServer.js';
import { createServerAccount, type ServerAccount, until } from './serverAccount.js';
import { readArchive, searchDisk } from './serverHoldings.js';
import type { ServerName } from './serverRecipes.js';

/** What the demo runs on. */
export interface ServerDemoPorts extends System {
  /** The server to start. */
  readonly name: ServerName;
  /** Where its lines go. */
  readonly print: (line: string) => void;
}

const ANSWERS = [
  'Dost thou not laugh, cousin',
  'I would the fool were married to her grave',
  'Parting is such sweet sorrow',
];

/** Runs the demo; server and directory are gone when it ends. Gives whether everything went as it must. @throws CliFailure */
export async function runServerDemo({ name, print, ...system }: ServerDemoPorts): Promise<boolean> {
  const began = performance.now();
  const server = await startLocalServer(name);
  const people: ServerAccount[] = [];
  try {
    print(`${name} runs on ${server.service} (process ${server.pid}, ready after ${since(began)})`);
    const romeo = await createServerAccount(server, 'romeo', system);
    const juliet = await createServerAccount(server, 'juliet', system);
    people.push(romeo, juliet);
    return await tell(server, romeo, juliet, print);
  } finally {
    await Promise.all(people.map((person) => person.logout()));
    await server.stop();
    server.remove();
  }
}

/** The story. */
async function tell(
  server: LocalServer,
  romeo: ServerAccount,
  juliet: ServerAccount,
  print: (line: string) => void,
): Promise<boolean> {
  const ids: string[] = [];
  const say = async (from: ServerAccount, to: ServerAccount, stanzas: readonly XmlElement[]): Promise<void> => {
    const addressed = stanzas.map((stanza) => withAttributes(stanza, { from: from.jid, to: to.jid, type: 'chat' }));
    ids.push(...(await from.send(addressed)).map(toHex));
  };
  await juliet.login();
  await juliet.logout();
  print(`${juliet.jid} published her keys and went away`);

  const letters = readCorpus().filter(isLetter);
  await romeo.login();
  await say(
    romeo,
    juliet,
    letters.map(({ stanza }) => stanza),
  );
  print(`${romeo.jid} sealed ${letters.length} messages to her; the server took them`);

  await juliet.login();
  await until(() => juliet.received.length >= letters.length, 'juliet@localhost did not get everything');
  const same = letters.filter((letter, i) => isSame(juliet.received[i]?.stanza as XmlElement, letter)).length;
  print(`${juliet.jid} came back: ${same} of ${letters.length} opened as they were written, in their order`);
  print(`  ${told(juliet.received)}`);

  const late = juliet.received.length;
  await say(juliet, romeo, ANSWERS.map(words));
  await until(() => romeo.received.length >= ANSWERS.length, 'romeo@localhost did not get every answer');
  await say(romeo, juliet, ANSWERS.map(words));
  await until(() => juliet.received.length >= late + ANSWERS.length, 'juliet@localhost did not get every answer');
  const answers = [...romeo.received, ...juliet.received.slice(late)];
  const onReply = answers.filter((message) => message.class === 'reply').length;
  print(`Both answered: ${onReply} of ${answers.length} opened with a reply prekey, which came in a sealed message`);
  print(`  ${told(answers)}`);

  await Promise.all([romeo.logout(), juliet.logout()]);
  const archived = (await readArchive(juliet.strange())).filter((message) => attribute(message, 'type') === 'chat');
  const closed = archived.filter((message) => isClosed(message)).length;
  print(`What ${server.name}'s archive gives to who has her password and no key:`);
  print(
    `  ${archived.length} messages, ${closed} of them one sealed object and nothing to read: ${glance(archived[0])}`,
  );

  await server.stop();
  const spoken = [...letters.map(({ stanza }) => bodyOf(stanza)), ...ANSWERS].filter(isTelling);
  const { files, octets, found } = searchDisk(server.directory, [...ids, ...spoken]);
  const kept = ids.filter((id) => found.has(id)).length;
  const legible = spoken.filter((text) => found.has(text)).length;
  print(`What it has on its disk (${files} files, ${Math.ceil(octets / 1024)} KiB), now that it has ended:`);
  print(`  ${kept} of ${ids.length} message ids, ${legible} of ${spoken.length} texts`);

  const troubles = [...romeo.troubles, ...juliet.troubles];
  for (const trouble of troubles) print(`NOT AS IT MUST BE: ${trouble}`);
  const opened = juliet.received.length + romeo.received.length;
  print(
    `demo: ${ids.length} sealed, ${opened} opened, ${closed} in ${server.name}'s archive, ${legible} legible there`,
  );
  return (
    same === letters.length &&
    onReply === answers.length &&
    opened === ids.length &&
    archived.length === ids.length &&
    closed === ids.length &&
    // That the ids are found shows that the texts would be.
    kept === ids.length &&
    legible === 0 &&
    troubles.length === 0
  );
}

/** Whether a server keeps it for who is away: a chat message with a text. */
function isLetter({ stanza }: CorpusStanza): boolean {
  return stanza.name === 'message' && attribute(stanza, 'type') === 'chat' && bodyOf(stanza) !== '';
}

/** Whether there is an object and no text. */
function isClosed(message: XmlElement): boolean {
  return child(message, NS.SEALED, 'sealed') !== undefined && bodyOf(message) === '';
}

/** Whether a text would be found as it is wherever it were written, and nowhere else. */
function isTelling(text: string): boolean {
  return /^[A-Za-z,.?! ]{10,}$/.test(text) && text.includes(' ');
}

function bodyOf(stanza: XmlElement): string {
  const body = child(stanza, NS.CLIENT, 'body');
  return body === undefined ? '' : textOf(body);
}

function words(text: string): XmlElement {
  return element(NS.CLIENT, 'message', {}, [element(NS.CLIENT, 'body', {}, [text])]);
}

function told(messages: readonly SealedMessage[]): string {
  const [ways, keys, trust] = [
    messages.map(({ via }) => via),
    messages.map((message) => message.class ?? 'none'),
    messages.map(({ sender }) => sender.trust),
  ].map(counted);
  return `arrived: ${ways}; keys used: ${keys}; sender: ${trust}`;
}

function counted(values: readonly string[]): string {
  return [...new Set(values)].map((value) => `${values.filter((other) => other === value).length} ${value}`).join(', ');
}

function glance(message: XmlElement | undefined): string {
  const object = message && child(message, NS.SEALED, 'sealed');
  return object === undefined ? 'none' : `<sealed>${textOf(object).slice(0, 24)}...`;
}

function since(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
