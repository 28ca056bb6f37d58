/** A second reader that shares no code with ours, pkijs over asn1js, finds the same values in every object. */
import { type BadPeerValue, goldenWorld, parseBadPeer } from '@stanzaseal/testkit';
import * as asn1 from 'asn1js';
import * as pkijs from 'pkijs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Attribute,
  DerReader,
  type DerTree,
  decodeAuthEnvelopedData,
  decodeDerTree,
  decodeSignedData,
  equal,
  importPublicKey,
  oidToText,
  readPublicKey,
  STANZASEAL_ARC,
  toHex,
} from '../src/index.js';
import { createCryptoProvider } from '../src/provider/node.js';

const test = suite('pkijs reads the same');
const world = await goldenWorld();
const crypto = createCryptoProvider();

function parsed(der: Uint8Array): asn1.AsnType {
  const { offset, result } = asn1.fromBER(der.slice());
  assert.is(offset, der.length, 'asn1js read all of it');
  return result;
}

const hex = (octets: ArrayBuffer | Uint8Array): string => toHex(new Uint8Array(octets));
const contentOf = (value: asn1.AsnType): string =>
  hex((value.valueBlock as unknown as { valueHexView: Uint8Array }).valueHexView);
const inside = (value: asn1.AsnType, ...path: number[]): asn1.AsnType =>
  path.reduce((node, i) => (node.valueBlock as unknown as { value: asn1.AsnType[] }).value[i] as asn1.AsnType, value);

/** Identifier octet, content and children of an asn1js value, as our tree has them. */
function asTree(value: asn1.AsnType): DerTree {
  const { tagClass, tagNumber, isConstructed } = value.idBlock;
  const tag = ((tagClass - 1) << 6) | (isConstructed ? 0x20 : 0) | tagNumber;
  if (isConstructed)
    return { tag, content: (value.valueBlock as unknown as { value: asn1.AsnType[] }).value.map(asTree) };
  // asn1js decodes contents into its own forms, so the octets are taken from the encoding behind its header.
  const encoding = new Uint8Array(value.valueBeforeDecodeView);
  return { tag, content: encoding.slice(encoding.length - value.lenBlock.length) };
}

const plain = (tree: DerTree | BadPeerValue): unknown => ({
  tag: tree.tag,
  content: tree.content instanceof Uint8Array ? toHex(tree.content) : tree.content.map(plain),
});

for (const { name, der } of world.objects) {
  test(`${name}: the same tree from asn1js, from ours, and from the bad peer's parser`, () => {
    const ours = plain(decodeDerTree(der));
    assert.equal(plain(asTree(parsed(der))), ours);
    assert.equal(plain(parseBadPeer(der)), ours);
    assert.is(hex(parsed(der).toBER()), toHex(der), 'asn1js writes it back');
  });
}

function checkAttributes(theirs: readonly pkijs.Attribute[], ours: readonly Attribute[]): void {
  assert.is(theirs.length, ours.length);
  for (const [i, attribute] of theirs.entries()) {
    const { attrType, value } = ours[i] as Attribute;
    assert.is(attribute.values.length, 1);
    // asn1js prints arcs beyond 2^53 in a form of its own; their octets are compared with the whole tree above.
    if (!oidToText(attrType).startsWith(STANZASEAL_ARC)) assert.is(attribute.type, oidToText(attrType));
    assert.is(hex(attribute.values[0].toBER()), toHex(value));
  }
}

for (const { name, der } of world.objects.filter((each) =>
  /^(signed|endorsement|revocation|device list|prekey bundle)/.test(each.name),
)) {
  test(`${name}: SignedData by pkijs has our values`, () => {
    const ours = decodeSignedData(der);
    const info = new pkijs.ContentInfo({ schema: parsed(der) });
    assert.is(info.contentType, '1.2.840.113549.1.7.2');
    const theirs = new pkijs.SignedData({ schema: info.content });
    assert.is(theirs.version, 3);
    assert.is(theirs.certificates ?? undefined, undefined);
    assert.is(theirs.crls ?? undefined, undefined);
    const { eContent } = theirs.encapContentInfo;
    assert.is(
      eContent === undefined ? undefined : hex(eContent.getValue()),
      ours.eContent === undefined ? undefined : toHex(ours.eContent),
    );
    assert.is(theirs.signerInfos.length, ours.signerInfos.length);
    for (const [i, signerInfo] of theirs.signerInfos.entries()) {
      const own = ours.signerInfos[i] as (typeof ours.signerInfos)[number];
      assert.is(signerInfo.version, 3);
      assert.is(contentOf(signerInfo.sid), toHex(own.sid));
      assert.is(hex(signerInfo.digestAlgorithm.toSchema().toBER()), toHex(own.digestAlgorithm));
      assert.is(hex(signerInfo.signatureAlgorithm.toSchema().toBER()), toHex(own.signatureAlgorithm));
      assert.is(hex(signerInfo.signature.getValue()), toHex(own.signature));
      assert.is(signerInfo.unsignedAttrs, undefined);
      assert.ok(signerInfo.signedAttrs !== undefined);
      assert.is(
        hex(signerInfo.signedAttrs.encodedValue),
        toHex(own.signedAttrsDer),
        'the octets that are signed, with the tag 0x31',
      );
      checkAttributes(signerInfo.signedAttrs.attributes, own.signedAttrs);
    }
  });
}

for (const { name, der } of world.objects.filter((each) => /^sealed/.test(each.name))) {
  test(`${name}: AuthEnvelopedData walked in asn1js has our values`, () => {
    const ours = decodeAuthEnvelopedData(der);
    const root = parsed(der);
    const data = inside(root, 1, 0);
    const kari = inside(data, 1, 0);
    assert.is(contentOf(inside(data, 0)), '00');
    assert.is(contentOf(inside(kari, 0)), '03');
    assert.is(contentOf(inside(kari, 1, 0, 1)).slice(-64), toHex(ours.kari.originatorKey.raw));
    assert.is(contentOf(inside(kari, 2, 0)), toHex(ours.kari.ukm));
    for (const [i, recipient] of ours.kari.recipientEncryptedKeys.entries()) {
      const entry = inside(kari, 4, i);
      assert.is(contentOf(inside(entry, 0, 0)), toHex(recipient.rKeyId));
      assert.is(contentOf(inside(entry, 1)), toHex(recipient.encryptedKey));
    }
    const algorithm = inside(data, 2, 1);
    const gcm = inside(algorithm, 1);
    assert.is(hex(gcm.toBER()), toHex(ours.contentEncryption.algorithm));
    assert.is(contentOf(inside(gcm, 1, 0)), toHex(ours.contentEncryption.nonce));
    assert.is(contentOf(inside(gcm, 1, 1)), '10');
    assert.is(contentOf(inside(data, 2, 2)), toHex(ours.encryptedContent));
    const attributes = (inside(data, 3).valueBlock as unknown as { value: asn1.AsnType[] }).value;
    checkAttributes(
      attributes.map((schema) => new pkijs.Attribute({ schema })),
      ours.authAttrs,
    );
    assert.is(contentOf(inside(data, 4)), toHex(ours.mac));
  });
}

test('SubjectPublicKeyInfo and PKCS#8 by pkijs', async () => {
  for (const algorithm of ['Ed25519', 'X25519', 'P-256']) {
    const { der } = world.object(`public key ${algorithm}`);
    const theirs = new pkijs.PublicKeyInfo({ schema: parsed(der) });
    const ours = await importPublicKey(der, crypto);
    assert.is(
      hex((theirs.subjectPublicKey.valueBlock as unknown as { valueHexView: Uint8Array }).valueHexView),
      toHex(ours.raw),
    );
    assert.ok(equal(readPublicKey(new DerReader(der)).raw, ours.raw));
    const key = new pkijs.PrivateKeyInfo({ schema: parsed(world.object(`private key ${algorithm}`).der) });
    assert.is(key.version, 0);
    assert.is(key.privateKeyAlgorithm.algorithmId, theirs.algorithm.algorithmId);
  }
});

test.run();
