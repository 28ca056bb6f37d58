import { fromHex, toHex, toUtf8 } from '@stanzaseal/cms';
import { refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CpaceSaid,
  calculateGenerator,
  cpaceConfirmation,
  cpaceKey,
  cpaceShare,
  generatorString,
  lvCat,
  prependLength,
  sampleScalar,
  scalarMultVfy,
  transcriptIr,
} from '../src/password/cpace.js';

const test = suite('draft-irtf-cfrg-cpace-21: CPACE-RISTR255-SHA512');

const hex = (text: string): Uint8Array => fromHex(text.replace(/\s/g, ''));
const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

// Appendix B.3.1
const inputs = {
  password: toUtf8('Password'),
  channel: hex('0b415f696e69746961746f720b425f726573706f6e646572'),
  sid: hex('7e4b4791d6a8ef019b936c79fb7f2c57'),
};
// Appendix B.3.2, B.3.3
const ya = hex('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08');
const yb = hex('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d');
const a: CpaceSaid = {
  share: hex('d6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157'),
  associated: toUtf8('ADa'),
};
const b: CpaceSaid = {
  share: hex('3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258'),
  associated: toUtf8('ADb'),
};

test('appendix A.1.2: prepend_len', () => {
  assert.is(toHex(prependLength(toUtf8(''))), '00');
  assert.is(toHex(prependLength(toUtf8('1234'))), '0431323334');
  assert.is(toHex(prependLength(bytes(127))), `7f${toHex(bytes(127))}`);
  assert.is(toHex(prependLength(bytes(128))), `8001${toHex(bytes(128))}`);
});

test('LEB128 of longer lengths', () => {
  assert.is(toHex(prependLength(new Uint8Array(300)).subarray(0, 2)), 'ac02');
  assert.is(toHex(prependLength(new Uint8Array(16384)).subarray(0, 3)), '808001');
});

test('appendix A.1.4: lv_cat', () => {
  assert.is(toHex(lvCat(toUtf8('1234'), toUtf8('5'), toUtf8(''), toUtf8('678'))), '043132333401350003363738');
});

test('appendix A.3.5: transcript_ir', () => {
  const said = (share: string, associated: string): CpaceSaid => ({
    share: toUtf8(share),
    associated: toUtf8(associated),
  });
  assert.is(
    toHex(transcriptIr(said('123', 'PartyA'), said('234', 'PartyB'))),
    '03313233065061727479410332333406506172747942',
  );
  assert.is(
    toHex(transcriptIr(said('3456', 'PartyA'), said('2345', 'PartyB'))),
    '043334353606506172747941043233343506506172747942',
  );
});

test('appendix B.3.1: the generator', () => {
  assert.is(
    toHex(generatorString(inputs)),
    toHex(
      hex(`11435061636552697374726574746f3235350850617373776f726464 ${'00'.repeat(100)}
        180b415f696e69746961746f720b425f726573706f6e646572107e4b4791d6a8ef019b936c79fb7f2c57`),
    ),
  );
  assert.is(
    toHex(calculateGenerator(inputs).toBytes()),
    '222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56',
  );
});

test('appendix B.3.2, B.3.3: the messages', () => {
  assert.is(toHex(cpaceShare(inputs, ya)), toHex(a.share));
  assert.is(toHex(cpaceShare(inputs, yb)), toHex(b.share));
});

test('appendix B.3.4: K', () => {
  const k = '80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f';
  assert.is(toHex(scalarMultVfy(ya, b.share) as Uint8Array), k);
  assert.is(toHex(scalarMultVfy(yb, a.share) as Uint8Array), k);
});

test('appendix B.3.5: ISK, initiator and responder', () => {
  const isk =
    'b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447';
  const { sid } = inputs;
  assert.is(toHex(cpaceKey({ sid, scalar: ya, other: b.share }, a, b) as Uint8Array), isk);
  assert.is(toHex(cpaceKey({ sid, scalar: yb, other: a.share }, a, b) as Uint8Array), isk);
});

test('appendix B.3.10: scalar_mult_vfy with valid inputs', () => {
  const s = hex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05');
  const x = hex('2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c');
  assert.is(
    toHex(scalarMultVfy(s, x) as Uint8Array),
    '7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e',
  );
});

test('appendix B.3.11: invalid inputs, and the run that has them', () => {
  const s = hex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05');
  const invalid = [hex('2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c'), new Uint8Array(32)];
  for (const share of invalid) {
    assert.is(scalarMultVfy(s, share), undefined);
    assert.is(cpaceKey({ sid: inputs.sid, scalar: s, other: share }, a, { ...b, share }), undefined);
  }
});

// RFC 9496 appendix A.3: one of each kind.
test('RFC 9496: encodings that are no group element', () => {
  const p = 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f';
  const invalid = [
    p, // not canonical
    '00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', // bit 255
    '0100000000000000000000000000000000000000000000000000000000000000', // negative
    '26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371', // no square
    '3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e', // negative xy
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // s = -1, y = 0
  ];
  for (const share of invalid) assert.is(scalarMultVfy(ya, hex(share)), undefined, share);
});

test('§10.4: confirmations are the two sides’ own, under a key of this run', () => {
  const { sid } = inputs;
  const isk = cpaceKey({ sid, scalar: ya, other: b.share }, a, b) as Uint8Array;
  const [ta, tb] = [cpaceConfirmation(sid, isk, a), cpaceConfirmation(sid, isk, b)];
  assert.is(ta.length, 64);
  assert.is.not(toHex(ta), toHex(tb));
  assert.is.not(toHex(ta), toHex(cpaceConfirmation(new Uint8Array(16), isk, a)));
});

test('§8.3: scalars have 252 bits and are never zero', async () => {
  const random = unsafeSeededRandom('scalars');
  let any = 0;
  for (let i = 0; i < 50; i++) {
    const scalar = sampleScalar(random);
    assert.is((scalar[31] as number) >> 4, 0);
    any |= scalar[31] as number;
  }
  assert.is(any, 0x0f);
  // 252 zeros, and then something else.
  let draws = 0;
  const once = (length: number): Uint8Array =>
    draws++ === 0 ? Uint8Array.of(...new Uint8Array(length - 1), 0xf0) : new Uint8Array(length).fill(7);
  assert.is(sampleScalar(once)[0], 7);
  assert.is(draws, 2);
  assert.instance(await refusal(() => sampleScalar(() => new Uint8Array(31))), Error);
});

test.run();
