/**
 * New accounts and new devices: what a key store begins with.
 * @module
 */
import {
  type Clock,
  type CryptoProvider,
  type Endorsement,
  generatePrivateKey,
  PrivateKey,
  type PublicKey,
  type RandomSource,
  type RecipientClass,
  SUITE_1,
  toHex,
} from '@stanzaseal/cms';
import { endorse, requestEndorsement, signDeviceList } from '@stanzaseal/signer';
import { accountIn, checkHeld, type HeldKey, heldBy, type KeyHolder } from './heldKeys.js';
import type { KeyStore, KeyStoreStorage } from './keyStore.js';
import { KeyStoreError } from './keyStoreError.js';
import { type DeviceKeyMembers, newDeviceKey } from './newDeviceKey.js';
import { openKeyStore } from './openKeyStore.js';
import type { AccountRecord, Change, PrekeyRecord } from './records.js';
import { secretOctets } from './secret.js';

const DAY = 24 * 60 * 60 * 1000;

/** How long a device list, a bundle and its prekeys are used by others, in ms: 35 days. */
export const PUBLISHED_VALIDITY: number = 35 * DAY;

/**
 * How long the endorsement of a device key holds, in ms: 3,652 days, ten years. It says whose key this is and is not renewed;
 * a device is withdrawn by a device list without it, which lives 35 days, or by a revocation, not by waiting.
 */
export const ENDORSEMENT_VALIDITY: number = 3652 * DAY;

/** One-time prekeys of a full bundle. */
export const ONE_TIME_PREKEYS = 100;

/** What new keys need. */
export interface NewKeys {
  /** Where secrets come from. */
  readonly random: RandomSource;
  /** The present. */
  readonly clock: Clock;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A change that puts an own prekey. */
export interface PrekeyChange {
  /** Own prekeys. */
  readonly table: 'prekeys';
  /** Key identifier, hexadecimal. */
  readonly key: string;
  /** The prekey, not used yet. */
  readonly record: PrekeyRecord;
}

/**
 * The records of a new account on its first, primary device: identity key, device key with its endorsement, device list
 * version 1, 100 one-time prekeys and a last-resort prekey.
 * @param parameters `owner`: bare JID, normalised; `validity`: of the endorsement in ms, ten years when left out; `identity` and
 * `device`: two Ed25519 keys that are held elsewhere, in a token, to be the identity key and the device key, and to be given whenever
 * the store is opened
 * @throws TypeError for a key of another algorithm, or one key for both
 * @example
 * const changes = await createAccount({ owner: 'juliet@capulet.example', random, clock, crypto });
 * const store = await createKeyStore(storage, changes);
 */
export async function createAccount(
  parameters: NewKeys & {
    readonly owner: string;
    readonly validity?: number;
    readonly identity?: HeldKey;
    readonly device?: HeldKey;
  },
): Promise<readonly Change[]> {
  const { owner, random, clock, crypto, validity = ENDORSEMENT_VALIDITY } = parameters;
  const now = clock();
  const identity = parameters.identity ?? (await generatePrivateKey('Ed25519', random, crypto));
  if (identity.publicKey.algorithm !== 'Ed25519') throw new TypeError('identity is not an Ed25519 key');
  const { signer: device, members } = await newDeviceKey(parameters.device, identity.publicKey.raw, parameters);
  const identitySigner = identity instanceof PrivateKey ? await identity.signingKey(crypto) : identity;
  const endorsement = await endorse(
    deviceEndorsement(owner, identity.publicKey, device.publicKey, now, validity),
    identitySigner,
    device,
    { signingTime: now, crypto },
  );
  const deviceList = await signDeviceList(
    {
      owner,
      identity: identity.publicKey,
      listVersion: 1,
      issued: now,
      expires: now + PUBLISHED_VALIDITY,
      devices: [{ key: device.publicKey, role: 'primary', suites: [SUITE_1] }],
      archiveKeys: [],
    },
    identitySigner,
    crypto,
  );
  const account: AccountRecord = {
    ...accountOf(owner, identity.publicKey, members),
    role: 'primary',
    ...(identity instanceof PrivateKey
      ? { identitySecret: secretOctets(identity.secret()) }
      : { identityElsewhere: true, ...(identity.name === undefined ? {} : { identityName: identity.name }) }),
    endorsement,
    deviceList,
  };
  return [{ table: 'account', key: 'self', record: account }, ...(await firstPrekeys(parameters))];
}

/**
 * The records of a further, secondary device of an account, which still lack its endorsement and the device list, and the
 * request (DER) to give to a primary device: `completeEndorsement` of `@stanzaseal/signer` answers it.
 * @param parameters `owner`: bare JID, normalised; `identity`: the account's identity key; `validity`: of the endorsement
 * asked for in ms, ten years when left out; `device`: an Ed25519 key that is held elsewhere, as for `createAccount`
 */
export async function createJoiningDevice(
  parameters: NewKeys & {
    readonly owner: string;
    readonly identity: PublicKey;
    readonly validity?: number;
    readonly device?: HeldKey;
  },
): Promise<{ readonly changes: readonly Change[]; readonly request: Uint8Array }> {
  const { owner, identity, clock, crypto, validity = ENDORSEMENT_VALIDITY } = parameters;
  const now = clock();
  const { signer: device, members } = await newDeviceKey(parameters.device, identity.raw, parameters);
  const request = await requestEndorsement(
    deviceEndorsement(owner, identity, device.publicKey, now, validity),
    device,
    { signingTime: now, crypto },
  );
  const account: AccountRecord = { ...accountOf(owner, identity, members), role: 'secondary' };
  const changes: Change[] = [{ table: 'account', key: 'self', record: account }, ...(await firstPrekeys(parameters))];
  return { changes, request };
}

/**
 * New prekeys of one class, as changes to commit before their public halves leave this device (I7).
 * @param parameters beside what new keys need: `notAfter`, when peers cease to use them in ms since 1970 (35 days from now
 * when left out), and the `conversation` a reply prekey is made for
 * @throws RangeError for a `count` that is no positive integer
 * @example
 * const refill = await generatePrekeys(75, 'one-time', { random, clock, crypto, notAfter: bundle.notAfter });
 * await store.commit(refill);
 */
export async function generatePrekeys(
  count: number,
  prekeyClass: Exclude<RecipientClass, 'archive'>,
  parameters: NewKeys & { readonly notAfter?: number; readonly conversation?: string },
): Promise<readonly PrekeyChange[]> {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError('count is not a positive integer');
  const { random, clock, crypto, conversation } = parameters;
  const createdAt = clock();
  const { notAfter = createdAt + PUBLISHED_VALIDITY } = parameters;
  const changes: PrekeyChange[] = [];
  for (let i = 0; i < count; i++) {
    const prekey = await generatePrivateKey('X25519', random, crypto);
    const record: PrekeyRecord = {
      class: prekeyClass,
      publicKey: prekey.publicKey.raw,
      secret: secretOctets(prekey.secret()),
      createdAt,
      notAfter,
      ...(conversation === undefined ? {} : { conversation }),
      uses: [],
    };
    changes.push({ table: 'prekeys', key: toHex(prekey.publicKey.keyIdentifier), record });
  }
  return changes;
}

/**
 * Puts the records of a new account or device into an empty storage and opens it. When that fails, the storage stays open
 * and the caller's to close.
 * @throws KeyStoreError `ERR_IN_USE` when the storage is not empty: keys are never written over; as `openKeyStore` for keys held elsewhere
 */
export async function createKeyStore(
  storage: KeyStoreStorage,
  changes: readonly Change[],
  holder: KeyHolder = {},
): Promise<KeyStore> {
  if ((await storage.load()).length > 0) throw new KeyStoreError('ERR_IN_USE', 'storage holds a key store already');
  const account = accountIn(changes);
  const held = await heldBy(holder, account);
  checkHeld(account, held); // before there is a store that nobody opens
  await storage.commit(changes);
  return openKeyStore(storage, held);
}

async function firstPrekeys(keys: NewKeys): Promise<readonly PrekeyChange[]> {
  const parameters = { random: keys.random, clock: keys.clock, crypto: keys.crypto };
  return [
    ...(await generatePrekeys(ONE_TIME_PREKEYS, 'one-time', parameters)),
    ...(await generatePrekeys(1, 'last-resort', parameters)),
  ];
}

function accountOf(owner: string, identity: PublicKey, device: DeviceKeyMembers): Omit<AccountRecord, 'role'> {
  return { owner, identity: identity.raw, ...device, bundleSequence: 0 };
}

function deviceEndorsement(
  owner: string,
  identity: PublicKey,
  device: PublicKey,
  notBefore: number,
  validity: number,
): Endorsement {
  const notAfter = notBefore + validity;
  return {
    endorser: identity.keyIdentifier,
    endorsed: device,
    owner,
    purpose: 'device',
    notBefore,
    notAfter,
    sequence: 1,
  };
}
