/**
 * Objects: `signer` and `envelope` together, sign and encrypt, decrypt and verify.
 * @module
 */
import {
  type AgreementKeys,
  type CryptoProvider,
  encodeClearContext,
  equal,
  generatePrivateKey,
  ID_CT_SEALED_STANZA,
  type PublicKey,
  type RandomSource,
} from '@stanzaseal/cms';
import { decrypt, encrypt, readObject, recipientsDigest } from '@stanzaseal/envelope';
import { sign, verify } from '@stanzaseal/signer';
import type { Job } from './rounds.js';

/** Sealing and opening octets to so many devices with a provider. */
export async function createObjectJobs(
  crypto: CryptoProvider,
  random: RandomSource,
  contentLength: number,
  recipientCount: number,
): Promise<{ seal: Job; open: Job }> {
  const content = random(contentLength);
  const device = await generatePrivateKey('Ed25519', random, crypto);
  const signer = await device.signingKey(crypto);
  const prekeys = [];
  for (let i = 0; i < recipientCount; i++) prekeys.push(await generatePrivateKey('X25519', random, crypto));
  const recipients = prekeys.map(({ publicKey }) => publicKey) as [PublicKey, ...PublicKey[]];
  const own = prekeys[0] as (typeof prekeys)[0];
  const ownKey = await own.agreementKey(crypto);
  const keys: AgreementKeys = { find: (id) => (equal(id, own.publicKey.keyIdentifier) ? ownKey : undefined) };
  const digest = await recipientsDigest(
    recipients.map(({ keyIdentifier }) => keyIdentifier),
    crypto,
  );

  async function seal(): Promise<Uint8Array> {
    const clearContext = encodeClearContext({
      suite: 1,
      kind: 'message',
      type: 'chat',
      from: 'romeo@montague.example',
      to: 'juliet@capulet.example',
      messageId: random(16),
      recipientsDigest: digest,
    });
    const { der } = await sign(content, {
      signers: [signer],
      contentType: ID_CT_SEALED_STANZA,
      form: 'SignedData',
      signingTime: Date.now(),
      crypto,
    });
    return (await encrypt(der, { recipients, clearContext, random, crypto })).der;
  }

  const sealed = await seal();
  async function open(): Promise<void> {
    const object = await readObject(sealed, { crypto });
    const { content: signed } = await decrypt(object, { keys, crypto });
    await verify(signed, { signers: [device.publicKey], contentType: ID_CT_SEALED_STANZA, form: 'SignedData', crypto });
  }
  await open();
  const name = `signer + envelope, ${crypto.name}`;
  return { seal: { name, run: seal }, open: { name, run: open } };
}
