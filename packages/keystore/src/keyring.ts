/**
 * The operating system's keyring, through `@napi-rs/keyring`, held to one store. On Linux that package falls back from the
 * Secret Service to the kernel's keyring, which forgets at every restart, unless it is told not to; and versions before
 * 2.1.0 do not listen. So it is told, and asked first whether it listens.
 * @module
 */
import { KeyStoreError } from './keyStoreError.js';

/** The stores, in the order of their numbers in a store's head, from 1: gnome-keyring, KWallet and their like; Keychain; Credential Manager. */
export const KEYRINGS = ['secret-service', 'macos-keychain', 'windows-credentials'] as const;

/** A kind of keyring. */
export type KeyringKind = (typeof KEYRINGS)[number];

/** Entries of octets under a service and an account. Every failure is KeyStoreError `ERR_LOCKED`. */
export interface Keyring {
  /** Which keyring it is: the only one that it ever reads or writes. */
  readonly kind: KeyringKind;
  /** What an entry holds, or `undefined`. May show people a window that asks for their password. */
  get(service: string, account: string): Promise<Uint8Array | undefined>;
  /** Makes an entry, in place of what it held. */
  set(service: string, account: string, octets: Uint8Array): Promise<void>;
  /** Takes an entry away, if it is there. */
  remove(service: string, account: string): Promise<void>;
}

/** What we use of the module `@napi-rs/keyring`. */
export interface KeyringBinding {
  /** An entry. */
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options: { linux: { store: 'secret-service' } },
  ) => {
    getSecret(): Promise<ArrayLike<number> | null>;
    setSecret(octets: Uint8Array): Promise<void>;
    deleteCredential(): Promise<boolean>;
  };
}

/**
 * The keyring of this system and session: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows. The
 * package is loaded with the first use; it is to be installed beside this one.
 * @param parameters `binding`: the module, where it is loaded in another way
 * @throws KeyStoreError `ERR_LOCKED` on a platform without one
 */
export function systemKeyring(parameters: { readonly binding?: KeyringBinding } = {}): Keyring {
  const kind = kindOf(process.platform);
  let loading: Promise<KeyringBinding> | undefined;

  async function entry(service: string, account: string): Promise<InstanceType<KeyringBinding['AsyncEntry']>> {
    const binding = await (loading ??= loadChecked(parameters.binding));
    return guarded(() => new binding.AsyncEntry(service, account, { linux: { store: 'secret-service' } }));
  }

  return Object.freeze({
    kind,
    async get(service: string, account: string) {
      const there = await entry(service, account);
      return guarded(async () => {
        const found = await there.getSecret();
        if (found === null) return undefined;
        const octets = Uint8Array.from(found);
        if (Array.isArray(found)) found.fill(0);
        return octets;
      });
    },
    async set(service: string, account: string, octets: Uint8Array) {
      const there = await entry(service, account);
      await guarded(() => there.setSecret(octets));
    },
    async remove(service: string, account: string) {
      const there = await entry(service, account);
      await guarded(() => there.deleteCredential());
    },
  });
}

function kindOf(platform: string): KeyringKind {
  if (platform === 'linux') return 'secret-service';
  if (platform === 'darwin') return 'macos-keychain';
  if (platform === 'win32') return 'windows-credentials';
  throw new KeyStoreError('ERR_LOCKED', `no keyring is known on ${platform}`);
}

async function loadChecked(given: KeyringBinding | undefined): Promise<KeyringBinding> {
  const binding = given ?? (await load());
  let listens = false;
  try {
    new binding.AsyncEntry('stanzaseal', 'none', { linux: { store: 'none' as 'secret-service' } });
  } catch {
    listens = true;
  }
  if (!listens) {
    throw new KeyStoreError('ERR_LOCKED', '@napi-rs/keyring is too old to be held to one keyring; 2.1.0 is needed');
  }
  return binding;
}

async function load(): Promise<KeyringBinding> {
  try {
    return await import('@napi-rs/keyring');
  } catch (cause) {
    throw new KeyStoreError('ERR_LOCKED', 'the package @napi-rs/keyring is not installed or does not run here', {
      cause,
    });
  }
}

async function guarded<T>(use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    throw new KeyStoreError('ERR_LOCKED', 'keyring of the operating system is locked or out of reach', { cause });
  }
}
