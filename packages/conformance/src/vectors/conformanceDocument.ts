/**
 * Writes docs/conformance.md from a run.
 * @module
 */
import { DIFFERENCES } from './differences.js';
import { tableOf } from './report.js';
import type { Tally } from './tally.js';
import type { VectorCase } from './verdict.js';

/** The document's place. */
export const CONFORMANCE_DOCUMENT = 'docs/conformance.md';

/** The whole text. */
export function conformanceDocument(tally: Tally): string {
  const differences = DIFFERENCES.map(({ name, clause, codes, cases, reason }) => [
    name,
    clause,
    codes.map((code) => (code.startsWith('ERR_') ? `\`${code}\`` : code)).join(' or '),
    String(cases),
    reason,
  ]);
  const cases = DIFFERENCES.map((each) => `- **${each.name}**: ${placesOf(tally.met.get(each) ?? [])}.`);
  const reasons = [...tally.reasons].map(([reason, count]) => [reason, String(count)]);
  return `${INTRODUCTION}
## Results

${markdown(tableOf(tally))}

Of the Wycheproof cases ${tally.judged.get('wycheproof') ?? 0} were judged on their merits; the others are of algorithms that we do not
offer, and prove only that these are refused cleanly.

## Where we refuse what others take

A publisher calls a case \`valid\`, \`acceptable\` (either answer will do) or \`invalid\`. Nothing that is \`invalid\` is taken. What is not
\`invalid\` and is refused all the same stands here, and nowhere else: the run fails for any other case, and for a row whose cases are
taken, are not as many as it says, or are refused with another code. \`throws\` stands for a function of the provider, which promises
no code.

${markdown([['what', 'clause', 'our answer', 'cases', 'reason'], ...differences])}

The cases, by file and \`tcId\`:

${cases.join('\n')}

## What is not run

${markdown([['reason', 'cases'], ...reasons])}
`;
}

const INTRODUCTION = `# Conformance to published vectors

\`pnpm test:vectors\` puts every published vector at hand to the functions of the general profile, and writes down here what came of
it (\`pnpm test:vectors --write\`); without \`--write\` it fails where this page says otherwise. The vectors are not part of the
repository: they are found at \`$STANZASEAL_VECTORS\`. The short examples of \`test-vectors/rfc\` are, and run with the tests as well.

What is judged is as much of ours as a case can reach. A raw public key is the originator of an object to the raw private one; a shared
secret, a KEM ciphertext, a wrapped or an encrypted key is that of a recipient of an object built around it by \`node:crypto\`; a
ciphertext and tag are the content of an object to a key-encryption key; a signature stands in a SignedData; a MAC in an
AuthenticatedData. Where CMS cannot carry a case (an AAD that is no attributes, a key that is no key length), the provider's
function is called. Files of messages and keys each have an expectation, written from the publisher's index and the RFCs; a file without
one fails.
`;

function markdown(table: readonly (readonly string[])[]): string {
  const [head, ...rows] = table;
  return [head, (head ?? []).map(() => '---'), ...rows].map((row) => `| ${(row ?? []).join(' | ')} |`).join('\n');
}

/** \`x25519\` 1-3, 7; \`rfc4134\` 4.1.bin. */
function placesOf(cases: readonly VectorCase[]): string {
  const byFile = new Map<string, VectorCase[]>();
  for (const each of cases) {
    const place = each.source === 'wycheproof' ? each.file : each.source;
    byFile.set(place, [...(byFile.get(place) ?? []), each]);
  }
  return [...byFile].map(([place, inside]) => `\`${place}\` ${idsOf(inside)}`).join('; ');
}

function idsOf(cases: readonly VectorCase[]): string {
  if (cases[0]?.source !== 'wycheproof') return [...new Set(cases.map(({ file }) => file))].join(', ');
  const ids = cases.map(({ id }) => Number(id.replace('tcId ', ''))).sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
