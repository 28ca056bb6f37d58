/** `cms inspect` of what breaks off or is changed at random: a tree as far as it goes, one error, no secret, no hang. */
import { exportPrivateKey, toHex } from '@stanzaseal/cms';
import { goldenWorld } from '@stanzaseal/testkit';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspected } from './inspected.js';
import { conformsTo } from './jsonSchema.js';
import { read, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal cms inspect of what is broken');
const world = await goldenWorld();
const check = conformsTo('inspect');

test('every prefix of every golden object says where it breaks, and shows what stands before', () => {
  let shown = 0;
  for (const { name, der } of world.objects) {
    for (let end = 1; end < der.length; end++) {
      const found = inspected(der.subarray(0, end));
      // Not even the header is there.
      if (found === undefined) assert.ok(end < 4, `${name}, ${end} octets`);
      else {
        assert.ok(found.broken !== undefined && found.broken.offset <= end, `${name}, ${end} octets`);
        assert.match(found.shown, `# breaks at ${found.broken.offset}: `);
        if (end % 64 === 0) check({ objects: [JSON.parse(JSON.stringify(found.json))] });
        shown++;
      }
    }
  }
  assert.ok(shown > 10_000, `${shown}`);
});

test('no prefix of a private key shows its secret', () => {
  for (const [name, key] of Object.entries(world.keys)) {
    const der = exportPrivateKey(key);
    const secret = toHex(key.secret());
    for (let end = 1; end < der.length; end++) {
      const shown = inspected(der.subarray(0, end))?.shown ?? '';
      for (let i = 0; i < secret.length; i += 16)
        assert.ok(!shown.includes(secret.slice(i, i + 16)), `${name}, ${end}`);
    }
  }
});

test('octets at random: never an exception, never slow', () => {
  const goldens = world.objects.map(({ der }) => der);
  const mutant = fc
    .tuple(
      fc.constantFrom(...goldens),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(), { nil: undefined }),
    )
    .map(([der, changes, cut]) => {
      const octets = Uint8Array.from(der);
      for (const [place, octet] of changes) octets[place % octets.length] = octet;
      return octets.subarray(0, cut === undefined ? octets.length : 1 + (cut % octets.length));
    });
  fc.assert(
    fc.property(fc.oneof(mutant, fc.uint8Array({ minLength: 1, maxLength: 300 })), (octets) => {
      const start = performance.now();
      const found = inspected(octets);
      if (found !== undefined) assert.not.match(found.text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      assert.ok(performance.now() - start < 2000);
    }),
    { numRuns: 1500 },
  );
});

test('what costs most: great, deep, and many signers of one great content', () => {
  const start = performance.now();
  const nested = new Uint8Array(60_000).map((_, i) => (i % 2 === 0 ? 0x30 : 0x80));
  assert.match(inspected(nested)?.broken?.reason ?? '', /nested deeper than 64 levels/);
  const many = new Uint8Array(120_004);
  many.set([0x30, 0x83, 0x01, 0xd4, 0xbf]);
  for (let i = 5; i + 1 < many.length; i += 2) many[i] = 0x05;
  assert.match(inspected(many)?.broken?.reason ?? '', /more than 50000 values/);
  assert.ok(performance.now() - start < 10_000);
});

test('at the shell: the tree on standard output, one line on standard error, exit code 1, no file', () => {
  const { der } = world.object('sealed');
  const cut = stanzaseal('cms inspect', der.subarray(0, 300));
  assert.is(cut.code, 1);
  assert.match(
    cut.stderr,
    /^error: ERR_DER: input is broken at octet 291: a value of 1936 octets has 5 before the input ends\n$/,
  );
  assert.match(cut.stdout.toString(), /^# ContentInfo, broken, 300 octets\n/);
  assert.match(cut.stdout.toString(), /AuthEnvelopedData SEQUENCE \(not whole\)\n/);
  const json = stanzaseal('cms inspect --json', der.subarray(0, 300));
  assert.is(json.code, 1);
  const { objects } = JSON.parse(json.stdout.toString());
  assert.is(objects[0].broken.offset, 291);
  assert.is(objects[0].root.incomplete, true);

  assert.is(stanzaseal('cms inspect --out tree.txt', der.subarray(0, 300)).code, 1);
  assert.throws(() => read('tree.txt'), /ENOENT/);
  const pem = (octets: Uint8Array): string =>
    `-----BEGIN CMS-----\n${Buffer.from(octets).toString('base64')}\n-----END CMS-----\n`;
  write('three.pem', [der.subarray(0, 300), der, der.subarray(0, 100)].map(pem).join(''));
  const three = stanzaseal('cms inspect --in three.pem');
  assert.is(three.code, 1);
  assert.is(three.stdout.toString().match(/^# PEM CMS/gm)?.length, 3);
  assert.match(
    three.stderr,
    /^error: ERR_DER: input is broken at octet 291.*\nerror: ERR_DER: input is broken at octet .*\n$/,
  );

  assert.match(
    stanzaseal('cms inspect', Buffer.from('30050201', 'hex')).stderr,
    /broken at octet 2: a value of 1 octets has 0/,
  );
  // A SEQUENCE of no known structure, and more after it: text that begins with a digit.
  assert.match(
    stanzaseal('cms inspect', Buffer.from('3003020105ff', 'hex')).stderr,
    /at octet 5: octets follow a value/,
  );
});

test.run();
