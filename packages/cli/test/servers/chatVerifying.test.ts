import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needing, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chatPeople, said } from './chatPeople.js';

const test = suite('stanzaseal chat verifies, on Prosody');
const people = chatPeople();
const [romeo, juliet] = [
  { from: 'romeo', to: 'juliet' },
  { from: 'juliet', to: 'romeo' },
];

test.after(() => {
  stopEverything();
  people.remove();
});

test(
  'a rule, a short string and a password at two terminals; a password that differs, by pipes',
  needing(['prosody', 'tmux'], async () => {
    const server = await startProsody();
    await Promise.all(['romeo', 'juliet'].map((user) => server.register(user)));
    const hers = await people.atTerminal(server.tcpUrl, juliet);
    await hers.until('nothing is known of romeo@localhost yet', 40_000);
    const his = await people.atTerminal(server.tcpUrl, romeo);
    await his.until('juliet@localhost is unverified: /sas', 40_000);

    await his.type('/policy verified');
    await his.until('goes to juliet@localhost only while they are verified');
    await his.type('a plan');
    await his.until('NOT SENT: juliet@localhost is unverified; /sas');
    await his.type('/accept');
    await his.until('nobody asked');

    await his.type('/sas');
    await hers.until('romeo@localhost asks you to compare a short string');
    await hers.type('/accept');
    const shown = /Do you both see this\? \* ([0-9A-Z]{3} [0-9A-Z]{3})/;
    const [atHers, atHis] = [flat(await hers.until(shown)), flat(await his.until(shown))];
    const [, string = ''] = shown.exec(atHers) ?? [];
    assert.is(shown.exec(atHis)?.[1], string);
    await his.type('/same');
    await his.until('juliet@localhost is verified');
    await hers.type(`/same ${string.toLowerCase()}`);
    await hers.until('romeo@localhost is verified');
    await his.type('the plan');
    await hers.until('romeo@localhost (verified): the plan');
    assert.not.match(await hers.screen(), /: a plan/);

    await his.type('/password Where did we meet?');
    await his.until('the password, which is not shown:');
    await his.type('at the feast');
    await hers.until('the answer to "Where did we meet?": /password');
    await hers.type('/password');
    await hers.until('the password, which is not shown:');
    // What comes meanwhile is shown, and what is typed is not.
    await his.type('do you know it?');
    await hers.until(/do you know it\? the password, which is not shown:/);
    await hers.type('at the feast');
    await Promise.all([
      his.until(/it is the turn of juliet@localhost.*juliet@localhost is verified/),
      hers.until(/it is the turn of romeo@localhost.*romeo@localhost is verified/),
    ]);
    await hers.press('Up');
    await hers.until('> /password');
    assert.not.match((await his.screen()) + (await hers.screen()), /at the feast/);
    await Promise.all([his.press('C-c'), hers.press('C-c')]);
    await Promise.all([his.stop(), hers.stop()]);

    const asked = await people.piped(server.tcpUrl, romeo, '/password\none thing\n');
    assert.is(asked.code, 0, asked.stdout + asked.stderr);
    const answered = await people.piped(server.tcpUrl, juliet, '/password\nanother\nafter it\n');
    assert.match(answered.stdout, /asks for the password that you share/);
    const told = await people.piped(server.tcpUrl, romeo, '');
    assert.match(told.stdout, /DOES NOT MATCH/);
    assert.ok(said(told.stdout).includes('juliet@localhost (verified): after it'), told.stdout);
    for (const { from } of [romeo, juliet]) {
      const [name = ''] = readdirSync(join(people.folder, from)).filter((each) => each.startsWith('history-'));
      assert.not.match(readFileSync(join(people.folder, from, name), 'latin1'), /feast|thing|another/);
    }
    assert.not.match(told.stdout + answered.stdout, /feast|one thing|another/);
    await server.stop();
  }),
);

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

test.run();
