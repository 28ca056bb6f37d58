import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { createGeneralCrypto as createWebCrypto } from '@stanzaseal/cms/general/provider/webcrypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EXAMPLE_FUNCTIONS } from '../src/vectors/examples/exampleFunctions.js';
import { readExamples, runExamples } from '../src/vectors/examples/runExamples.js';
import { Tally } from '../src/vectors/tally.js';

const test = suite('short examples of RFCs');
const files = readExamples();

for (const crypto of [createGeneralCrypto(), createWebCrypto()]) {
  test(`all hold with ${crypto.name}`, async () => {
    const tally = new Tally();
    await runExamples(crypto, tally);
    assert.equal(tally.failures, []);
    const { passed, refused } = tally.total();
    assert.is(passed + refused, files.flatMap(({ examples }) => examples).length);
    assert.is(refused, 4);
  });
}

test('every function has an example, and every file names its RFC and sections', () => {
  assert.equal([...new Set(files.map((file) => file.function))].sort(), Object.keys(EXAMPLE_FUNCTIONS).sort());
  for (const { name, rfc, title, examples } of files) {
    assert.match(rfc, /^RFC \d{4}$/, name);
    assert.ok(title.length > 5 && examples.length > 0, name);
    for (const { section } of examples) assert.type(section, 'string', name);
  }
});

test('an example with one octet changed does not hold', async () => {
  const crypto = createGeneralCrypto();
  for (const { function: name, examples } of files) {
    // A public key alone may be another one's after the change: of keys the first pair is taken.
    const example = examples.find((each) => name !== 'key' || each.private !== undefined) ?? {};
    const [last] = Object.keys(example)
      .filter((member) => !['section', 'expect'].includes(member))
      .slice(-1);
    const octets = String(example[last as string]);
    const changed = octets.slice(0, -1) + (octets.endsWith('0') ? '1' : '0');
    const run = EXAMPLE_FUNCTIONS[name];
    const answer = await run?.({ ...example, [last as string]: changed }, crypto);
    assert.not.equal(answer, { did: 'accepted', right: true }, name);
  }
});

test.run();
