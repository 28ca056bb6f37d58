/**
 * Golden objects: one of each kind, the same octets in every run, with what it takes to read each to the end.
 * @module
 */
import {
  type AgreementKeys,
  attribute,
  type ClearContext,
  type CryptoProvider,
  type DeviceList,
  decodeClearContext,
  decodeDeviceList,
  decodeEndorsement,
  decodePrekeyBundle,
  decodePrivateContext,
  decodeRecipients,
  decodeReplyPrekey,
  decodeSenderKeys,
  type Endorsement,
  encodeClearContext,
  encodeDeviceList,
  encoded,
  encodeEndorsement,
  encodePrekeyBundle,
  encodePrivateContext,
  encodeRecipients,
  encodeReplyPrekey,
  encodeSenderKeys,
  equal,
  exportPrivateKey,
  exportPublicKey,
  generatePrivateKey,
  ID_AA_PRIVATE_CONTEXT,
  ID_AA_RECIPIENTS,
  ID_AA_REPLY_PREKEY,
  ID_AA_SENDER_KEYS,
  ID_CT_SEALED_STANZA,
  ID_SIGNED_DATA,
  importPrivateKey,
  importPublicKey,
  type PrekeyBundle,
  type PrivateKey,
  type PublicKey,
  toUtf8,
} from '@stanzaseal/cms';
import { toGeneralPrivateKey } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { decrypt, encrypt, readObject, recipientsDigest } from '@stanzaseal/envelope';
import { decrypt as decryptGeneral, encrypt as encryptGeneral, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import {
  endorse,
  revoke,
  sign,
  signDeviceList,
  signPrekeyBundle,
  verify,
  verifyDeviceList,
  verifyEndorsement,
  verifyPrekeyBundle,
  verifyRevocation,
} from '@stanzaseal/signer';
import { unsafeSeededRandom } from './seededRandom.js';

/** A golden object. */
export interface Golden {
  /** Its name. */
  readonly name: string;
  /** Its octets. */
  readonly der: Uint8Array;
  /** Whether every single bit of it is authenticated, so that each changed bit must be refused. */
  readonly authenticated: boolean;
  /** Reads it to the end as its receiver does; rejects when anything is wrong with it. */
  read(der: Uint8Array): Promise<unknown>;
}

/** Everything the golden objects were made of. */
export interface GoldenWorld {
  /** The provider they were made by. */
  readonly crypto: CryptoProvider;
  /** Keys by name: `julietIdentity`, `julietDevice`, `romeoIdentity`, `romeoDevice` (Ed25519), `nurse` (P-256), `prekeyA` to `prekeyC` (X25519). */
  readonly keys: Readonly<Record<KeyName, PrivateKey>>;
  /** DER of the clear context of `sealed`. */
  readonly clearContext: Uint8Array;
  /** The content of every signed and sealed object. */
  readonly content: Uint8Array;
  /** The objects. */
  readonly objects: readonly Golden[];
  /** A golden object by its name. */
  object(name: string): Golden;
}

/** Names of the golden keys. */
export type KeyName = (typeof KEY_NAMES)[number];
const KEY_NAMES = [
  'julietIdentity',
  'julietDevice',
  'romeoIdentity',
  'romeoDevice',
  'nurse',
  'prekeyA',
  'prekeyB',
  'prekeyC',
] as const;

/** The time of every golden object: 2026-11-21T04:00:00Z in ms. */
export const GOLDEN_TIME: number = Date.UTC(2026, 10, 21, 4);
const WEEK = 7 * 24 * 3600 * 1000;

/** Own keys as a receiver holds them, by their identifiers. */
export async function agreementKeys(keys: readonly PrivateKey[], crypto: CryptoProvider): Promise<AgreementKeys> {
  const own = await Promise.all(
    keys.map(async (key) => ({ id: key.publicKey.keyIdentifier, key: await key.agreementKey(crypto) })),
  );
  return { find: (keyIdentifier) => own.find(({ id }) => equal(id, keyIdentifier))?.key };
}

/** Makes the golden keys and objects. */
export async function goldenWorld(crypto: CryptoProvider = createCryptoProvider()): Promise<GoldenWorld> {
  const random = unsafeSeededRandom('golden');
  const made = new Map<KeyName, PrivateKey>();
  for (const name of KEY_NAMES) {
    const algorithm = name === 'nurse' ? 'P-256' : name.startsWith('prekey') ? 'X25519' : 'Ed25519';
    made.set(name, await generatePrivateKey(algorithm, random, crypto));
  }
  const keys = Object.fromEntries(made) as Record<KeyName, PrivateKey>;
  const publicKeys = Object.fromEntries([...made].map(([name, key]) => [name, key.publicKey])) as Record<
    KeyName,
    PublicKey
  >;
  const signing = async (name: KeyName) => keys[name].signingKey(crypto);
  const timed = { signingTime: GOLDEN_TIME, crypto };
  const content = toUtf8(
    "<envelope xmlns='urn:xmpp:sce:1'><content><body>Wherefore art thou?</body></content></envelope>",
  );
  const contentType = ID_CT_SEALED_STANZA;

  const endorsement: Endorsement = {
    endorser: publicKeys.julietIdentity.keyIdentifier,
    endorsed: publicKeys.julietDevice,
    owner: 'juliet@capulet.example',
    purpose: 'device',
    notBefore: GOLDEN_TIME,
    notAfter: GOLDEN_TIME + 52 * WEEK,
    sequence: 1,
  };
  const endorsed = await endorse(endorsement, await signing('julietIdentity'), await signing('julietDevice'), timed);
  const revoked = await revoke({ ...endorsement, sequence: 2 }, await signing('julietIdentity'), timed);
  const deviceList: DeviceList = {
    owner: 'juliet@capulet.example',
    identity: publicKeys.julietIdentity,
    listVersion: 2,
    previous: random(32),
    issued: GOLDEN_TIME,
    expires: GOLDEN_TIME + 5 * WEEK,
    devices: [
      { key: publicKeys.julietDevice, role: 'primary', suites: [1] },
      { key: publicKeys.romeoDevice, role: 'secondary', suites: [1, 2] },
    ],
    archiveKeys: [{ key: publicKeys.prekeyC, organisation: 'Verona Chancery', epoch: 3 }],
  };
  const prekeyBundle: PrekeyBundle = {
    owner: 'juliet@capulet.example',
    identity: publicKeys.julietIdentity.keyIdentifier,
    device: publicKeys.julietDevice.keyIdentifier,
    sequence: 7,
    notBefore: GOLDEN_TIME,
    notAfter: GOLDEN_TIME + 5 * WEEK,
    lastResort: publicKeys.prekeyC.raw,
    oneTime: [publicKeys.prekeyA.raw, publicKeys.prekeyB.raw],
  };

  const clearContextTo = async (recipients: readonly PublicKey[]): Promise<Uint8Array> => {
    const context: ClearContext = {
      suite: 1,
      kind: 'message',
      type: 'chat',
      from: 'juliet@capulet.example',
      to: 'romeo@montague.example',
      messageId: unsafeSeededRandom('message id')(16),
      recipientsDigest: await recipientsDigest(
        recipients.map(({ keyIdentifier }) => keyIdentifier),
        crypto,
      ),
    };
    return encodeClearContext(context);
  };
  const one: [PublicKey] = [publicKeys.prekeyA];
  const three: [PublicKey, ...PublicKey[]] = [publicKeys.prekeyA, publicKeys.prekeyB, publicKeys.prekeyC];
  const clearContext = await clearContextTo(one);
  const privateContext = encodePrivateContext({
    clearContext,
    senderDevice: publicKeys.julietDevice.keyIdentifier,
    senderListVersion: 2,
    peerListVersion: 0,
    counter: 2,
    previous: random(32),
    inReplyTo: random(16),
  });
  const recipients = encodeRecipients(
    three.map(({ keyIdentifier }, i) => ({
      rKeyId: keyIdentifier,
      deviceKey: publicKeys.romeoDevice.keyIdentifier,
      class: (['one-time', 'reply', 'last-resort'] as const)[i] as 'reply',
    })),
  );
  const replyPrekey = encodeReplyPrekey({ key: publicKeys.prekeyB, notAfter: GOLDEN_TIME + WEEK });
  const senderKeys = encodeSenderKeys({
    identity: publicKeys.julietIdentity,
    device: publicKeys.julietDevice,
    endorsement: endorsed,
  });
  const signedAttrs = [
    attribute(ID_AA_PRIVATE_CONTEXT, encoded(privateContext)),
    attribute(ID_AA_RECIPIENTS, encoded(recipients)),
    attribute(ID_AA_REPLY_PREKEY, encoded(replyPrekey)),
  ];
  const firstContact = [...signedAttrs, attribute(ID_AA_SENDER_KEYS, encoded(senderKeys))];
  const signed = (await sign(content, { ...timed, signers: [await signing('julietDevice')], contentType, signedAttrs }))
    .der;
  const signedFirst = (
    await sign(content, { ...timed, signers: [await signing('julietDevice')], contentType, signedAttrs: firstContact })
  ).der;
  // ECDSA signatures differ from run to run, so this one is fixed by nothing but its meaning.
  const signedP256 = (await sign(content, { ...timed, signers: [await signing('nurse')], contentType })).der;
  // What is sealed is the SignedData itself, on first contact with the sender's keys in it (RFC 5652 §5.1).
  const withoutContentInfo = async (attributes: typeof signedAttrs) => {
    const signers = [await signing('julietDevice')] as const;
    return (await sign(content, { ...timed, signers, contentType, signedAttrs: attributes, form: 'SignedData' })).der;
  };
  const inner = await withoutContentInfo(signedAttrs);
  const innerFirst = await withoutContentInfo(firstContact);
  const detached = (
    await sign(content, { ...timed, signers: [await signing('julietDevice')], contentType, detached: true })
  ).der;

  const sealTo = async (to: readonly [PublicKey, ...PublicKey[]], payload: Uint8Array, seed: string) => {
    const clearContext = await clearContextTo(to);
    const parameters = {
      recipients: to,
      clearContext,
      random: unsafeSeededRandom(seed),
      crypto,
    };
    return (await encrypt(payload, parameters)).der;
  };
  const generalCrypto = createGeneralCrypto();
  const generalKey = await toGeneralPrivateKey(keys.prekeyA, generalCrypto);
  const general = async (cekHkdf: boolean, seed: string) => {
    const parameters = {
      profile: 'general',
      recipients: [{ kind: 'key', key: generalKey.publicKey }],
      contentType: ID_SIGNED_DATA,
      contentEncryption: 'AES-256-GCM',
      cekHkdf,
      random: unsafeSeededRandom(seed),
      crypto: generalCrypto,
    } as const;
    return (await encryptGeneral(inner, parameters)).der;
  };

  const own = await agreementKeys([keys.prekeyA], crypto);
  const openSealed = async (der: Uint8Array) =>
    (await decrypt(await readObject(der, { crypto }), { keys: own, crypto })).content;
  const openGeneral = async (der: Uint8Array) =>
    (
      await decryptGeneral(der, {
        profile: 'general',
        keys: [{ kind: 'key', key: generalKey }],
        policy: GENERAL_POLICY,
        crypto: generalCrypto,
      })
    ).content;
  const verifyBy = (signer: PublicKey, detachedContent?: Uint8Array) => (der: Uint8Array) =>
    verify(der, {
      signers: [signer],
      contentType,
      crypto,
      ...(detachedContent === undefined ? {} : { content: detachedContent }),
    });
  const decoded = (decode: (der: Uint8Array) => unknown) => async (der: Uint8Array) => decode(der);

  const objects: Golden[] = [
    golden('sealed', await sealTo(one, innerFirst, 'sealed'), true, openSealed),
    golden('sealed to three', await sealTo(three, inner, 'sealed to three'), false, openSealed),
    golden('general', await general(false, 'general'), true, openGeneral),
    golden('general with RFC 9709', await general(true, 'general with RFC 9709'), true, openGeneral),
    golden('signed', signed, true, verifyBy(publicKeys.julietDevice)),
    golden('signed on first contact', signedFirst, true, verifyBy(publicKeys.julietDevice)),
    golden('signed with P-256', signedP256, true, verifyBy(publicKeys.nurse)),
    golden('inner SignedData', inner, true, (der) =>
      verify(der, { signers: [publicKeys.julietDevice], contentType, crypto, form: 'SignedData' }),
    ),
    golden('signed detached', detached, true, verifyBy(publicKeys.julietDevice, content)),
    golden('endorsement', endorsed, true, (der) => verifyEndorsement(der, publicKeys.julietIdentity, crypto)),
    golden('revocation', revoked, true, (der) => verifyRevocation(der, publicKeys.julietIdentity, crypto)),
    golden('device list', await signDeviceList(deviceList, await signing('julietIdentity'), crypto), true, (der) =>
      verifyDeviceList(der, crypto),
    ),
    golden('prekey bundle', await signPrekeyBundle(prekeyBundle, await signing('julietDevice'), timed), true, (der) =>
      verifyPrekeyBundle(der, [publicKeys.romeoDevice, publicKeys.julietDevice], crypto),
    ),
    golden('ClearContext', clearContext, false, decoded(decodeClearContext)),
    golden('PrivateContext', privateContext, false, decoded(decodePrivateContext)),
    golden('Recipients', recipients, false, decoded(decodeRecipients)),
    golden('ReplyPrekey', replyPrekey, false, decoded(decodeReplyPrekey)),
    golden('SenderKeys', senderKeys, false, decoded(decodeSenderKeys)),
    golden('Endorsement', encodeEndorsement(endorsement), false, decoded(decodeEndorsement)),
    golden('DeviceList', encodeDeviceList(deviceList), false, decoded(decodeDeviceList)),
    golden('PrekeyBundle', encodePrekeyBundle(prekeyBundle), false, decoded(decodePrekeyBundle)),
    ...(['julietDevice', 'prekeyA', 'nurse'] as const).flatMap((name) => [
      golden(`public key ${publicKeys[name].algorithm}`, exportPublicKey(publicKeys[name]), false, (der) =>
        importPublicKey(der, crypto),
      ),
      golden(`private key ${publicKeys[name].algorithm}`, exportPrivateKey(keys[name]), false, (der) =>
        importPrivateKey(der, crypto),
      ),
    ]),
  ];
  const object = (name: string): Golden => {
    const found = objects.find((each) => each.name === name);
    if (found === undefined) throw new RangeError(`no golden object is called ${name}`);
    return found;
  };
  return { crypto, keys, clearContext, content, objects, object };
}

function golden(name: string, der: Uint8Array, authenticated: boolean, read: Golden['read']): Golden {
  return { name, der, authenticated, read };
}
