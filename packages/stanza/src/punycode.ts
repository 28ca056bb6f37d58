/**
 * Punycode (RFC 3492), decoding only: browsers turn a domain into its ASCII form (`URL`), but not back.
 * @module
 */

/** The text of a label without its `xn--`, or `undefined` if it is no Punycode. */
export function decodePunycode(label: string): string | undefined {
  const delimiter = label.lastIndexOf('-');
  const code = delimiter > 0 ? Array.from(label.slice(0, delimiter), (letter) => letter.charCodeAt(0)) : [];
  let at = delimiter > 0 ? delimiter + 1 : 0;
  let point = 128;
  let bias = 72;
  let index = 0;
  while (at < label.length) {
    const before = index;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(label.charCodeAt(at++));
      if (digit < 0) return undefined;
      index += digit * weight;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > 0x7fffffff) return undefined;
    }
    const count = code.length + 1;
    bias = adapt(index - before, count, before === 0);
    point += Math.floor(index / count);
    index %= count;
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    code.splice(index++, 0, point);
  }
  return String.fromCodePoint(...code);
}

const BASE = 36;

/** RFC 3492 §6.1. */
function adapt(delta: number, count: number, first: boolean): number {
  let rest = first ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > 455; k += BASE) rest = Math.floor(rest / 35);
  return k + Math.floor((36 * rest) / (rest + 38));
}

function digitOf(unit: number): number {
  if (unit >= 97 && unit <= 122) return unit - 97;
  if (unit >= 48 && unit <= 57) return unit - 22;
  return -1;
}
