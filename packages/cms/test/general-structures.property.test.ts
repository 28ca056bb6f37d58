/** Mutants of general structures, in DER and in BER: refused with the one error, or read; never a crash, never a hang. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeGeneralAuthEnvelopedData,
  encodeGeneralAuthenticatedData,
  encodeGeneralSignedData,
  GENERAL_LIMITS,
  type GeneralContentInfo,
  readContentEncryptionAlgorithm,
  readGeneralContentInfo,
  readKeyAgreementAlgorithm,
  readKeyTransportAlgorithm,
  readPasswordDerivationAlgorithm,
  readPasswordWrapAlgorithm,
  readSignatureAlgorithm,
} from '../src/general/index.js';
import { CmsError, equal } from '../src/index.js';
import { authEnvelopedData, authenticatedData, signedData, toBer } from './generalSamples.js';

const runs = Math.ceil(Number(process.env.STANZASEAL_PROPERTY_RUNS ?? 5_000) / 5);
/** Far above what a slow machine needs for objects of a few kB, far below a hang. */
const TOO_LONG_MS = 2_000;
const test = suite('general structures properties');

const ders = [
  encodeGeneralSignedData(signedData),
  encodeGeneralAuthEnvelopedData(authEnvelopedData),
  encodeGeneralAuthenticatedData(authenticatedData),
];
const bers = ders.map(toBer);

/** One to four octets changed, put in or taken out. */
const mutant = (originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.constantFrom(...originals),
      fc.array(fc.tuple(fc.constantFrom('change', 'insert', 'remove'), fc.nat(), fc.nat(255)), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([original, changes]) => {
      const octets = [...original];
      for (const [kind, place, value] of changes) {
        const at = place % octets.length;
        octets.splice(at, kind === 'insert' ? 0 : 1, ...(kind === 'remove' ? [] : [value]));
      }
      return Uint8Array.from(octets);
    });

const attempt = <T>(what: () => T): T | undefined => {
  try {
    return what();
  } catch (error) {
    if (error instanceof CmsError) return undefined;
    throw error;
  }
};

/** Reads every algorithm by every reader that could meet it. */
function readAlgorithms(object: GeneralContentInfo): void {
  if (object.kind === 'SignedData') {
    for (const { signatureAlgorithm } of object.signerInfos) attempt(() => readSignatureAlgorithm(signatureAlgorithm));
    return;
  }
  if (object.kind === 'AuthEnvelopedData')
    attempt(() => readContentEncryptionAlgorithm(object.contentEncryptionAlgorithm));
  for (const recipient of object.recipientInfos) {
    if (!('keyEncryptionAlgorithm' in recipient)) continue;
    for (const read of [readKeyTransportAlgorithm, readKeyAgreementAlgorithm, readPasswordWrapAlgorithm])
      attempt(() => read(recipient.keyEncryptionAlgorithm));
    const { keyDerivationAlgorithm: derivation } = recipient.kind === 'pwri' ? recipient : {};
    if (derivation !== undefined) attempt(() => readPasswordDerivationAlgorithm(derivation));
  }
}

function encode(object: GeneralContentInfo): Uint8Array {
  if (object.kind === 'SignedData') return encodeGeneralSignedData(object);
  if (object.kind === 'AuthEnvelopedData') return encodeGeneralAuthEnvelopedData(object);
  return encodeGeneralAuthenticatedData(object);
}

for (const [name, originals] of [
  ['DER', ders],
  ['BER', bers],
] as const) {
  test(`${runs} mutants of ${name} are refused or read, in time`, () => {
    let read = 0;
    let slowest = 0;
    fc.assert(
      fc.property(mutant(originals), (octets) => {
        const start = performance.now();
        const object = attempt(() => readGeneralContentInfo(octets, GENERAL_LIMITS));
        if (object !== undefined) {
          read++;
          readAlgorithms(object);
        }
        slowest = Math.max(slowest, performance.now() - start);
        assert.ok(slowest < TOO_LONG_MS);
      }),
      { numRuns: runs },
    );
    assert.ok(read > 0 && read < runs, 'some are read, some refused');
  });
}

test(`what ${runs} mutants are read as can be written, and then is read and written the same`, () => {
  fc.assert(
    fc.property(mutant([...ders, ...bers]), (octets) => {
      const object = attempt(() => readGeneralContentInfo(octets, GENERAL_LIMITS));
      if (object === undefined) return;
      // What cannot be written: an originator named by a certificate, attributes without their digest.
      const written = (() => {
        try {
          return encode(object);
        } catch (error) {
          assert.ok(error instanceof TypeError || error instanceof RangeError);
          return undefined;
        }
      })();
      if (written === undefined) return;
      assert.ok(equal(encode(readGeneralContentInfo(written, GENERAL_LIMITS)), written));
    }),
    { numRuns: runs },
  );
});

test.run();
