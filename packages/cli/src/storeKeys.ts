/**
 * The account's own keys in a PKCS#11 token: made there with the store, found there again by the names that the store's record keeps.
 * @module
 */
import { drawOctets, toHex } from '@stanzaseal/cms';
import type { HeldKey, HeldKeys, HeldKeysWanted } from '@stanzaseal/keystore';
import { destroyPkcs11Key, generatePkcs11Key, type Pkcs11Token, pkcs11SigningKey } from '@stanzaseal/keystore/pkcs11';
import { type Command, Option } from 'commander';
import { usageFailure } from './failure.js';
import type { System } from './system.js';

/** Keys that a token may hold. */
export type OwnKey = 'identity' | 'device';

/** Options that say where new keys are to be: in the store when left out. */
export type NewKeyOptions = { readonly [K in OwnKey]?: 'store' | 'token' };

/** Adds the options of new keys. */
export function withNewKeys(command: Command, ...keys: readonly OwnKey[]): Command {
  for (const key of keys) {
    const option = new Option(`--${key} <place>`, `where the ${key} key is to be, for good`);
    command.addOption(option.choices(['store', 'token']).default('store'));
  }
  return command;
}

/** The new keys that are to be in a token. */
export function keysInToken(options: NewKeyOptions): readonly OwnKey[] {
  return (['identity', 'device'] as const).filter((key) => options[key] === 'token');
}

/** Makes a key in the token, under a name that is no other's. */
export async function makeTokenKey(what: OwnKey, token: Pkcs11Token, { random, crypto }: System): Promise<HeldKey> {
  // Labels of a token are read without its PIN: they say nothing of the account.
  const keyLabel = `stanzaseal ${what} ${toHex(drawOctets(random, 8))}`;
  await generatePkcs11Key({ token, keyLabel, algorithm: 'Ed25519', random, crypto });
  return pkcs11SigningKey({ token, keyLabel, crypto });
}

/** Keys that were just made, and what takes them back, where the store that was to name them did not come about. */
export interface MadeKeys {
  /** The keys. */
  readonly held: HeldKeys;
  /** Destroys them. */
  undo(): Promise<void>;
}

/** Makes the keys of a new store that are to be in its token. */
export async function makeTokenKeys(
  keys: readonly OwnKey[],
  token: () => Pkcs11Token,
  system: System,
): Promise<MadeKeys> {
  const held: { -readonly [K in OwnKey]?: HeldKey } = {};
  const undo = async (): Promise<void> => {
    for (const { name: keyLabel } of Object.values(held)) {
      // What failed before is told; a token that fails again says nothing new.
      if (keyLabel !== undefined) await destroyPkcs11Key({ token: token(), keyLabel }).catch(() => undefined);
    }
  };
  try {
    for (const key of keys) held[key] = await makeTokenKey(key, token(), system);
  } catch (error) {
    await undo();
    throw error;
  }
  return { held, undo };
}

/** Whether a store's record names a key that is in a token. */
export function wantsToken({ identityElsewhere, deviceElsewhere }: HeldKeysWanted): boolean {
  return identityElsewhere === true || deviceElsewhere === true;
}

/** The keys that a store's record names. */
export async function openTokenKeys(wanted: HeldKeysWanted, token: Pkcs11Token, system: System): Promise<HeldKeys> {
  const open = (name: string | undefined) => {
    if (name === undefined)
      throw usageFailure('the store has a key that an application holds: it does not open at a shell');
    return pkcs11SigningKey({ token, keyLabel: name, crypto: system.crypto });
  };
  return {
    ...(wanted.identityElsewhere === true ? { identity: await open(wanted.identityName) } : {}),
    ...(wanted.deviceElsewhere === true ? { device: await open(wanted.deviceName) } : {}),
  };
}
