/**
 * A table as a picture: one bar a job.
 * @module
 */

/** A bar. */
export interface Bar {
  /** What it is of. */
  readonly name: string;
  /** Its length. */
  readonly value: number;
  /** What is said of it, with its unit. */
  readonly label: string;
}

/** Keeps a picture under a name, and gives the path by which the document shows it. */
export type Draw = (name: string, svg: string) => string;

const WIDTH = 820;
const NAMES = 320;
const FIGURES = 160;
const LINE = 26;

/** SVG of bars. Where the longest is more than twenty times the shortest, lengths are logarithms, and the picture says so. */
export function chart(title: string, bars: readonly Bar[]): string {
  const values = bars.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = most > 20 * least;
  const room = WIDTH - NAMES - FIGURES;
  const length = (value: number): number =>
    isLogarithmic ? (room * (1 + Math.log10(value / least))) / (1 + Math.log10(most / least)) : (room * value) / most;
  const height = LINE * (bars.length + 1) + (isLogarithmic ? 20 : 4);
  const lines = bars.map(({ name, value, label }, i) => {
    const y = LINE * (i + 1);
    const width = Math.max(1, length(value)).toFixed(1);
    return [
      `<text x="${NAMES - 8}" y="${y + 17}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${NAMES}" y="${y + 4}" width="${width}" height="${LINE - 8}" fill="${i === 0 ? '#1b7f5c' : '#8aa4b8'}"/>`,
      `<text x="${(NAMES + Number(width) + 6).toFixed(1)}" y="${y + 17}">${escaped(label)}</text>`,
    ].join('');
  });
  const scale = isLogarithmic
    ? `<text x="${NAMES}" y="${height - 5}" font-size="11">lengths are logarithmic</text>`
    : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13"><title>${escaped(title)}</title><rect width="${WIDTH}" height="${height}" fill="#fff"/><text x="8" y="17" font-weight="bold">${escaped(title)}</text>${lines.join('')}${scale}</svg>\n`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
