/**
 * Whether the committed documentation still says what a run finds. What was not run on either side, and what another version of a
 * peer does, is no difference.
 * @module
 */

/** One thing that a document says. */
interface Fact {
  /** Heading, row and column; or the whole line. */
  readonly key: string;
  /** The cell; empty for lines. */
  readonly value: string;
  /** The peer whose column it stands in. */
  readonly column: string | undefined;
}

const NOT_RUN = 'not run';
const PEERS = 'Peers';
/** Rows by reader and not by object. */
const TALLY = 'One bit turned over';

/** Differences, a sentence each; none where the two agree. */
export function compare(committed: string, found: string): string[] {
  const [before, after] = [versionsIn(committed), versionsIn(found)];
  // A column that only one of the two knows is no other version: its cells count.
  const same = (column: string | undefined): boolean =>
    column === undefined || !before.has(column) || !after.has(column) || before.get(column) === after.get(column);
  const everywhere = [...new Set([...before.keys(), ...after.keys()])].every(same);
  const old = new Map(factsIn(committed).map((fact) => [fact.key, fact]));
  const differences: string[] = [];
  for (const fact of factsIn(found)) {
    const earlier = old.get(fact.key);
    old.delete(fact.key);
    if (!same(fact.column) || fact.value === NOT_RUN || earlier?.value === NOT_RUN) continue;
    // A line of its own, such as a command, belongs to no peer: it is compared when all peers are the same.
    if (earlier === undefined ? everywhere : earlier.value !== fact.value)
      differences.push(`${fact.key}: ${fact.value || 'found'}, not ${earlier?.value ?? 'in the document'}`);
  }
  if (everywhere) for (const { key } of old.values()) differences.push(`${key}: in the document, not found`);
  return differences;
}

/** Versions by column, from the table of peers. */
export function versionsIn(document: string): Map<string, string> {
  const rows = factsIn(document, true).filter(({ key }) => key.startsWith(`${PEERS} | `));
  return new Map(
    rows.filter(({ key }) => key.endsWith(' | version')).map(({ key, value }) => [key.split(' | ')[1] ?? '', value]),
  );
}

function factsIn(document: string, withPeers = false): Fact[] {
  const facts: Fact[] = [];
  let heading = '';
  let row = '';
  let head: string[] | undefined;
  for (const line of document.split('\n')) {
    if (!line.startsWith('|')) head = undefined;
    if (/^##+ /.test(line)) heading = line.replace(/^##+ /, '');
    else if (line.startsWith('# ')) row = line.slice(2);
    else if (line.startsWith('|')) {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      if (head === undefined) head = cells;
      else if (!/^-+$/.test(cells[0] ?? '')) facts.push(...cellFacts(heading, head, cells));
    } else if (/^(stanzaseal|openssl|java|certtool|gpgsm|\w+\.?\w*\(\.\.\.\)|- )/.test(line)) {
      const claim = /^- (.*): (yes|not run|FAILED)$/.exec(line);
      facts.push({
        key: `${heading} | ${claim?.[1] ?? `${row} | ${line}`}`,
        value: claim?.[2] ?? '',
        column: undefined,
      });
    }
  }
  // What is said twice must be said twice.
  const counts = new Map<string, number>();
  const unique = facts.map((fact) => {
    const count = (counts.get(fact.key) ?? 0) + 1;
    counts.set(fact.key, count);
    return count === 1 ? fact : { ...fact, key: `${fact.key} (${count})` };
  });
  return withPeers ? unique : unique.filter(({ key }) => !key.startsWith(`${PEERS} | `));
}

function cellFacts(heading: string, head: readonly string[], [name = '', ...cells]: readonly string[]): Fact[] {
  return cells.map((value, i) => {
    const column = heading === TALLY ? name : head[i + 1];
    return { key: `${heading} | ${name} | ${head[i + 1]}`, value, column };
  });
}
