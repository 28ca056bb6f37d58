// Five hundred processes killed at work for each storage on a disk; four in the short form.
import { killAtSpool } from '../spoolKilling.js';

for (const kind of ['file', 'sqlite'] as const) {
  const started = Date.now();
  const { kills, accepted, openedAfter, erased } = await killAtSpool(kind, process.env.SOAK === 'long' ? 500 : 4);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${kind}: ${kills} kills, ${accepted} accepted, ${openedAfter} opened after, ${erased} prekeys erased, ${seconds} s`,
  );
}
