/** The laws that the property test and the soak share; each gives `undefined`, or fast-check's report with its seed. */
import { goldenWorld } from '@stanzaseal/testkit';
import fc from 'fast-check';
import {
  CmsError,
  compare,
  type DerTree,
  decodeAuthEnvelopedData,
  decodeDerTree,
  decodeSignedData,
  encodeAuthEnvelopedData,
  encodeDerTree,
  encodeSignedData,
  equal,
} from '../src/index.js';

const limits = { octets: 1 << 20, depth: 16 };

/** A tree of any values that DER allows. */
export const derTree: fc.Arbitrary<DerTree> = fc.letrec<{
  tree: DerTree;
  primitive: DerTree;
  set: DerTree;
  sequence: DerTree;
}>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', maxDepth: 12 }, tie('primitive'), tie('sequence'), tie('set')),
  primitive: fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((content) => ({ tag: 0x04, content })),
    fc.uint8Array({ maxLength: 40 }).map((content) => ({ tag: 0x81, content })),
    fc.boolean().map((value) => ({ tag: 0x01, content: Uint8Array.of(value ? 0xff : 0) })),
    fc.nat(127).map((value) => ({ tag: 0x02, content: Uint8Array.of(value) })),
    fc.uint8Array({ maxLength: 9 }).map((octets) => ({ tag: 0x02, content: Uint8Array.of(0x01, ...octets) })),
    fc
      .array(fc.nat(127), { minLength: 1, maxLength: 32 })
      .map((arcs) => ({ tag: 0x06, content: Uint8Array.from(arcs) })),
    fc.string({ unit: 'grapheme' }).map((text) => ({ tag: 0x0c, content: new TextEncoder().encode(text) })),
    fc.constant({ tag: 0x05, content: new Uint8Array(0) }),
  ),
  set: fc.array(tie('tree'), { maxLength: 5 }).map((elements) => ({ tag: 0x31, content: sorted(elements) })),
  sequence: fc
    .tuple(fc.constantFrom(0x30, 0xa0, 0xa1), fc.array(tie('tree'), { maxLength: 5 }))
    .map(([tag, content]) => ({ tag, content })),
})).tree;

/** encode, then decode, gives the same tree. */
export function checkDerTree(runs: number): string | undefined {
  return report(
    fc.check(
      fc.property(derTree, (tree) => {
        const der = encodeDerTree(tree);
        return equal(encodeDerTree(decodeDerTree(der, limits)), der);
      }),
      { numRuns: runs },
    ),
  );
}

/** Octets that are nearly DER are refused with a `CmsError`, or decode and encode to themselves. */
export function checkDerMutant(runs: number): string | undefined {
  const mutant = fc.tuple(derTree, mutations).map(([tree, changes]) => mutated(encodeDerTree(tree), changes));
  const octets = fc.oneof({ weight: 9, arbitrary: mutant }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) });
  return report(
    fc.check(
      fc.property(octets, (der) => {
        const tree = taken(() => decodeDerTree(der, limits));
        return tree === undefined || equal(encodeDerTree(tree), der);
      }),
      { numRuns: runs },
    ),
  );
}

/** A changed object is refused, or reads to a structure that writes back to the changed octets: so to another value. */
export async function checkObjectMutant(runs: number): Promise<string | undefined> {
  const { objects } = await goldenWorld();
  const signed = objects.filter(({ name }) => /^(signed|endorsement|revocation|device list|prekey bundle)/.test(name));
  const sealed = objects.filter(({ name }) => /^(sealed|general)/.test(name));
  const check = (names: typeof objects, recode: (der: Uint8Array) => Uint8Array) =>
    report(
      fc.check(
        fc.property(fc.constantFrom(...names), mutations, ({ der }, changes) => {
          const mutant = mutated(der, changes);
          const written = taken(() => recode(mutant));
          return written === undefined || equal(written, mutant);
        }),
        { numRuns: Math.ceil(runs / 2) },
      ),
    );
  return (
    check(signed, (der) => encodeSignedData(decodeSignedData(der))) ??
    check(sealed, (der) => encodeAuthEnvelopedData(decodeAuthEnvelopedData(der)))
  );
}

/** One to three changes: an octet set, put in, or taken out, or everything behind it cut off. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({ kind: fc.constantFrom('set', 'flip', 'insert', 'remove', 'cut'), at: fc.nat(), octet: fc.nat(255) }),
  { minLength: 1, maxLength: 3 },
);

/** A change of octets; `at` is taken modulo the length. */
export interface Mutation {
  readonly kind: 'set' | 'flip' | 'insert' | 'remove' | 'cut';
  readonly at: number;
  readonly octet: number;
}

/** Octets with changes made. */
export function mutated(octets: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  const mutant = [...octets];
  for (const { kind, at, octet } of changes) {
    const place = mutant.length === 0 ? 0 : at % mutant.length;
    if (kind === 'insert') mutant.splice(place, 0, octet);
    else if (mutant.length === 0) continue;
    else if (kind === 'set') mutant[place] = octet;
    else if (kind === 'flip') mutant[place] = (mutant[place] as number) ^ (1 << (octet & 7));
    else if (kind === 'remove') mutant.splice(place, 1);
    else mutant.length = place;
  }
  return Uint8Array.from(mutant);
}

/** What a decoder gives, or `undefined` where it refuses with its own error; any other throw goes through. */
function taken<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CmsError) return undefined;
    throw error;
  }
}

function sorted(elements: readonly DerTree[]): readonly DerTree[] {
  const encodings = elements.map((tree) => ({ tree, der: encodeDerTree(tree) })).sort((a, b) => compare(a.der, b.der));
  return encodings
    .filter(({ der }, i) => i === 0 || !equal(der, (encodings[i - 1] as { der: Uint8Array }).der))
    .map(({ tree }) => tree);
}

function report<T>(details: fc.RunDetails<T>): string | undefined {
  return details.failed ? fc.defaultReportMessage(details) : undefined;
}
