/**
 * `node dist/streamChild.js encrypt|both|baseEncrypt|baseBoth OCTETS`: one stream in a process of its own; prints how long it took
 * in µs, and the most memory that this process ever had in octets, as JSON.
 * @module
 */
import { streamWork } from './streams.js';

const [verb, length] = process.argv.slice(2);
const work = streamWork(Number(length))[verb as 'encrypt' | 'both' | 'baseEncrypt' | 'baseBoth'];
const start = performance.now();
await work();
const time = (performance.now() - start) * 1000;
console.log(JSON.stringify({ time, memory: process.resourceUsage().maxRSS * 1024 }));
