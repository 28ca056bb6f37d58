/**
 * A random store key in the operating system's keyring. The store's head names the keyring and the entry: without that very
 * entry the store stays closed, whatever else there may be.
 * @module
 */
import { drawOctets, equalConstantTime, fromUtf8, type RandomSource, toHex, toUtf8 } from '@stanzaseal/cms';
import { KEYRINGS, type Keyring, type KeyringKind } from './keyring.js';
import { KeyStoreError } from './keyStoreError.js';
import { STORE_KEY_LENGTH, type StoreSecret } from './storeSecret.js';

export { KEYRINGS, type Keyring, type KeyringBinding, type KeyringKind, systemKeyring } from './keyring.js';

const MAX_NAME = 255;

/**
 * A store key in a keyring. Making a store makes the entry, which is never written over; the key lives as long as the entry,
 * and with it the store.
 * @param parameters `service`: what the entry is filed under, the application's name; `account`: the entry's name, one of
 * the store's own when left out
 * @throws RangeError for a name that is empty or longer than 255 octets of UTF-8
 * @example
 * import { keyringSecret, systemKeyring } from '@stanzaseal/keystore/keyring';
 * const secret = keyringSecret({ keyring: systemKeyring(), service: 'stanzaseal', random });
 * const storage = await createFileStorage({ directory, secret, random, crypto });
 */
export function keyringSecret(parameters: {
  readonly keyring: Keyring;
  readonly service: string;
  readonly account?: string;
  readonly random: RandomSource;
}): StoreSecret {
  const { keyring, service, account, random } = parameters;
  checkName('service', service);
  if (account !== undefined) checkName('account', account);
  return Object.freeze({
    kind: 'keyring' as const,
    async create(salt: Uint8Array) {
      const name = account ?? `store ${toHex(salt.subarray(0, 16))}`;
      if ((await keyring.get(service, name)) !== undefined) {
        throw new KeyStoreError('ERR_IN_USE', `keyring has an entry '${name}' of '${service}' already`);
      }
      const key = drawOctets(random, STORE_KEY_LENGTH);
      await keyring.set(service, name, key);
      const kept = await keyring.get(service, name);
      if (kept === undefined || !equalConstantTime(kept, key)) {
        throw new KeyStoreError('ERR_LOCKED', 'keyring did not keep the key');
      }
      kept.fill(0);
      return { key, parameters: encodeEntry({ kind: keyring.kind, service, account: name }) };
    },
    async open(_salt: Uint8Array, octets: Uint8Array) {
      const entry = decodeEntry(octets);
      if (entry.kind !== keyring.kind) throw refused(`key is in a keyring of kind ${entry.kind}, not ${keyring.kind}`);
      if (entry.service !== service || (account ?? entry.account) !== entry.account) {
        throw refused('key is under another entry of the keyring');
      }
      const key = await keyring.get(service, entry.account);
      if (key?.length !== STORE_KEY_LENGTH) throw refused("keyring has no key of this store's");
      return key;
    },
    describe(octets: Uint8Array) {
      const { kind, service, account } = decodeEntry(octets);
      return `a key in the keyring (${kind}), entry '${account}' of '${service}'`;
    },
  });
}

/** Where a key is. */
interface Entry {
  readonly kind: KeyringKind;
  readonly service: string;
  readonly account: string;
}

/** Kind of keyring (1 octet), length of the service (1), service, account. */
function encodeEntry({ kind, service, account }: Entry): Uint8Array {
  const [first, second] = [toUtf8(service), toUtf8(account)];
  return Uint8Array.of(KEYRINGS.indexOf(kind) + 1, first.length, ...first, ...second);
}

function decodeEntry(octets: Uint8Array): Entry {
  const end = 2 + (octets[1] ?? 0);
  const kind = KEYRINGS[(octets[0] ?? 0) - 1];
  if (kind === undefined || end === 2 || octets.length <= end || octets.length > end + MAX_NAME) throw corrupt();
  try {
    return { kind, service: fromUtf8(octets.subarray(2, end)), account: fromUtf8(octets.subarray(end)) };
  } catch (cause) {
    throw corrupt(cause);
  }
}

function checkName(name: string, value: string): void {
  const { length } = toUtf8(value);
  if (length === 0 || length > MAX_NAME) throw new RangeError(`${name} is empty or longer than 255 octets`);
}

function refused(message: string): KeyStoreError {
  return new KeyStoreError('ERR_PASSPHRASE', message);
}

function corrupt(cause?: unknown): KeyStoreError {
  return new KeyStoreError('ERR_CORRUPT', 'key store names an entry of a keyring that cannot be', { cause });
}
