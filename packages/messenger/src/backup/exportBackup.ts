/**
 * Making a backup.
 * @module
 */
import { equal, oid, STANZASEAL_ARC, toUtf8 } from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import { encrypt, type PasswordCost } from '@stanzaseal/envelope/general';
import type { PeerDeviceRecord } from '@stanzaseal/keystore';
import { listOf, names } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { MessengerError } from '../messengerError.js';
import { accountOf } from '../session.js';
import { type BackupContact, type BackupDevice, encodeBackup } from './backupContent.js';

/** id-ct-backup: the content of a backup. */
export const ID_CT_BACKUP: Uint8Array = oid(`${STANZASEAL_ARC}.1.7`);

/** scrypt with 128 MiB and some 0.5 s a guess. */
export const BACKUP_COST: PasswordCost = Object.freeze({ kind: 'scrypt', n: 131072, r: 8, p: 1 });

/** What a backup is made with. */
export interface BackupParameters {
  /** The password; it is taken in the normal form NFKC, as passphrases of key stores are. */
  readonly password: string;
  /** What a guess at it is to cost; `BACKUP_COST` is sensible. */
  readonly cost: PasswordCost;
  /** The primitives of the general profile, which passwords belong to. */
  readonly general: GeneralCrypto;
}

/**
 * A backup of the account, on a primary device: DER of a ContentInfo. In it are the identity key, the devices with their endorsements,
 * contacts and what is known of them. Not in it, ever: prekeys, device keys, replay memories, counters, content. It is as good as the
 * identity key for who knows the password.
 * @throws MessengerError `ERR_NO_KEYS` on a device that does not hold the identity key; RangeError for an empty password or a cost out of
 * bounds (32 to 256 MiB)
 * @example
 * const backup = await exportBackup(messenger, { password, cost: BACKUP_COST, general: createGeneralCrypto() });
 */
export function exportBackup(messenger: Messenger, parameters: BackupParameters): Promise<Uint8Array> {
  const { password, cost, general } = parameters;
  const octets = passwordOctets(password);
  if (cost.kind !== 'scrypt') throw new RangeError('cost is not of scrypt');
  return within(messenger, async ({ store, random, clock }) => {
    const account = await accountOf({ store });
    if (account.identityElsewhere === true) {
      throw new MessengerError('ERR_NO_KEYS', 'identity key is held elsewhere, and in no backup');
    }
    if (account.identitySecret === undefined || account.deviceList === undefined) {
      throw new MessengerError('ERR_NO_KEYS', 'this device does not hold the identity key');
    }
    const records = (await store.entries('devices')).map(([, record]) => record);
    const own = records.filter(({ owner }) => owner === store.owner).map(deviceOf);
    const { endorsement } = account;
    const self: BackupDevice = { key: account.device, state: 'believed', sequence: 0, endorsement };
    const contacts: BackupContact[] = (await store.entries('contacts')).map(([jid, contact]) => {
      const inForce = listOf(contact)?.devices ?? [];
      const further = records.filter(
        ({ owner, device, revoked }) => owner === jid && (revoked === true || !names(inForce, device)),
      );
      return {
        jid,
        identity: contact.identity,
        trust: contact.trust,
        pinnedAt: contact.pinnedAt,
        evidence: contact.evidence,
        changedIdentity: contact.changedIdentity,
        deviceList: contact.deviceList,
        forkedList: contact.forkedList,
        listedOnly: contact.listedOnly === true,
        devices: further.map(deviceOf),
      };
    });
    const content = encodeBackup({
      owner: store.owner,
      made: clock(),
      identity: account.identitySecret,
      deviceList: account.deviceList,
      devices: [self, ...own.filter(({ key }) => !equal(key, account.device))],
      contacts,
      evidence: (await store.entries('evidence')).map(([, record]) => record),
    });
    const { der } = await encrypt(content, {
      profile: 'general',
      recipients: [{ kind: 'password', password: octets, cost }],
      contentType: ID_CT_BACKUP,
      contentEncryption: 'AES-256-GCM',
      cekHkdf: true,
      random,
      crypto: general,
    });
    content.fill(0);
    return der;
  });
}

/** The octets of a password: UTF-8 of NFKC. @throws RangeError for an empty one */
export function passwordOctets(password: string): Uint8Array {
  if (password === '') throw new RangeError('password is empty');
  return toUtf8(password.normalize('NFKC'));
}

function deviceOf({ device: key, endorsed, revoked, sequence = 0, endorsement }: PeerDeviceRecord): BackupDevice {
  return { key, state: revoked ? 'revoked' : endorsed ? 'believed' : 'removed', sequence, endorsement };
}
