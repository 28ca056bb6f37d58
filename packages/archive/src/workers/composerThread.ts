/**
 * A thread that composes entries. It draws nothing: its random octets come with what it is asked.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { RandomSource } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { Tags } from '../keys/ownerTags.js';
import { type ComposedEntry, composeEntry } from '../log/composeEntry.js';
import { type ComposeAnswer, type ComposeRequest, packed, sourcesOf, type ThreadData } from './composerMessages.js';

const { secret, peers, xmlLimits, objectLimits } = workerData as ThreadData;
const shared = { peers, xmlLimits, objectLimits, archiveTags: new Tags(secret), crypto: createCryptoProvider() };

parentPort?.on('message', async (request: ComposeRequest) => {
  const { number, keys, keyOf, drawn } = request;
  try {
    const random = givenOctets(drawn);
    const known = keys.map(([, kek, ownerSecret]) => ({ kek, ownerTags: new Tags(ownerSecret) }));
    const entries: ComposedEntry[] = [];
    for (const [i, source] of sourcesOf(request).entries()) {
      const { kek, ownerTags } = known[keyOf[i] as number] as (typeof known)[0];
      const entry = composeEntry(source, { ...shared, kek, ownerTags, random });
      entries.push(entry instanceof Promise ? await entry : entry);
    }
    const columns = packed(entries);
    parentPort?.postMessage({ number, columns } satisfies ComposeAnswer, [columns.octets.buffer as ArrayBuffer]);
  } catch (failure) {
    parentPort?.postMessage({ number, failure: failure as Error } satisfies ComposeAnswer);
  }
});

/** Gives out given octets, each once. */
function givenOctets(octets: Uint8Array): RandomSource {
  let at = 0;
  return (length) => {
    if (at + length > octets.length) throw new RangeError('more was drawn than was given');
    at += length;
    return octets.slice(at - length, at);
  };
}
