import { fromHex } from '@stanzaseal/cms';
import { decodeQR } from 'qr/decode.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprintSvg, fingerprintTerminal } from '../src/fingerprintQr.js';
import { fingerprintUri } from '../src/index.js';

const test = suite('fingerprints as QR codes');

const juliet = { jid: 'juliet@capulet.example', identity: fromHex('0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(2)) };
const SCALE = 4;

/** Scans an image of modules, drawn as a camera would see it. */
function scan(rows: readonly (readonly boolean[])[]): string {
  const [height, width] = [rows.length * SCALE, (rows[0]?.length ?? 0) * SCALE];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dark = rows[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)];
      data.set(dark ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * width + x) * 4);
    }
  }
  return decodeQR({ width, height, data });
}

test('the terminal shows the URI, black on white', () => {
  const lines = fingerprintTerminal(juliet).trimEnd().split('\n');
  const rows: boolean[][] = [];
  for (const line of lines) {
    const match = /^\x1b\[38;2;0;0;0;48;2;255;255;255m([ ▀▄█]+)\x1b\[0m$/.exec(line);
    assert.ok(match, JSON.stringify(line));
    const cells = [...(match?.[1] ?? '')];
    rows.push(
      cells.map((cell) => cell === '▀' || cell === '█'),
      cells.map((cell) => cell === '▄' || cell === '█'),
    );
  }
  assert.ok(lines.length <= 34, `${lines.length} lines`);
  assert.is(scan(rows), fingerprintUri(juliet));
});

test('the SVG shows the URI, with four modules of white around it', () => {
  const svg = fingerprintSvg(juliet);
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) (rows[Number(y)] as boolean[])[Number(x)] = true;
  assert.is(scan(rows), fingerprintUri(juliet));
  for (const row of [...rows.slice(0, 4), ...rows.slice(-4)]) assert.not(row.includes(true));
  for (const row of rows) assert.not([...row.slice(0, 4), ...row.slice(-4)].includes(true));
  assert.not(/<script|href|style=/.test(svg));
});

test.run();
