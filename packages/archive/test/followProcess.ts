// A process that reads a source into an archive, and prints how far it is, until it is done or killed. Arguments: URL, number of stanzas.
import { randomBytes } from 'node:crypto';
import { follow } from '../src/index.js';
import { countingSource } from './countingSource.js';
import { opened, type Place } from './fixture.js';

const [, , url = '', count = ''] = process.argv;
const random = (length: number) => new Uint8Array(randomBytes(length));
const { archive } = await opened(undefined as unknown as Place, { random, limits: { batch: 20 } }, url);
await follow(archive, countingSource(Number(count)), { onProgress: ({ done }) => process.stdout.write(`${done}\n`) });
await archive.close();
