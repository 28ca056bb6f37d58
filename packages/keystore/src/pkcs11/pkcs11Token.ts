/**
 * A PKCS#11 token: a smart card, a security module, or software that acts as one.
 * @module
 */
import { KeyStoreError } from '../keyStoreError.js';
import { CK, type Cryptoki, type CryptokiHandle, loadCryptoki, resultOf } from './cryptoki.js';

/** A token under a PIN. Nothing is loaded, and nobody asked for a PIN, before its first use. */
export interface Pkcs11Token {
  /** Its label. */
  readonly label: string;
  /**
   * Works with the token, one after another: a session is a state that two would disturb. `work` must not call `use` itself,
   * which would wait for its own end.
   * @throws KeyStoreError `ERR_PASSPHRASE` for a wrong PIN; `ERR_LOCKED` when the token is closed, not there, out of tries, or
   * fails; what `work` throws
   */
  use<T>(work: (session: Pkcs11Session) => Promise<T>): Promise<T>;
  /** Ends the session, after what was begun. Further use is refused. */
  close(): Promise<void>;
}

/** A session under the user's PIN. Valid until the work it was given to is done. */
export interface Pkcs11Session {
  /** The library. */
  readonly cryptoki: Cryptoki;
  /** Where the token is. */
  readonly slot: CryptokiHandle;
  /** The session itself. */
  readonly handle: CryptokiHandle;
  /** Gives the PIN again, for a key that wants it for every signature (CKA_ALWAYS_AUTHENTICATE). */
  authenticate(): Promise<void>;
}

/** Which token, and its PIN. */
export interface Pkcs11TokenParameters {
  /** Path of the library. It runs in this process with all rights, so it is the caller's to name, never a file's. */
  readonly library: string;
  /** The token's label. */
  readonly label: string;
  /** Its serial number, where several have the label. */
  readonly serial?: string;
  /** The user's PIN, or who asks for it. */
  readonly pin: string | (() => Promise<string>);
  /** The library, where it is loaded in another way than by pkcs11js; begun already. */
  readonly cryptoki?: Cryptoki;
}

/**
 * A token. A wrong PIN is given once and never again, since tokens count and then shut for good: for another try, make
 * another. The log-in is the whole process's, as PKCS#11 has it: while one token object is open, the next on the same token
 * needs no right PIN.
 * @example
 * const token = pkcs11Token({ library: '/usr/lib/softhsm/libsofthsm2.so', label: 'juliet', pin: askForPin });
 */
export function pkcs11Token(parameters: Pkcs11TokenParameters): Pkcs11Token {
  const { label } = parameters;
  let session: Pkcs11Session | undefined;
  let refusal: KeyStoreError | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  async function useNow<T>(work: (session: Pkcs11Session) => Promise<T>): Promise<T> {
    if (refusal !== undefined) throw refusal;
    try {
      session ??= await openSession(parameters);
      return await work(session);
    } catch (error) {
      const told = tell(error, label);
      if (told instanceof KeyStoreError && told.code === 'ERR_PASSPHRASE' && session === undefined) refusal = told;
      if (LOST.has(resultOf(error))) drop();
      throw told;
    }
  }

  function drop(): void {
    const { cryptoki, handle } = session ?? {};
    session = undefined;
    try {
      if (handle !== undefined) cryptoki?.C_CloseSession(handle);
    } catch {
      // The token is gone, and its sessions with it.
    }
  }

  return Object.freeze({
    label,
    use<T>(work: (session: Pkcs11Session) => Promise<T>): Promise<T> {
      if (closing !== undefined) return Promise.reject(new KeyStoreError('ERR_LOCKED', `token '${label}' is closed`));
      const done = last.then(() => useNow(work));
      last = done.catch(() => undefined);
      return done;
    },
    close(): Promise<void> {
      closing ??= last.then(drop);
      return closing;
    },
  });
}

/** Answers after which a session is no more. */
const LOST: ReadonlySet<number | undefined> = new Set([
  CK.CKR_DEVICE_ERROR,
  CK.CKR_DEVICE_REMOVED,
  CK.CKR_SESSION_CLOSED,
  CK.CKR_SESSION_HANDLE_INVALID,
  CK.CKR_TOKEN_NOT_PRESENT,
  CK.CKR_USER_NOT_LOGGED_IN,
]);

const WRONG_PIN: ReadonlySet<number | undefined> = new Set([
  CK.CKR_PIN_INCORRECT,
  CK.CKR_PIN_INVALID,
  CK.CKR_PIN_LEN_RANGE,
]);

async function openSession(parameters: Pkcs11TokenParameters): Promise<Pkcs11Session> {
  const { library, label, pin } = parameters;
  const cryptoki = parameters.cryptoki ?? (await loadCryptoki(library));
  const slot = findSlot(cryptoki, parameters);
  const { flags } = cryptoki.C_GetTokenInfo(slot);
  if ((flags & CK.CKF_USER_PIN_LOCKED) !== 0) throw pinLocked(label);
  const given = typeof pin === 'string' ? pin : await pin();
  const writable = (flags & CK.CKF_WRITE_PROTECTED) === 0 ? CK.CKF_RW_SESSION : 0;
  const handle = cryptoki.C_OpenSession(slot, CK.CKF_SERIAL_SESSION | writable);
  try {
    cryptoki.C_Login(handle, CK.CKU_USER, given);
  } catch (error) {
    if (resultOf(error) !== CK.CKR_USER_ALREADY_LOGGED_IN) {
      cryptoki.C_CloseSession(handle);
      throw WRONG_PIN.has(resultOf(error)) ? wrongPin(cryptoki, slot, label, error) : error;
    }
  }
  const authenticate = async () =>
    cryptoki.C_Login(handle, CK.CKU_CONTEXT_SPECIFIC, typeof pin === 'string' ? pin : await pin());
  return Object.freeze({ cryptoki, slot, handle, authenticate });
}

function findSlot(cryptoki: Cryptoki, { label, serial }: Pkcs11TokenParameters): CryptokiHandle {
  const found = cryptoki.C_GetSlotList(true).filter((slot) => {
    try {
      const info = cryptoki.C_GetTokenInfo(slot); // fields are padded with blanks
      return info.label.trimEnd() === label && (serial === undefined || info.serialNumber.trimEnd() === serial);
    } catch {
      return false; // another token may be broken without harm to ours
    }
  });
  const [first] = found;
  if (first === undefined) throw new KeyStoreError('ERR_LOCKED', `token '${label}' is not there`);
  if (found.length > 1)
    throw new KeyStoreError('ERR_LOCKED', `several tokens are called '${label}'; name a serial number`);
  return first;
}

function wrongPin(cryptoki: Cryptoki, slot: CryptokiHandle, label: string, cause: unknown): KeyStoreError {
  const { flags } = cryptoki.C_GetTokenInfo(slot);
  const left = (flags & CK.CKF_USER_PIN_FINAL_TRY) !== 0 ? '; one try is left' : '';
  if ((flags & CK.CKF_USER_PIN_LOCKED) !== 0) return pinLocked(label, cause);
  return new KeyStoreError('ERR_PASSPHRASE', `PIN of token '${label}' is wrong${left}`, { cause });
}

function pinLocked(label: string, cause?: unknown): KeyStoreError {
  return new KeyStoreError('ERR_LOCKED', `PIN of token '${label}' is locked`, { cause });
}

/** What a library answers, in our words; its own name for it (CKR_…) says nothing secret. */
function tell(error: unknown, label: string): unknown {
  const result = resultOf(error);
  if (result === undefined) return error;
  if (result === CK.CKR_PIN_LOCKED) return pinLocked(label, error);
  if (WRONG_PIN.has(result))
    return new KeyStoreError('ERR_PASSPHRASE', `PIN of token '${label}' is wrong`, { cause: error });
  const name = /^CKR_\w+/.exec((error as Error).message)?.[0] ?? `0x${result.toString(16)}`;
  return new KeyStoreError('ERR_LOCKED', `token '${label}' fails: ${name}`, { cause: error });
}
