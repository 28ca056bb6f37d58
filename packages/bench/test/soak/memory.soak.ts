/**
 * Memory over 10^6 seals and as many opens (`SOAK=short`: 2 * 10^4): a conversation on a clock of its own, with erasure at work. It is
 * looked at after a pause in which all that lives by the calendar ended, and after a collection of all garbage. Fails where it goes on growing.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { node } from '../../src/context.js';
import { createConversation } from '../../src/conversation.js';
import { message } from '../../src/people.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MEBIBYTE = 2 ** 20;
/** Objects of a turn: each of two writes once. */
const OBJECTS = 2;
/** Turns before anything is counted: what is compiled and what is cached once is not growth. */
const WARM_UP = 4_000;
const SAMPLES = 20;
/** Growth from the first half of the samples to the second that is taken for noise. */
const NOISE = 0.02;

const turns = (process.env.SOAK === 'short' ? 20_000 : 1_000_000) / OBJECTS;
const stanza = message('x'.repeat(1024));
const conversation = await createConversation(node);
for (let i = 0; i < WARM_UP; i++) await conversation.turn(stanza);
for (let i = 0; i < 2; i++) await conversation.settle(stanza);

const samples: number[] = [];
const start = performance.now();
for (let sample = 0; sample < SAMPLES; sample++) {
  for (let i = 0; i < turns / SAMPLES; i++) await conversation.turn(stanza);
  await conversation.settle(stanza);
  collect();
  const { heapUsed, arrayBuffers, external, rss } = process.memoryUsage();
  samples.push(heapUsed + external);
  const inUse = [heapUsed, arrayBuffers, external, rss].map((octets) => (octets / MEBIBYTE).toFixed(1)).join(' / ');
  const done = Math.round(((sample + 1) * turns * OBJECTS) / SAMPLES);
  console.log(`${done} sealed and opened: heap / array buffers / external / resident ${inUse} MiB`);
}
const seconds = (performance.now() - start) / 1000;
const half = SAMPLES / 2;
const [before, after] = [mean(samples.slice(0, half)), mean(samples.slice(half))];
const growth = after / before - 1;
const each = ((after - before) / ((turns * OBJECTS) / 2)).toFixed(2);
console.log(`${seconds.toFixed(0)} s; ${(growth * 100).toFixed(2)} % from half to half, ${each} octets an object`);
if (growth > NOISE) {
  console.log('memory goes on growing');
  process.exitCode = 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
