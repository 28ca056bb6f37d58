/**
 * Verifying the other side of a chat: by fingerprints, and by short strings and passwords, whose messages go as any other and may be days apart.
 * @module
 */
import type { Contact, Messenger } from '@stanzaseal/messenger';
import { listedDevices } from '@stanzaseal/messenger/devices';
import { exportTrustMessage, importTrustMessage } from '@stanzaseal/messenger/trust';
import { createVerification, type Settled } from '@stanzaseal/messenger/verification';
import { type Outcome, type RunSummary, TrustError } from '@stanzaseal/trust';
import { fingerprint } from '@stanzaseal/trust/fingerprint';
import { acceptPassword, beginPassword, password } from '@stanzaseal/trust/password';
import { acceptSas, beginSas, confirmSas, sas } from '@stanzaseal/trust/sas';
import type { Message, SealedConnection } from '@stanzaseal/xmpp';
import { claimedFingerprint } from '../claimedFingerprint.js';
import { printable } from '../printable.js';
import type { Screen } from './screen.js';
import { wordsOfContact } from './words.js';
import { wordsOfRun } from './wordsOfRun.js';

/** What it takes. */
export interface VerifyingParts {
  /** Whose runs they are; nothing else verifies over its store. */
  readonly messenger: Messenger;
  /** What sends. */
  readonly connection: Pick<SealedConnection, 'send' | 'outbox'>;
  /** Bare JID of the other side. */
  readonly to: string;
  /** Where it is shown and asked. */
  readonly screen: Pick<Screen, 'print' | 'ask'>;
}

/** Verification in a chat. */
export interface Verifying {
  /** Takes a message that is one of these, and no text: gives whether it was. */
  take(message: Message): Promise<boolean>;
  /** Says what waits for the user, and what expired. */
  show(): Promise<void>;
  /** Commands, by their names. */
  readonly commands: Readonly<Record<Name, Command>>;
}

type Name = 'sas' | 'accept' | 'decline' | 'same' | 'different' | 'password' | 'fingerprint' | 'verify';

type Command = (words: string) => Promise<void>;

/** Makes it. There is one for a messenger. */
export async function createVerifying({ messenger, connection, to, screen }: VerifyingParts): Promise<Verifying> {
  const verification = await createVerification(messenger, { protocols: [sas, password] });
  const { verifier, settle } = verification;
  const say = (line: string | undefined): void => (line === undefined ? undefined : screen.print(line));

  async function go({ outcome, message, trust }: Settled<Outcome>): Promise<void> {
    if (message !== undefined) await connection.send(message);
    say(wordsOfRun(outcome, trust, to));
    if (outcome.kind === 'verified') await spread(outcome.peer.jid);
  }

  /** Tells one's other devices, and sends what waited for this. */
  async function spread(jid: string): Promise<void> {
    const isAlone = (await listedDevices(messenger)).every(({ isThis }) => isThis);
    const told = isAlone ? undefined : await exportTrustMessage(messenger, [jid]);
    if (told !== undefined) await connection.send(told);
    connection.outbox.flush();
  }

  /** The newest run with the other side that is at one of these stages. */
  async function find(stages: readonly RunSummary['stage'][], protocol?: string): Promise<RunSummary | undefined> {
    const fits = (run: RunSummary): boolean =>
      run.peer.jid === to && stages.includes(run.stage) && (protocol === undefined || run.protocol === protocol);
    return (await verifier.runs()).filter(fits).sort((a, b) => b.at - a.at)[0];
  }

  async function withPassword(use: (secret: string) => Promise<void>): Promise<void> {
    const secret = await screen.ask('the password, which is not shown: ');
    if (secret === undefined || secret === '') return say('* no password was given');
    await use(secret);
  }

  const answerPassword = (run: string): Promise<void> =>
    withPassword(async (secret) => go(await settle(await acceptPassword(verifier, run, secret))));

  async function compared(seen: string | boolean): Promise<void> {
    const found = await find(['here'], 'sas');
    if (found === undefined) return say('* there is nothing to compare; /sas begins');
    await go(await settle(await confirmSas(verifier, found.run, seen)));
  }

  const contact = async (): Promise<Contact | undefined> => (await messenger.contacts()).find(({ jid }) => jid === to);

  return {
    async take(message) {
      if (message.plain) return false;
      const decided = await importTrustMessage(messenger, message);
      for (const { jid, trust } of decided ?? [])
        say(`* ${printable(jid)} is ${trust}: another device of yours says so`);
      if (decided !== undefined) return true;
      try {
        const settled = await verification.receive(message);
        if (settled === undefined) return false;
        await go(settled);
      } catch (error) {
        if (!(error instanceof TrustError) || error.code !== 'ERR_MESSAGE') throw error;
        say(`* a verification message of ${printable(message.sender.jid)} makes no sense`);
      }
      return true;
    },
    async show() {
      for (const ended of await verifier.expire()) say(wordsOfRun(ended, undefined, to));
      for (const { run, stage } of await verifier.runs())
        if (stage === 'requested' || stage === 'here') say(wordsOfRun(await verifier.show(run), undefined, to));
    },
    commands: {
      async sas() {
        await go(await settle(await beginSas(verifier, await verification.party(to))));
      },
      async accept() {
        const found = await find(['requested']);
        if (found === undefined) say('* nobody asked; /sas or /password begins');
        else if (found.protocol === 'password') await answerPassword(found.run);
        else await go(await settle(await acceptSas(verifier, found.run)));
      },
      async decline() {
        const found = await find(['requested', 'here', 'waiting']);
        if (found === undefined) return say('* there is nothing to decline');
        await go(await settle(await verifier.cancel(found.run)));
      },
      same: (typed) => compared(typed.trim() === '' ? true : typed),
      different: () => compared(false),
      async password(question) {
        const found = await find(['requested'], 'password');
        if (found !== undefined) return answerPassword(found.run);
        const party = await verification.party(to);
        const asked = question.trim() === '' ? {} : { question: question.trim() };
        await withPassword(async (secret) => go(await settle(await beginPassword(verifier, party, secret, asked))));
      },
      async fingerprint() {
        const theirs = (await contact())?.fingerprint;
        say(`* yours: ${fingerprint(await messenger.fingerprint())}`);
        say(theirs ? `* theirs: ${fingerprint(theirs)}` : wordsOfContact(undefined, to));
      },
      async verify(words) {
        const { jid, identity } = claimedFingerprint(words, to);
        if (jid !== to) return say(`* that is the code of ${printable(jid)}`);
        const isSame = await messenger.verifyFingerprint(to, identity);
        if (!isSame) return say('* NOT THE SAME: a mistake, or somebody stands between you');
        say(wordsOfContact(await contact(), to));
        await spread(to);
      },
    },
  };
}
