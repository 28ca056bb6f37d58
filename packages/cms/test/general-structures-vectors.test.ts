/** Other people's CMS messages: every one is read, or refused cleanly by the right name; none crashes the reader. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorsDirectory } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeGeneralAuthEnvelopedData,
  encodeGeneralAuthenticatedData,
  encodeGeneralSignedData,
  findPemBlocks,
  GENERAL_LIMITS,
  type GeneralContentInfo,
  kemOtherInfo,
  readContentEncryptionAlgorithm,
  readGeneralContentInfo,
  readSignatureAlgorithm,
} from '../src/general/index.js';
import { CmsError, equal, toHex } from '../src/index.js';

const test = suite('general structures vectors');
const folder = vectorsDirectory();

/** A file's entry in the `index.json` of its source. */
interface Entry {
  readonly file: string;
  readonly cms?: {
    readonly encoding?: string;
    readonly contentType?: string;
    readonly recipients?: readonly string[];
    readonly signers?: readonly unknown[];
  };
}

const KINDS: Readonly<Record<string, GeneralContentInfo['kind']>> = {
  signedData: 'SignedData',
  authEnvelopedData: 'AuthEnvelopedData',
  authData: 'AuthenticatedData',
};

/** Kinds that are refused by name. */
const REFUSED = ['data', 'envelopedData', 'digestedData', 'encryptedData', 'compressedData'];

function octetsOf(path: string): Uint8Array {
  const octets = readFileSync(path);
  const [block] = octets[0] === 0x30 ? [] : findPemBlocks(octets.toString('latin1'));
  return block?.octets ?? octets;
}

function encode(object: GeneralContentInfo): Uint8Array {
  if (object.kind === 'SignedData') return encodeGeneralSignedData(object);
  if (object.kind === 'AuthEnvelopedData') return encodeGeneralAuthEnvelopedData(object);
  return encodeGeneralAuthenticatedData(object);
}

/** What comes out of octets: the object, or the code of the refusal; anything else is thrown on. */
function outcome(octets: Uint8Array): GeneralContentInfo | CmsError {
  try {
    return readGeneralContentInfo(octets, GENERAL_LIMITS);
  } catch (error) {
    if (error instanceof CmsError) return error;
    throw error;
  }
}

const SOURCES = [
  'pyasn1-alt-modules',
  'openssl-master',
  'openssl-tests',
  'bc-java-cms',
  'asn1crypto',
  'rfc4134',
  'rfc8591',
  'rfc9709',
  'gnupg-gpgsm',
  'pkijs',
  'libksba',
  'rustcrypto-cms',
  'wolfssl',
  'pyca-cryptography',
  'lamps-cms-kyber',
  'lamps-cms-ml-dsa',
  'lamps-rfc9690-rsa-kem',
  'ietf-hackathon-pqc',
];

if (folder === undefined) {
  test.skip('each published file is read as what it is, or refused', () => undefined);
} else {
  for (const source of SOURCES) {
    test(`${source}: each file is read as what it is, or refused`, () => {
      const path = join(folder, source);
      assert.ok(existsSync(path), path);
      const entries: readonly Entry[] = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')).files;
      const counts = { read: 0, same: 0, unsupported: 0, notBer: 0 };
      for (const { file, cms } of entries) {
        const octets = octetsOf(join(path, file));
        const found = outcome(octets);
        if (REFUSED.includes(cms?.contentType ?? ''))
          assert.ok(found instanceof CmsError && found.code === 'ERR_UNSUPPORTED', file);
        if (found instanceof CmsError) {
          counts[found.code === 'ERR_DER' ? 'notBer' : 'unsupported']++;
          const kind = cms?.contentType === undefined ? undefined : KINDS[cms.contentType];
          assert.ok(kind === undefined || EXPECTED.has(`${source}/${file}`), `${source}/${file}: ${found.message}`);
        } else {
          counts.read++;
          if (cms?.contentType !== undefined) assert.is(found.kind, KINDS[cms.contentType], file);
          if (equal(encode(found), octets)) counts.same++;
          else assert.ok(whyNotTheSame(found, octets) !== undefined, `${source}/${file}: written to other octets`);
        }
      }
      console.log(
        `  ${source}: ${entries.length} files, ${counts.read} read (${counts.same} written to the same octets), ${counts.unsupported} unsupported, ${counts.notBer} not a ContentInfo`,
      );
    });
  }

  test('signature and content encryption algorithms of what is read are known, or refused', () => {
    let known = 0;
    let refused = 0;
    for (const source of SOURCES) {
      for (const file of readdirSync(join(folder, source)).filter((name) => /\.(der|pem|bin)$/.test(name))) {
        const found = outcome(octetsOf(join(folder, source, file)));
        if (found instanceof CmsError || found.kind === 'AuthenticatedData') continue;
        const readers =
          found.kind === 'SignedData'
            ? found.signerInfos.map((each) => () => readSignatureAlgorithm(each.signatureAlgorithm))
            : [() => readContentEncryptionAlgorithm(found.contentEncryptionAlgorithm)];
        for (const read of readers) {
          try {
            read();
            known++;
          } catch (error) {
            assert.ok(error instanceof CmsError, file);
            refused++;
          }
        }
      }
    }
    console.log(`  ${known} algorithms known, ${refused} refused`);
    assert.ok(known > 10 && refused > 10);
  });

  test('CVE-2025-15467: the nonce of 17 octets', () => {
    const found = outcome(octetsOf(join(folder, 'openssl-tests', 'encDataWithTooLongIV.pem')));
    assert.ok(!(found instanceof CmsError) && found.kind === 'AuthEnvelopedData');
    assert.throws(() => readContentEncryptionAlgorithm(found.contentEncryptionAlgorithm), /nonce/);
  });

  test('RFC 9936 Appendix C: the info of the key derivation', () => {
    const found = outcome(octetsOf(join(folder, 'lamps-cms-kyber', 'ML-KEM-512.cms.pem')));
    assert.ok(!(found instanceof CmsError) && found.kind === 'AuthEnvelopedData');
    const [recipient] = found.recipientInfos;
    assert.ok(recipient?.kind === 'kemri');
    const values = JSON.parse(readFileSync(join(folder, 'lamps-cms-kyber', 'intermediates.json'), 'utf8'));
    const info = kemOtherInfo(recipient.wrap, recipient.kekLength, recipient.ukm);
    assert.is(toHex(info), values['hkdfInfo(CMSORIforKEMOtherInfo DER)'].toLowerCase());
    assert.is(toHex(recipient.kemct), values.kemct.toLowerCase());
  });
}

/** Files of a kind that is taken and that are refused. */
const EXPECTED: ReadonlySet<string> = new Set([
  // PKCS #7 with content that is no OCTET STRING; one with a line feed behind it; AuthEnvelopedData without a ContentInfo.
  'asn1crypto/pkcs7-signed-digested.der',
  'rustcrypto-cms/apple_mdm_signature_der.bin',
  'asn1crypto/cms-signed-indefinite-length.der',
  'pyasn1-alt-modules/rfc5083.AuthEnvelopedData.msg.der',
]);

/** What the type does not carry, or what is written strictly and was not. */
function whyNotTheSame(object: GeneralContentInfo, octets: Uint8Array): string | undefined {
  if (octets[1] === 0x80) return 'BER';
  if (object.kind === 'SignedData') {
    if (object.certificateCount > 0) return 'certificates';
    const version = readGeneralContentInfo(encode(object), GENERAL_LIMITS);
    return version.kind === 'SignedData' && version.version !== object.version ? 'version' : undefined;
  }
  return toHex(octets).includes('180f') ? 'kekid with a date' : undefined;
}

test.run();
