/** The general reader on what breaks off or goes wrong: as far as it goes, and where it stops; beside asn1js, where both read. */
import { goldenWorld, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BerNode, BerSource } from '../src/general/berTree.js';
import { readBrokenTree } from '../src/general/brokenTree.js';
import { GENERAL_LIMITS, readBroken, readGeneral } from '../src/general/index.js';
import { CmsError, fromHex } from '../src/index.js';

const test = suite('general reader, broken input');
const world = await goldenWorld();
const isDerError = (thrown: Error): boolean => thrown instanceof CmsError && thrown.code === 'ERR_DER';

test('where it stops, and why', () => {
  const cases: [hex: string, offset: number, reason: RegExp][] = [
    ['30', 0, /ends within a header/],
    ['3082', 0, /ends within a header/],
    ['30050201', 2, /a value of 1 octets has 0 before the input ends/],
    ['300a020105', 5, /ends 7 octets before the value around does/],
    ['3005020502', 2, /a value of 5 octets does not fit the 3 around it/],
    ['3080020105', 5, /end-of-contents octets are missing/],
    ['30040480aaaa', 2, /primitive value of indefinite length/],
    ['3002000005', 2, /tag 0/],
    ['3006bfffffffff7f', 2, /tag number of more than 4/],
    ['308901000000000000000002', 0, /a length of 9 octets/],
    // The outline holds, but a time that is none does not.
    ['30041802c3c3', 2, /not what its tag says/],
  ];
  for (const [hex, offset, reason] of cases) {
    const octets = fromHex(hex);
    assert.throws(() => readGeneral(octets, GENERAL_LIMITS), isDerError, hex);
    const found = readBroken(octets, GENERAL_LIMITS);
    assert.is(found.offset, offset, hex);
    assert.match(found.reason, reason, hex);
  }
  assert.throws(() => readBroken(new Uint8Array(0), GENERAL_LIMITS), isDerError);
});

test('limits hold: depth, values, and octets', () => {
  const nested = new Uint8Array(60000).map((_, i) => (i % 2 === 0 ? 0x30 : 0x80));
  assert.match(readBroken(nested, GENERAL_LIMITS).reason, 'nested deeper than 64 levels');
  const small = { octets: 100, depth: 2, nodes: 3 };
  assert.match(readBroken(fromHex('3006050005000500'), small).reason, 'more than 3 values');
  assert.match(readBroken(fromHex('3006300430020500'), small).reason, 'nested deeper than 2 levels');
  assert.throws(() => readBroken(new Uint8Array(101), small), isDerError);
});

test('what is cut keeps its structure and names; of no known structure, nothing that may be a key is shown', () => {
  const { der } = world.object('sealed');
  const cut = readBroken(der.subarray(0, der.length - 1), GENERAL_LIMITS);
  assert.is(cut.structure, 'ContentInfo');
  assert.is(cut.root?.incomplete, true);
  const unknown = readBroken(fromHex('30200201050403aabbcc06032b6570'), GENERAL_LIMITS);
  assert.is(unknown.structure, undefined);
  assert.equal(
    unknown.root?.children?.map(({ value }) => value?.kind),
    ['secret', 'secret', 'objectIdentifier'],
  );
});

test('whatever asn1js reads, our outline reads the same; whatever it does not, has a place', () => {
  const random = unsafeSeededRandom('broken');
  const outline = ({ content, children, ...rest }: BerNode): unknown => ({
    ...rest,
    content: content.length,
    children: children.map(outline),
  });
  let [same, refused] = [0, 0];
  for (let i = 0; i < 1200; i++) {
    const { der } = world.objects[i % world.objects.length] as { der: Uint8Array };
    const octets = Uint8Array.from(der);
    const [count = 0, ...bytes] = random(10);
    for (let k = 0; k <= count % 3; k++) {
      const [high = 0, low = 0, value = 0] = bytes.slice(3 * k);
      octets[(256 * high + low) % octets.length] = value;
    }
    let read: BerNode | undefined;
    try {
      read = new BerSource(GENERAL_LIMITS).read(octets);
    } catch (thrown) {
      assert.instance(thrown, CmsError);
    }
    const { root, broken } = readBrokenTree(octets, GENERAL_LIMITS);
    if (read === undefined) {
      assert.ok(broken.offset <= octets.length);
      refused++;
    } else if (!isConstructedString(read)) {
      assert.ok(root);
      assert.equal(outline(root), outline(read));
      same++;
    }
  }
  assert.ok(same > 200 && refused > 200, `${same} read, ${refused} refused`);
});

/** asn1js keeps no parts of constructed character strings and times. */
function isConstructedString({ constructed, tagClass, tagNumber, children }: BerNode): boolean {
  const own = constructed && tagClass === 0 && ![3, 4, 16, 17].includes(tagNumber);
  return own || children.some(isConstructedString);
}

test.run();
