/**
 * What is carried between an account's devices, as text: for a QR code, a file, a mail to oneself. Nothing of it is secret.
 *
 *     text    = "STANZASEAL:" kind ":" base32(payload || first 4 octets of SHA-256("stanzaseal/0 " kind || payload))
 *     kind    = "INVITATION" / "REQUEST" / "ADMISSION"
 *     base32  = RFC 4648 §6 without padding
 *
 * All characters are of the alphanumeric mode of QR codes, which holds them in 5.5 bits each. Readers ignore case, white space and hyphens.
 *
 *     Invitation ::= SEQUENCE { version INTEGER (0), owner BareJid, identity SubjectPublicKeyInfo }
 *     request      = DER of a SignedData over an Endorsement, signed by the device alone
 *     Admission  ::= SEQUENCE { version INTEGER (0), endorsement OCTET STRING, deviceList OCTET STRING }
 * @module
 */
import {
  type CryptoProvider,
  concat,
  DerReader,
  encodeDer,
  encoded,
  equal,
  exportPublicKey,
  integer,
  octetString,
  type PublicKey,
  publicKeyFromRaw,
  readPublicKey,
  sequence,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import { type Messenger, within } from '../messenger.js';
import { verifyError } from '../messengerError.js';
import { accountOf } from '../session.js';
import type { Admission } from './admitDevice.js';

/** What a text may carry. */
export type CarriedKind = 'invitation' | 'request' | 'admission';

/** What a text carries. Nothing of it is verified yet. */
export type CarriedText =
  /** Which account to join; its fingerprint is the key's identifier. */
  | { readonly kind: 'invitation'; readonly owner: string; readonly identity: PublicKey }
  /** A device that asks to be admitted. */
  | { readonly kind: 'request'; readonly request: Uint8Array }
  /** Its admission. */
  | { readonly kind: 'admission'; readonly admission: Admission };

/** The invitation of an account: who it is, for a device that is to join. */
export function encodeInvitation(messenger: Messenger): Promise<string> {
  return within(messenger, async (session) => {
    const { owner, identity } = await accountOf(session);
    const key = encoded(exportPublicKey({ algorithm: 'Ed25519', raw: identity }));
    return textOf('invitation', encodeDer(sequence(integer(0), utf8String(owner), key)), session.crypto);
  });
}

/** An admission request as text. */
export function encodeRequest(request: Uint8Array, crypto: CryptoProvider): Promise<string> {
  return textOf('request', request, crypto);
}

/** An admission as text. */
export function encodeAdmission({ endorsement, deviceList }: Admission, crypto: CryptoProvider): Promise<string> {
  const payload = encodeDer(sequence(integer(0), octetString(endorsement), octetString(deviceList)));
  return textOf('admission', payload, crypto);
}

/**
 * Reads any of the three.
 * @throws MessengerError `ERR_VERIFY` for another kind than expected, a slip of the pen, or what is nothing of the sort
 */
export async function decodeCarried<K extends CarriedKind>(
  text: string,
  kind: K,
  crypto: CryptoProvider,
): Promise<Extract<CarriedText, { readonly kind: K }>> {
  try {
    return (await carried(kind, await payloadOf(text, kind, crypto), crypto)) as Extract<
      CarriedText,
      { readonly kind: K }
    >;
  } catch (cause) {
    throw verifyError(cause);
  }
}

async function carried(kind: CarriedKind, payload: Uint8Array, crypto: CryptoProvider): Promise<CarriedText> {
  if (kind === 'request') return { kind, request: payload };
  const reader = new DerReader(payload);
  const inside = reader.sequence();
  reader.end();
  if (inside.integer() !== 0) throw new RangeError('another version');
  let found: CarriedText;
  if (kind === 'invitation') {
    const owner = inside.utf8String();
    const { algorithm, raw } = readPublicKey(inside);
    if (algorithm !== 'Ed25519' || bareJid(owner) !== owner) throw new RangeError('no account');
    found = { kind, owner, identity: await publicKeyFromRaw(algorithm, raw, crypto) };
  } else {
    found = { kind, admission: { endorsement: inside.octetString(), deviceList: inside.octetString() } };
  }
  inside.end();
  return found;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CHECK_LENGTH = 4;
/** A list of 64 devices takes some 20,000. */
const MAX_CHARACTERS = 65536;

async function textOf(kind: CarriedKind, payload: Uint8Array, crypto: CryptoProvider): Promise<string> {
  return headOf(kind) + toBase32(concat(payload, await checkOf(kind, payload, crypto)));
}

async function payloadOf(text: string, kind: CarriedKind, crypto: CryptoProvider): Promise<Uint8Array> {
  if (text.length > MAX_CHARACTERS) throw new RangeError('text is too long');
  const written = text.replace(/[\s-]/g, '');
  // Letters beyond ASCII become letters of it as capitals, such as the long s.
  if (!/^[!-~]*$/.test(written)) throw new RangeError('text has a character that is none of base32');
  const compact = written.toUpperCase();
  const head = headOf(kind);
  if (!compact.startsWith(head)) throw new RangeError('text is of another kind');
  const octets = fromBase32(compact.slice(head.length));
  const payload = octets.subarray(0, Math.max(0, octets.length - CHECK_LENGTH));
  if (!equal(octets.subarray(payload.length), await checkOf(kind, payload, crypto))) throw new RangeError('a slip');
  return payload;
}

function headOf(kind: CarriedKind): string {
  return `STANZASEAL:${kind.toUpperCase()}:`;
}

async function checkOf(kind: CarriedKind, payload: Uint8Array, crypto: CryptoProvider): Promise<Uint8Array> {
  const digest = await crypto.sha256(concat(toUtf8(`stanzaseal/0 ${kind.toUpperCase()}`), payload));
  return digest.subarray(0, CHECK_LENGTH);
}

function toBase32(octets: Uint8Array): string {
  let [text, value, bits] = ['', 0, 0];
  for (const octet of octets) {
    value = ((value << 8) | octet) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

/** One text for one payload: unused bits are zero, and there are no more of them than there must be (RFC 4648 §3.5). */
function fromBase32(text: string): Uint8Array {
  const octets = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [at, value, bits] = [0, 0, 0];
  for (const symbol of text) {
    const index = ALPHABET.indexOf(symbol);
    if (index < 0) throw new RangeError('text has a character that is none of base32');
    value = ((value << 5) | index) & 0xfff;
    bits += 5;
    if (bits >= 8) octets[at++] = (value >> (bits -= 8)) & 0xff;
  }
  if (bits >= 5 || (value & ((1 << bits) - 1)) !== 0) throw new RangeError('text is cut');
  return octets;
}
