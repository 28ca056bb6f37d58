/**
 * The archive in the document.
 * @module
 */
import type { ArchiveRow } from '../archiveReport.js';
import { chart, type Draw } from './chart.js';
import type { ArchiveRun } from './runs.js';
import { digits, groupsBy, ratioOf, short, slug, title } from './words.js';

/** One section for each job, with a chart for each unit that has several figures. */
export function archivePart({ rows }: ArchiveRun, draw: Draw): string {
  const tables = groupsBy(rows, ({ title: name }) => name).map(([name, figures]) => {
    const pictures = groupsBy(figures, ({ unit }) => unit)
      .filter(([, own]) => own.length > 1)
      .map(([unit, own]) => {
        const picture = draw(`archive-${slug(name)}-${slug(unit)}`, chart(`${name}: ${unit}`, own.map(bar)));
        return `![${name}: ${unit}](${picture})\n\n`;
      });
    return `### ${title(name)}\n\n${pictures.join('')}| engine | | figure | ratio | |\n| --- | --- | --- | --- | --- |\n${figures.map(line).join('\n')}\n`;
  });
  return `## Archive

Ingest stands beside its own engine in the same run: the same octets in a plain table, in transactions of the same size, each waiting for the disk;
of rates, a greater ratio is better. A message kept is compared with what the primitives alone take.

${tables.join('\n')}`;
}

function bar({ engine, name, value, unit, ratio }: ArchiveRow) {
  const beside = ratio === undefined ? '' : `, ${ratioOf(ratio)} x`;
  return { name: `${engine}: ${name}`, value, label: `${digits(value)} ${unit}${beside}` };
}

function line({ engine, name, value, unit, ratio, must, aim, mustValue, note, missed }: ArchiveRow): string {
  const held = [
    ...(must === undefined ? [] : [`must >= ${short(must)}`]),
    ...(mustValue === undefined ? [] : [`must <= ${mustValue} ${unit}`]),
    ...(aim === undefined ? [] : [`aim ${short(aim)}${ratio !== undefined && ratio >= aim ? ' met' : ''}`]),
    ...(missed === undefined ? [] : [`**missed: ${missed}**`]),
    ...(note === undefined ? [] : [note]),
  ];
  return `| ${engine} | ${name} | ${digits(value)} ${unit} | ${ratio === undefined ? '' : ratioOf(ratio)} | ${held.join('; ')} |`;
}
