/**
 * Objects: `signer` and `envelope` together and apart, with keys that are ready.
 * @module
 */
import {
  type AgreementKeys,
  type CryptoProvider,
  encodeClearContext,
  equal,
  generatePrivateKey,
  ID_CT_SEALED_STANZA,
  MAX_RECIPIENTS,
  OBJECT_LIMITS,
  type PublicKey,
} from '@stanzaseal/cms';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { decrypt, encrypt, type ReadObject, readObject, recipientsDigest } from '@stanzaseal/envelope';
import { sign, verify } from '@stanzaseal/signer';

/** Work on one content for one set of recipients. */
export interface ObjectWork {
  /** DER of an object. */
  readonly object: Uint8Array;
  /** DER of what is in it: a SignedData. */
  readonly signed: Uint8Array;
  seal(): Promise<Uint8Array>;
  /** As the recipient that stands last in the object. */
  open(): Promise<void>;
  sign(): Promise<Uint8Array>;
  verify(): Promise<void>;
  encrypt(): Promise<Uint8Array>;
  decrypt(): Promise<Uint8Array>;
  read(): Promise<ReadObject>;
}

/** Work on so many octets, sealed to so many devices. */
export async function objectWork(
  crypto: CryptoProvider,
  contentLength: number,
  recipientCount: number,
): Promise<ObjectWork> {
  const content = random(contentLength);
  const device = await generatePrivateKey('Ed25519', random, crypto);
  const signer = await device.signingKey(crypto);
  const prekeys = [];
  for (let i = 0; i < recipientCount; i++) prekeys.push(await generatePrivateKey('X25519', random, crypto));
  const recipients = prekeys.map(({ publicKey }) => publicKey) as [PublicKey, ...PublicKey[]];
  const maxRecipients = Math.max(MAX_RECIPIENTS, recipientCount);
  const limits = { ...OBJECT_LIMITS, octets: 2 ** 20, recipients: maxRecipients };
  const digest = await recipientsDigest(
    recipients.map(({ keyIdentifier }) => keyIdentifier),
    crypto,
  );

  async function signContent(): Promise<Uint8Array> {
    const parameters = {
      signers: [signer],
      contentType: ID_CT_SEALED_STANZA,
      form: 'SignedData',
      signingTime: Date.now(),
      crypto,
    } as const;
    return (await sign(content, parameters)).der;
  }

  async function encryptSigned(der: Uint8Array): Promise<Uint8Array> {
    const clearContext = encodeClearContext({
      suite: 1,
      kind: 'message',
      type: 'chat',
      from: 'romeo@montague.example',
      to: 'juliet@capulet.example',
      messageId: random(16),
      recipientsDigest: digest,
    });
    return (await encrypt(der, { recipients, maxRecipients, clearContext, random, crypto })).der;
  }

  async function verifyContent(der: Uint8Array): Promise<void> {
    const signers = [device.publicKey] as const;
    const parameters = { signers, contentType: ID_CT_SEALED_STANZA, form: 'SignedData', crypto, limits } as const;
    await verify(der, parameters);
  }

  const signed = await signContent();
  const object = await encryptSigned(signed);
  const read = (): Promise<ReadObject> => readObject(object, { crypto, limits });
  const { rKeyId } = (await read()).data.kari.recipientEncryptedKeys.at(-1) as { rKeyId: Uint8Array };
  const own = prekeys.find(({ publicKey }) => equal(publicKey.keyIdentifier, rKeyId)) as (typeof prekeys)[0];
  const ownKey = await own.agreementKey(crypto);
  const keys: AgreementKeys = { find: (id) => (equal(id, rKeyId) ? ownKey : undefined) };
  const decryptObject = async (): Promise<Uint8Array> => (await decrypt(await read(), { keys, crypto })).content;

  const work: ObjectWork = {
    object,
    signed,
    seal: async () => encryptSigned(await signContent()),
    open: async () => verifyContent(await decryptObject()),
    sign: signContent,
    verify: () => verifyContent(signed),
    encrypt: () => encryptSigned(signed),
    decrypt: decryptObject,
    read,
  };
  await work.open();
  return work;
}
