/**
 * What a stranger wants to know first: what was promised and whether it is so, and who is faster.
 * @module
 */
import type { ArchiveRow } from '../archiveReport.js';
import type { PageRow } from '../browser/page.js';
import type { Row } from '../report.js';
import type { Runs } from './runs.js';
import { digits, groupsBy, ratioOf, short } from './words.js';

/** Something that is held to a bound. */
interface Held {
  readonly what: string;
  readonly figure: string;
  readonly must: string;
  readonly aim?: string;
  readonly missed: readonly string[];
}

/** Every job that is held to something, its worst figure where it has many, and peers that were faster. */
export function summaryPart({ node, browser, archive }: Runs): string {
  const held = [
    ...node.rows.flatMap(ofNode),
    ...groupsBy(node.rows, ({ title }) => title).flatMap(([title, rows]) => ofPeers(title, rows)),
    ...(browser?.rows ?? []).flatMap(ofPage),
    ...groupsBy(archive?.rows ?? [], ({ title, engine }) => `archive: ${title}, ${engine}`).flatMap(ofArchive),
  ];
  const lines = held.map(({ what, figure, must, aim = '', missed }) => {
    const verdict = missed.length === 0 ? 'met' : `**missed: ${missed.join('; ')}**`;
    return `| ${what} | ${figure} | ${must} | ${aim} | ${verdict} |`;
  });
  const faster = node.rows.flatMap(({ group, title, name, judged, note }) =>
    group === 'peers' && judged < 1
      ? [`- ${title}: ${name}, ${ratioOf(judged)} of our time${note === undefined ? '' : ` (${note})`}`]
      : [],
  );
  const peers =
    faster.length === 0
      ? 'No peer was faster than we are in this run.'
      : `Peers that were faster than we are in this run, of all in the tables below ([why](#where-a-peer-is-better)):\n\n${faster.join('\n')}`;
  return `## In short

| what is held to something | figure | must | aim | |
| --- | --- | --- | --- | --- |
${lines.join('\n')}

${peers}
`;
}

function ofNode({ group, title, name, judged, must, aim, leastRatio, missed }: Row): Held[] {
  if (leastRatio !== undefined || (must === undefined && missed.length === 0)) return [];
  return [
    {
      what: `${group}: ${title}, ${name}`,
      figure: ratioOf(judged),
      must: must === undefined ? '' : `<= ${short(must)}`,
      ...(aim === undefined ? {} : { aim: `<= ${short(aim)}` }),
      missed,
    },
  ];
}

/** The fastest of those that we want to be faster than by a factor. */
function ofPeers(title: string, rows: readonly Row[]): Held[] {
  const peers = rows.filter(({ leastRatio }) => leastRatio !== undefined).sort((a, b) => a.judged - b.judged);
  return peers.slice(0, 1).map(({ name, judged, leastRatio = 0 }) => ({
    what: `peers: ${title}, the fastest in JavaScript: ${name}`,
    figure: ratioOf(judged),
    must: `>= ${short(leastRatio)}`,
    missed: peers.flatMap((peer) => peer.missed.map((text) => `${peer.name}: ${text}`)),
  }));
}

function ofPage({ title, name, ratio, must }: PageRow): Held[] {
  if (must === undefined) return [];
  const missed = ratio > must ? [`${ratioOf(ratio)} > ${short(must)}`] : [];
  return [{ what: `browser: ${title}, ${name}`, figure: ratioOf(ratio), must: `<= ${short(must)}`, missed }];
}

/** Ratios one by one; of times the longest. */
function ofArchive([what, rows]: [string, ArchiveRow[]]): Held[] {
  const rates = rows.flatMap(({ name, ratio = 0, must, aim, missed }): Held[] =>
    must === undefined
      ? []
      : [
          {
            what: `${what}: ${name}`,
            figure: ratioOf(ratio),
            must: `>= ${short(must)}`,
            ...(aim === undefined ? {} : { aim: `>= ${short(aim)}` }),
            missed: missed === undefined ? [] : [missed],
          },
        ],
  );
  const times = rows.filter(({ mustValue }) => mustValue !== undefined).sort((a, b) => b.value - a.value);
  const slowest = times.slice(0, 1).map(({ name, value, unit, mustValue, missed }) => ({
    what: `${what}: the slowest, ${name}`,
    figure: `${digits(value)} ${unit}`,
    must: `<= ${mustValue} ${unit}`,
    missed:
      missed === undefined ? [] : [`${times.filter((row) => row.missed !== undefined).length} of ${times.length}`],
  }));
  return [...rates, ...slowest];
}
