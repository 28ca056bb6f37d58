/**
 * Figures of the archive: each a number with a unit, and, where it has one, its ratio to what the engine or the primitives alone do.
 * @module
 */

/** How thorough a run is. */
export interface ArchiveScale {
  /** Information only. */
  readonly isQuick: boolean;
  /** Turns of each job of ingest, at least. */
  readonly rounds: number;
  /** Sealed stanzas that are kept, scrubbed and proved. */
  readonly kept: number;
  /** Rows of which pages are read. */
  readonly rows: number;
}

/** Where archives are made. */
export interface ArchiveSite {
  readonly engine: 'SQLite' | 'PostgreSQL';
  /** URL of an archive of a name. */
  url(name: string): string;
}

/** One figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To the engine, or the primitives, alone: of rates, the greater the better. */
  readonly ratio?: number;
  /** The same of the processor time of this process, which others on the machine disturb less. */
  readonly processorRatio?: number;
  /** Least ratio that is taken, and aimed at; or the greatest value. */
  readonly must?: number;
  readonly aim?: number;
  readonly mustValue?: number;
  readonly note?: string;
  /** What it misses, in words. */
  readonly missed?: string;
}

/** A figure of a table. */
export interface ArchiveRow extends Figure {
  readonly title: string;
  readonly engine: ArchiveSite['engine'];
}

/** Figures of one kind, for each engine. */
export interface ArchiveTable {
  readonly title: string;
  run(site: ArchiveSite): Promise<Figure[]>;
}

/** A figure, judged. */
export function judgedFigure(figure: Figure): Figure {
  const { ratio, must, value, mustValue } = figure;
  if (ratio !== undefined && must !== undefined && ratio < must)
    return { ...figure, missed: `${ratio.toFixed(2)} < ${must}` };
  if (mustValue !== undefined && value > mustValue)
    return { ...figure, missed: `${value.toFixed(1)} > ${mustValue} ${figure.unit}` };
  return figure;
}

/** The line of a figure. */
export function archiveLine({
  name,
  value,
  unit,
  ratio,
  processorRatio,
  must,
  aim,
  mustValue,
  note,
  missed,
}: Figure): string {
  const number = value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
  const parts = [`  ${name.padEnd(44)} ${number.padStart(9)} ${unit.padEnd(12)}`];
  if (ratio !== undefined) parts.push(`${ratio.toFixed(2)} x`);
  if (processorRatio !== undefined) parts.push(`(processor time ${processorRatio.toFixed(2)} x)`);
  if (must !== undefined) parts.push(`must >= ${must}: ${missed === undefined ? 'met' : 'MISSED'}`);
  if (mustValue !== undefined) parts.push(`must <= ${mustValue}: ${missed === undefined ? 'met' : 'MISSED'}`);
  if (aim !== undefined) parts.push(`aim ${aim}${ratio !== undefined && ratio >= aim ? ': met' : ''}`);
  if (note !== undefined) parts.push(note);
  return parts.join('  ');
}
