// Whatever is wrong, opening fails with one class, one code and one message; nothing is stored, no event betrays a reason, and
// where a key is not needed to see that it is wrong, none is used (C13, G1, G6).
import { decodeClearContext, encodeClearContext, generatePrivateKey, ID_CT_DEVICE_LIST } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { MessengerError } from '@stanzaseal/messenger';
import { element, NS, withAttributes, withChildren, type XmlElement } from '@stanzaseal/stanza';
import {
  at,
  carrying,
  changed,
  childrenOf,
  countedProvider,
  createPair,
  createPerson,
  deviceOf,
  encryptSigned,
  flippedAt,
  introduce,
  objectIn,
  opens,
  parseBadPeer,
  restart,
  SEALED_PATH,
  SIGNED_PATH,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
  unusedPrekeyOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('uniform failure');
const { crypto, counts, reset } = countedProvider(createCryptoProvider());
const [romeo, juliet] = await createPair('uniform', {}, crypto);
await tell(romeo, juliet, 'one');
const paris = await createPerson('paris@verona.example', romeo.world);
await introduce(paris, romeo);
const good = await say(romeo, juliet, 'two');
const flipped = (path: readonly number[]): XmlElement => flippedAt(good, path);
const contextIndex = childrenOf(at(parseBadPeer(objectIn(good)), ...SEALED_PATH.authAttrs)).findIndex(
  (one) => at(one, 1, 0).tag === 0x30,
);
const forged = async (changes: Parameters<typeof sealBadlyFrom>[2]): Promise<XmlElement> =>
  (await sealBadlyFrom(romeo, juliet, changes)).stanza;
const otherKey = (await generatePrivateKey('X25519', romeo.world.random, crypto)).publicKey;

/** Causes that anybody sees: no key is used at all. */
const withoutKey: Record<string, XmlElement> = {
  'no object': withChildren(good, []),
  'two objects': withChildren(good, [...good.children, ...good.children]),
  'text that is no base64': withChildren(good, [element(NS.SEALED, 'sealed', {}, ['?'])]),
  'octets that are no object': carrying(good, new Uint8Array(500)),
  'an object cut short': carrying(good, objectIn(good).subarray(0, -1)),
  'G6: an object that holds itself': withChildren(good, [
    withChildren(good.children[0] as XmlElement, [good.children[0] as XmlElement]),
  ]),
  'another sender outside': withAttributes(good, { from: paris.jid }),
  'another recipient outside': withAttributes(good, { to: paris.jid }),
  'another type': withAttributes(good, { type: 'normal' }),
  'another kind': { ...good, name: 'presence' },
  'G1: not for this device': withAttributes(await say(romeo, paris, 'for Paris'), { to: undefined }),
  'for this address and another key': await forged({
    recipients: [{ prekey: otherKey, deviceKey: await deviceOf(juliet), class: 'one-time' }],
  }),
  'another message id in the context': flipped([...SEALED_PATH.authAttrs, contextIndex, 1, 0, 6]),
  'another ukm': flipped(SEALED_PATH.ukm),
  'a recipient more': carrying(
    good,
    changed(objectIn(good), (root) => {
      const list = childrenOf(at(root, ...SEALED_PATH.recipientEncryptedKeys));
      const copy = structuredClone(list[0] as (typeof list)[0]);
      at(copy, 0, 0).content = otherKey.keyIdentifier;
      list.push(copy);
    }),
  ),
};

/** Causes that show only when a key is used. */
const withKey: Record<string, XmlElement> = {
  'another wrapped key': flipped([...SEALED_PATH.recipientEncryptedKeys, 0, 1]),
  'another ciphertext': flipped(SEALED_PATH.encryptedContent),
  'another mac': flipped(SEALED_PATH.mac),
  'another signature': await forged({
    changeSigned: (der) => changed(der, (root) => void bend(at(root, ...SIGNED_PATH.signature.slice(2)))),
  }),
  'other content than was signed': await forged({
    changeSigned: (der) => changed(der, (root) => void bend(at(root, ...SIGNED_PATH.eContent.slice(2)))),
  }),
  'signed by somebody else': await forged({ device: await paris.store.deviceKey(crypto) }),
  'signed as another thing': await forged({ contentType: ID_CT_DEVICE_LIST }),
  'a ghost': await forged({
    changeRecipients: (list) => [...list, { ...(list[0] as (typeof list)[0]), rKeyId: new Uint8Array(32).fill(1) }],
  }),
  'paired with another device': await forged({
    changeRecipients: (list) => list.map((one) => ({ ...one, deviceKey: new Uint8Array(32) })),
  }),
  'no recipients': await forged({ changeAttributes: (list) => list.filter((_, i) => i !== 1) }),
  'an unknown stranger': (await sealBadlyFrom(paris, juliet, { changeAttributes: (list) => list.slice(0, 3) })).stanza,
  'XML that is none': await forged({ changeEnvelope: (xml) => xml.slice(0, -1) }),
  'another affix': await forged({
    changeEnvelope: (xml) => xml.replace(`<from jid="${romeo.jid}"`, `<from jid="${paris.jid}"`),
  }),
  'a stanza in the stanza': await forged({ content: [element(NS.CLIENT, 'message')] }),
  'another context inside': await rewrapped(),
};

function bend(value: { content: unknown }): void {
  const octets = (value.content as Uint8Array).slice();
  octets[octets.length >> 1] = (octets[octets.length >> 1] as number) ^ 1;
  value.content = octets;
}

/** The signed words of one message under the clear context of another. */
async function rewrapped(): Promise<XmlElement> {
  const { signed, stanza, clearContext } = await sealBadlyFrom(romeo, juliet);
  const context = encodeClearContext({ ...decodeClearContext(clearContext), messageId: new Uint8Array(16).fill(9) });
  return carrying(
    stanza,
    await encryptSigned(signed, context, [await unusedPrekeyOf(juliet)], romeo.world.random, crypto),
  );
}

for (const [name, stanza] of [...Object.entries(withoutKey), ...Object.entries(withKey)]) {
  test(name, async () => {
    const before = await snapshot(juliet);
    const events = juliet.events.length;
    reset();
    const error = await juliet.messenger.open(stanza).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    assert.instance(error, MessengerError);
    const { code, message, name: className } = error as MessengerError;
    assert.equal([className, code, message], ['MessengerError', 'ERR_OPEN', 'stanza is not for us, or damaged']);
    assert.equal(Object.keys(error as object).sort(), ['code', 'name'], 'nothing that one logs tells more');
    assert.is(await snapshot(juliet), before);
    assert.is(juliet.events.length, events);
    if (name in withoutKey) assert.equal([counts.agree, counts.verify, counts.decryptAesGcm], [0, 0, 0]);
    else assert.is(counts.agree, 1, 'and otherwise one is used, once');
  });
}

test('the stanza that all of these were made of opens, before and after a restart', async () => {
  await opens(juliet, good);
  await restart(juliet);
  await opens(juliet, good);
  await opens(juliet, await forged({}));
});

test('what is not for us is refused in the same way however many recipients it has', async () => {
  const recipients = [];
  for (let i = 0; i < 100; i++) {
    const { publicKey } = await generatePrivateKey('X25519', romeo.world.random, crypto);
    recipients.push({ prekey: publicKey, deviceKey: publicKey.keyIdentifier, class: 'one-time' as const });
  }
  const stanza = await forged({ recipients: recipients as never });
  reset();
  assert.is(
    await juliet.messenger.open(stanza).then(
      ({ status }) => status,
      ({ code }) => code,
    ),
    'ERR_OPEN',
  );
  assert.is(counts.agree, 0);
});

test.run();
