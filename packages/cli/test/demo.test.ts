import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runDemo } from '../src/demo/demo.js';

const test = suite('demo');

test('everything goes as it must, and the last line says so', async () => {
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  assert.ok(await runDemo({ crypto: createCryptoProvider(), random: systemRandom, now: Date.UTC(2026, 0, 1), print }));
  const counts = /^demo: (\d+) sealed, (\d+) opened, (\d+) refused as they must be$/.exec(lines.at(-1) ?? '');
  assert.ok(
    counts !== null && Number(counts[1]) >= 60 && Number(counts[2]) > Number(counts[1]) && Number(counts[3]) >= 3,
  );
  assert.not.ok(lines.some((line) => line.includes('NOT THE SAME') || line.includes('OPENED (')));
});

test.run();
