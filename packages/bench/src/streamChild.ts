/**
 * `node dist/streamChild.js encrypt|both|baseEncrypt|baseBoth OCTETS`: one stream in a process of its own, as cold as any; prints how long
 * it took in µs by the clock and of the processor, and the most memory that this process ever had in octets, as JSON.
 * @module
 */
import { readFileSync } from 'node:fs';
import { streamWork } from './streams.js';

const [verb, length] = process.argv.slice(2);
const work = streamWork(Number(length))[verb as 'encrypt' | 'both' | 'baseEncrypt' | 'baseBoth'];
const before = process.cpuUsage();
const start = performance.now();
await work();
const clock = (performance.now() - start) * 1000;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ clock, processor: user + system, memory: peakOfMemory() }));

/** In octets. On Linux `maxRSS` begins with what the process had that started this one, so there the kernel's own mark is read. */
function peakOfMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (peak === undefined) throw new Error('/proc/self/status has no VmHWM');
  return Number(peak) * 1024;
}
