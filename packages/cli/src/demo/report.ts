/**
 * What the demo prints: what the server saw, what was opened, what was refused and why that matters, and the speed.
 * @module
 */

/** One stanza's arrival on one device. */
export interface Delivery {
  /** Name in the corpus. */
  readonly name: string;
  /** Group in the corpus. */
  readonly group: string;
  /** How it arrived. */
  readonly how: string;
  /** What the server saw: from, to, kind, type, id, size in octets. */
  readonly from: string;
  /** Outer `to`. */
  readonly to: string;
  /** Outer element. */
  readonly kind: string;
  /** Outer type. */
  readonly type: string;
  /** Length of the object in octets. */
  readonly octets: number;
  /** Outer id. */
  readonly id: string;
  /** Class of the key that opened it. */
  readonly class: string | undefined;
  /** Trust in the sender. */
  readonly trust: string | undefined;
  /** Whether what came out is what went in. */
  readonly same: boolean;
}

/** Something that must not open, and what became of it. */
export interface Refusal {
  /** What was done. */
  readonly what: string;
  /** Why the user should care. */
  readonly why: string;
  /** What the device answered. */
  readonly answer: string;
  /** Whether it was refused. */
  readonly held: boolean;
}

/** Everything to be reported. */
export interface Report {
  /** Arrivals. */
  readonly deliveries: readonly Delivery[];
  /** Refusals. */
  readonly refusals: readonly Refusal[];
  /** Stanzas sealed. */
  readonly sealed: number;
  /** ms spent in all. */
  readonly times: { readonly seal: number; readonly open: number };
  /** Where lines go. */
  readonly print: (line: string) => void;
}

/** Prints the report; its last line is the outcome. */
export function report({ deliveries, refusals, sealed, times, print }: Report): void {
  print('What the server saw (it can read none of it):');
  table(print, ['group', 'stanzas', 'kind', 'who to whom', 'sizes in octets'], byGroup(deliveries));
  print('');
  print('What was opened:');
  const opened = deliveries.filter(({ same }) => same);
  table(print, ['arrived', 'opened', 'of', 'keys used', 'sender'], byArrival(deliveries));
  for (const { name, how } of deliveries.filter(({ same }) => !same)) print(`  NOT THE SAME: ${name} (${how})`);
  print('');
  print('What was refused:');
  table(
    print,
    ['what was tried', 'answer', 'why you should care'],
    refusals.map(({ what, why, answer, held }) => [what, held ? answer : `OPENED (${answer})`, why]),
  );
  print('');
  const perSeal = (times.seal / sealed).toFixed(2);
  const perOpen = (times.open / deliveries.length).toFixed(2);
  print(
    `Speed: ${perSeal} ms to seal a stanza, ${perOpen} ms to open one (${Math.round(1000 / Number(perOpen))} a second), stores in memory.`,
  );
  print(
    `demo: ${sealed} sealed, ${opened.length} opened, ${refusals.filter(({ held }) => held).length} refused as they must be`,
  );
}

function byGroup(deliveries: readonly Delivery[]): string[][] {
  const seen = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const group = seen.get(delivery.group) ?? [];
    if (!group.some(({ id }) => id === delivery.id)) group.push(delivery);
    seen.set(delivery.group, group);
  }
  return [...seen].map(([group, members]) => {
    const kinds = [...new Set(members.map(({ kind, type }) => `${kind} ${type}`))];
    const ways = [...new Set(members.map(({ from, to }) => `${bare(from)} > ${bare(to)}`))];
    const sizes = [...new Set(members.map(({ octets }) => octets))].sort((a, b) => a - b);
    const range = sizes.length > 3 ? `${sizes[0]} .. ${sizes.at(-1)} (${sizes.length} sizes)` : sizes.join(' ');
    return [group, String(members.length), shorten(kinds.join(', '), 34), shorten(ways.join(', '), 56), range];
  });
}

function byArrival(deliveries: readonly Delivery[]): string[][] {
  return [...new Set(deliveries.map(({ how }) => how))].map((how) => {
    const members = deliveries.filter((delivery) => delivery.how === how);
    const classes = count(members.map((delivery) => delivery.class ?? 'none'));
    const trust = count(members.map((delivery) => delivery.trust ?? 'unknown'));
    return [how, String(members.filter(({ same }) => same).length), String(members.length), classes, trust];
  });
}

function count(values: readonly string[]): string {
  return [...new Set(values)].map((value) => `${values.filter((other) => other === value).length} ${value}`).join(', ');
}

function bare(jid: string): string {
  return jid.split('/')[0] as string;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

function table(print: (line: string) => void, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, i) => cell.padEnd(widths[i] as number))
      .join('  ')
      .trimEnd()}`;
  print(line(head));
  print(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) print(line(row));
}
