/**
 * libsignal: a session for each recipient, already established; an object for each.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type * as Signal from '@signalapp/libsignal-client';
import { type Peer, sameOctets } from './peer.js';

type Library = typeof Signal;

/** libsignal by its Node binding, or `undefined` where its native library does not load. */
export async function libsignalPeer(content: Uint8Array, count: number): Promise<Peer | undefined> {
  let library: Library;
  try {
    library = await import('@signalapp/libsignal-client');
  } catch {
    return undefined;
  }
  const plaintext = Uint8Array.from(content);
  const sender = party(library);
  const recipients = Array.from({ length: count }, () => party(library));
  for (const recipient of recipients) await establish(library, sender, recipient);
  const seal = async (): Promise<Uint8Array[]> => {
    const objects: Uint8Array[] = [];
    for (const { address } of recipients) {
      const { sessions, identities } = sender;
      const sealed = await library.signalEncrypt(plaintext, address, sender.address, sessions, identities);
      objects.push(sealed.serialize());
    }
    return objects;
  };
  const last = recipients.at(-1) as Party;
  const [object] = (await seal()).slice(-1) as [Uint8Array<ArrayBuffer>];
  const session = last.sessions.kept.get(sender.address.toString()) as Signal.SessionRecord;
  const record = session.serialize();
  const open = async (): Promise<Uint8Array> => {
    // The ratchet moves on with every message: put back what it was before, so that the same one opens again.
    last.sessions.kept.set(sender.address.toString(), library.SessionRecord.deserialize(record));
    const message = library.SignalMessage.deserialize(object);
    return library.signalDecrypt(message, sender.address, last.address, last.sessions, last.identities);
  };
  const name = 'libsignal 0.103.0';
  sameOctets(name, await open(), content);
  return { name, note: 'native; session per recipient; MAC, no signature', isNative: true, seal, open };
}

interface Party {
  readonly address: Signal.ProtocolAddress;
  readonly identity: Signal.IdentityKeyPair;
  readonly sessions: Signal.SessionStore & { readonly kept: Map<string, Signal.SessionRecord> };
  readonly identities: Signal.IdentityKeyStore;
}

function party(library: Library): Party {
  const identity = library.IdentityKeyPair.generate();
  class Sessions extends library.SessionStore {
    readonly kept = new Map<string, Signal.SessionRecord>();
    async saveSession(name: Signal.ProtocolAddress, record: Signal.SessionRecord): Promise<void> {
      this.kept.set(name.toString(), record);
    }
    async getSession(name: Signal.ProtocolAddress): Promise<Signal.SessionRecord | null> {
      return this.kept.get(name.toString()) ?? null;
    }
    async getExistingSessions(addresses: Signal.ProtocolAddress[]): Promise<Signal.SessionRecord[]> {
      return addresses.flatMap((address) => this.kept.get(address.toString()) ?? []);
    }
  }
  class Identities extends library.IdentityKeyStore {
    async getIdentityKey(): Promise<Signal.PrivateKey> {
      return identity.privateKey;
    }
    async getLocalRegistrationId(): Promise<number> {
      return 1;
    }
    async saveIdentity(): Promise<Signal.IdentityChange> {
      return library.IdentityChange.NewOrUnchanged;
    }
    async isTrustedIdentity(): Promise<boolean> {
      return true;
    }
    async getIdentity(): Promise<Signal.PublicKey | null> {
      return null;
    }
  }
  const address = library.ProtocolAddress.new(randomUUID(), 1);
  return { address, identity, sessions: new Sessions(), identities: new Identities() };
}

/** First message and answer, so that what is timed is an ordinary message. */
async function establish(library: Library, sender: Party, recipient: Party): Promise<void> {
  const signed = library.PrivateKey.generate();
  const once = library.PrivateKey.generate();
  const kyber = library.KEMKeyPair.generate();
  const { privateKey, publicKey } = recipient.identity;
  const signedSignature = privateKey.sign(signed.getPublicKey().serialize());
  const kyberSignature = privateKey.sign(kyber.getPublicKey().serialize());
  const bundle = library.PreKeyBundle.new(
    1,
    1,
    1,
    once.getPublicKey(),
    1,
    signed.getPublicKey(),
    signedSignature,
    publicKey,
    1,
    kyber.getPublicKey(),
    kyberSignature,
  );
  await library.processPreKeyBundle(bundle, recipient.address, sender.address, sender.sessions, sender.identities);
  const first = await library.signalEncrypt(
    new Uint8Array(1),
    recipient.address,
    sender.address,
    sender.sessions,
    sender.identities,
  );
  const now = Date.now();
  class PreKeys extends library.PreKeyStore {
    async savePreKey(): Promise<void> {}
    async getPreKey(id: number): Promise<Signal.PreKeyRecord> {
      return library.PreKeyRecord.new(id, once.getPublicKey(), once);
    }
    async removePreKey(): Promise<void> {}
  }
  class SignedPreKeys extends library.SignedPreKeyStore {
    async saveSignedPreKey(): Promise<void> {}
    async getSignedPreKey(id: number): Promise<Signal.SignedPreKeyRecord> {
      return library.SignedPreKeyRecord.new(id, now, signed.getPublicKey(), signed, signedSignature);
    }
  }
  class KyberPreKeys extends library.KyberPreKeyStore {
    async saveKyberPreKey(): Promise<void> {}
    async getKyberPreKey(id: number): Promise<Signal.KyberPreKeyRecord> {
      return library.KyberPreKeyRecord.new(id, now, kyber, kyberSignature);
    }
    async markKyberPreKeyUsed(): Promise<void> {}
  }
  await library.signalDecryptPreKey(
    library.PreKeySignalMessage.deserialize(first.serialize()),
    sender.address,
    recipient.address,
    recipient.sessions,
    recipient.identities,
    new PreKeys(),
    new SignedPreKeys(),
    new KyberPreKeys(),
  );
  const answer = await library.signalEncrypt(
    new Uint8Array(1),
    sender.address,
    recipient.address,
    recipient.sessions,
    recipient.identities,
  );
  await library.signalDecrypt(
    library.SignalMessage.deserialize(answer.serialize()),
    recipient.address,
    sender.address,
    sender.sessions,
    sender.identities,
  );
}
