/** The statements of the vectors, taken apart and verified from the text of section 27.1 alone: node:crypto, and DER read by hand. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('statements of test-vectors/trust');

interface Vector {
  input: { statement: string };
  intermediate: { content: string; domainContent?: string; path: string[] };
}

/** A value of DER: its tag, all of it, and what is inside. */
interface Value {
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

const vector = (name: string): Vector =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../../test-vectors/trust/${name}.json`, import.meta.url)), 'utf8'));

/** The values that stand one behind the other. */
function values(octets: Buffer): Value[] {
  const found: Value[] = [];
  for (let at = 0; at < octets.length; ) {
    const [tag = 0, short = 0] = octets.subarray(at);
    const more = short < 0x80 ? 0 : short & 0x7f;
    const length = more === 0 ? short : octets.readUIntBE(at + 2, more);
    const end = at + 2 + more + length;
    found.push({ tag, whole: octets.subarray(at, end), content: octets.subarray(at + 2 + more, end) });
    at = end;
  }
  return found;
}

const inside = (octets: Buffer, ...path: number[]): Value[] =>
  path.reduce((level, index) => values((level[index] as Value).content), values(octets));

const sha = (name: string, octets: Buffer): string => createHash(name).update(octets).digest('hex');
/** SubjectPublicKeyInfo of an Endorsement; of a certificate of version 3. */
const endorsedBy = (content: Buffer): Buffer => (inside(content, 0)[2] as Value).whole;
const certified = (certificate: Buffer): Buffer => (inside(certificate, 0, 0)[6] as Value).whole;

/** Verifies the signatures of a statement by the keys, and gives the content octets of its eContent with what came along. */
function opened(statement: Buffer, version: number, keys: readonly Buffer[]): { content: Buffer; carried: Value[] } {
  const [stated, digests, encapsulated, certificates, signers] = inside(statement, 0, 1, 0) as [
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  assert.equal([stated.content[0], certificates.tag], [version, 0xa0]);
  const digest = (values(digests.content)[0] as Value).whole.toString('hex');
  assert.is(digest, '300b0609608648016503040203');
  const [{ content }] = inside(encapsulated.content, 1) as [Value];
  const infos = values(signers.content).map((info) => values(info.content));
  assert.is(infos.length, keys.length);
  for (const spki of keys) {
    const own = infos.find(([, sid]) => sid?.content.toString('hex') === sha('sha256', spki));
    const [, , , attributes, , signature] = own as [Value, Value, Value, Value, Value, Value];
    const signed = Buffer.concat([Buffer.of(0x31), attributes.whole.subarray(1)]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    assert.ok(verify(null, signed, key, signature.content));
    // message-digest is the SHA-512 of the content octets.
    assert.ok(signed.includes(Buffer.from(sha('sha512', content), 'hex')));
    assert.is(values(attributes.content).length, 3);
  }
  return { content, carried: values(certificates.content) };
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

test('an endorsement by a certificate is signed by both keys, over what the specification says', () => {
  const { input, intermediate } = vector('statement-certificate-account');
  const [leaf = ''] = intermediate.path;
  const content = bytes(intermediate.content);
  const spki = certified(bytes(leaf));
  const read = opened(bytes(input.statement), 3, [spki, endorsedBy(content)]);
  assert.is(read.content.toString('hex'), intermediate.content);
  assert.is(inside(content, 0)[1]?.content.toString('hex'), sha('sha256', spki));
  assert.equal(
    read.carried.map(({ whole }) => whole.toString('hex')),
    [leaf],
  );
});

test('a vouch is signed by the key that the statement inside it is about', () => {
  const { input, intermediate } = vector('statement-vouch-week');
  const [leaf = ''] = intermediate.path;
  const key = endorsedBy(bytes(intermediate.domainContent as string));
  const { content, carried } = opened(bytes(input.statement), 5, [key]);
  assert.is(content.toString('hex'), intermediate.content);
  assert.is(inside(content, 0)[1]?.content.toString('hex'), sha('sha256', key));
  // purpose: vouched(3)
  assert.is(inside(content, 0)[4]?.whole.toString('hex'), '0a0103');
  const [{ tag, content: other }, ...more] = carried as [Value, ...Value[]];
  assert.equal([tag, more.length], [0xa3, 0]);
  const [format, domainStatement] = values(other) as [Value, Value];
  assert.is(format.whole.toString('hex'), '061669829eacb5c7cbd4baa8f39c879cbabaa5d9be280104');
  const domain = opened(domainStatement.whole, 3, [certified(bytes(leaf)), key]);
  assert.is(domain.content.toString('hex'), intermediate.domainContent);
});

test.run();
