/**
 * What an archive costs once it is written: octets a message, proofs, scrubbing, rotation of archive keys. Ratios are to the primitives that
 * the work cannot be done without, called directly.
 * @module
 */
import { createCipheriv, createDecipheriv, diffieHellman, generateKeyPairSync, hash, randomBytes } from 'node:crypto';
import { type Archive, openRights, scrub, stats } from '@stanzaseal/archive';
import { verify } from '@stanzaseal/archive/evidence';
import { type AgreementKeys, equal, generatePrivateKey } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { TEXT } from './archiveIngest.js';
import { benchArchive, CHECKPOINT_KEY, ORIGIN, sealedStanzas, storedLength } from './archiveJobs.js';
import type { ArchiveScale, ArchiveTable, Figure } from './archiveReport.js';

const OWNER = 'juliet@capulet.example';
const crypto = createCryptoProvider();

/** Keeping sealed stanzas that an organisation may read. */
export function keepingTables({ kept }: ArchiveScale): ArchiveTable[] {
  return [
    {
      title: `${kept} sealed messages of ${TEXT} octets, kept`,
      run: async ({ url }) => {
        const old = await generatePrivateKey('X25519', systemRandom, crypto);
        const stanzas = await sealedStanzas(kept, TEXT, crypto, systemRandom, old.publicKey);
        const key = await old.agreementKey(crypto);
        const token: AgreementKeys = { find: (id) => (equal(id, old.publicKey.keyIdentifier) ? key : undefined) };
        const archive = await benchArchive(url('kept'));
        const start = Date.now();
        await archive.putMany(
          stanzas.map((stanza, i) => ({ stanza, owner: OWNER, receivedAt: start + i, stanzaId: `stanza-${i}` })),
        );
        await archive.checkpoint();
        const figures = [
          ...(await storedFigures(archive, stanzas[0] as string, kept)),
          ...(await proofFigures(archive, kept)),
          await scrubFigure(archive, storedLength(stanzas[0] as string)),
          await rewrapFigure(archive, token, old.publicKey),
        ];
        await archive.close();
        return figures;
      },
    },
  ];
}

async function storedFigures(archive: Archive, stanza: string, count: number): Promise<Figure[]> {
  const { contentOctets, keyOctets } = await stats(archive);
  return [
    {
      name: 'stored for a message, keys included',
      value: (contentOctets + keyOctets) / count,
      unit: 'octets',
      note: `${((contentOctets + keyOctets) / count / Buffer.byteLength(stanza)).toFixed(2)} of the stanza's ${Buffer.byteLength(stanza)}`,
    },
  ];
}

async function proofFigures(archive: Archive, count: number): Promise<Figure[]> {
  const proofs: string[] = [];
  const some = Math.min(count, 500);
  const making = await rateOf(some, async (i) => {
    proofs.push((await archive.proofOf({ owner: OWNER, id: `stanza-${Math.floor((i * count) / some)}` })).proof);
  });
  const checking = await rateOf(some, async (i) => {
    verify(proofs[i] as string, { origin: ORIGIN, logKey: CHECKPOINT_KEY.publicKey });
  });
  const length = proofs.reduce((sum, proof) => sum + Buffer.byteLength(proof), 0) / some;
  return [
    { name: 'proof, the whole stanza in it', value: length, unit: 'octets' },
    { name: 'proofs made', value: making, unit: 'a second' },
    { name: 'proofs verified by a stranger', value: checking, unit: 'a second' },
  ];
}

/** Beside decrypting and hashing as many octets, in pieces as long. */
async function scrubFigure(archive: Archive, length: number): Promise<Figure> {
  const start = performance.now();
  const { octets, damaged, logHolds } = await scrub(archive);
  const seconds = (performance.now() - start) / 1000;
  if (damaged.length > 0 || !logHolds) throw new Error('archive is damaged');
  const [secret, nonce, sealed] = [randomBytes(32), randomBytes(12), randomBytes(length)];
  const raw = await rateOf(Math.ceil(octets / length), async () => {
    const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: 16 });
    hash('sha256', decipher.update(sealed), 'buffer');
  });
  const value = octets / 1e6 / seconds;
  return { name: 'scrubbed', value, unit: 'MB/s', ratio: value / ((raw * length) / 1e6) };
}

/** Beside two key agreements, a new key, and a key unwrapped and wrapped. */
async function rewrapFigure(
  archive: Archive,
  token: AgreementKeys,
  old: Awaited<ReturnType<typeof generatePrivateKey>>['publicKey'],
): Promise<Figure> {
  const recordKey = await (await generatePrivateKey('Ed25519', systemRandom, crypto)).signingKey(crypto);
  const rights = await openRights(archive, { recordKey, privateKeys: token, onEvent: () => undefined });
  await rights.addArchiveKey({ line: 'organisation', key: old, epoch: 1 });
  await rights.escrow();
  const next = await generatePrivateKey('X25519', systemRandom, crypto);
  await rights.addArchiveKey({ line: 'organisation', key: next.publicKey, epoch: 2 });
  const start = performance.now();
  const { moved, left, mismatched } = await rights.rewrap('organisation');
  const value = (moved * 1000) / (performance.now() - start);
  if (moved === 0 || left.length > 0 || mismatched.length > 0) throw new Error('wraps were not moved');
  const [own, peer] = [generateKeyPairSync('x25519'), generateKeyPairSync('x25519')];
  const [kek, cek, iv] = [randomBytes(32), randomBytes(32), Buffer.alloc(8, 0xa6)];
  const raw = await rateOf(Math.min(moved, 2000), async () => {
    diffieHellman({ privateKey: own.privateKey, publicKey: peer.publicKey });
    const wrapped = createCipheriv('id-aes256-wrap', kek, iv).update(cek);
    createDecipheriv('id-aes256-wrap', kek, iv).update(wrapped);
    diffieHellman({ privateKey: generateKeyPairSync('x25519').privateKey, publicKey: peer.publicKey });
  });
  return { name: 'wraps moved to a new archive key', value, unit: 'a second', ratio: value / raw };
}

/** Of some runs, how many a second. */
async function rateOf(count: number, run: (i: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await run(i);
  return (count * 1000) / (performance.now() - start);
}
