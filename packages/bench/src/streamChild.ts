/**
 * `node dist/streamChild.js encrypt|both|baseEncrypt|baseBoth OCTETS`: one stream in a process of its own, as cold as any; prints how long
 * it took in µs by the clock and of the processor, and the most memory that this process ever had in octets, as JSON.
 * @module
 */
import { streamWork } from './streams.js';

const [verb, length] = process.argv.slice(2);
const work = streamWork(Number(length))[verb as 'encrypt' | 'both' | 'baseEncrypt' | 'baseBoth'];
const before = process.cpuUsage();
const start = performance.now();
await work();
const clock = (performance.now() - start) * 1000;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ clock, processor: user + system, memory: process.resourceUsage().maxRSS * 1024 }));
