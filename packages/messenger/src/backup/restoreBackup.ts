/**
 * Restoring a backup.
 * @module
 */
import {
  type Clock,
  type CryptoProvider,
  equal,
  type PrivateKey,
  privateKeyFromSecret,
  publicKeyFromRaw,
  type RandomSource,
} from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import { decrypt, GENERAL_POLICY, type GeneralPolicy } from '@stanzaseal/envelope/general';
import {
  type AccountRecord,
  type Change,
  type ContactRecord,
  createJoiningDevice,
  createMemoryStorage,
  type HeldKey,
  KeyStoreError,
  type PeerDeviceRecord,
} from '@stanzaseal/keystore';
import { verifyDeviceList } from '@stanzaseal/signer';
import { bareJid } from '@stanzaseal/stanza';
import { evidenceKey } from '@stanzaseal/trust/levels';
import { deviceRecordKey, newDevice } from '../deviceRecords.js';
import { leveled } from '../trust.js';
import { type Backup, type BackupDevice, decodeBackup, MAX_BACKUP_OCTETS } from './backupContent.js';
import { ID_CT_BACKUP, passwordOctets } from './exportBackup.js';

/** What restoring needs. */
export interface RestoreParameters {
  /** The password. */
  readonly password: string;
  /** The primitives of the general profile. */
  readonly general: GeneralCrypto;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Where the new device's keys come from. */
  readonly random: RandomSource;
  /** The present. */
  readonly clock: Clock;
  /** An Ed25519 key that is held elsewhere, in a token, to be the new device's; to be given to `createKeyStore` as well. */
  readonly device?: HeldKey;
}

/** What restoring gives. */
export interface RestoredBackup {
  /** Bare JID of the account. */
  readonly owner: string;
  /** When the backup was made, in ms since 1970. */
  readonly made: number;
  /** The records that a key store begins with: `createKeyStore(storage, changes)`. */
  readonly changes: readonly Change[];
  /** DER of the new device's request: `admitDevice(messenger, request)`, after the account's newest list was taken in. */
  readonly request: Uint8Array;
  /** Key identifiers of the devices of the account in the backup, to be removed or revoked where they are lost. */
  readonly devices: readonly Uint8Array[];
}

/**
 * Restores a backup as a *new* device that holds the identity key. It has a device key and prekeys of its own, so what was sealed to the old
 * device does not open: that would undo its erasures. It is in no list until it admitted itself.
 * @throws KeyStoreError `ERR_PASSPHRASE`, the one answer to a wrong password and to damage; TypeError for a `device` that is no Ed25519 key,
 * and what signing with it throws
 * @example
 * const { changes, request } = await restoreBackup(backup, { password, general, crypto, random, clock });
 * const store = await createKeyStore(storage, changes);
 * const messenger = createMessenger({ store, crypto, random, clock, onEvent });
 * await messenger.importKeys([publishedList]);
 * await admitDevice(messenger, request);
 */
export async function restoreBackup(backup: Uint8Array, parameters: RestoreParameters): Promise<RestoredBackup> {
  const { content, owner, made, identity, deviceList, changes, devices } = await opened(backup, parameters);
  // What fails with a key that is held elsewhere is no fault of the password.
  const joining = await createJoiningDevice({ ...parameters, owner, identity: identity.publicKey });
  const own = joining.changes.map((change) =>
    change.table === 'account'
      ? {
          ...change,
          record: {
            ...(change.record as AccountRecord),
            role: 'primary' as const,
            identitySecret: identity.secret(),
            deviceList,
          },
        }
      : change,
  );
  // Copies as a store makes them: secrets in them never print (E10).
  const copied = await createMemoryStorage([...own, ...changes]).load();
  content.fill(0);
  return { owner, made, changes: copied, request: joining.request, devices };
}

/** What is in a backup, without a device yet; octets in it may be part of its content. */
interface OpenedBackup extends Pick<Backup, 'owner' | 'made' | 'deviceList'> {
  readonly identity: PrivateKey;
  readonly changes: readonly Change[];
  readonly devices: readonly Uint8Array[];
}

async function opened(
  backup: Uint8Array,
  { password, general, crypto, clock }: RestoreParameters,
): Promise<OpenedBackup & { readonly content: Uint8Array }> {
  try {
    const { content, contentType } = await decrypt(backup, {
      profile: 'general',
      keys: [{ kind: 'password', password: passwordOctets(password) }],
      policy: POLICY,
      crypto: general,
    });
    if (!equal(contentType, ID_CT_BACKUP)) throw new RangeError('content is no backup');
    return { ...(await readFrom(decodeBackup(content), { crypto, clock })), content };
  } catch (cause) {
    throw new KeyStoreError('ERR_PASSPHRASE', 'password does not open the backup, or it is damaged', { cause });
  }
}

/** One password, by scrypt, AES-256-GCM: what `exportBackup` writes. */
const POLICY: GeneralPolicy = {
  ...GENERAL_POLICY,
  contentEncryption: ['AES-256-GCM'],
  tagLength: { least: 16, most: 16 },
  nonceLength: { least: 12, most: 12 },
  password: { ...GENERAL_POLICY.password, entries: 1, pbkdf2Hashes: [] },
  recipients: 1,
  limits: { ...GENERAL_POLICY.limits, octets: MAX_BACKUP_OCTETS },
};

async function readFrom(
  { owner, made, identity: seed, deviceList, devices, contacts, evidence }: Backup,
  { crypto, clock }: Pick<RestoreParameters, 'crypto' | 'clock'>,
): Promise<OpenedBackup> {
  if (bareJid(owner) !== owner) throw new RangeError('owner is not in normal form');
  const identity = await privateKeyFromSecret('Ed25519', seed, crypto);
  const verified = await verifyDeviceList(deviceList, crypto);
  if (verified.list.owner !== owner || !equal(verified.identity.raw, identity.publicKey.raw)) {
    throw new RangeError('list is of another account');
  }
  const changes: Change[] = [];
  const records = new Map<string, PeerDeviceRecord>();
  const listDevices = async (jid: string, der: Uint8Array | undefined): Promise<Uint8Array[]> => {
    const { deviceKeys } = der === undefined ? { deviceKeys: [] } : await verifyDeviceList(der, crypto);
    for (const { keyIdentifier, raw } of deviceKeys)
      records.set(deviceRecordKey(jid, keyIdentifier), newDevice(jid, raw));
    return deviceKeys.map(({ keyIdentifier }) => keyIdentifier);
  };
  const addDevices = async (jid: string, given: readonly BackupDevice[]): Promise<void> => {
    for (const device of given) {
      const { keyIdentifier } = await publicKeyFromRaw('Ed25519', device.key, crypto);
      records.set(deviceRecordKey(jid, keyIdentifier), recordOf(jid, device));
    }
  };
  const listed = await listDevices(owner, deviceList);
  await addDevices(owner, devices);
  for (const contact of contacts) {
    const { jid } = contact;
    if (bareJid(jid) !== jid) throw new RangeError('contact is not in normal form');
    await listDevices(jid, contact.deviceList);
    await addDevices(jid, contact.devices);
    const {
      list,
      digest,
      identity: signer,
    } = contact.deviceList === undefined ? NO_LIST : await verifyDeviceList(contact.deviceList, crypto);
    if (signer !== undefined && (list?.owner !== jid || !equal(signer.raw, contact.identity))) {
      throw new RangeError('list is of another contact');
    }
    const record: ContactRecord = {
      identity: contact.identity,
      trust: contact.trust,
      pinnedAt: contact.pinnedAt,
      listVersion: list?.listVersion ?? 0,
      ...given('evidence', contact.evidence),
      ...given('changedIdentity', contact.changedIdentity),
      ...given('deviceList', contact.deviceList),
      ...given('listDigest', digest),
      ...given('forkedList', contact.forkedList),
      ...(contact.listedOnly ? { listedOnly: true } : {}),
    };
    // The level is what the evidence comes to now; of backups without any the user's own word is believed, and nobody else's.
    const kept = evidence.filter((one) => one.jid === jid);
    changes.push({ table: 'contacts', key: jid, record: await leveled({ crypto, clock }, record, kept) });
  }
  for (const one of evidence) {
    if (bareJid(one.jid) !== one.jid) throw new RangeError('evidence is of an address that is not in normal form');
    changes.push({ table: 'evidence', key: await evidenceKey(one, crypto), record: one });
  }
  for (const [key, record] of records) changes.push({ table: 'devices', key, record });
  return { owner, made, identity, deviceList, changes, devices: listed };
}

const NO_LIST = { list: undefined, digest: undefined, identity: undefined };

/** A member where there is a value. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in K]?: V });
}

function recordOf(jid: string, { key, state, sequence, endorsement }: BackupDevice): PeerDeviceRecord {
  return {
    ...newDevice(jid, key),
    endorsed: state === 'believed',
    ...(state === 'revoked' ? { revoked: true } : {}),
    ...(sequence === 0 ? {} : { sequence }),
    ...given('endorsement', endorsement),
  };
}
