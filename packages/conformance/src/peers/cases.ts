/**
 * The rows of the matrix: every combination of algorithms that both we and some peer may know.
 * @module
 */

/** Keys that rows are about; `kek` and `password` are shared secrets. */
export type Party =
  | 'ed25519'
  | 'x25519'
  | 'p256'
  | 'p384'
  | 'rsa'
  | 'ml-kem-512'
  | 'ml-kem-768'
  | 'ml-kem-1024'
  | 'ml-dsa-44'
  | 'ml-dsa-65'
  | 'ml-dsa-87'
  | 'kek'
  | 'password';

/** Content encryption by the name that our command line has for it. */
export type ContentEncryption = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

/** A row. */
export interface Case {
  /** As the documentation shows it. */
  readonly name: string;
  /** Which content type of CMS. */
  readonly kind: 'sign' | 'encrypt' | 'authenticate';
  /** Who signs or receives. */
  readonly party: Party;
  /** How content is encrypted, where it is. */
  readonly content: ContentEncryption;
  /** Whether the content key is derived by RFC 9709. */
  readonly cekHkdf: boolean;
  /** Signed or authenticated attributes. */
  readonly attributes: boolean;
  /** Whether the content stays outside. */
  readonly detached: boolean;
  /** Whether the peer is asked for indefinite lengths. */
  readonly ber: boolean;
  /** A key derivation for KeyAgreeRecipientInfo other than the usual one of its curve. */
  readonly derivation: 'usual' | 'sha1' | 'cofactor';
  /** By which identifier the key goes: SHA-256 of its SubjectPublicKeyInfo, or SHA-1 of the key, as in most certificates. */
  readonly named: 'sha256' | 'sha1';
  /** Why we never write it, where only reading is to be shown. */
  readonly readOnly: string | undefined;
}

const PLAIN: Omit<Case, 'name' | 'kind' | 'party'> = {
  content: 'aes-256-gcm',
  cekHkdf: false,
  attributes: false,
  detached: false,
  ber: false,
  derivation: 'usual',
  named: 'sha256',
  readOnly: undefined,
};

const SIGNERS = {
  ed25519: 'Ed25519',
  p256: 'ECDSA P-256, SHA-256',
  p384: 'ECDSA P-384, SHA-384',
  rsa: 'RSA-PSS, SHA-256',
  'ml-dsa-44': 'ML-DSA-44',
  'ml-dsa-65': 'ML-DSA-65',
  'ml-dsa-87': 'ML-DSA-87',
} as const;
const RECIPIENTS = {
  x25519: 'X25519',
  p256: 'ECDH P-256',
  p384: 'ECDH P-384',
  rsa: 'RSA-OAEP',
  kek: 'AES key wrap',
  password: 'password (PBKDF2)',
  'ml-kem-512': 'ML-KEM-512',
  'ml-kem-768': 'ML-KEM-768',
  'ml-kem-1024': 'ML-KEM-1024',
} as const;
const CONTENT = {
  'aes-128-gcm': 'AES-128-GCM',
  'aes-256-gcm': 'AES-256-GCM',
  'chacha20-poly1305': 'ChaCha20-Poly1305',
} as const;
const NOT_WRITTEN = 'not written by us';

/** Every row, in the order of the documentation. */
export const CASES: readonly Case[] = [...signing(), ...encrypting(), ...authenticating()];

/** Name of the file with the certificate that names a row's key as the row does. */
export function certificateOf({ party, named }: Case): string {
  return named === 'sha1' ? `${party}.sha1.crt` : `${party}.crt`;
}

function signing(): Case[] {
  const base = { ...PLAIN, kind: 'sign', attributes: true } as const;
  const plain = keysOf(SIGNERS).map((party): Case => ({ ...base, name: `SignedData, ${SIGNERS[party]}`, party }));
  return [
    ...plain,
    { ...base, name: 'SignedData, ECDSA P-256, content outside', party: 'p256', detached: true },
    ...(['p256', 'rsa'] as const).map(
      (party): Case => ({ ...base, name: `SignedData, ${SIGNERS[party]}, SHA-1 identifier`, party, named: 'sha1' }),
    ),
    ...(['p256', 'rsa'] as const).map(
      (party): Case => ({
        ...base,
        name: `SignedData, ${SIGNERS[party]}, BER`,
        party,
        ber: true,
        readOnly: NOT_WRITTEN,
      }),
    ),
    ...(['ed25519', 'p256', 'ml-dsa-65'] as const).map(
      (party): Case => ({
        ...base,
        name: `SignedData, ${SIGNERS[party]}, without signed attributes`,
        party,
        attributes: false,
        readOnly: NOT_WRITTEN,
      }),
    ),
  ];
}

function encrypting(): Case[] {
  const base = { ...PLAIN, kind: 'encrypt' } as const;
  const rows: Case[] = [];
  for (const party of keysOf(RECIPIENTS)) {
    const to = `AuthEnvelopedData, ${RECIPIENTS[party]}`;
    for (const content of keysOf(CONTENT)) rows.push({ ...base, name: `${to}, ${CONTENT[content]}`, party, content });
    rows.push({ ...base, name: `${to}, AES-256-GCM, RFC 9709`, party, cekHkdf: true });
    rows.push({ ...base, name: `${to}, AES-256-GCM, authenticated attributes`, party, attributes: true });
  }
  const only = { ...base, readOnly: NOT_WRITTEN };
  return [
    ...rows,
    ...(['p256', 'rsa'] as const).map(
      (party): Case => ({
        ...base,
        name: `AuthEnvelopedData, ${RECIPIENTS[party]}, AES-256-GCM, SHA-1 identifier`,
        party,
        named: 'sha1',
      }),
    ),
    { ...only, name: 'AuthEnvelopedData, ECDH P-256, AES-192-GCM', party: 'p256', content: 'aes-192-gcm' },
    {
      ...only,
      name: 'AuthEnvelopedData, ECDH P-256, X9.63 with SHA-1, AES-256-GCM',
      party: 'p256',
      derivation: 'sha1',
    },
    { ...only, name: 'AuthEnvelopedData, cofactor ECDH P-256, AES-256-GCM', party: 'p256', derivation: 'cofactor' },
    { ...only, name: 'AuthEnvelopedData, ECDH P-256, AES-256-GCM, BER', party: 'p256', ber: true },
    { ...only, name: 'AuthEnvelopedData, RSA-OAEP, AES-256-GCM, BER', party: 'rsa', ber: true },
    {
      ...only,
      name: 'AuthEnvelopedData, AES key wrap, AES-128-GCM, BER',
      party: 'kek',
      ber: true,
      content: 'aes-128-gcm',
    },
  ];
}

function authenticating(): Case[] {
  const base = { ...PLAIN, kind: 'authenticate' } as const;
  return (['x25519', 'p256', 'p384', 'rsa', 'kek', 'password', 'ml-kem-768'] as const).flatMap((party): Case[] => {
    const name = `AuthenticatedData, ${RECIPIENTS[party]}`;
    return [
      { ...base, name, party, readOnly: NOT_WRITTEN },
      { ...base, name: `${name}, authenticated attributes`, party, attributes: true },
    ];
  });
}

function keysOf<Key extends string>(table: Readonly<Record<Key, string>>): Key[] {
  return Object.keys(table) as Key[];
}
