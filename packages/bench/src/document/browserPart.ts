/**
 * A page in the document.
 * @module
 */
import { chart, type Draw } from './chart.js';
import type { BrowserRun } from './runs.js';
import { digits, groupsBy, ratioOf, short, slug, title } from './words.js';

/** One section for each job. */
export function browserPart({ browser, rows }: BrowserRun, draw: Draw): string {
  const tables = groupsBy(rows, ({ title: name }) => name).map(([name, jobs]) => {
    const bars = jobs.map(({ name: job, median, ratio }) => ({
      name: job,
      value: median,
      label: `${digits(median)} µs, ${ratioOf(ratio)} x`,
    }));
    const picture = draw(`browser-${slug(name)}`, chart(`${name}, in a page`, bars));
    const lines = jobs.map(({ name: job, median, ratio, must }) => {
      const held = must === undefined ? '' : `must <= ${short(must)}${ratio > must ? ': **missed**' : ''}`;
      return `| ${job} | ${digits(median)} | ${ratioOf(ratio)} | ${held} |`;
    });
    return `### ${title(name)}, in a page\n\n![${name}](${picture})\n\n| | µs | ratio | |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return `## In a browser

${browser}, beside the page's own WebCrypto calls for the same primitives, by the clock; figures are medians, ratios those of lower quartiles. A
call of WebCrypto costs some 5 to 10 µs before it does anything.

${tables.join('\n')}`;
}
