/**
 * What runs in the page: objects and whole stanzas beside the page's own WebCrypto calls, interleaved.
 * @module
 */
import {
  type AgreementKeys,
  encodeClearContext,
  equal,
  generatePrivateKey,
  ID_CT_SEALED_STANZA,
  OBJECT_LIMITS,
} from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider/webcrypto';
import { decrypt, encrypt, readObject, recipientsDigest } from '@stanzaseal/envelope';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { sign, verify } from '@stanzaseal/signer';
import { readXml, writeXml } from '@stanzaseal/stanza';
import { createWebBase } from './webBase.js';

/** A row of a table; times are µs. */
export interface PageRow {
  /** Table. */
  readonly title: string;
  /** Job. */
  readonly name: string;
  /** Median over the rounds. */
  readonly median: number;
  /** Lower quartile over the rounds. */
  readonly quartile: number;
  /** Ratio to the first job of the table, of lower quartiles: a page has no processor time, and a round in which another process ran says little. */
  readonly ratio: number;
  /** Greatest ratio that is taken. */
  readonly must?: number;
}

type Run = () => Promise<unknown>;

const KIBIBYTE = 1024;
/** Runs of each job before anything is counted: optimising compilers take their time. */
const WARM_UP = 10_000;
const provider = createCryptoProvider();

/** All tables. @param rounds how many rounds; @param slice ms that each job runs in each: short, so that most rounds are disturbed by nobody */
export async function run(rounds: number, slice: number): Promise<PageRow[]> {
  const objects = await objectRuns();
  const stanzas = await stanzaRuns();
  const base = await createWebBase(KIBIBYTE);
  const padded = await createWebBase(1448);
  const rows: PageRow[] = [];
  for (const verb of ['seal', 'open'] as const) {
    rows.push(
      ...(await table(`${verb} 1 KiB, one device`, rounds, slice, [
        ["the page's WebCrypto", () => base[verb]()],
        ['signer + envelope', objects[verb], 1.25],
      ])),
      ...(await table(`${verb} a stanza with 1 KiB of text`, rounds, slice, [
        ["the page's WebCrypto", () => padded[verb]()],
        ['messenger', stanzas[verb]],
      ])),
    );
  }
  return rows;
}

async function table(
  title: string,
  rounds: number,
  slice: number,
  jobs: readonly (readonly [name: string, run: Run, must?: number])[],
): Promise<PageRow[]> {
  for (const [, job] of jobs) for (let i = 0; i < WARM_UP; i++) await job();
  const times: number[][] = jobs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, job]] of jobs.entries()) times[i]?.push(await timed(job, slice));
  }
  return jobs.map(([name, , must], i) => {
    const [own, base] = [sorted(times[i]), sorted(times[0])];
    const quartile = at(own, 1 / 4);
    const ratio = quartile / at(base, 1 / 4);
    return { title, name, median: at(own, 1 / 2), quartile, ratio, ...(must === undefined ? {} : { must }) };
  });
}

/** µs a run, over so many ms. */
async function timed(job: Run, slice: number): Promise<number> {
  let count = 0;
  const start = performance.now();
  let spent = 0;
  while (spent < slice) {
    await job();
    count++;
    spent = performance.now() - start;
  }
  return (spent * 1000) / count;
}

function sorted(values: readonly number[] = []): number[] {
  return [...values].sort((a, b) => a - b);
}

function at(ordered: readonly number[], part: number): number {
  return ordered[Math.floor(ordered.length * part)] as number;
}

async function objectRuns(): Promise<Record<'seal' | 'open', Run>> {
  const crypto = provider;
  const content = random(KIBIBYTE);
  const device = await generatePrivateKey('Ed25519', random, crypto);
  const prekey = await generatePrivateKey('X25519', random, crypto);
  const own = await prekey.agreementKey(crypto);
  const signers = [await device.signingKey(crypto)] as const;
  const { keyIdentifier } = prekey.publicKey;
  const digest = await recipientsDigest([keyIdentifier], crypto);
  const signed = { contentType: ID_CT_SEALED_STANZA, form: 'SignedData', crypto } as const;
  const seal = async (): Promise<Uint8Array> => {
    const { der } = await sign(content, { ...signed, signers: [...signers], signingTime: Date.now() });
    const clearContext = encodeClearContext({
      suite: 1,
      kind: 'message',
      type: 'chat',
      from: 'romeo@montague.example',
      to: 'juliet@capulet.example',
      messageId: random(16),
      recipientsDigest: digest,
    });
    return (await encrypt(der, { recipients: [prekey.publicKey], clearContext, random, crypto })).der;
  };
  const object = await seal();
  const keys: AgreementKeys = { find: (id) => (equal(id, keyIdentifier) ? own : undefined) };
  const open = async (): Promise<void> => {
    const { content: der } = await decrypt(await readObject(object, { crypto, limits: OBJECT_LIMITS }), {
      keys,
      crypto,
    });
    await verify(der, { ...signed, signers: [device.publicKey], limits: OBJECT_LIMITS });
  };
  await open();
  return { seal, open };
}

async function stanzaRuns(): Promise<Record<'seal' | 'open', Run>> {
  const [romeo, juliet] = [await person('romeo@montague.example'), await person('juliet@capulet.example')];
  await introduce(juliet, romeo);
  await introduce(romeo, juliet);
  const text = `<message xmlns='jabber:client' type='chat' id='1'><body>${'x'.repeat(KIBIBYTE)}</body></message>`;
  const sealed = async (by: Messenger, to: string): Promise<string> =>
    writeXml((await by.seal(readXml(text), { to })).stanza);
  const opened = async (by: Messenger, stanza: string) => {
    const result = await by.open(readXml(stanza));
    if (result.status !== 'opened') throw new Error(`stanza is ${result.status}`);
    return result;
  };
  await (await opened(juliet, await sealed(romeo, juliet.owner))).accept();
  await (await opened(romeo, await sealed(juliet, romeo.owner))).accept();
  const stanza = await sealed(romeo, juliet.owner);
  return {
    seal: () => sealed(romeo, juliet.owner),
    open: async () => writeXml((await opened(juliet, stanza)).stanza),
  };
}

async function person(owner: string): Promise<Messenger> {
  const keys = { random, clock: Date.now, crypto: provider };
  const store = await createKeyStore(createMemoryStorage(), await createAccount({ owner, ...keys }));
  return createMessenger({ store, ...keys, onEvent: () => undefined });
}

async function introduce(who: Messenger, to: Messenger): Promise<void> {
  const { deviceList, prekeyBundle } = await who.publish();
  await to.importKeys([deviceList, prekeyBundle]);
}
