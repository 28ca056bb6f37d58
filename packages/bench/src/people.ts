/**
 * People with messengers over memory stores, who know each other's keys.
 * @module
 */
import { type Base64, type CryptoProvider, decodeAuthEnvelopedData, fromBase64, OBJECT_LIMITS } from '@stanzaseal/cms';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Messenger, type Opened } from '@stanzaseal/messenger';
import { child, NS, readXml, textOf, writeXml, XML_LIMITS, type XmlElement } from '@stanzaseal/stanza';

/** What people are made with. */
export interface PersonOptions {
  readonly crypto: CryptoProvider;
  /** The system's clock where it is left out. */
  readonly clock?: () => number;
  /** Greatest length of an object in octets; the profile's where it is left out. */
  readonly objectOctets?: number;
}

/** A messenger of a new account. */
export async function person(owner: string, options: PersonOptions): Promise<Messenger> {
  const { crypto, clock = Date.now, objectOctets } = options;
  const store = await createKeyStore(createMemoryStorage(), await createAccount({ owner, random, clock, crypto }));
  const rules = objectOctets === undefined ? {} : { objectOctets };
  return createMessenger({ store, crypto, random, clock, onEvent: () => undefined, rules });
}

/** Gives what one published to the other. */
export async function introduce(who: Messenger, to: Messenger): Promise<void> {
  const { deviceList, prekeyBundle } = await who.publish();
  await to.importKeys([deviceList, prekeyBundle]);
}

/** Romeo and Juliet, who wrote to each other once, so that each answers on the other's reply prekey. */
export async function couple(options: PersonOptions): Promise<{ romeo: Messenger; juliet: Messenger }> {
  const romeo = await person('romeo@montague.example', options);
  const juliet = await person('juliet@capulet.example', options);
  await introduce(juliet, romeo);
  await introduce(romeo, juliet);
  await (await opened(juliet, await sealed(romeo, juliet.owner, message('turn')))).accept();
  await (await opened(romeo, await sealed(juliet, romeo.owner, message('turn')))).accept();
  return { romeo, juliet };
}

/** A chat message with a text, as XML. */
export function message(text: string): string {
  return `<message xmlns='jabber:client' type='chat' id='1'><body>${text}</body></message>`;
}

/** Seals a stanza, XML to XML. */
export async function sealed(from: Messenger, to: string, stanza: string): Promise<string> {
  return writeXml((await from.seal(readXml(stanza), { to })).stanza);
}

/** Opens a stanza, with base64 of the provider if that has any. */
export async function opened(by: Messenger, stanza: string, base64?: Base64): Promise<Opened> {
  const result = await by.open(readXml(stanza, XML_LIMITS, { base64 }));
  if (result.status !== 'opened') throw new Error(`stanza is ${result.status}`);
  return result;
}

/** DER of the object in a sealed stanza. */
export function objectIn(stanza: string): Uint8Array {
  return fromBase64(textOf(child(readXml(stanza), NS.SEALED, 'sealed') as XmlElement));
}

/** What a sealed stanza is padded to: the primitives have the same octets to work on. */
export function paddedTo(stanza: string): number {
  return decodeAuthEnvelopedData(objectIn(stanza), { ...OBJECT_LIMITS, octets: 2 ** 20 }).encryptedContent.length;
}
