/**
 * QR codes of fingerprints: for a page, and for a terminal.
 * @module
 */
import { encodeQR } from 'qr';
import { fingerprintUri } from './fingerprint.js';
import type { Party } from './runs/party.js';

/** Modules of white around a code that scanners need (ISO/IEC 18004 §6.3.8). */
const BORDER = 4;

/** The code of `fingerprintUri` as an SVG document, black on white whatever stands behind it; it takes the size that the page gives it. */
export function fingerprintSvg(party: Party): string {
  const rows = modules(party);
  const size = rows.length;
  let path = '';
  for (const [y, row] of rows.entries()) for (const [x, dark] of row.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}h-${size}z"/><path d="${path}"/></svg>`
  );
}

/**
 * The code of `fingerprintUri` as lines for a terminal, two modules in a character, black on white by escape sequences (ECMA-48 SGR)
 * whatever colours the terminal has.
 */
export function fingerprintTerminal(party: Party): string {
  const rows = modules(party);
  const lines: string[] = [];
  for (let y = 0; y < rows.length; y += 2) {
    const [upper = [], lower] = [rows[y], rows[y + 1]];
    const cells = upper.map((dark, x) => (dark ? (lower?.[x] ? '█' : '▀') : lower?.[x] ? '▄' : ' '));
    lines.push(`\u001b[38;2;0;0;0;48;2;255;255;255m${cells.join('')}\u001b[0m\n`);
  }
  return lines.join('');
}

/** Rows of modules, `true` for dark ones. */
function modules(party: Party): boolean[][] {
  return encodeQR(fingerprintUri(party), 'raw', { ecc: 'medium', border: BORDER });
}
