/**
 * The two things that a private key does in a token.
 * @module
 */
import { isAllZero, type KeyAlgorithm } from '@stanzaseal/cms';
import { KeyStoreError } from '../keyStoreError.js';
import { CK, type CryptokiHandle } from './cryptoki.js';
import type { Pkcs11Session } from './pkcs11Token.js';
import { wantsPinAlways } from './tokenObjects.js';

/**
 * A raw signature of 64 octets. CKM_ECDSA over a digest that we made, since not every token hashes.
 * @param octets the message for Ed25519, a digest of 32 octets for P-256
 */
export async function signRaw(
  session: Pkcs11Session,
  key: CryptokiHandle,
  algorithm: Exclude<KeyAlgorithm, 'X25519'>,
  octets: Uint8Array,
): Promise<Uint8Array> {
  const { cryptoki, handle } = session;
  const always = wantsPinAlways(session, key);
  cryptoki.C_SignInit(handle, { mechanism: algorithm === 'P-256' ? CK.CKM_ECDSA : CK.CKM_EDDSA }, key);
  const finish = () => cryptoki.C_SignAsync(handle, octets, new Uint8Array(64));
  try {
    if (always) await session.authenticate();
  } catch (error) {
    await finish().catch(() => undefined); // refused, and the session is free for the next
    throw error;
  }
  return Uint8Array.from(await finish());
}

/**
 * A shared secret of 32 octets by CKM_ECDH1_DERIVE without a derivation function: the x-coordinate for P-256, RFC 7748's for
 * X25519. It leaves the token as a session object that lives for this call; the private key does not.
 * @param peer raw public key, which the caller has checked: not every token does
 */
export async function deriveRaw(
  { cryptoki, handle }: Pkcs11Session,
  key: CryptokiHandle,
  peer: Uint8Array,
): Promise<Uint8Array> {
  const parameter = { type: PARAMETERS_OF_ECDH, kdf: CK.CKD_NULL, publicData: peer };
  const derived = await cryptoki.C_DeriveKeyAsync(handle, { mechanism: CK.CKM_ECDH1_DERIVE, parameter }, key, [
    { type: CK.CKA_CLASS, value: CK.CKO_SECRET_KEY },
    { type: CK.CKA_KEY_TYPE, value: CK.CKK_GENERIC_SECRET },
    { type: CK.CKA_TOKEN, value: false },
    { type: CK.CKA_SENSITIVE, value: false },
    { type: CK.CKA_EXTRACTABLE, value: true },
    { type: CK.CKA_VALUE_LEN, value: 32 }, // SoftHSM wants it (OpenSC issue 898)
  ]);
  try {
    const value = cryptoki.C_GetAttributeValue(handle, derived, [{ type: CK.CKA_VALUE }])[0]?.value;
    if (value?.length !== 32 || isAllZero(value)) throw new KeyStoreError('ERR_LOCKED', 'token gave no shared secret');
    const secret = Uint8Array.from(value);
    value.fill(0);
    return secret;
  } finally {
    cryptoki.C_DestroyObject(handle, derived);
  }
}

/** pkcs11js's own number for CK_ECDH1_DERIVE_PARAMS. */
const PARAMETERS_OF_ECDH = 6;
