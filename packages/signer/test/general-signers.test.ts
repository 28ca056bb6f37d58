/** Who must have signed: `all` and `any`, unknown signers, names that collide, names of certificates (B8, B9). */

import { concat, encodeParts, oid } from '@stanzaseal/cms';
import { at, changed, childrenOf, parseBadPeer, refusal, SIGNED_PATH, writeBadPeer } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GeneralVerifyParameters, sign, verify } from '../src/general/index.js';
import { content, contentType, crypto, keyOf, policy, random, resigned, signingTime } from './generalWorld.js';

const test = suite('general SignedData: who signed');
const common = { profile: 'general', contentType, signingTime, random, crypto } as const;
const juliet = await keyOf('Ed25519', 'Juliet');
const nurse = await keyOf('P-256', 'nurse');
const romeo = await keyOf('Ed25519', 'Romeo');
const [julietsKey, nursesKey, romeosKey] = [juliet, nurse, romeo].map(({ publicKey }) => ({ key: publicKey })) as [
  { key: typeof juliet.publicKey },
  { key: typeof juliet.publicKey },
  { key: typeof juliet.publicKey },
];
const two = await sign(content, { ...common, signers: [{ key: juliet }, { key: nurse }] });

/** Places of Juliet's and the nurse's SignerInfo in the set. */
const place = (key: typeof juliet): number =>
  childrenOf(at(parseBadPeer(two), ...SIGNED_PATH.signerInfos)).findIndex(
    (each) => Buffer.compare(at(each, 1).content as Uint8Array, key.publicKey.keyIdentifier) === 0,
  );
const spoilt = (key: typeof juliet) =>
  changed(two, (root) => {
    const signature = at(root, ...SIGNED_PATH.signerInfos, place(key), 5);
    const octets = Uint8Array.from(signature.content as Uint8Array);
    octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
    signature.content = octets;
  });

async function outcome(
  octets: Uint8Array,
  signers: GeneralVerifyParameters['signers'],
  changes: Partial<typeof policy> = {},
  nameOf?: GeneralVerifyParameters['nameOf'],
): Promise<unknown> {
  const parameters = { profile: 'general', policy: { ...policy, ...changes }, signers, crypto } as const;
  try {
    const { signatures, missing, others } = await verify(octets, nameOf ? { ...parameters, nameOf } : parameters);
    return [signatures.length, missing.length, others.length];
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
}

test('B8: all: each key asked for has signed; signers beside them are reported, or refused by policy', async () => {
  assert.equal(await outcome(two, [julietsKey, nursesKey]), [2, 0, 0]);
  assert.equal(await outcome(two, [julietsKey, nursesKey], { otherSigners: 'refuse' }), [2, 0, 0]);
  assert.equal(await outcome(two, [julietsKey]), [1, 0, 1]);
  assert.is(await outcome(two, [julietsKey], { otherSigners: 'refuse' }), 'ERR_VERIFY');
  assert.is(await outcome(two, [julietsKey, romeosKey]), 'ERR_VERIFY');
  assert.is(await outcome(two, [julietsKey, nursesKey, romeosKey]), 'ERR_VERIFY');
  assert.is(await outcome(two, [romeosKey]), 'ERR_VERIFY');
});

test('B8: any: one is enough, those who have not signed are named, none at all is refused', async () => {
  assert.equal(await outcome(two, [julietsKey, romeosKey], { signers: 'any' }), [1, 1, 1]);
  assert.equal(await outcome(two, [romeosKey, nursesKey, julietsKey], { signers: 'any' }), [2, 1, 0]);
  assert.is(await outcome(two, [romeosKey], { signers: 'any' }), 'ERR_VERIFY');
});

test('B8: a bad signature by a key asked for refuses the whole, one by a stranger is as unverified as ever', async () => {
  for (const signers of ['all', 'any'] as const) {
    assert.is(await outcome(spoilt(nurse), [julietsKey, nursesKey], { signers }), 'ERR_VERIFY');
    assert.is(await outcome(spoilt(juliet), [julietsKey, nursesKey], { signers }), 'ERR_VERIFY');
    assert.equal(await outcome(spoilt(nurse), [julietsKey], { signers }), [1, 0, 1]);
  }
});

test('B8: an order of signers decides nothing; what is given back is the signer of each key', async () => {
  for (const signers of [[julietsKey, nursesKey] as const, [nursesKey, julietsKey] as const]) {
    const { signatures } = await verify(two, { profile: 'general', policy, crypto, signers });
    assert.equal(
      signatures.map(({ key, scheme }) => [key, scheme.name]),
      signers.map(({ key }) => [key, key === juliet.publicKey ? 'Ed25519' : 'ECDSA']),
    );
  }
});

test('B9: two SignerInfos of one name, the same twice over, a key asked for twice', async () => {
  const one = await sign(content, { ...common, signers: [{ key: juliet }] });
  const twice = changed(one, (root) => {
    const infos = childrenOf(at(root, ...SIGNED_PATH.signerInfos));
    infos.push(parseBadPeer(writeBadPeer(infos[0] as (typeof infos)[number])));
  });
  assert.is(await outcome(twice, [julietsKey]), 'ERR_VERIFY');
  assert.is(await outcome(twice, [julietsKey], { signers: 'any' }), 'ERR_VERIFY');
  const keyIdentifier = Uint8Array.of(1);
  const same = changed(two, (root) => {
    for (const each of childrenOf(at(root, ...SIGNED_PATH.signerInfos))) at(each, 1).content = keyIdentifier;
  });
  assert.is(await outcome(same, [{ ...julietsKey, name: { keyIdentifier } }]), 'ERR_VERIFY', 'ambiguous');
  assert.equal(await outcome(same, [{ ...julietsKey, name: 'any' }]), [1, 0, 1], 'tried, since asked to');
  assert.is(await outcome(two, [julietsKey, julietsKey]), 'TypeError');
});

test('B9: the name is no part of the signature: under another name the key is not found, or tried if asked for', async () => {
  const renamed = changed(two, (root) => {
    at(root, ...SIGNED_PATH.signerInfos, place(juliet), 1).content = romeo.publicKey.keyIdentifier;
  });
  assert.is(await outcome(renamed, [julietsKey]), 'ERR_VERIFY');
  assert.is(await outcome(renamed, [romeosKey]), 'ERR_VERIFY');
  assert.equal(await outcome(renamed, [{ ...julietsKey, name: 'any' }]), [1, 0, 1]);
  assert.is(await outcome(renamed, [{ ...romeosKey, name: 'any' }]), 'ERR_VERIFY');
});

test('a trial that meets an algorithm that is not spoken says so if nothing else is found', async () => {
  const rsa = await keyOf('RSA');
  const der = await sign(content, { ...common, signers: [{ key: rsa }, { key: juliet }] });
  const infos = childrenOf(at(parseBadPeer(der), ...SIGNED_PATH.signerInfos));
  const rsas = infos.findIndex((each) => (at(each, 5).content as Uint8Array).length === 384);
  const old = changed(der, (root) => {
    at(root, ...SIGNED_PATH.signerInfos, rsas, 4, 0).content = oid('1.2.840.113549.1.1.11');
  });
  const rsasKey = { key: rsa.publicKey, name: 'any' } as const;
  assert.equal(await outcome(der, [rsasKey]), [1, 0, 1]);
  assert.is(await outcome(old, [rsasKey]), 'ERR_UNSUPPORTED');
  assert.is(await outcome(old, [{ key: rsa.publicKey }]), 'ERR_UNSUPPORTED');
  assert.equal(await outcome(old, [{ ...julietsKey, name: 'any' }]), [1, 0, 1], "another key's is not its matter");
  assert.is(await outcome(old, [{ ...romeosKey, name: 'any' }]), 'ERR_VERIFY');
});

test('a signer named by issuer and serial number is known only by what the caller maps it to', async () => {
  const issuer = encodeParts(
    0x30,
    encodeParts(0x31, encodeParts(0x30, encodeParts(0x06, oid('2.5.4.3')), encodeParts(0x0c, content))),
  );
  const sid = concat(issuer, encodeParts(0x02, Uint8Array.of(7)));
  const one = await sign(content, { ...common, signers: [{ key: juliet }] });
  const der = await resigned(one, juliet, { name: 'Ed25519' }, (root) => {
    childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(
      0,
      2,
      ...childrenOf(parseBadPeer(encodeParts(0x30, encodeParts(0x02, Uint8Array.of(1)), encodeParts(0x30, sid)))),
    );
  });
  assert.is(await outcome(der, [julietsKey]), 'ERR_VERIFY');
  assert.equal(await outcome(der, [{ ...julietsKey, name: 'any' }]), [1, 0, 0]);
  const asked: unknown[] = [];
  const mapped =
    (identifier: Uint8Array | undefined) =>
    (name: { der: Uint8Array; serialNumber: Uint8Array; issuer: Uint8Array }) => {
      asked.push([name.der, name.issuer, name.serialNumber]);
      return identifier;
    };
  assert.equal(await outcome(der, [julietsKey], {}, mapped(juliet.publicKey.keyIdentifier)), [1, 0, 0]);
  assert.equal(asked, [[encodeParts(0x30, sid), issuer, Uint8Array.of(7)]]);
  assert.equal(await outcome(der, [julietsKey], {}, mapped(juliet.publicKey.sha1KeyIdentifier)), [1, 0, 0]);
  assert.is(await outcome(der, [julietsKey], {}, mapped(romeo.publicKey.keyIdentifier)), 'ERR_VERIFY');
  assert.is(await outcome(der, [romeosKey], {}, mapped(romeo.publicKey.keyIdentifier)), 'ERR_VERIFY');
  assert.is(await outcome(der, [julietsKey], {}, mapped(undefined)), 'ERR_VERIFY');
});

test('schemes and hashes outside the policy are refused', async () => {
  const nurses = await sign(content, { ...common, signers: [{ key: nurse }] });
  assert.equal(await outcome(nurses, [nursesKey], { schemes: ['ECDSA'], hashes: ['SHA-256'] }), [1, 0, 0]);
  assert.is(await outcome(nurses, [nursesKey], { schemes: ['Ed25519', 'RSA-PSS', 'ML-DSA'] }), 'ERR_VERIFY');
  assert.is(await outcome(nurses, [nursesKey], { hashes: ['SHA-384', 'SHA-512'] }), 'ERR_VERIFY');
});

test('what is no SignedData in BER is refused in the one way', async () => {
  const inputs = [new Uint8Array(0), content, two.subarray(1), concat(two, Uint8Array.of(0)), encodeParts(0x30, two)];
  for (const octets of inputs) assert.is(await outcome(octets, [julietsKey]), 'ERR_VERIFY');
  const error = await refusal(() => verify(content, { profile: 'general', policy, crypto, signers: [julietsKey] }));
  assert.is(error?.message, 'signed data does not verify');
});

test.run();
