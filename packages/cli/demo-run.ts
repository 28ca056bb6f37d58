import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { runDemo } from './src/demo/demo.js';
const ok = await runDemo({ crypto: createCryptoProvider(), random: systemRandom, now: Date.now(), print: console.log });
console.log(ok);
