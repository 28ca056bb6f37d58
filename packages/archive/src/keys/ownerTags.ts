/**
 * Keyed tags: what rows are found by without saying what it is. HMAC-SHA-256 under a secret of the keys database, so that nobody with
 * the contents alone confirms a guess (K15), and nobody at all once the secret was destroyed.
 * @module
 */
import { createHmac } from 'node:crypto';
import { toHex, toUtf8 } from '@stanzaseal/cms';
import { octetsOf } from '../evidence/sha256.js';

/** Length of a tag in octets. */
export const TAG_LENGTH = 16;

/** What a tag is of; two of one text and different uses have nothing in common. */
export const TAG_USES = { stanzaId: 1, stanza: 2, peer: 3, resource: 4, recipientKey: 5 } as const;

/** Most numbers that are remembered. */
const REMEMBERED = 4096;

/** Tags under one secret. */
export class Tags {
  readonly #secret: Uint8Array;
  readonly #numbers = new Map<string, number>();

  /** @param secret 32 octets */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** 16 octets. */
  tag(use: keyof typeof TAG_USES, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
    const hmac = createHmac('sha256', this.#secret);
    let text = String.fromCharCode(TAG_USES[use]);
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      hmac.update(text).update(part);
      text = '';
    }
    if (text !== '') hmac.update(text);
    return octetsOf(hmac.digest('binary'), TAG_LENGTH);
  }

  /** The tag as hexadecimal digits. */
  text(use: keyof typeof TAG_USES, value: string): string {
    return toHex(this.tag(use, toUtf8(value)));
  }

  /** The first 48 bits of the tag. The last ones are remembered: who writes twice writes to the same keys. */
  number(use: keyof typeof TAG_USES, value: Uint8Array): number {
    const name = `${use} ${Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')}`;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#numbers.size >= REMEMBERED) this.#numbers.clear();
    const number = this.#number(use, value);
    this.#numbers.set(name, number);
    return number;
  }

  #number(use: keyof typeof TAG_USES, value: Uint8Array): number {
    const tag = this.tag(use, value);
    return new DataView(tag.buffer).getUint16(0) * 2 ** 32 + new DataView(tag.buffer).getUint32(2);
  }
}
