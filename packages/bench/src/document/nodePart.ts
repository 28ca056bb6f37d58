/**
 * Objects, stanzas and peers in the document, with a chart for each job, and how cost grows.
 * @module
 */
import type { Growth } from '../growth.js';
import type { Row } from '../report.js';
import { chart, type Draw } from './chart.js';
import { digits, groupsBy, ratioOf, short, slug, title } from './words.js';

/** A chapter for each group, a section for each table. */
export function nodePart(rows: readonly Row[], draw: Draw): string {
  return groupsBy(rows, ({ group }) => group)
    .map(([group, own]) => `## ${title(group)}\n\n${tables(own, draw)}`)
    .join('\n');
}

function tables(rows: readonly Row[], draw: Draw): string {
  return groupsBy(rows, ({ title: name }) => name)
    .map(([name, jobs]) => {
      const [first] = jobs as [Row];
      const bars = jobs.map(({ name: job, median, processor, byClock, judged }) => {
        const value = byClock ? median : processor;
        return { name: job, value, label: `${digits(value)} µs, ${ratioOf(judged)} x` };
      });
      const picture = draw(`${slug(first.group)}-${slug(name)}`, chart(name, bars));
      const by = first.byClock ? ' (ratios by the clock)' : '';
      return `### ${title(name)}${by}\n\n![${name}](${picture})\n\n| | µs | spread | processor, µs | ratio | |\n| --- | --- | --- | --- | --- | --- |\n${jobs.map(line).join('\n')}\n`;
    })
    .join('\n');
}

function line(row: Row): string {
  const { name, median, least, most, processor, byClock, judged, must, aim, leastRatio, aimLeast, note, missed } = row;
  const held = [
    ...(must === undefined ? [] : [`must <= ${short(must)}`]),
    ...(aim === undefined ? [] : [`aim ${short(aim)}${judged <= aim ? ' met' : ''}`]),
    ...(leastRatio === undefined ? [] : [`must >= ${short(leastRatio)}`]),
    ...(aimLeast === undefined ? [] : [`aim >= ${short(aimLeast)}${judged >= aimLeast ? ' met' : ''}`]),
    ...missed.map((text) => `**missed: ${text}**`),
    ...(note === undefined ? [] : [note]),
  ];
  return `| ${name} | ${digits(median)} | ${digits(least)} - ${digits(most)} | ${byClock ? '' : digits(processor)} | ${ratioOf(judged)} | ${held.join('; ')} |`;
}

/** Lines through what was measured. */
export function growthPart(growth: readonly Growth[]): string {
  const lines = growth.map(({ what, unit, constant, each, error, bend, missed }) => {
    const cost = each < 0.1 ? `${(each * 1000).toPrecision(3)} ns` : `${each.toPrecision(3)} µs`;
    const verdict = missed === undefined ? '' : ` **missed: ${missed}**`;
    return `| ${what} | ${digits(constant)} µs | ${cost} | ${unit} | ${(error * 100).toFixed(0)} % | ${bend.toFixed(2)}${verdict} |`;
  });
  return `## Growth

A straight line through the figures: what does not depend on the number, and what each one more costs. *Within* is how far the line is from
a figure at most. The bend is what one costs at the greatest number, all in all, as a multiple of what it costs at the number before; above 1.1 it is worse than linear, and missed.

| what | constant | each | of | within | bend |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}
