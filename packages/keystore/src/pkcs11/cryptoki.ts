/**
 * PKCS#11 v2.40 and v3.0 ("Cryptoki", OASIS) as much of it as is used here, and the module that speaks it to a library.
 * @module
 */
import { KeyStoreError } from '../keyStoreError.js';

/** What a library calls a slot, a session or an object. */
export type CryptokiHandle = Uint8Array;

/** An attribute of an object. */
export interface CryptokiAttribute {
  /** A CKA number. */
  readonly type: number;
  /** Its value; absent in a question. */
  readonly value?: number | boolean | string | Uint8Array;
}

/** A mechanism and what it needs. */
export interface CryptokiMechanism {
  /** A CKM number. */
  readonly mechanism: number;
  /** CK_ECDH1_DERIVE_PARAMS, in the form of pkcs11js. */
  readonly parameter?: { readonly type: number; readonly kdf: number; readonly publicData: Uint8Array };
}

/** The functions of a library, as pkcs11js has them: an instance of its class `PKCS11` is one. Errors have the CKR number as `code`. */
export interface Cryptoki {
  C_Initialize(options: { flags: number }): void;
  C_GetSlotList(tokenPresent: boolean): CryptokiHandle[];
  C_GetTokenInfo(slot: CryptokiHandle): { label: string; serialNumber: string; flags: number };
  C_GetMechanismList(slot: CryptokiHandle): number[];
  C_OpenSession(slot: CryptokiHandle, flags: number): CryptokiHandle;
  C_CloseSession(session: CryptokiHandle): void;
  C_Login(session: CryptokiHandle, user: number, pin: string): void;
  C_FindObjectsInit(session: CryptokiHandle, template: CryptokiAttribute[]): void;
  C_FindObjects(session: CryptokiHandle, most: number): CryptokiHandle[];
  C_FindObjectsFinal(session: CryptokiHandle): void;
  C_GetAttributeValue(
    session: CryptokiHandle,
    object: CryptokiHandle,
    template: CryptokiAttribute[],
  ): { value: Uint8Array }[];
  C_DestroyObject(session: CryptokiHandle, object: CryptokiHandle): void;
  C_SignInit(session: CryptokiHandle, mechanism: CryptokiMechanism, key: CryptokiHandle): void;
  C_SignAsync(session: CryptokiHandle, octets: Uint8Array, into: Uint8Array): Promise<Uint8Array>;
  C_GenerateKeyPairAsync(
    session: CryptokiHandle,
    mechanism: CryptokiMechanism,
    publicTemplate: CryptokiAttribute[],
    privateTemplate: CryptokiAttribute[],
  ): Promise<{ privateKey: CryptokiHandle; publicKey: CryptokiHandle }>;
  C_DeriveKeyAsync(
    session: CryptokiHandle,
    mechanism: CryptokiMechanism,
    key: CryptokiHandle,
    template: CryptokiAttribute[],
  ): Promise<CryptokiHandle>;
}

/** Object classes, key types and the rest, by the names and numbers of the standard. */
export const CK = {
  CKF_RW_SESSION: 0x2,
  CKF_SERIAL_SESSION: 0x4,
  CKF_OS_LOCKING_OK: 0x2,
  CKF_WRITE_PROTECTED: 0x2,
  CKF_USER_PIN_FINAL_TRY: 0x20000,
  CKF_USER_PIN_LOCKED: 0x40000,
  CKU_USER: 1,
  CKU_CONTEXT_SPECIFIC: 2,
  CKO_PUBLIC_KEY: 2,
  CKO_PRIVATE_KEY: 3,
  CKO_SECRET_KEY: 4,
  CKK_GENERIC_SECRET: 0x10,
  CKA_CLASS: 0,
  CKA_TOKEN: 1,
  CKA_PRIVATE: 2,
  CKA_LABEL: 3,
  CKA_VALUE: 0x11,
  CKA_KEY_TYPE: 0x100,
  CKA_ID: 0x102,
  CKA_SENSITIVE: 0x103,
  CKA_SIGN: 0x108,
  CKA_VERIFY: 0x10a,
  CKA_DERIVE: 0x10c,
  CKA_VALUE_LEN: 0x161,
  CKA_EXTRACTABLE: 0x162,
  CKA_EC_PARAMS: 0x180,
  CKA_EC_POINT: 0x181,
  CKA_ALWAYS_AUTHENTICATE: 0x202,
  CKM_EC_KEY_PAIR_GEN: 0x1040,
  CKM_ECDSA: 0x1041,
  CKM_ECDH1_DERIVE: 0x1050,
  CKM_EC_EDWARDS_KEY_PAIR_GEN: 0x1055,
  CKM_EC_MONTGOMERY_KEY_PAIR_GEN: 0x1056,
  CKM_EDDSA: 0x1057,
  CKD_NULL: 1,
  CKR_ATTRIBUTE_SENSITIVE: 0x11,
  CKR_ATTRIBUTE_TYPE_INVALID: 0x12,
  CKR_DEVICE_ERROR: 0x30,
  CKR_DEVICE_REMOVED: 0x32,
  CKR_PIN_INCORRECT: 0xa0,
  CKR_PIN_INVALID: 0xa1,
  CKR_PIN_LEN_RANGE: 0xa2,
  CKR_PIN_LOCKED: 0xa4,
  CKR_SESSION_CLOSED: 0xb0,
  CKR_SESSION_HANDLE_INVALID: 0xb3,
  CKR_TOKEN_NOT_PRESENT: 0xe0,
  CKR_USER_ALREADY_LOGGED_IN: 0x100,
  CKR_USER_NOT_LOGGED_IN: 0x101,
  CKR_CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const;

/** The number that a function of a library answered with, or `undefined` for any other error. */
export function resultOf(error: unknown): number | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/**
 * Loads a library by pkcs11js, and begins its use in this process. It is never ended: others in the process may use it.
 * @throws KeyStoreError `ERR_LOCKED`
 */
export async function loadCryptoki(library: string): Promise<Cryptoki> {
  const cryptoki = await loadLibrary(library);
  try {
    cryptoki.C_Initialize({ flags: CK.CKF_OS_LOCKING_OK });
  } catch (cause) {
    if (resultOf(cause) !== CK.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
      throw new KeyStoreError('ERR_LOCKED', 'PKCS#11 library does not begin', { cause });
    }
  }
  return cryptoki;
}

async function loadLibrary(library: string): Promise<Cryptoki> {
  let made: Cryptoki & { load(library: string): void };
  try {
    const { default: module } = await import('pkcs11js');
    made = new module.PKCS11() as unknown as typeof made; // it declares Buffers, and takes any octets
  } catch (cause) {
    throw new KeyStoreError('ERR_LOCKED', 'the package pkcs11js is not installed, or was not compiled', { cause });
  }
  try {
    made.load(library);
  } catch (cause) {
    throw new KeyStoreError('ERR_LOCKED', 'PKCS#11 library cannot be loaded', { cause });
  }
  return made;
}
