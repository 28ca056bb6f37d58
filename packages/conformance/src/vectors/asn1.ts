/**
 * Small constructors of BER values for objects that are built around a published case. They stand on the bad peer's encoder and
 * share no code with the readers that judge the object.
 * @module
 */
import { oid } from '@stanzaseal/cms';
import { type BadPeerValue, badPeerValue, writeBadPeer } from '@stanzaseal/testkit';

/** A SEQUENCE. */
export function sequence(...inside: BadPeerValue[]): BadPeerValue {
  return badPeerValue(0x30, inside);
}

/** A SET. */
export function set(...inside: BadPeerValue[]): BadPeerValue {
  return badPeerValue(0x31, inside);
}

/** A constructed context-specific value. */
export function context(number: number, ...inside: BadPeerValue[]): BadPeerValue {
  return badPeerValue(0xa0 | number, inside);
}

/** A primitive context-specific value. */
export function contextOctets(number: number, content: Uint8Array): BadPeerValue {
  return badPeerValue(0x80 | number, content);
}

/** An OCTET STRING. */
export function octets(content: Uint8Array): BadPeerValue {
  return badPeerValue(0x04, content);
}

/** A BIT STRING without unused bits. */
export function bits(content: Uint8Array): BadPeerValue {
  return badPeerValue(0x03, Uint8Array.of(0, ...content));
}

/** An INTEGER of a small number. */
export function integer(value: number): BadPeerValue {
  const content: number[] = [];
  for (let rest = value; content.length === 0 || rest > 0; rest = Math.floor(rest / 256)) content.unshift(rest % 256);
  return badPeerValue(0x02, Uint8Array.from((content[0] as number) > 0x7f ? [0, ...content] : content));
}

/** NULL. */
export function nothing(): BadPeerValue {
  return badPeerValue(0x05, new Uint8Array(0));
}

/** An OBJECT IDENTIFIER in dotted form. */
export function identifier(dotted: string): BadPeerValue {
  return badPeerValue(0x06, oid(dotted));
}

/** An AlgorithmIdentifier. */
export function algorithm(dotted: string, ...parameters: BadPeerValue[]): BadPeerValue {
  return sequence(identifier(dotted), ...parameters);
}

/** The octets of a value. */
export function der(value: BadPeerValue): Uint8Array {
  return writeBadPeer(value);
}

/** A SubjectPublicKeyInfo in DER. */
export function publicKeyInfo(keyAlgorithm: BadPeerValue, subjectPublicKey: Uint8Array): Uint8Array {
  return der(sequence(keyAlgorithm, bits(subjectPublicKey)));
}

/** A PKCS#8 key in DER around a privateKey in DER. */
export function privateKeyInfo(keyAlgorithm: BadPeerValue, privateKey: Uint8Array): Uint8Array {
  return der(sequence(integer(0), keyAlgorithm, octets(privateKey)));
}
