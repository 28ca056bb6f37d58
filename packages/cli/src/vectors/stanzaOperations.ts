/**
 * Operations on stanzas: sealing and opening one, and what a messenger makes of published keys and of arrivals.
 * @module
 */
import { type CryptoProvider, equal, fromHex, type RecipientClass, toHex, toUtf8 } from '@stanzaseal/cms';
import { createMemoryStorage, decodeRecords, openKeyStore } from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import {
  openSealedStanza,
  readSealedStanza,
  readXml,
  type SealRecipient,
  sealStanza,
  writeXml,
} from '@stanzaseal/stanza';
import { privateKey, publicKey, recordedRandom, type SecretKey } from './input.js';
import type { Outcome } from './vector.js';

/** The input of `stanza.seal`. */
export interface SealInput {
  /** The stanza. */
  readonly stanza: string;
  /** Bare JID of the sender. */
  readonly from: string;
  /** Bare JID of the recipient. */
  readonly to: string;
  /** Recipients: SubjectPublicKeyInfo of the prekey, key identifier of the device, class. */
  readonly recipients: { readonly prekey: string; readonly deviceKey: string; readonly class: RecipientClass }[];
  /** The sending device's key. */
  readonly device: SecretKey;
  /** The reply prekey: SubjectPublicKeyInfo and end of validity. */
  readonly replyPrekey: { readonly key: string; readonly notAfter: number };
  /** ms since 1970. */
  readonly now: number;
  /** Octets in the order drawn: message id, ephemeral secret, CEK, nonce. */
  readonly random: string[];
}

/** `stanza.seal`: a stanza sealed as the first object of a conversation. */
export async function seal(input: SealInput, crypto: CryptoProvider): Promise<Outcome> {
  const recipients = await Promise.all(
    input.recipients.map(async ({ prekey, deviceKey, class: recipientClass }) => ({
      prekey: await publicKey(prekey, crypto),
      deviceKey: fromHex(deviceKey),
      class: recipientClass,
    })),
  );
  const sealed = await sealStanza(readXml(input.stanza), {
    from: input.from,
    to: input.to,
    recipients: recipients as [SealRecipient, ...SealRecipient[]],
    device: await (await privateKey(input.device, crypto)).signingKey(crypto),
    context: { senderListVersion: 1, peerListVersion: 0, counter: 1 },
    replyPrekey: { key: await publicKey(input.replyPrekey.key, crypto), notAfter: input.replyPrekey.notAfter },
    limit: 262144,
    now: input.now,
    random: recordedRandom(input.random),
    crypto,
  });
  return {
    output: { stanza: writeXml(sealed.stanza) },
    intermediate: {
      messageId: toHex(sealed.messageId),
      signedAttrs: toHex(sealed.signedAttrsDer),
      cek: toHex(sealed.cek),
      object: toHex(sealed.object),
    },
  };
}

/** The input of `stanza.open`. */
export interface OpenInput {
  /** The stanza as it arrived. */
  readonly stanza: string;
  /** Own bare JID. */
  readonly own: string;
  /** Own prekeys. */
  readonly keys: SecretKey[];
  /** Key identifier of the own device. */
  readonly device: string;
  /** SubjectPublicKeyInfo of the device key that the sender is known by. */
  readonly sender: string;
  /** Real bare JIDs of occupants, where the stanza comes from a room. */
  readonly occupants?: Readonly<Record<string, string>>;
}

/** `stanza.open`: a stanza opened. */
export async function open(input: OpenInput, crypto: CryptoProvider): Promise<Outcome> {
  const own = await Promise.all(
    input.keys.map(async (secret) => {
      const key = await privateKey(secret, crypto);
      return { keyIdentifier: key.publicKey.keyIdentifier, key: await key.agreementKey(crypto) };
    }),
  );
  const sender = await publicKey(input.sender, crypto);
  const occupants = new Map(Object.entries(input.occupants ?? {}));
  const sealed = await readSealedStanza(readXml(input.stanza), {
    own: input.own,
    occupant: (seat) => occupants.get(seat),
    crypto,
  });
  const opened = await openSealedStanza(sealed, {
    keys: { find: (id) => own.find(({ keyIdentifier }) => equal(keyIdentifier, id))?.key },
    device: fromHex(input.device),
    findSender: () => sender,
    crypto,
  });
  return {
    output: {
      stanza: writeXml(opened.stanza),
      from: opened.from,
      to: opened.to,
      time: opened.time,
      messageId: toHex(opened.messageId),
      class: opened.recipient?.class ?? null,
    },
  };
}

/** A store and a clock. */
export interface StoreInput {
  /** The store's records in the key store's text form. */
  readonly store: string;
  /** ms since 1970. */
  readonly now: number;
}

/** `bundle.import`: published keys taken in, one after another. */
export async function importPublished(
  input: StoreInput & { published: string[] },
  crypto: CryptoProvider,
): Promise<Outcome> {
  const messenger = await messengerOf(input, crypto);
  await messenger.importKeys(input.published.map(fromHex));
  const contacts = await messenger.contacts();
  return {
    output: {
      contacts: contacts.map(({ jid, fingerprint, trust }) => ({ jid, fingerprint: toHex(fingerprint), trust })),
    },
  };
}

/** `messenger.open`: arrivals opened and accepted, one after another. */
export async function arrivals(input: StoreInput & { stanzas: string[] }, crypto: CryptoProvider): Promise<Outcome> {
  const messenger = await messengerOf(input, crypto);
  const results = [];
  for (const stanza of input.stanzas) {
    const opened = await messenger.open(readXml(stanza));
    if (opened.status !== 'opened') {
      results.push({ status: opened.status });
      continue;
    }
    await opened.accept();
    const { status, sender, warnings } = opened;
    results.push({
      status,
      stanza: writeXml(opened.stanza),
      trust: sender.trust,
      firstContact: sender.firstContact,
      class: opened.class ?? null,
      warnings: warnings.map(({ code }) => code),
    });
  }
  return { output: { results } };
}

async function messengerOf({ store: records, now }: StoreInput, crypto: CryptoProvider): Promise<Messenger> {
  const store = await openKeyStore(createMemoryStorage(decodeRecords(toUtf8(records))));
  return createMessenger({ store, crypto, random: recordedRandom([]), clock: () => now, onEvent: () => undefined });
}
