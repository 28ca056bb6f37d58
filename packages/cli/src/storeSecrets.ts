/**
 * What opens a store at a shell: a passphrase, the keyring of the session, or a PKCS#11 token. Which one is chosen when the
 * store is made; from then on the store says it, and nothing else is tried.
 * @module
 */
import type { HeldKey, HeldKeys, HeldKeysWanted } from '@stanzaseal/keystore';
import {
  type ErasurePlace,
  erasureSlots,
  passphraseSecret,
  type ScryptCost,
  type StoreSecret,
} from '@stanzaseal/keystore/file';
import { keyringSecret, systemKeyring } from '@stanzaseal/keystore/keyring';
import { type Pkcs11Token, pkcs11Erasure, pkcs11Secret, pkcs11Token } from '@stanzaseal/keystore/pkcs11';
import { type Command, Option } from 'commander';
import { usageFailure } from './failure.js';
import { passphraseText } from './passphrase.js';
import { printable } from './printable.js';
import { storageKinds } from './storages.js';
import {
  keysInToken,
  type MadeKeys,
  makeTokenKey,
  makeTokenKeys,
  type NewKeyOptions,
  type OwnKey,
  openTokenKeys,
  wantsToken,
} from './storeKeys.js';
import type { System } from './system.js';

/** Options that say where secrets are, for every verb with `--store`. */
export interface SecretOptions {
  /** Where the passphrase is. */
  readonly passphraseFile?: string;
  /** Library of a PKCS#11 token. */
  readonly pkcs11Module?: string;
  /** Its label. */
  readonly token?: string;
  /** Where its PIN is. */
  readonly pinFile?: string;
}

/** Options that choose, for verbs that make a store. */
export interface NewSecretOptions extends SecretOptions, NewKeyOptions {
  /** What is to open the store. */
  readonly secret: 'passphrase' | 'keyring' | 'pkcs11';
  /** Where its erasure keys are to be. */
  readonly erasure: 'file' | 'token';
  /** Label of the key in the token. */
  readonly tokenKey?: string;
}

/** What a storage is made or opened with. */
export interface StoreSecrets {
  /** What opens it. */
  readonly secret: StoreSecret;
  /** Where its erasure keys are. */
  readonly erasure: ErasurePlace;
  /** Opens the keys that a store's record says are in its token. @throws CliFailure `ERR_USAGE` for options of a token that nothing is in */
  holder(wanted: HeldKeysWanted): Promise<HeldKeys>;
  /** Makes a key in the token. */
  makeKey(what: OwnKey): Promise<HeldKey>;
  /** Gives up the token, if there is one. */
  close(): Promise<void>;
}

/** What a new storage and its first keys are made with. */
export interface NewStoreSecrets extends StoreSecrets {
  /** Makes the keys that the options want in the token. */
  makeKeys(): Promise<MadeKeys>;
}

/** What entries of ours are filed under in a keyring. */
const SERVICE = 'stanzaseal';

/** Adds the options of a PKCS#11 token. */
export function withToken(command: Command): Command {
  return command
    .option('--pkcs11-module <file>', 'library of the PKCS#11 token, for a store that needs one')
    .option('--token <label>', 'label of the token')
    .option('--pin-file <file>', 'take its PIN from this file; else it is asked for on the terminal');
}

/** Adds the options of a new store. */
export function withNewSecret(command: Command): Command {
  const secret = new Option('--secret <kind>', 'what is to open the store').choices([
    'passphrase',
    'keyring',
    'pkcs11',
  ]);
  const erasure = new Option('--erasure <place>', 'where the keys are kept that erasure destroys').choices([
    'file',
    'token',
  ]);
  return command
    .addOption(secret.default('passphrase'))
    .addOption(erasure.default('file'))
    .option(
      '--token-key <label>',
      "P-256 key in the token, made where there is none ('stanzaseal store' when left out)",
    );
}

/** What a new store is made with. */
export function newStoreSecrets(
  options: NewSecretOptions & { store: string },
  cost: ScryptCost,
  system: System,
): NewStoreSecrets {
  const inToken = keysInToken(options);
  const kinds = {
    secret: options.secret,
    erasure: options.erasure === 'token' ? ('pkcs11' as const) : ('slots' as const),
  };
  if (options.tokenKey !== undefined && options.secret !== 'pkcs11') {
    throw usageFailure("'--token-key' goes with '--secret pkcs11'");
  }
  const token = tokenFor(options, inToken.length > 0 || needsToken(kinds));
  token.refuse();
  const secrets = secretsOf(kinds, token, options, system, cost);
  return { ...secrets, makeKeys: () => makeTokenKeys(inToken, token.get, system) };
}

/**
 * What an existing store is opened with: it says what it needs, and options for something else are refused.
 * @param usesToken whether the verb itself is to put something into the token
 */
export async function storeSecrets(
  options: SecretOptions & { store: string },
  system: System,
  usesToken = false,
): Promise<StoreSecrets> {
  const kinds = await storageKinds(options.store);
  if (kinds.secret === 'given-key')
    throw usageFailure('the store is opened by a key of an application, not at a shell');
  if (kinds.erasure === 'keyring')
    throw usageFailure('the store keeps its erasure keys where this program does not look');
  const { secret, erasure } = kinds;
  const token = tokenFor(options, usesToken || needsToken({ secret, erasure }));
  return secretsOf({ secret, erasure }, token, options, system);
}

interface Kinds {
  readonly secret: 'passphrase' | 'keyring' | 'pkcs11';
  readonly erasure: 'slots' | 'pkcs11';
}

function needsToken({ secret, erasure }: Kinds): boolean {
  return secret === 'pkcs11' || erasure === 'pkcs11';
}

function secretsOf(
  kinds: Kinds,
  token: AskedToken,
  options: SecretOptions & { store: string; tokenKey?: string },
  system: System,
  cost?: ScryptCost,
): StoreSecrets {
  const { random, crypto } = system;
  const isNew = cost !== undefined;
  if (options.passphraseFile !== undefined && kinds.secret !== 'passphrase') {
    throw usageFailure(`'--passphrase-file' is not for a store that is opened by ${WORDS[kinds.secret]}`);
  }
  const shared = {
    erasure: kinds.erasure === 'pkcs11' ? pkcs11Erasure(token.get()) : erasureSlots,
    async holder(wanted: HeldKeysWanted): Promise<HeldKeys> {
      if (wantsToken(wanted)) return openTokenKeys(wanted, token.get(), system);
      token.refuse();
      return {};
    },
    makeKey: (what: OwnKey) => makeTokenKey(what, token.get(), system),
    close: token.close,
  };
  if (kinds.secret === 'keyring') {
    return { secret: keyringSecret({ keyring: systemKeyring(), service: SERVICE, random }), ...shared };
  }
  if (kinds.secret === 'pkcs11') {
    const keyLabel = options.tokenKey ?? (isNew ? 'stanzaseal store' : undefined);
    const key = keyLabel === undefined ? {} : { keyLabel };
    return { secret: pkcs11Secret({ token: token.get(), ...key, random, crypto }), ...shared };
  }
  const prompt = `${isNew ? 'new passphrase' : 'passphrase'} of ${printable(options.store)}`;
  const passphrase = () => passphraseText({ passphraseFile: options.passphraseFile, prompt, confirm: isNew });
  return { secret: passphraseSecret({ passphrase, ...(isNew && { cost }) }), ...shared };
}

const WORDS = { passphrase: 'a passphrase', keyring: 'the keyring', pkcs11: 'a token' } as const;

function tokenOf({ pkcs11Module: library, token: label, pinFile }: SecretOptions): Pkcs11Token {
  if (library === undefined || label === undefined) {
    throw usageFailure("the store needs its PKCS#11 token: '--pkcs11-module' and '--token'");
  }
  const pin = () =>
    passphraseText({ passphraseFile: pinFile, prompt: `PIN of token ${printable(label)}`, what: 'PIN' });
  return pkcs11Token({ library, label, pin });
}

/** The token of the options: made when something asks for it, refused when nothing does. */
interface AskedToken {
  /** The token. @throws CliFailure `ERR_USAGE` where options are missing */
  get(): Pkcs11Token;
  /** @throws CliFailure `ERR_USAGE` where the options name a token in which nothing is */
  refuse(): void;
  close(): Promise<void>;
}

function tokenFor(options: SecretOptions, isNeeded: boolean): AskedToken {
  let token: Pkcs11Token | undefined = isNeeded ? tokenOf(options) : undefined;
  return {
    get() {
      token ??= tokenOf(options);
      return token;
    },
    refuse() {
      const given = [options.pkcs11Module, options.token, options.pinFile].some((option) => option !== undefined);
      if (!isNeeded && given)
        throw usageFailure("'--pkcs11-module', '--token' and '--pin-file' are not for a store without a token");
    },
    close: async () => token?.close(),
  };
}
