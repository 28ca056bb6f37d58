/** Makes `test-vectors/keys`: bare keys taken and refused, DER, base64. */
import { julietPrekey, keyOf, romeoDevice } from './people.js';
import { type Draft, octets, writeVectors } from './vectorWriter.js';

const X25519_PREFIX = '302a300506032b656e032100';
const ED25519_PREFIX = '302a300506032b6570032100';
const p256 = await keyOf('P-256', 'p256 signer');

const refusedX25519: [file: string, raw: string, title: string][] = [
  ['x25519-zero', '00'.repeat(32), 'u = 0 has low order'],
  ['x25519-one', `01${'00'.repeat(31)}`, 'u = 1 has low order'],
  ['x25519-order-8-a', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'a point of order 8'],
  [
    'x25519-order-8-b',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'the other point of order 8',
  ],
  ['x25519-p-minus-1', `ec${'ff'.repeat(30)}7f`, 'u = p - 1 has low order'],
  ['x25519-p', `ed${'ff'.repeat(30)}7f`, 'u = p is not canonical'],
  ['x25519-p-plus-9', `f6${'ff'.repeat(30)}7f`, 'u = p + 9 is another spelling of u = 9'],
  ['x25519-bit-255', `09${'00'.repeat(30)}80`, 'bit 255 set is another spelling of u = 9'],
];
const refusedEd25519: [file: string, raw: string, title: string][] = [
  ['ed25519-identity', `01${'00'.repeat(31)}`, 'the identity verifies any message'],
  ['ed25519-identity-twin', `ee${'ff'.repeat(30)}7f`, 'the identity in its other spelling'],
  ['ed25519-order-2', `ec${'ff'.repeat(30)}7f`, 'the point of order 2'],
  ['ed25519-order-4', '00'.repeat(32), 'a point of order 4'],
  ['ed25519-order-8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85', 'a point of order 8'],
];
const source = 'RFC 7748 §6.1, RFC 8032 §5.1.3; docs/specification.md, acceptable keys';
const spki = (file: string, title: string, value: string, expect: string, from = source): Draft => ({
  file,
  title,
  source: from,
  operation: 'key.import',
  expect,
  input: { spki: value },
});
const der = (file: string, title: string, value: string, expect: string): Draft => ({
  file,
  title,
  source: 'X.690 §8, §10, §11',
  operation: 'der.decode',
  expect,
  input: { der: value },
});
const base64 = (file: string, title: string, text: string, expect: string): Draft => ({
  file,
  title,
  source: 'RFC 4648 §3.5, §4',
  operation: 'base64.decode',
  expect,
  input: { text },
});

await writeVectors('keys', [
  spki('ed25519', 'an Ed25519 key and its identifier', romeoDevice.spki, 'success', 'RFC 8410 §4'),
  spki('x25519', 'an X25519 key and its identifier', julietPrekey.spki, 'success', 'RFC 8410 §4'),
  spki('p256', 'a P-256 key and its identifier', p256.spki, 'success', 'RFC 5480 §2'),
  spki(
    'rfc8410-example',
    'the public key of RFC 8410',
    `${ED25519_PREFIX}19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1`,
    'success',
    'RFC 8410 §10.1',
  ),
  ...refusedX25519.map(([file, raw, title]) => spki(file, title, X25519_PREFIX + raw, 'ERR_DER')),
  ...refusedEd25519.map(([file, raw, title]) => spki(file, title, ED25519_PREFIX + raw, 'ERR_DER')),
  spki(
    'spki-null-parameters',
    'parameters of id-Ed25519 are absent, not NULL',
    `302c300706032b65700500032100${octets('romeo device', 32)}`,
    'ERR_DER',
    'RFC 8410 §3',
  ),
  spki('spki-trailing', 'an octet after the key', `${romeoDevice.spki}00`, 'ERR_DER', 'X.690 §8'),
  spki(
    'spki-ed448',
    'a key of another algorithm',
    `3043300506032b6571033a00${'11'.repeat(57)}`,
    'ERR_UNSUPPORTED',
    'docs/specification.md, acceptable keys',
  ),
  {
    file: 'private-rfc8410-example',
    title: 'the private key of RFC 8410',
    source: 'RFC 8410 §10.3',
    operation: 'key.import-private',
    expect: 'success',
    input: {
      pkcs8: '302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842',
    },
  },
  {
    file: 'private-wrong-public-half',
    title: 'a private key with the public half of another',
    source: 'RFC 5958 §2',
    operation: 'key.import-private',
    expect: 'ERR_DER',
    input: {
      pkcs8: `3051020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842812100${'19'.repeat(32)}`,
    },
  },
  der('der-sequence', 'a sequence of an integer and an octet string', '30070201050402abcd', 'success'),
  der('der-indefinite-length', 'the indefinite length is BER', '30800201050000', 'ERR_DER'),
  der('der-long-length', 'a length in more octets than needed', '3081030201 05'.replace(' ', ''), 'ERR_DER'),
  der('der-padded-integer', 'an integer with an octet too many', '02020005', 'ERR_DER'),
  der('der-unsorted-set', 'a set in another order than DER has', '3106020105020101', 'ERR_DER'),
  der('der-constructed-octet-string', 'an octet string in parts', '24060401ab0401cd', 'ERR_DER'),
  der('der-too-deep', 'seventeen sequences in each other', nested(17), 'ERR_DER'),
  der('der-sixteen-deep', 'sixteen sequences in each other', nested(16), 'success'),
  base64('base64-padding', 'two octets', 'q80=', 'success'),
  base64('base64-stray-bits', 'bits beyond the octets are not zero', 'q81=', 'ERR_DER'),
  base64('base64-white-space', 'white space is not base64', 'q80=\n', 'ERR_DER'),
  base64('base64-url-alphabet', 'the alphabet of URLs is another', '-_8=', 'ERR_DER'),
]);

function nested(depth: number): string {
  let value = '';
  for (let i = 0; i < depth; i++) value = `30${(value.length / 2).toString(16).padStart(2, '0')}${value}`;
  return value;
}
