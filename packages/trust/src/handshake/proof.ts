/**
 * How a side of a handshake shows itself: signed by its device key, which its identity key endorses; with a code under a key that only
 * the two ephemeral keys give, over the same identity (SIGMA); and encrypted.
 *
 * ```
 * HandshakeStatement ::= SEQUENCE {                        -- eContent, eContentType .1.5
 *   version       INTEGER (0),
 *   role          ENUMERATED { initiator(0), responder(1) },
 *   owner         BareJid,
 *   peer          BareJid,
 *   transcript    OCTET STRING (SIZE (32)),
 *   confirmation  OCTET STRING (SIZE (32)),
 *   replyPrekey   OCTET STRING (SIZE (32)),                -- X25519
 *   notAfter      GeneralizedTime }                        -- of the reply prekey
 * ```
 * Its SignedData has one signer and, beside the three attributes that all have, the sender keys.
 * @module
 */
import {
  attribute,
  type CryptoProvider,
  concat,
  DerReader,
  decodeSenderKeys,
  encodeDer,
  encoded,
  encodeSenderKeys,
  enumerated,
  equal,
  equalConstantTime,
  findAttribute,
  generalizedTime,
  ID_AA_SENDER_KEYS,
  ID_CT_HANDSHAKE,
  integer,
  isAcceptablePublicKey,
  type MaybePromise,
  octetString,
  type PublicKey,
  publicKeyFromRaw,
  type SigningKey,
  sequence,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';
import { readSignedData, sign, verify, verifyEndorsement } from '@stanzaseal/signer';
import type { Role } from '../runs/runState.js';

/** What a side shows. */
export interface Shown {
  /** Account identity key. */
  readonly identity: PublicKey;
  /** Device key. */
  readonly device: PublicKey;
  /** DER of the endorsement of the device key. */
  readonly endorsement: Uint8Array;
  /** A fresh reply prekey: raw X25519 public key. */
  readonly replyPrekey: Uint8Array;
  /** When it ceases to be used, in ms since 1970, cut to seconds. */
  readonly notAfter: number;
  /** When it was signed, by its signer's own word, in ms since 1970, cut to seconds: it tells a newer reply prekey from an older one. */
  readonly at: number;
}

/** Who says it, to whom, in which handshake. */
export interface Place {
  /** Which side shows itself. */
  readonly role: Role;
  /** Its bare JID. */
  readonly owner: string;
  /** The other side's bare JID. */
  readonly peer: string;
  /** SHA-256 of all that was said before: 32 octets. */
  readonly transcript: Uint8Array;
  /** What both ephemeral keys, the first two messages and a common secret, where there is one, come to: 32 octets. */
  readonly secret: Uint8Array;
}

const LABEL = 'stanzaseal/0 handshake';
const TAG_LENGTH = 16;
const DAY = 86_400_000;
const NOTHING = new Uint8Array(0);
/** A key seals one proof. */
const NONCE = new Uint8Array(12);

/** A side's proof. */
export async function makeProof(
  place: Place,
  shown: Omit<Shown, 'device' | 'at'> & { readonly device: SigningKey },
  { clock, crypto }: { readonly clock: () => number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const { role, owner, peer, transcript } = place;
  const { identity, device, endorsement } = shown;
  const confirmation = await confirmationOf(place, identity, device.publicKey, crypto);
  const statement = encodeDer(
    sequence(
      integer(0),
      enumerated(role === 'initiator' ? 0 : 1),
      utf8String(owner),
      utf8String(peer),
      octetString(transcript),
      octetString(confirmation),
      octetString(shown.replyPrekey),
      generalizedTime(shown.notAfter),
    ),
  );
  const keys = encodeSenderKeys({ identity, device: device.publicKey, endorsement });
  const { der } = await sign(statement, {
    signers: [device],
    contentType: ID_CT_HANDSHAKE,
    signedAttrs: [attribute(ID_AA_SENDER_KEYS, encoded(keys))],
    form: 'SignedData',
    signingTime: clock(),
    crypto,
  });
  return crypto.encryptAesGcm(await keyOf(place, 'seal', crypto), NONCE, transcript, der);
}

/** Checks a proof and gives what was shown. Throws whatever is wrong; callers make one answer of it. */
export async function checkProof(
  proof: Uint8Array,
  place: Place,
  { clock, crypto }: { readonly clock: () => number; readonly crypto: CryptoProvider },
): Promise<Shown> {
  const { role, owner, peer, transcript } = place;
  const end = proof.length - TAG_LENGTH;
  if (end < 0) throw new RangeError('proof is too short');
  const [ciphertext, tag] = [proof.subarray(0, end), proof.subarray(end)];
  const der = await crypto.decryptAesGcm(await keyOf(place, 'seal', crypto), NONCE, transcript, ciphertext, tag);
  const { signerInfos } = readSignedData(der, undefined, 'SignedData');
  const carried = findAttribute(signerInfos[0]?.signedAttrs ?? [], ID_AA_SENDER_KEYS);
  if (carried === undefined || signerInfos[0]?.signedAttrs.length !== 4) throw new RangeError('proof carries no keys');
  const keys = decodeSenderKeys(carried);
  const identity = await publicKeyFromRaw('Ed25519', keys.identity.raw, crypto);
  const { endorsement, endorsed: device } = await verifyEndorsement(keys.endorsement, identity, crypto);
  const now = clock();
  const isEndorsed =
    endorsement.purpose === 'device' &&
    endorsement.owner === owner &&
    equal(device.raw, keys.device.raw) &&
    endorsement.notBefore <= now + DAY &&
    now <= endorsement.notAfter;
  if (!isEndorsed) throw new RangeError('device is not endorsed for this account');
  const signed = { signers: [device], contentType: ID_CT_HANDSHAKE, form: 'SignedData', crypto } as const;
  const { content, signingTime: at } = await verify(der, signed);
  const reader = new DerReader(content);
  const said = reader.sequence();
  reader.end();
  const isSaid =
    said.integer() === 0 &&
    said.enumerated(2) === (role === 'initiator' ? 0 : 1) &&
    said.utf8String() === owner &&
    said.utf8String() === peer &&
    equal(said.octetStringOf(32), transcript);
  if (!isSaid) throw new RangeError('statement is about another handshake');
  const confirmation = said.octetStringOf(32);
  // SIGMA: without it who signs and who holds the ephemeral key could be two (identity misbinding).
  if (!equalConstantTime(confirmation, await confirmationOf(place, identity, device, crypto)))
    throw new RangeError('confirmation does not fit');
  const replyPrekey = said.octetStringOf(32);
  const notAfter = said.generalizedTime();
  said.end();
  if (!isAcceptablePublicKey('X25519', replyPrekey)) throw new RangeError('reply prekey is no key');
  return { identity, device, endorsement: keys.endorsement, replyPrekey, notAfter, at };
}

/** Each side and each use has a key of its own: what one says is never what the other could have said (P06). */
function keyOf({ role, secret }: Place, use: 'seal' | 'confirm', crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.hkdfSha256(secret, NOTHING, toUtf8(`${LABEL} ${role} ${use}`), 32);
}

async function confirmationOf(
  place: Place,
  identity: PublicKey,
  device: PublicKey,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const { owner, peer, transcript } = place;
  const names = encodeDer(
    sequence(
      utf8String(owner),
      utf8String(peer),
      octetString(identity.keyIdentifier),
      octetString(device.keyIdentifier),
    ),
  );
  return crypto.hkdfSha256(await keyOf(place, 'confirm', crypto), transcript, names, 32);
}

/** What the two come to: HKDF of Z and a common secret, salted by what was said until then. */
export function handshakeSecret(
  shared: Uint8Array,
  common: Uint8Array,
  transcript: Uint8Array,
  crypto: CryptoProvider,
): MaybePromise<Uint8Array> {
  return crypto.hkdfSha256(concat(shared, common), transcript, toUtf8(LABEL), 32);
}
