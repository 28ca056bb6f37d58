// What tests of reading rights share: an organisation with archive keys, officers, an auditor, and senders honest or not.
import {
  type AgreementKey,
  type AgreementKeys,
  type CryptoProvider,
  compare,
  equal,
  fromBase64,
  generatePrivateKey,
  type PublicKey,
  type SigningKey,
} from '@stanzaseal/cms';
import { element, NS, sealStanza, writeXml } from '@stanzaseal/stanza';
import { openRights, type Rights, type RightsEvent, type RightsOptions } from '../src/index.js';
import { approve } from '../src/rights/index.js';
import { crypto, JULIET, type Opened, opened, type Place, prekey, ROMEO, random, START } from './fixture.js';

/** A key pair of X25519. */
export interface Pair {
  readonly publicKey: PublicKey;
  readonly key: AgreementKey;
  readonly keyIdentifier: Uint8Array;
}

export async function agreementPair(): Promise<Pair> {
  const made = await generatePrivateKey('X25519', random, crypto);
  const { publicKey } = made;
  return { publicKey, key: await made.agreementKey(crypto), keyIdentifier: publicKey.keyIdentifier };
}

const signingKey = async (): Promise<SigningKey> =>
  (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);

export const recordKey: SigningKey = await signingKey();
export const officers: readonly SigningKey[] = [await signingKey(), await signingKey(), await signingKey()];
export const stranger: SigningKey = await signingKey();
const device = await signingKey();
const deviceKey = (await signingKey()).publicKey.keyIdentifier;
const replyPrekey = { key: (await agreementPair()).publicKey, notAfter: START + 1e9 };

/** Private keys as a token has them. */
export function token(...pairs: readonly Pair[]): AgreementKeys {
  return { find: (id) => pairs.find(({ keyIdentifier }) => equal(keyIdentifier, id))?.key };
}

/** A message that is sealed to Juliet and to archive keys. A bad sender gives the first of these another key than the object's (K3). */
export async function sealedTo(text: string, archiveKeys: readonly Pair[], bad = false): Promise<string> {
  const stanza = element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.CLIENT, 'body', {}, [text])]);
  const archives = archiveKeys.map(({ publicKey }) => ({
    prekey: publicKey,
    deviceKey: publicKey.keyIdentifier,
    class: 'archive' as const,
  }));
  const recipients = [{ prekey, deviceKey, class: 'reply' as const }, ...archives];
  const { stanza: outer } = await sealStanza(stanza, {
    from: ROMEO,
    to: JULIET,
    recipients: recipients as [(typeof recipients)[0], ...typeof recipients],
    device,
    context: { senderListVersion: 1, peerListVersion: 1, counter: 1 },
    replyPrekey,
    limit: 262_144,
    now: START,
    random,
    crypto: bad ? deceiving(recipients.map((each) => each.prekey.keyIdentifier)) : crypto,
  });
  return writeXml(outer, { defaultNamespace: NS.CLIENT });
}

/** A provider that wraps another key for the second of these recipients: all else of the object is as it should be. */
function deceiving(keyIds: readonly Uint8Array[]): CryptoProvider {
  const victim = [...keyIds].sort(compare).indexOf(keyIds[1] as Uint8Array);
  let calls = 0;
  return {
    ...bound(crypto),
    wrapKey: (key, cek) => crypto.wrapKey(key, calls++ === victim ? new Uint8Array(32).fill(7) : cek),
  };
}

function bound(provider: CryptoProvider): CryptoProvider {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(provider)).concat(Object.keys(provider));
  const methods = names.map((name) => {
    const value = provider[name as keyof CryptoProvider] as unknown;
    return [name, typeof value === 'function' ? value.bind(provider) : value];
  });
  return Object.fromEntries(methods) as CryptoProvider;
}

/** DER of the object in a sealed stanza's text. */
export function objectIn(text: string): Uint8Array {
  return fromBase64(/<sealed[^>]*>([^<]*)</.exec(text)?.[1] as string);
}

/** Reading rights with what happened. */
export interface OpenedRights extends Opened {
  readonly rights: Rights;
  readonly alarms: RightsEvent[];
}

export async function openedRights(
  place: Place,
  options: Partial<RightsOptions> = {},
  url?: string,
): Promise<OpenedRights> {
  const made = await opened(place, {}, url);
  const alarms: RightsEvent[] = [];
  const quorum = { officers: officers.map(({ publicKey }) => publicKey), needed: 2 };
  const rights = await openRights(made.archive, {
    recordKey,
    quorum,
    onEvent: (event) => alarms.push(event),
    ...options,
  });
  return { ...made, rights, alarms };
}

/** Approvals by some officers. */
export function approvals(request: Uint8Array, ...by: readonly SigningKey[]): Promise<Uint8Array[]> {
  return Promise.all(by.map((officer) => approve(request, officer, { signingTime: START, crypto })));
}
