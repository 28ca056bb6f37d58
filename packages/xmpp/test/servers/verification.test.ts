/** Two people verify each other through a real Prosody, by a short string and by a password; one of them is offline at every step. */
import { createVerification, type Settled, type Verification } from '@stanzaseal/messenger/verification';
import type { XmlElement } from '@stanzaseal/stanza';
import { needing, startProsody, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import type { Outcome } from '@stanzaseal/trust';
import { acceptPassword, beginPassword, password } from '@stanzaseal/trust/password';
import { acceptSas, beginSas, confirmSas, sas } from '@stanzaseal/trust/sas';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SealedMessage } from '../../src/index.js';
import { type Actor, actorOver, createActor } from './actors.js';

const test = suite('verification through Prosody');

/** Somebody at a device that is switched on for a step, and off again. */
interface Person {
  readonly user: string;
  actor: Actor;
}

const people: Person[] = [];
test.after.each(async () => {
  for (const { actor } of people.splice(0)) await actor.connection.stop().catch(() => undefined);
});
test.after(stopEverything);

async function person(server: XmppServer, user: string): Promise<Person> {
  const one = { user, actor: await createActor(server, user) };
  people.push(one);
  return one;
}

const over = ({ actor }: Person): Promise<Verification> =>
  createVerification(actor.messenger, { protocols: [sas, password] });

/**
 * A new process logs in, takes in what waits, does its step and leaves what it says at the server; then it ends. What arrived is
 * accepted after the run has it, as an application does.
 */
async function step(
  server: XmppServer,
  who: Person,
  awaited: boolean,
  act?: (verification: Verification) => Promise<Settled>,
): Promise<Settled<Outcome>> {
  let settled: Settled<Outcome> | undefined;
  let verification: Verification | undefined;
  const onMessage = async (message: unknown): Promise<void> => {
    const { plain, isOwn, stanza, sender } = message as SealedMessage;
    if (plain || isOwn) return;
    verification ??= await over(who);
    settled = (await verification.receive({ stanza, sender })) ?? settled;
  };
  who.actor = await actorOver(server, who.actor.storage, who.user, { onMessage });
  const { actor } = who;
  await actor.connection.start();
  if (awaited) await actor.until(() => settled !== undefined);
  if (act !== undefined) settled = await act((verification ??= await over(who)));
  const { message } = settled as Settled<Outcome>;
  if (message !== undefined) {
    await actor.connection.send(message as XmlElement);
    await actor.until(() => actor.events.some(({ kind }) => kind === 'sent'));
  }
  await actor.connection.stop();
  return settled as Settled<Outcome>;
}

/** Both have published, and are offline. */
async function pair(server: XmppServer): Promise<[Person, Person]> {
  const [romeo, juliet] = [await person(server, 'romeo'), await person(server, 'juliet')];
  for (const { actor } of [romeo, juliet]) {
    await actor.connection.start();
    await actor.connection.stop();
  }
  return [romeo, juliet];
}

const runOf = ({ outcome }: Settled<Outcome>): string => {
  if (outcome.kind === 'ignored') throw new Error('ignored');
  return outcome.run;
};

async function known({ actor }: Person): Promise<unknown> {
  return (await actor.messenger.contacts()).map(({ trust, evidence }) => [trust, evidence]);
}

test(
  'R05 R09 R13: a short string, never online together, verifies both',
  needing(['prosody'], async () => {
    const server = await startProsody();
    const [romeo, juliet] = await pair(server);
    const begun = await step(server, romeo, false, async (his) => {
      await romeo.actor.connection.keysOf(juliet.actor.jid);
      return his.settle(await beginSas(his.verifier, await his.party(juliet.actor.jid)));
    });
    const run = runOf(begun);
    await step(server, juliet, true, async (hers) => hers.settle(await acceptSas(hers.verifier, run)));
    const shown = await step(server, romeo, true);
    const compared = await step(server, juliet, true);
    const [his, hers] = [shown.outcome, compared.outcome];
    if (his.kind !== 'compare' || hers.kind !== 'compare') throw new Error(`${his.kind}, ${hers.kind}`);
    assert.is(his.value.characters, hers.value.characters);
    assert.is(his.value.characters.length, 6);
    // Over the telephone, the next day.
    for (const who of [romeo, juliet]) {
      const { verifier, settle } = await over(who);
      assert.is((await settle(await confirmSas(verifier, run, his.value.characters))).trust, 'verified');
      assert.equal(await known(who), [['verified', 'sas']]);
    }
  }),
);

test(
  'R09: a password, never online together, verifies both',
  needing(['prosody'], async () => {
    const server = await startProsody();
    const [romeo, juliet] = await pair(server);
    const begun = await step(server, romeo, false, async (his) => {
      await romeo.actor.connection.keysOf(juliet.actor.jid);
      return his.settle(await beginPassword(his.verifier, await his.party(juliet.actor.jid), 'wherefore'));
    });
    await step(server, juliet, true, async (hers) =>
      hers.settle(await acceptPassword(hers.verifier, runOf(begun), 'wherefore')),
    );
    assert.is((await step(server, romeo, true)).trust, 'verified');
    assert.is((await step(server, juliet, true)).trust, 'verified');
    for (const who of [romeo, juliet]) assert.equal(await known(who), [['verified', 'password']]);
  }),
);

test.run();
