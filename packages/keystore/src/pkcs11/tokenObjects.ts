/**
 * Keys in a token: finding them, making them, and what they say of themselves.
 * @module
 */
import {
  CmsError,
  drawOctets,
  equal,
  fromUtf8,
  ID_ED25519,
  ID_P256,
  ID_X25519,
  type KeyAlgorithm,
  type RandomSource,
  type RawPublicKey,
  toUtf8,
} from '@stanzaseal/cms';
import { KeyStoreError } from '../keyStoreError.js';
import { CK, type CryptokiAttribute, type CryptokiHandle, resultOf } from './cryptoki.js';
import type { Pkcs11Session } from './pkcs11Token.js';

/** The private key of a label, or `undefined`. @throws KeyStoreError `ERR_LOCKED` when there are several */
export function findPrivateKey(session: Pkcs11Session, label: string): CryptokiHandle | undefined {
  const found = findObjects(session, [...PRIVATE, { type: CK.CKA_LABEL, value: label }]);
  if (found.length > 1) throw new KeyStoreError('ERR_LOCKED', `token has several private keys called '${label}'`);
  return found[0];
}

/** The private key of a label. @throws KeyStoreError `ERR_PASSPHRASE` when there is none, `ERR_LOCKED` when there are several */
export function privateKeyOf(session: Pkcs11Session, label: string): CryptokiHandle {
  const found = findPrivateKey(session, label);
  if (found === undefined) throw new KeyStoreError('ERR_PASSPHRASE', `token has no private key called '${label}'`);
  return found;
}

/** All private keys with their labels. */
export function listPrivateKeys(session: Pkcs11Session): { readonly label: string; readonly key: CryptokiHandle }[] {
  return findObjects(session, PRIVATE).flatMap((key) => {
    try {
      return [{ label: fromUtf8(attributeOf(session, key, CK.CKA_LABEL) ?? new Uint8Array(0)), key }];
    } catch (error) {
      if (error instanceof CmsError) return []; // a label that is no UTF-8 is none of ours
      throw error;
    }
  });
}

/** The public half of a private key, by the identifier that both have in the token; `undefined` where the token keeps none. */
export function findPublicKey(session: Pkcs11Session, privateKey: CryptokiHandle): RawPublicKey | undefined {
  const found = publicObjectOf(session, privateKey);
  return found === undefined ? undefined : readPublicKey(session, found);
}

/** Destroys a private key and the public half that the token keeps of it. */
export function destroyKeyPair(session: Pkcs11Session, privateKey: CryptokiHandle): void {
  const publicKey = publicObjectOf(session, privateKey);
  for (const object of [publicKey, privateKey]) {
    if (object !== undefined) session.cryptoki.C_DestroyObject(session.handle, object);
  }
}

/** Whether the token says that a key may leave it. */
export function mayLeave(session: Pkcs11Session, key: CryptokiHandle): boolean {
  const [extractable, sensitive] = [CK.CKA_EXTRACTABLE, CK.CKA_SENSITIVE].map((type) =>
    attributeOf(session, key, type),
  );
  return extractable?.[0] === 1 || sensitive?.[0] === 0;
}

/** Whether a key wants the PIN for every signature. */
export function wantsPinAlways(session: Pkcs11Session, key: CryptokiHandle): boolean {
  return attributeOf(session, key, CK.CKA_ALWAYS_AUTHENTICATE)?.[0] === 1;
}

/**
 * Makes a key that cannot leave the token.
 * @param use `sign` or `derive`
 * @param keepPublicKey whether the public half is to stay in the token as well
 * @throws CmsError `ERR_UNSUPPORTED` when the token has no such keys
 */
export async function generateKeyPair(
  session: Pkcs11Session,
  algorithm: KeyAlgorithm,
  parameters: {
    readonly label: string;
    readonly use: 'sign' | 'derive';
    readonly keepPublicKey: boolean;
    readonly random: RandomSource;
  },
): Promise<{ readonly privateKey: CryptokiHandle; readonly publicKey: CryptokiHandle }> {
  const { cryptoki, slot, handle } = session;
  const { label, use, keepPublicKey, random } = parameters;
  const known = cryptoki.C_GetMechanismList(slot);
  const mechanism = GENERATORS[algorithm].find((each) => known.includes(each));
  if (mechanism === undefined) throw new CmsError('ERR_UNSUPPORTED', `token makes no ${algorithm} keys`);
  const names = [
    { type: CK.CKA_LABEL, value: label },
    { type: CK.CKA_ID, value: drawOctets(random, 16) },
  ];
  return cryptoki.C_GenerateKeyPairAsync(
    handle,
    { mechanism },
    [
      ...names,
      { type: CK.CKA_TOKEN, value: keepPublicKey },
      { type: CK.CKA_EC_PARAMS, value: curveOf(algorithm) },
      ...(use === 'sign' ? [{ type: CK.CKA_VERIFY, value: true }] : []),
    ],
    [
      ...names,
      { type: CK.CKA_TOKEN, value: true },
      { type: CK.CKA_PRIVATE, value: true },
      { type: CK.CKA_SENSITIVE, value: true },
      { type: CK.CKA_EXTRACTABLE, value: false },
      { type: use === 'sign' ? CK.CKA_SIGN : CK.CKA_DERIVE, value: true },
    ],
  );
}

/** A public key object as a raw key, unchecked. @throws CmsError `ERR_UNSUPPORTED` for a curve that we do not have */
export function readPublicKey(session: Pkcs11Session, object: CryptokiHandle): RawPublicKey {
  const curve = attributeOf(session, object, CK.CKA_EC_PARAMS);
  const point = attributeOf(session, object, CK.CKA_EC_POINT);
  const algorithm = ALGORITHMS.find((each) => curve !== undefined && CURVES[each].some((name) => equal(name, curve)));
  if (algorithm === undefined || point === undefined) {
    throw new CmsError('ERR_UNSUPPORTED', 'token key is of another algorithm than Ed25519, X25519 or P-256');
  }
  return { algorithm, raw: unwrapPoint(point, algorithm === 'P-256' ? 65 : 32) };
}

const PRIVATE: readonly CryptokiAttribute[] = [{ type: CK.CKA_CLASS, value: CK.CKO_PRIVATE_KEY }];
const PUBLIC: readonly CryptokiAttribute[] = [{ type: CK.CKA_CLASS, value: CK.CKO_PUBLIC_KEY }];

const ALGORITHMS = ['Ed25519', 'X25519', 'P-256'] as const;

/** SoftHSM 2.6 makes X25519 keys by the mechanism for Edwards curves. */
const GENERATORS: Readonly<Record<KeyAlgorithm, readonly number[]>> = {
  Ed25519: [CK.CKM_EC_EDWARDS_KEY_PAIR_GEN],
  X25519: [CK.CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CK.CKM_EC_EDWARDS_KEY_PAIR_GEN],
  'P-256': [CK.CKM_EC_KEY_PAIR_GEN],
};

/** CKA_EC_PARAMS: an OBJECT IDENTIFIER, or (PKCS#11 v3.0 §2.3.5, §2.3.6) a name as PrintableString. */
const CURVES: Readonly<Record<KeyAlgorithm, readonly Uint8Array[]>> = {
  Ed25519: [tagged(0x06, ID_ED25519), tagged(0x13, toUtf8('edwards25519'))],
  X25519: [tagged(0x06, ID_X25519), tagged(0x13, toUtf8('curve25519'))],
  'P-256': [tagged(0x06, ID_P256)],
};

function curveOf(algorithm: KeyAlgorithm): Uint8Array {
  return CURVES[algorithm][0] as Uint8Array;
}

function tagged(tag: number, content: Uint8Array): Uint8Array {
  return Uint8Array.of(tag, content.length, ...content);
}

/** CKA_EC_POINT: DER OCTET STRING by v2.40; some tokens leave it bare, v3.0 has a BIT STRING for RFC 8410 keys. */
function unwrapPoint(point: Uint8Array, length: number): Uint8Array {
  const bare =
    point.length === length ||
    (point.length === length + 2 && point[0] === 0x04 && point[1] === length) ||
    (point.length === length + 3 && point[0] === 0x03 && point[1] === length + 1 && point[2] === 0);
  if (!bare) throw new CmsError('ERR_DER', 'token shows a public key that cannot be');
  return Uint8Array.from(point.subarray(-length));
}

function attributeOf(session: Pkcs11Session, object: CryptokiHandle, type: number): Uint8Array | undefined {
  try {
    return session.cryptoki.C_GetAttributeValue(session.handle, object, [{ type }])[0]?.value;
  } catch (error) {
    if (resultOf(error) === CK.CKR_ATTRIBUTE_TYPE_INVALID) return undefined;
    throw error;
  }
}

function publicObjectOf(session: Pkcs11Session, privateKey: CryptokiHandle): CryptokiHandle | undefined {
  const id = attributeOf(session, privateKey, CK.CKA_ID);
  if (id === undefined || id.length === 0) return undefined;
  return findObjects(session, [...PUBLIC, { type: CK.CKA_ID, value: id }])[0];
}

function findObjects({ cryptoki, handle }: Pkcs11Session, template: readonly CryptokiAttribute[]): CryptokiHandle[] {
  const found: CryptokiHandle[] = [];
  cryptoki.C_FindObjectsInit(handle, [...template]);
  try {
    for (;;) {
      const more = cryptoki.C_FindObjects(handle, 32);
      if (more.length === 0) return found;
      found.push(...more);
    }
  } finally {
    cryptoki.C_FindObjectsFinal(handle);
  }
}
