/**
 * Whole stanzas through `messenger` over a memory store, XML to XML: padding, contexts, prekeys, replay memory.
 * @module
 */
import type { CryptoProvider } from '@stanzaseal/cms';
import { readXml, writeXml } from '@stanzaseal/stanza';
import { createBase } from './base.js';
import { KIBIBYTE, lengthName, node } from './context.js';
import { createConversation } from './conversation.js';
import { couple, introduce, message, opened, paddedTo, person, sealed } from './people.js';
import type { Job, Scale, Table } from './table.js';

const HELD = { must: 1.6, aim: 1.25 } as const;

/** Stanzas of four lengths, both ways, a turn of a conversation, a room, and a night's messages. */
export function stanzaTables(scale: Scale): Table[] {
  const group = 'stanzas';
  const lengths = [200, KIBIBYTE, 16 * KIBIBYTE, 200 * KIBIBYTE].flatMap((length) => {
    const title = `stanza with ${lengthName(length)} of text`;
    return (['seal', 'open'] as const).map((verb) => ({
      group,
      title: `${verb} a ${title}`,
      jobs: () => besideBase(verb, length, node),
    }));
  });
  return [
    ...lengths,
    { group, title: 'a turn of each, 1 KiB: seal with a new reply prekey, open, accept', jobs: turn },
    { group, title: 'seal a stanza of 1 KiB to a room of 100, for each', jobs: () => room(100), pieces: 100 },
    {
      group,
      title: `catch up ${catchUpCount(scale).toLocaleString('en')} messages of 200 B, for each`,
      jobs: () => catchUp(catchUpCount(scale)),
      pieces: catchUpCount(scale),
      runs: 1,
    },
  ];
}

/** Sealing or opening stanzas with so much text; opened without accepting, so that the same octets open again. */
export async function besideBase(
  verb: 'seal' | 'open',
  textLength: number,
  crypto: CryptoProvider,
  held: Pick<Job, 'must' | 'aim'> = HELD,
): Promise<Job[]> {
  const { romeo, juliet } = await couple({ crypto, objectOctets: 2 ** 20 });
  const text = message('x'.repeat(textLength));
  const stanza = await sealed(romeo, juliet.owner, text);
  const runs = {
    seal: () => sealed(romeo, juliet.owner, text),
    open: async () => writeXml((await opened(juliet, stanza, crypto.base64)).stanza),
  };
  const name = `messenger, ${crypto.name}`;
  return [
    { name: 'base', run: createBase(paddedTo(stanza), 1)[verb] },
    { name, run: runs[verb], ...held },
  ];
}

/** Each answers on the other's new reply prekey: one key more for each, which the base makes as well. */
async function turn(): Promise<Job[]> {
  const conversation = await createConversation(node);
  const text = message('x'.repeat(KIBIBYTE));
  const base = createBase(conversation.paddedTo, 1);
  return [
    {
      name: 'base',
      run() {
        for (let i = 0; i < 2; i++) {
          base.generate();
          base.seal();
          base.open();
        }
      },
    },
    { name: 'messenger, opened and accepted', run: () => conversation.turn(text) },
  ];
}

async function room(members: number): Promise<Job[]> {
  const romeo = await person('romeo@montague.example', { crypto: node });
  const jids: string[] = [];
  for (let i = 0; i < members; i++) {
    const member = await person(`guest${i}@capulet.example`, { crypto: node });
    await introduce(member, romeo);
    jids.push(member.owner);
  }
  const text = message('x'.repeat(KIBIBYTE)).replace('chat', 'groupchat');
  const target = { room: 'ball@rooms.capulet.example', members: jids };
  const seal = async (): Promise<string> => writeXml((await romeo.seal(readXml(text), target)).stanza);
  return [
    { name: 'base', run: createBase(paddedTo(await seal()), members).seal },
    { name: 'messenger, node:crypto', run: seal },
  ];
}

function catchUpCount({ isQuick }: Scale): number {
  return isQuick ? 500 : 10_000;
}

/** Juliet was away: each message is opened and accepted, its text taken. */
async function catchUp(count: number): Promise<Job[]> {
  const text = message('x'.repeat(200));
  const stanzas: string[] = [];
  const { romeo, juliet } = await couple({ crypto: node });
  for (let i = 0; i < count; i++) stanzas.push(await sealed(romeo, juliet.owner, text));
  const base = createBase(paddedTo(stanzas[0] as string), 1);
  const accept = async (by: typeof juliet, from: readonly string[]): Promise<void> => {
    for (const stanza of from) await (await opened(by, stanza)).accept();
  };
  // Warm by another couple's messages, for each opens once.
  const others = await couple({ crypto: node });
  const warming: string[] = [];
  for (let i = 0; i < 500; i++) warming.push(await sealed(others.romeo, others.juliet.owner, text));
  await accept(others.juliet, warming);
  for (let i = 0; i < 500; i++) base.open();
  return [
    {
      name: 'base',
      run() {
        for (let i = 0; i < count; i++) base.open();
      },
    },
    { name: 'messenger, opened and accepted', run: () => accept(juliet, stanzas) },
  ];
}
