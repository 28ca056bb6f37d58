import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, versionsIn } from '../src/peers/compare.js';

const test = suite('the document of the peers');

const DOCUMENT = `# Interoperability

## Peers

| peer | version | where from |
| --- | --- | --- |
| OpenSSL | 3.0.19 | Debian, as installed |
| OpenSSL, sid | 3.6.5 | Debian sid |

## They write, we read

|  | OpenSSL | OpenSSL, sid |
| --- | --- | --- |
| SignedData, Ed25519 | cannot | works |

## One bit turned over

| reader | taken |
| --- | --- |
| we | 0 of 9 |
| OpenSSL, sid | 0 of 5 |

## Disagreements

### 1. Salt

- we refuse it: yes

## Commands

\`\`\`sh
# SignedData, Ed25519
openssl cms -verify -in object.der
\`\`\`
`;

function changing(from: string, to: string): string[] {
  assert.ok(DOCUMENT.includes(from));
  return compare(DOCUMENT, DOCUMENT.replace(from, to));
}

test('versions are read from its table', () => {
  assert.equal(
    [...versionsIn(DOCUMENT)],
    [
      ['OpenSSL', '3.0.19'],
      ['OpenSSL, sid', '3.6.5'],
    ],
  );
  assert.equal([...versionsIn('')], []);
});

test('it agrees with itself', () => {
  assert.equal(compare(DOCUMENT, DOCUMENT), []);
});

test('a cell that says something else is a difference', () => {
  assert.equal(changing('| cannot | works |', '| cannot | cannot |'), [
    'They write, we read | SignedData, Ed25519 | OpenSSL, sid: cannot, not works',
  ]);
  assert.equal(changing('| we | 0 of 9 |', '| we | 1 of 9 |').length, 1);
  assert.equal(changing('refuse it: yes', 'refuse it: FAILED').length, 1);
});

test('a row, a claim or a command that is gone or new is a difference', () => {
  assert.equal(changing('| SignedData, Ed25519 | cannot | works |\n', '').length, 2);
  assert.equal(changing('- we refuse it: yes\n', '').length, 1);
  assert.equal(changing('- we refuse it: yes\n', '- we refuse it: yes\n- we open the other: yes\n').length, 1);
  assert.equal(changing('-in object.der', '-binary -in object.der').length, 2);
  assert.ok(compare('', DOCUMENT).length > 0);
});

test('what was not run, now or then, is none', () => {
  assert.equal(changing('| cannot | works |', '| cannot | not run |'), []);
  assert.equal(changing('refuse it: yes', 'refuse it: not run'), []);
  const earlier = DOCUMENT.replace('| cannot | works |', '| cannot | not run |');
  assert.equal(compare(earlier, DOCUMENT), []);
});

test('what another version of a peer does is none, in its own column alone', () => {
  const newer = DOCUMENT.replace('| 3.6.5 |', '| 3.7.0 |');
  assert.equal(compare(DOCUMENT, newer.replace('| cannot | works |', '| cannot | cannot |')), []);
  assert.equal(compare(DOCUMENT, newer.replace('| OpenSSL, sid | 0 of 5 |', '| OpenSSL, sid | 0 of 7 |')), []);
  assert.equal(compare(DOCUMENT, newer.replace('-in object.der', '-binary -in object.der')), []);
  assert.equal(compare(DOCUMENT, newer.replace('| cannot | works |', '| works | works |')).length, 1);
});

test.run();
