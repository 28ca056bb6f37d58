/** Attacks on SignedData, each by its id in the project's list (B1-B14, E4). */
import {
  concat,
  contentTypeAttribute,
  encodeAttributes,
  encodeParts,
  fromHex,
  ID_CT_DEVICE_LIST,
  ID_CT_ENDORSEMENT,
  ID_CT_HANDSHAKE,
  ID_CT_PREKEY_BUNDLE,
  ID_CT_SEALED_STANZA,
  ID_DATA,
  MAX_OID_OCTETS,
  messageDigestAttribute,
  type PublicKey,
  signingTimeAttribute,
  toUtf8,
} from '@stanzaseal/cms';
import {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  childrenOf,
  GOLDEN_TIME,
  goldenWorld,
  parseBadPeer,
  refusal,
  SIGNED_PATH,
  writeBadPeer,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSignedData, sign, verify, verifyDeviceList, verifyEndorsement, verifyPrekeyBundle } from '../src/index.js';
import { resigned } from './resigned.js';

const test = suite('attacks on SignedData');
const world = await goldenWorld();
const { crypto, keys, object } = world;
const contentType = ID_CT_SEALED_STANZA;
const juliet = keys.julietDevice;
const { der } = object('signed');
const bySignedByJuliet = { signers: [juliet.publicKey] as readonly [PublicKey, ...PublicKey[]], contentType, crypto };

async function refused(octets: Uint8Array, why: string, parameters = bySignedByJuliet): Promise<void> {
  const error = await refusal(() => verify(octets, parameters));
  assert.is(error?.code, 'ERR_VERIFY', `${why}: ${error}`);
}

/** Refused though Juliet's own key signs the changed attributes. */
async function refusedResigned(change: (root: BadPeerValue) => void, why: string): Promise<void> {
  await refused(await resigned(der, juliet, crypto, change), why);
}

/** Order of the base point of edwards25519 (RFC 8032 §5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const signedAttrs = (root: BadPeerValue) => childrenOf(at(root, ...SIGNED_PATH.signedAttrs));
const named = (root: BadPeerValue, oid: string): BadPeerValue =>
  signedAttrs(root).find(
    (each) => Buffer.from(at(each, 0).content as Uint8Array).toString('hex') === oid,
  ) as BadPeerValue;
const CONTENT_TYPE = '2a864886f70d010903';
const MESSAGE_DIGEST = '2a864886f70d010904';
const SIGNING_TIME = '2a864886f70d010905';
const without = (oid: string) => (root: BadPeerValue) =>
  void signedAttrs(root).splice(signedAttrs(root).indexOf(named(root, oid)), 1);
/** Sorts the attributes as DER does, after a change that keeps them a SET OF. */
const sort = (root: BadPeerValue) =>
  void signedAttrs(root).sort((a, b) => Buffer.compare(writeBadPeer(a), writeBadPeer(b)));

test('the golden object verifies, and still does when the honest signer signs it again unchanged', async () => {
  await verify(der, bySignedByJuliet);
  await verify(await resigned(der, juliet, crypto, () => {}), bySignedByJuliet);
});

test('B1: no signer', async () => {
  const none = changed(der, (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfos)).splice(0));
  const carrier = changed(none, (root) => void childrenOf(at(root, ...SIGNED_PATH.digestAlgorithms)).splice(0));
  for (const octets of [none, carrier]) {
    await refused(octets, 'no signer');
    assert.is((await refusal(() => readSignedData(octets)))?.code, 'ERR_VERIFY', 'not even taken apart');
  }
});

test('B2: signed attributes stripped, and the content put in their place', async () => {
  const attributes = { tag: 0x31, content: at(parseBadPeer(der), ...SIGNED_PATH.signedAttrs).content };
  for (const type of [ID_DATA, ID_CT_SEALED_STANZA]) {
    const forged = changed(der, (root) => {
      at(root, ...SIGNED_PATH.eContentType).content = type;
      at(root, ...SIGNED_PATH.eContent).content = writeBadPeer(attributes);
      childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(3, 1);
    });
    await refused(forged, 'stripped', { ...bySignedByJuliet, contentType: type });
    const error = await refusal(() => verify(forged, { ...bySignedByJuliet, contentType: type, allowIdData: true }));
    assert.is(error?.code, 'ERR_VERIFY');
  }
  await refusedResigned((root) => void signedAttrs(root).splice(0), 'an empty set of signed attributes');
});

test('B3: content that parses as signed attributes is never signed, sorted or not, whatever its values', async () => {
  const digest = messageDigestAttribute(new Uint8Array(64));
  const sorted = encodeAttributes([contentTypeAttribute(ID_DATA), digest, signingTimeAttribute(GOLDEN_TIME)]);
  const unsorted = changed(sorted, (root) => void childrenOf(root).reverse());
  const twoValues = changed(
    sorted,
    (root) => void childrenOf(at(root, 0, 1)).push(badPeerValue(0x05, new Uint8Array(0))),
  );
  // Longer than our reader takes: others have no such bound.
  const longType = encodeParts(0x06, new Uint8Array(MAX_OID_OCTETS + 1).fill(1));
  const longAttribute = encodeParts(0x31, encodeParts(0x30, longType, fromHex('31020500')));
  for (const content of [sorted, unsorted, twoValues, longAttribute, fromHex('3100')]) {
    const error = await refusal(async () =>
      sign(content, { contentType, signingTime: GOLDEN_TIME, signers: [await juliet.signingKey(crypto)], crypto }),
    );
    assert.instance(error, RangeError);
  }
});

test('B4: another content type outside, in the attribute, none, two attributes, two values, another type of value', async () => {
  await refused(der, 'asked for another type', { ...bySignedByJuliet, contentType: ID_CT_DEVICE_LIST });
  await refusedResigned((root) => {
    at(root, ...SIGNED_PATH.eContentType).content = ID_DATA;
  }, 'eContentType');
  await refusedResigned((root) => {
    at(named(root, CONTENT_TYPE), 1, 0).content = ID_DATA;
  }, 'the attribute');
  await refusedResigned(without(CONTENT_TYPE), 'none');
  await refusedResigned((root) => {
    const other = parseBadPeer(writeBadPeer(named(root, CONTENT_TYPE)));
    at(other, 1, 0).content = ID_DATA;
    signedAttrs(root).push(other);
    sort(root);
  }, 'two attributes');
  await refusedResigned((root) => {
    const other = parseBadPeer(writeBadPeer(named(root, CONTENT_TYPE)));
    at(other, 1, 0).content = ID_CT_HANDSHAKE;
    signedAttrs(root).push(other);
    sort(root);
  }, 'two attributes, the right one first');
  await refusedResigned((root) => {
    childrenOf(at(named(root, CONTENT_TYPE), 1)).unshift(badPeerValue(0x06, ID_DATA));
    sort(root);
  }, 'two values');
  await refusedResigned((root) => void childrenOf(at(named(root, CONTENT_TYPE), 1)).splice(0), 'no value');
  await refusedResigned((root) => {
    at(named(root, CONTENT_TYPE), 1, 0).tag = 0x04;
  }, 'an OCTET STRING');
});

test('B5: message-digest missing, twice, of another type or length, of other content', async () => {
  await refusedResigned(without(MESSAGE_DIGEST), 'missing');
  await refusedResigned((root) => {
    signedAttrs(root).push(parseBadPeer(writeBadPeer(named(root, MESSAGE_DIGEST))));
    sort(root);
  }, 'twice');
  await refusedResigned((root) => {
    const other = parseBadPeer(writeBadPeer(named(root, MESSAGE_DIGEST)));
    at(other, 1, 0).content = new Uint8Array(64).fill(0xff);
    signedAttrs(root).push(other);
    sort(root);
  }, 'twice, the right one first');
  await refusedResigned((root) => {
    at(named(root, MESSAGE_DIGEST), 1, 0).tag = 0x02;
  }, 'an INTEGER');
  await refusedResigned((root) => {
    const value = at(named(root, MESSAGE_DIGEST), 1, 0);
    value.content = (value.content as Uint8Array).subarray(0, 32);
    sort(root);
  }, '32 octets');
  await refusedResigned((root) => {
    at(named(root, MESSAGE_DIGEST), 1, 0).content = new Uint8Array(0);
    sort(root);
  }, 'empty');
  await refusedResigned((root) => {
    at(root, ...SIGNED_PATH.eContent).content = toUtf8('other content');
  }, 'other content');
});

test('B6: digestAlgorithms empty, of another digest, with one too many; SHA-256 with Ed25519', async () => {
  const sha256 = (tag = 0x30) => badPeerValue(tag, [badPeerValue(0x06, fromHex('608648016503040201'))]);
  await refusedResigned((root) => void childrenOf(at(root, ...SIGNED_PATH.digestAlgorithms)).splice(0), 'empty');
  await refusedResigned(
    (root) => void childrenOf(at(root, ...SIGNED_PATH.digestAlgorithms)).splice(0, 1, sha256()),
    'another',
  );
  await refusedResigned(
    (root) => void childrenOf(at(root, ...SIGNED_PATH.digestAlgorithms)).unshift(sha256()),
    'one too many',
  );
  const hash = await crypto.sha256(world.content);
  await refusedResigned((root) => {
    childrenOf(at(root, ...SIGNED_PATH.digestAlgorithms)).splice(0, 1, sha256());
    childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(2, 1, sha256());
    at(named(root, MESSAGE_DIGEST), 1, 0).content = hash;
    sort(root);
  }, 'SHA-256 throughout');
  await refusedResigned((root) => {
    childrenOf(at(root, ...SIGNED_PATH.digestAlgorithms)).splice(0, 1, sha256());
    childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(2, 1, sha256());
  }, 'SHA-256 by name alone');
  await refusedResigned(
    (root) => void childrenOf(at(root, ...SIGNED_PATH.digestAlgorithm)).push(badPeerValue(5, new Uint8Array(0))),
    'NULL parameters',
  );
});

test('B7: attributes not in DER order; the signature made over the tag [0]', async () => {
  await refusedResigned((root) => void signedAttrs(root).reverse(), 'reversed and signed so');
  await refused(
    changed(der, (root) => void signedAttrs(root).reverse()),
    'reversed on the wire',
  );
  const root = parseBadPeer(der);
  const signature = await (await juliet.signingKey(crypto)).sign(writeBadPeer(at(root, ...SIGNED_PATH.signedAttrs)));
  at(root, ...SIGNED_PATH.signature).content = signature;
  await refused(writeBadPeer(root), 'signed with the tag 0xa0');
  await refusedResigned((tree) => {
    at(tree, ...SIGNED_PATH.signedAttrs).length = 'indefinite';
  }, 'BER');
});

test('B8: a second SignerInfo, good, bad, or of another party', async () => {
  const signers = [await juliet.signingKey(crypto), await keys.romeoDevice.signingKey(crypto)] as const;
  const two = (await sign(world.content, { contentType, signingTime: GOLDEN_TIME, signers, crypto })).der;
  await verify(two, { ...bySignedByJuliet, signers: [juliet.publicKey, keys.romeoDevice.publicKey] });
  await refused(two, 'another good one', bySignedByJuliet);
  await refused(two, 'another good one', { ...bySignedByJuliet, signers: [keys.romeoDevice.publicKey] });
  const oneBad = changed(two, (root) => {
    const signature = at(root, ...SIGNED_PATH.signerInfos, 1, 5);
    signature.content = (signature.content as Uint8Array).slice().fill(1, 0, 1);
  });
  await refused(oneBad, 'one bad', { ...bySignedByJuliet, signers: [juliet.publicKey, keys.romeoDevice.publicKey] });
  await refused(
    changed(der, (root) => {
      const infos = childrenOf(at(root, ...SIGNED_PATH.signerInfos));
      const second = parseBadPeer(writeBadPeer(infos[0] as BadPeerValue));
      at(second, 5).content = new Uint8Array(64).fill(0xff);
      infos.push(second);
    }),
    'the same key again with another signature',
  );
  const twice = { ...bySignedByJuliet, signers: [juliet.publicKey, juliet.publicKey] as const };
  await refused(two, 'a key asked for twice, which would leave the other signer unchecked', twice);
});

test("B9: another identifier, a cut one, or somebody else's key under a known identifier", async () => {
  await refusedResigned((root) => {
    at(root, ...SIGNED_PATH.sid).content = keys.romeoDevice.publicKey.keyIdentifier;
  }, "somebody else's");
  await refusedResigned((root) => {
    at(root, ...SIGNED_PATH.sid).content = juliet.publicKey.keyIdentifier.subarray(0, 20);
  }, 'cut to 20 octets');
  await refusedResigned((root) => {
    at(root, ...SIGNED_PATH.sid).content = new Uint8Array(0);
  }, 'empty');
  await refusedResigned((root) => {
    const version = at(root, ...SIGNED_PATH.signerInfo, 0);
    version.content = Uint8Array.of(1);
  }, 'version 1');
  const colliding: PublicKey = { ...keys.romeoDevice.publicKey, keyIdentifier: juliet.publicKey.keyIdentifier };
  await refused(der, 'a key whose identifier collides', { ...bySignedByJuliet, signers: [colliding] });
  const error = await refusal(() => verify(der, { ...bySignedByJuliet, signers: [juliet.publicKey, colliding] }));
  assert.is(error?.code, 'ERR_VERIFY', 'ambiguous');
});

test('B10: unsigned attributes, certificates, CRLs', async () => {
  const attribute = parseBadPeer(encodeAttributes([signingTimeAttribute(GOLDEN_TIME)])).content;
  await refusedResigned(
    (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).push(badPeerValue(0xa1, attribute)),
    'unsigned attribute',
  );
  await refusedResigned(
    (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).push(badPeerValue(0xa1, [])),
    'empty unsigned attributes',
  );
  const { content: spki } = parseBadPeer(object('public key Ed25519').der);
  for (const tag of [0xa0, 0xa1]) {
    for (const inside of [[], [badPeerValue(0x30, spki)]]) {
      await refused(
        changed(der, (root) => void childrenOf(at(root, ...SIGNED_PATH.data)).splice(3, 0, badPeerValue(tag, inside))),
        `${tag}`,
      );
    }
  }
});

test("B11: signing-time is the signer's word: handed out as such, never judged here; it must be there once and exist", async () => {
  for (const time of [Date.UTC(1950, 0, 1), Date.UTC(2049, 0, 1), Date.UTC(9998, 0, 1)]) {
    const signed = await sign(world.content, {
      contentType,
      signingTime: time,
      signers: [await juliet.signingKey(crypto)],
      crypto,
    });
    assert.is((await verify(signed.der, bySignedByJuliet)).signingTime, time);
  }
  await refusedResigned(without(SIGNING_TIME), 'missing');
  await refusedResigned((root) => {
    at(named(root, SIGNING_TIME), 1, 0).content = toUtf8('260230000000Z');
    sort(root);
  }, '30 February');
  await refusedResigned((root) => {
    Object.assign(at(named(root, SIGNING_TIME), 1, 0), badPeerValue(0x18, toUtf8('20261121040000Z')));
    sort(root);
  }, 'GeneralizedTime before 2050');
});

test('B12: other signature algorithms on the same key, and parameters', async () => {
  const algorithm =
    (...content: BadPeerValue[]) =>
    (root: BadPeerValue) => {
      at(root, ...SIGNED_PATH.signatureAlgorithm).content = content;
    };
  const name = (hex: string) => badPeerValue(0x06, fromHex(hex));
  const none = new Uint8Array(0);
  await refusedResigned(algorithm(name('2b6571')), 'Ed448');
  await refusedResigned(algorithm(name('2b6573')), 'the arc once meant for Ed25519ph');
  await refusedResigned(algorithm(name('2a864886f70d01010b'), badPeerValue(5, none)), 'RSA with SHA-256');
  await refusedResigned(algorithm(name('2a8648ce3d040302')), 'ECDSA with SHA-256');
  await refusedResigned(algorithm(name('2b6570'), badPeerValue(5, none)), 'NULL parameters');
  await refusedResigned(algorithm(name('2b6570'), badPeerValue(4, none)), 'a context as parameter');
  await refusedResigned(algorithm(), 'nothing');
});

test('B13: a composite signature, whole, cut or empty, is unsupported', async () => {
  for (const signature of ['3000', '300403020000', '30060302000003020000']) {
    await refused(
      changed(der, (root) => {
        at(root, ...SIGNED_PATH.signatureAlgorithm).content = [badPeerValue(0x06, fromHex('2b0601050507062e'))];
        at(root, ...SIGNED_PATH.signature).content = fromHex(signature);
      }),
      signature,
    );
  }
  await refused(
    changed(der, (root) => {
      at(root, ...SIGNED_PATH.signature).content = new Uint8Array(0);
    }),
    'empty signature',
  );
});

test('B14: what is signed as one kind of thing is no other kind', async () => {
  const list = object('device list').der;
  const bundle = object('prekey bundle').der;
  const { julietIdentity } = keys;
  for (const [signed, signer] of [
    [list, julietIdentity],
    [bundle, juliet],
  ] as const)
    await refused(signed, 'as a stanza', { ...bySignedByJuliet, signers: [signer.publicKey] });
  assert.is((await refusal(() => verifyDeviceList(bundle, crypto)))?.code, 'ERR_VERIFY');
  assert.is(
    (await refusal(() => verifyPrekeyBundle(list, [julietIdentity.publicKey, juliet.publicKey], crypto)))?.code,
    'ERR_VERIFY',
  );
  assert.is((await refusal(() => verifyEndorsement(list, julietIdentity.publicKey, crypto)))?.code, 'ERR_VERIFY');
  // The same octets of content, honestly signed under another type, and relabelled afterwards.
  for (const type of [
    ID_CT_SEALED_STANZA,
    ID_CT_DEVICE_LIST,
    ID_CT_PREKEY_BUNDLE,
    ID_CT_ENDORSEMENT,
    ID_CT_HANDSHAKE,
  ]) {
    const content = at(parseBadPeer(list), ...SIGNED_PATH.eContent).content as Uint8Array;
    const signed = (
      await sign(content, {
        contentType: type,
        signingTime: GOLDEN_TIME,
        signers: [await julietIdentity.signingKey(crypto)],
        crypto,
      })
    ).der;
    const relabelled = changed(signed, (root) => {
      at(root, ...SIGNED_PATH.eContentType).content = ID_CT_DEVICE_LIST;
    });
    for (const octets of [signed, relabelled]) {
      const error = await refusal(() => verifyDeviceList(octets, crypto));
      assert.is(error?.code, type === ID_CT_DEVICE_LIST ? undefined : 'ERR_VERIFY');
    }
  }
});

test('E4: a signer whose R is the identity: the equation holds, and it is refused all the same', async () => {
  const root = parseBadPeer(der);
  const message = writeBadPeer({ tag: 0x31, content: at(root, ...SIGNED_PATH.signedAttrs).content });
  const number = (octets: Uint8Array) => octets.reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n);
  const hash = async (...parts: Uint8Array[]) => crypto.sha512(concat(...parts));
  // RFC 8032 §5.1.5, §5.1.6, with the nonce r = 0: R is the identity and S = k a.
  const scalar = (await hash(juliet.secret())).slice(0, 32);
  scalar[0] = (scalar[0] as number) & 0xf8;
  scalar[31] = ((scalar[31] as number) & 0x7f) | 0x40;
  const R = concat(Uint8Array.of(1), new Uint8Array(31));
  const s = (number(await hash(R, juliet.publicKey.raw, message)) * number(scalar)) % ORDER;
  const signature = concat(
    R,
    Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n)),
  );
  assert.ok(await crypto.verify(juliet.publicKey, message, signature), 'the primitive takes it');
  at(root, ...SIGNED_PATH.signature).content = signature;
  await refused(writeBadPeer(root), 'R is the identity');
});

test('E4: R of small order or not canonical, S + L, and lengths other than 64', async () => {
  const signature = at(parseBadPeer(der), ...SIGNED_PATH.signature).content as Uint8Array;
  const withSignature = (octets: Uint8Array) =>
    changed(der, (root) => {
      at(root, ...SIGNED_PATH.signature).content = octets;
    });
  const identity = concat(Uint8Array.of(1), new Uint8Array(31));
  await refused(withSignature(concat(identity, signature.subarray(32))), 'R is the identity');
  await refused(withSignature(concat(new Uint8Array(32).fill(0xff), signature.subarray(32))), 'R not canonical');
  for (const length of [0, 32, 63, 65])
    await refused(withSignature(concat(signature, signature).subarray(0, length)), `${length} octets`);
  const s = signature.subarray(32).reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n) + ORDER;
  await refused(
    withSignature(
      concat(
        signature.subarray(0, 32),
        Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n)),
      ),
    ),
    'S + L',
  );
});

test('A18, B: every truncation and every one-bit flip of every signed golden object is refused', async () => {
  for (const { name, der: whole, read } of world.objects.filter(({ name }) =>
    /^(signed|inner|endorsement|revocation|device list|prekey bundle)/.test(name),
  )) {
    for (let length = 0; length < whole.length; length++) {
      assert.is((await refusal(() => read(whole.subarray(0, length))))?.code, 'ERR_VERIFY', `${name} cut at ${length}`);
    }
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const octets = whole.slice();
      octets[bit >> 3] = (octets[bit >> 3] as number) ^ (1 << (bit & 7));
      const error = await refusal(() => read(octets));
      if (error?.code !== 'ERR_VERIFY') assert.unreachable(`${name} bit ${bit}: ${error}`);
    }
  }
});

test.run();
