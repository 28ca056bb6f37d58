/**
 * age (typage): encryption alone.
 * @module
 */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { type Peer, sameOctets } from './peer.js';

/** age with X25519 and ChaCha20-Poly1305; it has no signatures. */
export async function agePeer(content: Uint8Array, count: number): Promise<Peer> {
  const identities: string[] = [];
  for (let i = 0; i < count; i++) identities.push(await generateX25519Identity());
  const recipients: string[] = [];
  for (const identity of identities) recipients.push(await identityToRecipient(identity));
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identities.at(-1) as string);
  const seal = (): Promise<Uint8Array> => encrypter.encrypt(content);
  const sealed = await seal();
  const open = (): Promise<Uint8Array> => decrypter.decrypt(sealed, 'uint8array');
  const name = 'age-encryption 0.3.1';
  sameOctets(name, await open(), content);
  return { name, note: 'encryption only: no signature', isNative: false, seal, open };
}
