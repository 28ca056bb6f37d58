/** `stanzaseal cms sign` and `cms verify` with keys of every algorithm, and with what OpenSSL signs. */
import { encodePem } from '@stanzaseal/cms';
import type { GeneralKeyAlgorithm } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LETTER, refused, TYPE } from './cmsFixture.js';
import { hasOpenssl, read, run, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal cms sign and verify');
const crypto = createGeneralCrypto();

async function makeKey(algorithm: GeneralKeyAlgorithm): Promise<string> {
  const key = await crypto.generatePrivateKey(algorithm, unsafeSeededRandom(algorithm));
  write(`${algorithm}.pem`, encodePem('PRIVATE KEY', key.pkcs8()));
  write(`${algorithm}.pub`, encodePem('PUBLIC KEY', key.publicKey.spki));
  return algorithm;
}

function openssl(args: string): void {
  const { code, stderr } = run(['openssl', ...args.split(' ')]);
  assert.is(code, 0, stderr);
}

test.before(() => write('letter.txt', LETTER));

for (const algorithm of ['P-384', 'RSA', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
  test(`${algorithm}: there and back; refused when cut`, async () => {
    const name = await makeKey(algorithm);
    const signed = stanzaseal(`cms sign --key ${name}.pem ${TYPE} --in letter.txt`);
    assert.equal([signed.code, signed.stderr], [0, '']);
    const verified = stanzaseal(`cms verify --signer ${name}.pub`, signed.stdout);
    assert.equal(verified, { code: 0, stdout: Buffer.from(LETTER), stderr: '' });
    const cut = stanzaseal(`cms verify --signer ${name}.pub`, signed.stdout.subarray(0, -1));
    refused(cut, /^error: ERR_VERIFY: signed data does not verify\n$/);
  });
}

test('a key that does not sign is told by its name', async () => {
  await makeKey('ML-KEM-768');
  await makeKey('P-256');
  const line = /^error: ERR_UNSUPPORTED: ML-KEM-768\.p\w\w is of ML-KEM-768, which does not sign\n$/;
  refused(stanzaseal(`cms sign --key ML-KEM-768.pem ${TYPE}`, LETTER), line);
  refused(stanzaseal('cms verify --signer ML-KEM-768.pub', LETTER), line);
});

test('OpenSSL signs: any name, missing attributes by leave alone, other signers reported, PKCS#1 v1.5 unsupported', async () => {
  if (!hasOpenssl()) return;
  await makeKey('P-256');
  await makeKey('RSA');
  for (const name of ['P-256', 'RSA']) {
    openssl(`req -x509 -new -key ${name}.pem -subj /CN=${name} -days 2 -out ${name}.crt`);
  }
  const sign = 'cms -sign -binary -nodetach -in letter.txt -outform DER';
  const verify = 'cms verify --signer P-256.pub';
  openssl(`${sign} -signer P-256.crt -inkey P-256.pem -out named.cms -stream`);
  const named = stanzaseal(`${verify} --in named.cms`);
  assert.equal([named.code, named.stdout.toString()], [0, LETTER]);
  assert.match(named.stderr, /^warning: content type is id-data.*\n$/);

  openssl(`${sign} -signer P-256.crt -inkey P-256.pem -keyid -noattr -out bare.cms`);
  refused(stanzaseal(`${verify} --in bare.cms`), /^error: ERR_VERIFY: signed data does not verify\n$/);
  const bare = stanzaseal(`${verify} --in bare.cms --allow-missing-signed-attributes`);
  assert.equal([bare.code, bare.stdout.toString()], [0, LETTER]);
  assert.match(bare.stderr, /^warning: .*\nwarning: signature is without signed attributes: .*\n$/);

  openssl(`${sign} -signer P-256.crt -inkey P-256.pem -signer RSA.crt -inkey RSA.pem -out two.cms`);
  const two = stanzaseal(`${verify} --in two.cms`);
  assert.equal([two.code, two.stdout.toString()], [0, LETTER]);
  assert.match(two.stderr, /^warning: .*\nwarning: 1 other signature was not verified\n$/);
  refused(
    stanzaseal('cms verify --signer RSA.pub --in two.cms'),
    /^error: ERR_UNSUPPORTED: signature is by an algorithm that is not supported\n$/,
  );
  assert.ok(read('two.cms').length > 0);
});

test('a name picks the signer: SHA-256 or whatever the object says, and no other', async () => {
  await makeKey('P-256');
  const id = stanzaseal('key id --in P-256.pub').stdout.toString().trim();
  write('one.cms', stanzaseal(`cms sign --key P-256.pem ${TYPE}`, LETTER).stdout);
  assert.is(stanzaseal(`cms verify --signer P-256.pub --key-id ${id} --in one.cms`).stdout.toString(), LETTER);
  refused(stanzaseal(`cms verify --signer P-256.pub --key-id ${id.slice(2)} --in one.cms`), /^error: ERR_VERIFY: /);
});

test.run();
