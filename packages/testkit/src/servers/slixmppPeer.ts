/**
 * A client of somebody else, slixmpp, that does as it is told and tells what it sees.
 * @module
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from '../vectors.js';
import { pathOf } from './available.js';
import { undoAtExit } from './leftovers.js';
import { boundToUs } from './program.js';
import { PASSWORD, type XmppServer } from './server.js';

/** A message as slixmpp's own stanza classes read it. */
export interface SeenMessage {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly messageId: string;
  /** The body, empty where there is none. */
  readonly body: string;
  /** Whether it waited somewhere (XEP-0203). */
  readonly delayed: boolean;
  /** What it says of its encryption (XEP-0380). */
  readonly encryption: { readonly namespace: string; readonly name: string } | null;
  /** All of it, as slixmpp writes it. */
  readonly xml: string;
}

/** A running slixmpp. */
export interface SlixmppPeer {
  /** Its full JID. */
  readonly jid: string;
  /** Messages that came, in their order; emptying it forgets them. */
  readonly messages: SeenMessage[];
  /** What other clients of the account sent (XEP-0280). */
  readonly carbons: SeenMessage[];
  /** The first message, of those that came or are to come, that fits. @param patience in ms, 10,000 unless told otherwise */
  waitFor(fits: (message: SeenMessage) => boolean, patience?: number): Promise<SeenMessage>;
  /** Sends a message; gives its id. @param options child: an element as XML, with its namespace; type: `chat` unless told otherwise */
  say(to: string, body: string | undefined, options?: { child?: string; type?: string }): Promise<string>;
  /** The messages of its archive, oldest first. @param partner only those with this JID */
  archive(partner?: string): Promise<SeenMessage[]>;
  /** The items of a node (XEP-0060), as XML. @throws Error with slixmpp's words where it may not or there is none */
  items(jid: string, node: string): Promise<string[]>;
  /** Enters a room. */
  join(room: string, nick: string): Promise<void>;
  /** Sends presence, to somebody or to all. @param type as `subscribe` */
  presence(to?: string, type?: string): Promise<void>;
  /** Logs out and ends it. */
  stop(): Promise<void>;
}

/** As whom it logs in. */
export interface PeerLogin {
  readonly username: string;
  readonly password?: string;
  readonly resource?: string;
  readonly domain?: string;
}

type Line =
  | { readonly event: 'online'; readonly jid: string }
  | ({ readonly event: 'message' | 'carbon' } & SeenMessage)
  | { readonly event: 'done'; readonly id: number; readonly result: unknown }
  | { readonly event: 'failed'; readonly id?: number; readonly error: string }
  | { readonly event: 'disconnected' };

/** Starts one and logs it in, in 0.6 to 2 s. */
export async function slixmppPeer(server: XmppServer, login: PeerLogin): Promise<SlixmppPeer> {
  const { username, password = PASSWORD, resource = 'slixmpp', domain = server.domain } = login;
  const script = join(repositoryRoot, 'packages', 'testkit', 'peers', 'slixmpp_peer.py');
  const address = [server.host, String(server.c2sPort), `${username}@${domain}/${resource}`, password];
  const child = spawn(...boundToUs(pathOf('slixmpp'), [script, ...address]), {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: 'pipe',
  });
  const forget = undoAtExit(() => child.kill('SIGKILL'));
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  // It may be gone before it has read everything.
  child.stdin.on('error', () => undefined);
  const messages: SeenMessage[] = [];
  const carbons: SeenMessage[] = [];
  const listeners = new Set<(line: Line) => void>();
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      forget();
      for (const listen of [...listeners]) listen({ event: 'disconnected' });
      resolve();
    });
  });
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    if (line.event === 'message') messages.push(line);
    if (line.event === 'carbon') carbons.push(line);
    for (const listen of [...listeners]) listen(line);
  });

  /** The first line to come of which `look` makes something. */
  const lineThat = <T>(what: string, patience: number, look: (line: Line) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer);
        listeners.delete(listen);
        act();
      };
      const fail = (why: string) =>
        end(() => reject(new Error(`slixmpp: ${what}: ${why}\n${lastOf(messages)}\n${complaints}`)));
      const timer = setTimeout(() => fail(`not in ${patience} ms`), patience);
      const listen = (line: Line) => {
        const found = look(line);
        if (found !== undefined) end(() => resolve(found));
        else if (line.event === 'disconnected') fail('it is disconnected');
      };
      listeners.add(listen);
    });

  let commands = 0;
  const command = async (what: string, parameters: object): Promise<unknown> => {
    const id = ++commands;
    const answer = lineThat(what, 20_000, (line) =>
      (line.event === 'done' || line.event === 'failed') && line.id === id ? line : undefined,
    );
    child.stdin.write(`${JSON.stringify({ id, do: what, ...parameters })}\n`);
    const line = await answer;
    if (line.event === 'failed') throw new Error(`slixmpp: ${what}: ${line.error}`);
    return line.result;
  };

  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  };

  const online = lineThat('log in', 20_000, (line) =>
    line.event === 'online' || line.event === 'failed' ? line : undefined,
  );
  const first = await online.catch(async (error) => {
    await stop();
    throw error;
  });
  if (first.event === 'failed') {
    await stop();
    throw new Error(`slixmpp: ${username} cannot log in: ${first.error}`);
  }
  return {
    jid: first.jid,
    messages,
    carbons,
    waitFor: async (fits, patience = 10_000) =>
      messages.find(fits) ??
      (await lineThat('a message', patience, (line) => (line.event === 'message' && fits(line) ? line : undefined))),
    say: async (to, body, options = {}) => String(await command('send', { to, body, ...options })),
    archive: async (partner) => (await command('mam', { with: partner })) as SeenMessage[],
    items: async (jid, node) => (await command('items', { jid, node })) as string[],
    join: async (room, nick) => void (await command('join', { room, nick })),
    presence: async (to, type) => void (await command('presence', { to, type })),
    stop,
  };
}

function lastOf(messages: readonly SeenMessage[]): string {
  const last = messages.slice(-5).map(({ xml }) => `  ${xml.slice(0, 500)}`);
  return `of ${messages.length} messages the last:\n${last.join('\n')}`;
}
