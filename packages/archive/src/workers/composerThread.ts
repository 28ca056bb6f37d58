/**
 * A thread that composes entries. It draws nothing: its random octets come with what it is asked.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { sha256 } from '../evidence/index.js';
import { Tags } from '../keys/ownerTags.js';
import { DRAWN_OCTETS, type EntryKeys } from '../log/composedEntry.js';
import { composeEntries } from '../log/composeEntries.js';
import { type ComposeAnswer, type ComposeRequest, packed, sourcesOf, type ThreadData } from './composerMessages.js';
import { giveWay } from './giveWay.js';

const { secret, peers, xmlLimits, objectLimits } = workerData as ThreadData;
const crypto = { ...createCryptoProvider(), sha256: (octets: Uint8Array) => sha256(octets) };
const shared = { peers, xmlLimits, objectLimits, archiveTags: new Tags(secret), crypto };
/** This thread's own, which no other sees. An entry takes some 10 KiB of it, so that none of that is memory of its own. */
Buffer.poolSize = 64 * 1024;

giveWay();

parentPort?.on('message', async (request: ComposeRequest) => {
  const { number, keys, keyOf, drawn } = request;
  try {
    const known = keys.map(([, kek, ownerSecret]) => ({ kek, ownerTags: new Tags(ownerSecret) }));
    const sources = sourcesOf(request);
    const own = sources.map((_, i): EntryKeys => {
      const { kek, ownerTags } = known[keyOf[i] as number] as (typeof known)[0];
      return { kek, ownerTags, drawn: drawn.subarray(i * DRAWN_OCTETS, (i + 1) * DRAWN_OCTETS) };
    });
    const columns = packed(await composeEntries(sources, own, shared));
    const moved = [columns.octets.buffer as ArrayBuffer, columns.sealed.buffer as ArrayBuffer];
    parentPort?.postMessage({ number, columns } satisfies ComposeAnswer, moved);
  } catch (failure) {
    parentPort?.postMessage({ number, failure: failure as Error } satisfies ComposeAnswer);
  }
});
