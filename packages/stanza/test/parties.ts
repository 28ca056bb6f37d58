// People with one device and one prekey each, for tests of sealing without a messenger.
import {
  type CryptoProvider,
  equal,
  generatePrivateKey,
  type PrivateKey,
  type PublicKey,
  type SigningKey,
} from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { agreementKeys, type BadStanza, unsafeSeededRandom } from '@stanzaseal/testkit';
import {
  type OpenedStanza,
  openSealedStanza,
  type ReadSealedStanza,
  readSealedStanza,
  type SealedStanza,
  type SealParameters,
  type SealRecipient,
  sealStanza,
  type XmlElement,
} from '../src/index.js';

export const crypto: CryptoProvider = createCryptoProvider();
export const random = unsafeSeededRandom('stanza');
export const NOW = Date.UTC(2026, 10, 21, 4, 0, 0, 123);
export const ROOM = 'coven@chat.shakespeare.example';

export interface Party {
  readonly jid: string;
  readonly device: SigningKey;
  readonly prekey: PrivateKey;
}

export async function party(jid: string): Promise<Party> {
  const device = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  return { jid, device, prekey: await generatePrivateKey('X25519', random, crypto) };
}

export const romeo = await party('romeo@montague.example');
export const juliet = await party('juliet@capulet.example');
export const paris = await party('paris@verona.example');

export function recipient({ device, prekey }: Party): SealRecipient {
  return { prekey: prekey.publicKey, deviceKey: device.publicKey.keyIdentifier, class: 'one-time' };
}

/** Seals honestly from Romeo to Juliet, with changes. */
export async function seal(stanza: XmlElement, changes: Partial<SealParameters> = {}): Promise<SealedStanza> {
  return sealStanza(stanza, {
    from: romeo.jid,
    to: juliet.jid,
    recipients: [recipient(juliet)],
    device: romeo.device,
    context: { senderListVersion: 1, peerListVersion: 0, counter: 1 },
    replyPrekey: { key: romeo.prekey.publicKey, notAfter: NOW + 86_400_000 },
    limit: 262_144,
    now: NOW,
    random,
    crypto,
    ...changes,
  });
}

/** What the bad peer needs for sealing as Romeo to Juliet. */
export function bad(changes: Partial<BadStanza> = {}): BadStanza {
  const replyPrekey = { key: romeo.prekey.publicKey, notAfter: NOW + 86_400_000 };
  const recipients: [SealRecipient] = [recipient(juliet)];
  return {
    from: romeo.jid,
    to: juliet.jid,
    recipients,
    device: romeo.device,
    replyPrekey,
    now: NOW,
    random,
    crypto,
    ...changes,
  };
}

export interface Opening {
  /** Who opens. */
  readonly as?: Party;
  /** The key that is believed to be the sender's. */
  readonly signer?: PublicKey;
  readonly occupant?: (occupantJid: string) => string | undefined;
  readonly crypto?: CryptoProvider;
}

export function read(
  stanza: XmlElement,
  { as = juliet, occupant, crypto: provider = crypto }: Opening = {},
): Promise<ReadSealedStanza> {
  return readSealedStanza(stanza, { own: as.jid, crypto: provider, ...(occupant === undefined ? {} : { occupant }) });
}

/** Opens as Juliet, who knows Romeo's device, or as told. */
export async function open(stanza: XmlElement, opening: Opening = {}): Promise<OpenedStanza> {
  const { as = juliet, signer = romeo.device.publicKey, crypto: provider = crypto } = opening;
  return openSealedStanza(await read(stanza, opening), {
    keys: await agreementKeys([as.prekey], provider),
    device: as.device.publicKey.keyIdentifier,
    findSender: ({ device }) => (equal(device, signer.keyIdentifier) ? signer : undefined),
    crypto: provider,
  });
}

/** The code of what an opening was refused with; a refusal that says more than `ERR_OPEN` is `undefined` here. */
export async function refused(stanza: XmlElement, opening: Opening = {}): Promise<string | undefined> {
  try {
    await open(stanza, opening);
  } catch (error) {
    const { code, message, name } = error as Error & { code?: string };
    return message === 'stanza is not for us, or damaged' && name === 'StanzaError' ? code : undefined;
  }
  return 'opened';
}
