/**
 * A client of somebody else, profanity, as a person uses it: by its terminal.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './available.js';
import { PASSWORD, type XmppServer } from './server.js';
import type { PeerLogin } from './slixmppPeer.js';
import { startTerminal } from './terminal.js';

/** A running profanity that is logged in. */
export interface ProfanityPeer {
  /** Its bare JID. */
  readonly bareJid: string;
  /** Types a command such as `/omemo gen`. */
  command(line: string): Promise<void>;
  /** Shows the conversation with somebody. */
  open(jid: string): Promise<void>;
  /** Says something to somebody, whose conversation it shows then. */
  say(to: string, body: string): Promise<void>;
  /** What stands on the screen. */
  screen(): Promise<string>;
  /** Waits until the screen shows it, however its lines are broken. @param patience in ms, 15,000 unless told otherwise */
  until(shown: RegExp | string, patience?: number): Promise<string>;
  /** Logs out, and in again. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one and logs it in, in 1 to 3 s. */
export async function profanityPeer(server: XmppServer, login: PeerLogin): Promise<ProfanityPeer> {
  const { username, password = PASSWORD, resource = 'profanity', domain = server.domain } = login;
  const bareJid = `${username}@${domain}`;
  const terminal = await startTerminal(pathOf('profanity'), {
    prepare: (home) => {
      mkdirSync(join(home, '.config', 'profanity'), { recursive: true });
      writeFileSync(join(home, '.config', 'profanity', 'profrc'), SETTINGS);
      const accounts = join(home, '.local', 'share', 'profanity');
      mkdirSync(accounts, { recursive: true });
      writeFileSync(join(accounts, 'accounts'), accountFile({ server, bareJid, resource, password }), { mode: 0o600 });
    },
  });
  const connect = async () => {
    await terminal.type('/win 1');
    await terminal.type('/clear');
    await terminal.type(`/connect ${ACCOUNT}`);
    await terminal.until(LOGGED_IN);
  };
  const peer: ProfanityPeer = {
    bareJid,
    command: terminal.type,
    open: (jid) => terminal.type(`/msg ${jid}`),
    say: async (to, body) => {
      await terminal.type(`/msg ${to}`);
      await terminal.type(body);
    },
    screen: terminal.screen,
    until: terminal.until,
    reconnect: async () => {
      await terminal.type('/win 1');
      await terminal.type('/disconnect');
      await terminal.until(LOGGED_OUT);
      await connect();
    },
    stop: terminal.stop,
  };
  try {
    await terminal.until(/type '\/help'/i);
    await connect();
  } catch (error) {
    await terminal.stop();
    throw error;
  }
  return peer;
}

const ACCOUNT = 'test';

// A busy client draws late, and then the screen has what it said of the last time: the last word counts. What is typed before the login
// is lost ("You are not currently connected").
const LOGGED_IN = /logged in successfully(?!.*logged out)/i;
const LOGGED_OUT = /logged out(?!.*logged in)/i;

/** Nothing that draws over messages or goes out to look for a newer version. */
const SETTINGS = `[ui]
splash=false
roster=false
vercheck=false
[notifications]
message=false
`;

function accountFile(of: { server: XmppServer; bareJid: string; resource: string; password: string }): string {
  return [
    `[${ACCOUNT}]`,
    'enabled=true',
    `jid=${of.bareJid}`,
    `resource=${of.resource}`,
    `password=${of.password}`,
    `server=${of.server.host}`,
    `port=${of.server.c2sPort}`,
    'tls.policy=disable',
    'presence.last=online',
    'presence.login=online',
    '',
  ].join('\n');
}
