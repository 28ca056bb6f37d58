// Bundles what a page would load, minified and gzipped, and holds it to the budgets of the design. What a page does not import must
// not come along: rows name what is to be shaken away.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { report } from './findings.mjs';
import { root } from './repository.mjs';

// What is bundled and at most how many octets it may weigh gzipped; kB = 1,000 octets. Rows without a budget are for
// information. `file: names` takes these exports; a file alone takes all of its exports, so that nothing is shaken away.
/** @typedef {string | [file: string, names: string]} Part */
const provider = 'cms/src/provider/webCrypto.ts';
// Beginnings of paths: what seals, what opens, and what no page needs that keeps to the sealed profile.
const sealing = [
  'packages/signer/src/sign.ts',
  'packages/envelope/src/encrypt.ts',
  'packages/stanza/src/sealStanza.ts',
];
const opening = [
  'packages/signer/src/verify.ts',
  'packages/envelope/src/decrypt.ts',
  'packages/stanza/src/openStanza.ts',
];
const needless = ['packages/cms/src/provider/node.ts', 'packages/cms/src/general/', 'node_modules/'];
/** @type {{ name: string, parts: Part[], budget?: number, without?: string[] }[]} */
const rows = [
  {
    // All that a page needs which seals and opens objects: keys, the attributes of the profile, sign, verify, encrypt, decrypt.
    name: 'object only: cms, signer, envelope',
    parts: [
      provider,
      ['cms/src/index.ts', 'importPublicKey, exportPublicKey, importPrivateKey, generatePrivateKey'],
      'cms/src/profile/clearContext.ts',
      'cms/src/profile/privateContext.ts',
      'cms/src/profile/recipients.ts',
      'cms/src/profile/replyPrekey.ts',
      'cms/src/profile/senderKeys.ts',
      ['signer/src/index.ts', 'sign, verify'],
      ['envelope/src/index.ts', 'encrypt, readObject, decrypt, recipientsDigest'],
    ],
    budget: 12_000,
    without: needless,
  },
  {
    name: 'objects, opening alone',
    parts: [
      ['signer/src/index.ts', 'verify'],
      ['envelope/src/index.ts', 'readObject, decrypt'],
    ],
    without: [...sealing, ...needless],
  },
  {
    name: 'objects, sealing alone',
    parts: [
      ['signer/src/index.ts', 'sign'],
      ['envelope/src/index.ts', 'encrypt, recipientsDigest'],
    ],
    without: [...opening, ...needless],
  },
  {
    name: 'stanzas, opening alone',
    parts: [['stanza/src/index.ts', 'readXml, readSealedStanza, openSealedStanza']],
    without: [...sealing, ...needless],
  },
  {
    name: 'stanzas, sealing alone',
    parts: [['stanza/src/index.ts', 'writeXml, sealStanza']],
    without: [...opening, ...needless],
  },
  {
    // All that a page needs which seals to people and opens what they sent; of the layers below, what these use.
    name: 'with stanza, keystore and messenger',
    parts: [
      provider,
      ['cms/src/index.ts', 'importPublicKey, exportPublicKey, toHex, fromHex'],
      ['stanza/src/index.ts', 'readXml, writeXml, element, attribute, child, childrenOf, textOf, bareJid, NS'],
      ['keystore/src/index.ts', 'createAccount, createKeyStore, openKeyStore, createMemoryStorage, KeyStoreError'],
      'messenger/src/index.ts',
    ],
    budget: 40_000,
    without: needless,
  },
  {
    name: 'the same, with every export of cms, signer and envelope',
    parts: [
      provider,
      'cms/src/index.ts',
      'signer/src/index.ts',
      'envelope/src/index.ts',
      'stanza/src/index.ts',
      'keystore/src/index.ts',
      'messenger/src/index.ts',
    ],
  },
  {
    name: 'cms, signer, envelope, every export',
    parts: [provider, 'cms/src/index.ts', 'signer/src/index.ts', 'envelope/src/index.ts'],
  },
  { name: 'cms alone', parts: ['cms/src/index.ts'] },
  { name: 'cms/provider/webcrypto alone', parts: [provider] },
  { name: 'cms/general alone', parts: ['cms/src/general/index.ts'] },
  { name: 'stanza alone', parts: ['stanza/src/index.ts'] },
];
/** @type {string[]} */
const findings = [];
const lines = [['entry', 'minified', 'gzip', 'budget']];
for (const { name, parts, budget, without = [] } of rows) {
  const indexes = parts.map((part) => join('packages', fileOf(part).replace(/\/src\/.*$/, '/src/index.ts')));
  const missing = [...new Set(indexes)].filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) {
    lines.push([name, 'skipped:', 'missing', missing.join(' ')]);
    continue;
  }
  try {
    const { minified, gzip, files } = await weigh(parts);
    lines.push([name, kilobytes(minified), kilobytes(gzip), budget === undefined ? '-' : kilobytes(budget)]);
    if (budget !== undefined && gzip > budget) {
      findings.push(`${name}: ${kilobytes(gzip)} gzip, the budget is ${kilobytes(budget)}`);
    }
    for (const unwanted of without) {
      // Where the file is gone nothing would be proven.
      if (!existsSync(join(root, unwanted))) findings.push(`${name}: there is no ${unwanted} to leave out`);
      const found = files.filter((file) => file.startsWith(unwanted));
      if (found.length > 0) findings.push(`${name}: brings ${found.join(', ')}`);
    }
  } catch (error) {
    findings.push(`${name}: cannot be bundled for a browser: ${error instanceof Error ? error.message : error}`);
  }
}
const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
for (const line of lines)
  console.log(
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
report('size', findings, `${rows.length} bundles`);

/** @param {Part} part */
function fileOf(part) {
  return typeof part === 'string' ? part : part[0];
}

/** @param {Part[]} parts @returns {Promise<{ minified: number, gzip: number, files: string[] }>} octets; files of which something is left */
async function weigh(parts) {
  const contents = parts
    // Names as a page imports them: an object of all names would weigh more than what it names.
    .map((part) => [typeof part === 'string' ? '*' : `{ ${part[1]} }`, fileOf(part)])
    .map(([names, file]) => `export ${names} from './packages/${file}';`)
    .join('\n');
  const result = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@stanzaseal/source', 'browser'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  // A name that two parts export is in neither's place, and would not be weighed.
  if (result.warnings.length > 0) throw new Error(result.warnings.map(({ text }) => text).join('; '));
  const octets = result.outputFiles[0]?.contents ?? new Uint8Array();
  const files = Object.values(result.metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return { minified: octets.length, gzip: gzipSync(octets, { level: 9 }).length, files };
}

/** @param {number} octets */
function kilobytes(octets) {
  return `${(octets / 1000).toFixed(1)} kB`;
}
