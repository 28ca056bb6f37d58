// The attack list on sealed stanzas, each case by its id. The bad peer signs and encrypts honestly what it changed.
import {
  attribute as cmsAttribute,
  compare,
  concat,
  encodeClearContext,
  encoded,
  findAttribute,
  generatePrivateKey,
  ID_AA_PRIVATE_CONTEXT,
  ID_AA_RECIPIENTS,
  ID_AA_REPLY_PREKEY,
  ID_CT_DEVICE_LIST,
  ID_DATA,
  octetString,
  type Recipient,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import { decrypt, readObject, recipientsDigest } from '@stanzaseal/envelope';
import { readSignedData, sign } from '@stanzaseal/signer';
import {
  agreementKeys,
  at,
  type BadPeerValue,
  carrying,
  changed,
  countedProvider,
  encryptSigned,
  objectIn,
  SEALED_PATH,
  SIGNED_PATH,
  sealBadly,
  childrenOf as valuesOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  attribute,
  bareJid,
  child,
  element,
  NS,
  readSealedStanza,
  type SealRecipient,
  textOf,
  withAttributes,
  withChildren,
  type XmlElement,
} from '../src/index.js';
import {
  bad,
  crypto,
  juliet,
  NOW,
  type Opening,
  open,
  paris,
  party,
  ROOM,
  random,
  read,
  recipient,
  refused,
  romeo,
  seal,
} from './parties.js';

const test = suite('attacks on sealed stanzas');
const message = element(NS.CLIENT, 'message', { type: 'chat', id: 'm1' }, [element(NS.CLIENT, 'body', {}, ['Ay me!'])]);
const grouped = withAttributes(message, { type: 'groupchat' });
const occupant = (seat: string): string | undefined =>
  ({ [`${ROOM}/romeo`]: romeo.jid, [`${ROOM}/paris`]: paris.jid })[seat];

/** The signed data that a recipient finds inside, with what it takes to encrypt it again. */
async function inside(stanza: XmlElement, as = juliet): Promise<{ signed: Uint8Array; clearContext: Uint8Array }> {
  const object = await readObject(objectIn(stanza), { crypto });
  const { content } = await decrypt(object, { keys: await agreementKeys([as.prekey], crypto), crypto });
  return { signed: content, clearContext: object.clearContext?.der as Uint8Array };
}

function sealedIn(stanza: XmlElement): XmlElement {
  return child(stanza, NS.SEALED, 'sealed') as XmlElement;
}

/** The stanza with its object changed by the bad peer's encoder. */
function withObject(stanza: XmlElement, change: (root: BadPeerValue) => void): XmlElement {
  return carrying(stanza, changed(objectIn(stanza), change));
}

async function allRefused(cases: Readonly<Record<string, XmlElement>>, opening?: Opening): Promise<void> {
  for (const [name, stanza] of Object.entries(cases)) assert.is(await refused(stanza, opening), 'ERR_OPEN', name);
}

test('H4: exactly one object, a direct child, bare, its text canonical base64', async () => {
  const { stanza } = await seal(message);
  const sealed = sealedIn(stanza);
  const text = textOf(sealed);
  const other = sealedIn((await seal(message)).stanza);
  const withSealed = (...nodes: XmlElement[]): XmlElement => withChildren(stanza, nodes);
  assert.is(await refused(stanza), 'opened');
  await allRefused({
    two: withSealed(sealed, other),
    'the same twice': withSealed(sealed, sealed),
    none: withSealed(),
    nested: withSealed(withChildren(sealed, [sealed])),
    'in a child': withSealed(element('urn:example', 'wrapper', {}, [sealed])),
    'in a forwarded stanza': withSealed(element(NS.FORWARD, 'forwarded', {}, [stanza])),
    attribute: withSealed(withAttributes(sealed, { id: '1' })),
    'attribute with a namespace': withSealed({
      ...sealed,
      attributes: [{ namespace: NS.XML, name: 'lang', value: 'en' }],
    }),
    'another namespace': withSealed({ ...sealed, namespace: 'urn:xmpp:sealed:1' }),
    'another name': withSealed({ ...sealed, name: 'Sealed' }),
    empty: withSealed(withChildren(sealed, [])),
    'text in two parts': withSealed(withChildren(sealed, [text.slice(0, 100), text.slice(100)])),
    'an element in the text': withSealed(withChildren(sealed, [text, element('urn:example', 'x')])),
    'line feed at the end': withSealed(withChildren(sealed, [`${text}\n`])),
    'line feed inside': withSealed(withChildren(sealed, [`${text.slice(0, 76)}\n${text.slice(76)}`])),
    'base64url alphabet': withSealed(withChildren(sealed, [text.replace(/[+/]/, '-')])),
    'trailing octets': carrying(stanza, concat(objectIn(stanza), new Uint8Array(1))),
  });
  await allRefused({
    iq: { ...stanza, name: 'iq' },
    presence: { ...stanza, name: 'presence' },
    unknown: { ...stanza, name: 'note' },
  });
});

test('H4: unused bits and padding in base64 are canonical', async () => {
  // As many recipients as it takes for a length that base64 has to pad.
  const three = [recipient(juliet), recipient(paris), recipient(romeo)] as const;
  const texts = await Promise.all(
    [1, 2, 3].map(async (count) => seal(message, { recipients: three.slice(0, count) as never })),
  );
  const { stanza } = texts.find(({ object }) => object.length % 3 !== 0) as (typeof texts)[0];
  const text = textOf(sealedIn(stanza));
  assert.match(text, /=$/);
  const last = text.replace(/=+$/, '').slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bent = alphabet[alphabet.indexOf(last) ^ 1] as string;
  const put = (other: string): XmlElement => withChildren(stanza, [element(NS.SEALED, 'sealed', {}, [other])]);
  await allRefused({
    'unused bits': put(text.replace(/.(=+)$/, `${bent}$1`)),
    'no padding': put(text.replace(/=+$/, '')),
    'more padding': put(`${text}=`),
  });
});

test('H16: an object beyond the limit is refused by its length', async () => {
  const { stanza, object } = await seal(message);
  const reading = (octets: number) =>
    readSealedStanza(stanza, { own: juliet.jid, crypto, limits: { octets, depth: 16, recipients: 512 } }).then(
      () => 'read',
      ({ code }) => code,
    );
  assert.is(await reading(object.length), 'read');
  assert.is(await reading(object.length - 1), 'ERR_OPEN');
  assert.is(await reading(100), 'ERR_OPEN');
});

test('C1, T04: signed words for Juliet do not open for Paris, however wrapped', async () => {
  const { stanza } = await seal(message);
  const { signed, clearContext } = await inside(stanza);
  const forParis = (outer: Record<string, string> = {}): XmlElement =>
    withAttributes(stanza, { to: paris.jid, ...outer });
  const toParis = await recipientsDigest([paris.prekey.publicKey.keyIdentifier], crypto);
  const { context } = await read(stanza);
  const readdressed = encodeClearContext({ ...context, to: paris.jid, recipientsDigest: toParis });
  const rewrapped = encodeClearContext({ ...context, recipientsDigest: toParis });
  const one = [paris.prekey.publicKey];
  // The same octets, shown to Paris; Juliet's words in a new object addressed to him; the same in one still addressed to her.
  await allRefused(
    {
      'the same object': forParis(),
      'a new object for Paris': carrying(forParis(), await encryptSigned(signed, readdressed, one, random, crypto)),
      'a new object for Juliet': carrying(stanza, await encryptSigned(signed, rewrapped, one, random, crypto)),
      'a new object for Juliet, shown to Paris': carrying(
        forParis(),
        await encryptSigned(signed, rewrapped, one, random, crypto),
      ),
      'key of Paris in the place of hers': withObject(forParis(), (root) => {
        at(root, ...SEALED_PATH.recipientEncryptedKeys, 0, 0, 0).content = paris.prekey.publicKey.keyIdentifier;
      }),
    },
    { as: paris },
  );
  assert.is(
    await refused(
      carrying(stanza, await encryptSigned(signed, clearContext, [juliet.prekey.publicKey], random, crypto)),
    ),
    'opened',
  );
});

test('C3: outer addresses agree with the signed ones, resources do not matter', async () => {
  const { stanza } = await seal(message);
  await allRefused({
    'from somebody else': withAttributes(stanza, { from: paris.jid }),
    'to somebody else': withAttributes(stanza, { to: paris.jid }),
    'no from': withAttributes(stanza, { from: undefined }),
    'no address': withAttributes(stanza, { from: '@' }),
    'both exchanged': withAttributes(stanza, { from: juliet.jid, to: romeo.jid }),
    'from the server': withAttributes(stanza, { from: 'montague.example' }),
  });
  for (const outer of [
    { from: `${romeo.jid}/orchard`, to: `${juliet.jid}/balcony` },
    { from: 'ROMEO@Montague.Example', to: undefined },
    { from: `${romeo.jid.replace('.example', '.example.')}` },
  ]) {
    assert.is(bareJid(outer.from), romeo.jid);
    assert.is(await refused(withAttributes(stanza, outer)), 'opened', JSON.stringify(outer));
  }
});

test('C3: signed addresses that are no own one, or not normalised, do not open', async () => {
  for (const addresses of [
    { to: paris.jid },
    { from: paris.jid },
    { from: 'Romeo@montague.example' },
    { to: `${juliet.jid}/balcony` },
  ]) {
    const { stanza } = await sealBadly(bad({ ...addresses, outer: { from: romeo.jid, to: juliet.jid } }));
    assert.is(await refused(stanza), 'ERR_OPEN', JSON.stringify(addresses));
  }
});

test('C8: an own object does not come back as somebody else’s', async () => {
  const { stanza } = await seal(message, { recipients: [recipient(juliet), recipient(romeo)] });
  const asRomeo = { as: romeo };
  await allRefused(
    {
      'from Juliet': withAttributes(stanza, { from: juliet.jid, to: romeo.jid }),
      'from Juliet to nobody': withAttributes(stanza, { from: juliet.jid, to: undefined }),
      'from oneself to oneself': withAttributes(stanza, { to: romeo.jid }),
    },
    asRomeo,
  );
  assert.is(await refused(stanza, asRomeo), 'opened', 'as the carbon of what was sent it opens');
});

test('C9: another type or kind outside is refused, another id is not believed', async () => {
  const { stanza } = await seal(message);
  for (const type of ['normal', 'groupchat', 'headline', 'error', '', 'Chat', undefined]) {
    assert.is(await refused(withAttributes(stanza, { type }), { occupant }), 'ERR_OPEN', type ?? 'none');
  }
  assert.is(await refused(withAttributes({ ...stanza, name: 'presence' }, { type: 'chat' })), 'ERR_OPEN');
  const opened = await open(withAttributes(stanza, { id: 'forged' }));
  assert.is(attribute(opened.stanza, 'id'), 'm1');
  assert.is(toHex(opened.messageId), attribute(stanza, 'id'));
  const { stanza: normal } = await seal(withAttributes(message, { type: undefined }));
  assert.is(
    await refused(withAttributes(normal, { type: 'normal' })),
    'opened',
    'normal is the type of a message without',
  );
});

test('C9: a forged delay, thread or subject outside is not shown', async () => {
  const { stanza } = await seal(message);
  const delay = element(NS.DELAY, 'delay', { stamp: '2004-10-01T00:00:00Z' });
  const thread = element(NS.CLIENT, 'thread', {}, ['another']);
  const opened = await open(withChildren(stanza, [delay, thread, ...stanza.children]));
  assert.equal(opened.stanza.children, message.children);
  assert.is(opened.time, NOW);
});

test('C10: what was said in one room does not open in another with the same people', async () => {
  const { stanza } = await seal(grouped, { to: ROOM });
  const seat = (room: string): XmlElement => withAttributes(stanza, { from: `${room}/romeo`, to: juliet.jid });
  const inEither = (jid: string): string | undefined => (jid.endsWith('/romeo') ? romeo.jid : undefined);
  assert.is(await refused(seat(ROOM), { occupant: inEither }), 'opened');
  assert.is(await refused(seat('tomb@chat.shakespeare.example'), { occupant: inEither }), 'ERR_OPEN');
  assert.is(await refused(withAttributes(seat(ROOM), { type: 'chat' }), { occupant: inEither }), 'ERR_OPEN');
});

test('T05: in a room the occupant’s real address is compared, by the roster that the caller has', async () => {
  const { stanza } = await seal(grouped, { to: ROOM });
  const from = (seat: string): XmlElement => withAttributes(stanza, { from: `${ROOM}/${seat}`, to: juliet.jid });
  assert.is((await open(from('romeo'), { occupant })).from, romeo.jid);
  assert.is(await refused(from('paris'), { occupant }), 'ERR_OPEN', 'the seat is of somebody else');
  assert.is(await refused(from('nobody'), { occupant }), 'ERR_OPEN', 'nobody knows the seat');
  assert.is(await refused(from('romeo')), 'ERR_OPEN', 'there is no roster');
  assert.is(
    await refused(withAttributes(stanza, { from: romeo.jid, to: juliet.jid }), { occupant }),
    'ERR_OPEN',
    'not by the room',
  );
});

test('T02: the element is called sealed, in one namespace', async () => {
  const { stanza } = await seal(message);
  const sealed = sealedIn(stanza);
  assert.equal([sealed.namespace, sealed.name, attribute(stanza, 'id')?.length], ['urn:xmpp:sealed:0', 'sealed', 32]);
  for (const [namespace, name] of [
    ['urn:xmpp:sealed', 'sealed'],
    ['urn:xmpp:sealed:0', 'seal'],
    ['URN:XMPP:SEALED:0', 'sealed'],
  ] as const) {
    assert.is(await refused(withChildren(stanza, [{ ...sealed, namespace, name }])), 'ERR_OPEN');
  }
});

test('T03: what waited 30 days or ten years opens: no clock is asked', async () => {
  for (const age of [30 * 86_400_000, 3653 * 86_400_000]) {
    const { stanza } = await seal(message, { now: NOW - age });
    assert.is((await open(stanza)).time, NOW - age);
  }
});

test('T06: a character shifted from one field to the next is another context', async () => {
  const { stanza } = await seal(message);
  const { context } = await read(stanza);
  const shifted = { ...context, from: romeo.jid.slice(0, -1), to: `e${juliet.jid}` };
  assert.is(context.from + context.to, shifted.from + shifted.to);
  assert.not.equal(encodeClearContext(shifted), encodeClearContext(context));
  const moved = withObject(stanza, (root) => {
    for (const value of valuesOf(at(root, ...SEALED_PATH.authAttrs))) {
      const [, values] = valuesOf(value) as [BadPeerValue, BadPeerValue];
      const inner = at(values, 0);
      if (inner.tag !== 0x30) continue;
      at(inner, 4).content = toUtf8(shifted.from);
      at(inner, 5).content = toUtf8(shifted.to);
    }
  });
  assert.is(await refused(withAttributes(moved, { from: shifted.from, to: shifted.to })), 'ERR_OPEN');
  assert.is(
    await refused(withAttributes(moved, { from: shifted.from, to: shifted.to }), {
      as: { ...juliet, jid: shifted.to },
    }),
    'ERR_OPEN',
  );
});

test('an error stanza is never opened, whatever was sealed for it', async () => {
  for (const kind of ['message', 'iq', 'presence'] as const) {
    assert.is(await refused((await sealBadly(bad({ kind, type: 'error' }))).stanza), 'ERR_OPEN', kind);
  }
});

test('T14: a wrapper says nothing: carbons and archive results are not stanzas with an object', async () => {
  const { stanza } = await seal(message);
  const forwarded = element(NS.FORWARD, 'forwarded', {}, [stanza]);
  for (const wrapper of [
    element(NS.CARBONS, 'received', {}, [forwarded]),
    element(NS.CARBONS, 'sent', {}, [forwarded]),
    element(NS.MAM, 'result', { queryid: '1', id: '2' }, [forwarded]),
  ]) {
    const carbon = element(NS.CLIENT, 'message', { type: 'chat', from: juliet.jid, to: juliet.jid }, [wrapper]);
    assert.is(await refused(carbon), 'ERR_OPEN');
  }
  // Taken out of its wrapper it is judged by what is signed in it.
  assert.is(await refused(stanza), 'opened');
  assert.is(await refused(withAttributes(stanza, { from: juliet.jid })), 'ERR_OPEN');
});

test('T17: the content encryption is fixed, another identifier is refused', async () => {
  const { stanza } = await seal(message);
  const aes = (last: number): Uint8Array => Uint8Array.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, last);
  for (const [name, last] of [
    ['AES-256-CBC', 42],
    ['AES-128-GCM', 6],
    ['AES-256-CCM', 47],
  ] as const) {
    const edited = withObject(stanza, (root) => {
      at(root, ...SEALED_PATH.innerAlgorithm, 0).content = aes(last);
    });
    assert.is(await refused(edited), 'ERR_OPEN', name);
  }
  const unwrapped = withObject(stanza, (root) => {
    valuesOf(at(root, ...SEALED_PATH.encryptedContentInfo))[1] = at(root, ...SEALED_PATH.innerAlgorithm);
  });
  assert.is(await refused(unwrapped), 'ERR_OPEN', 'without RFC 9709');
});

test('T23: the outer namespace is that of clients or of servers', async () => {
  const { stanza } = await seal(message);
  assert.is(await refused({ ...stanza, namespace: NS.SERVER }), 'opened');
  assert.is(await refused({ ...stanza, namespace: 'jabber:component:accept' }), 'ERR_OPEN');
});

test('T24: what EME says is of no consequence', async () => {
  const { stanza } = await seal(message);
  const sealed = sealedIn(stanza);
  for (const eme of [
    [],
    [element(NS.EME, 'encryption', { namespace: 'eu.siacs.conversations.axolotl', name: 'OMEMO' })],
    [element(NS.EME, 'encryption', { namespace: 'urn:xmpp:sealed:0', name: '<b>verified</b>' })],
    [element(NS.EME, 'encryption'), element(NS.EME, 'encryption')],
  ]) {
    assert.equal((await open(withChildren(stanza, [...eme, sealed]))).stanza.children, message.children);
  }
});

test('D3: a recipient dropped, added or doubled on the wire is refused before any key is used', async () => {
  const { stanza } = await seal(message, { recipients: [recipient(juliet), recipient(romeo)] });
  const { crypto: counted, counts } = countedProvider(crypto);
  const stranger = (await generatePrivateKey('X25519', random, crypto)).publicKey.keyIdentifier;
  const withList = (change: (list: BadPeerValue[]) => void): XmlElement =>
    withObject(stanza, (root) => change(valuesOf(at(root, ...SEALED_PATH.recipientEncryptedKeys))));
  await allRefused(
    {
      dropped: withList((list) => void list.pop()),
      doubled: withList((list) => void list.push(list[0] as BadPeerValue)),
      added: withList((list) => {
        const copy = structuredClone(list[0] as BadPeerValue);
        at(copy, 0, 0).content = stranger;
        list.push(copy);
      }),
      exchanged: withList((list) => {
        at(list[1] as BadPeerValue, 0, 0).content = stranger;
      }),
    },
    { crypto: counted },
  );
  assert.is(counts.agree, 0);
  assert.is(counts.verify, 0);
});

test('D3: a ghost whom the sender did not sign is refused, also by who holds the sender’s word', async () => {
  // One whose key stands before Juliet's in order, and one whose key stands behind it.
  const before = await ghostWhere((order) => order < 0);
  const behind = await ghostWhere((order) => order > 0);
  for (const ghost of [before, behind]) {
    const { keyIdentifier } = ghost.prekey;
    const recipients: [SealRecipient, SealRecipient] = [recipient(juliet), ghost];
    const isGhost = ({ rKeyId }: Recipient): boolean => compare(rKeyId, keyIdentifier) === 0;
    const changes: Record<string, (list: Recipient[]) => Recipient[]> = {
      'on the wire and in the digest alone': (list) => list.filter((one) => !isGhost(one)),
      'one for another': (list) => list.map((one) => (isGhost(one) ? { ...one, rKeyId: random(32) } : one)),
    };
    for (const [name, changeRecipients] of Object.entries(changes)) {
      assert.is(await refused((await sealBadly(bad({ recipients, changeRecipients }))).stanza), 'ERR_OPEN', name);
    }
    const ghostly = { rKeyId: keyIdentifier, deviceKey: ghost.deviceKey, class: ghost.class };
    const { stanza: signedAlone } = await sealBadly(bad({ changeRecipients: (list) => [...list, ghostly] }));
    assert.is(await refused(signedAlone), 'ERR_OPEN', 'signed and not on the wire');
    assert.is(await refused((await sealBadly(bad({ recipients }))).stanza), 'opened');
  }
});

async function ghostWhere(fits: (order: number) => boolean): Promise<SealRecipient> {
  for (;;) {
    const ghost = recipient(await party('ghost@verona.example'));
    if (fits(compare(ghost.prekey.keyIdentifier, juliet.prekey.publicKey.keyIdentifier))) return ghost;
  }
}

test('D3, D7: the order of recipients on the wire has no effect', async () => {
  for (const recipients of [
    [recipient(juliet), recipient(paris)],
    [recipient(paris), recipient(juliet)],
  ] as const) {
    const { stanza } = await sealBadly(bad({ recipients: [...recipients] as never }));
    const opened = await open(stanza);
    const ids = opened.recipients.map(({ rKeyId }) => rKeyId);
    assert.equal(ids, [...ids].sort(compare));
  }
});

test('the pairing check: an own prekey that is signed as another device’s is refused', async () => {
  const paired = (deviceKey: Uint8Array) =>
    sealBadly(bad({ changeRecipients: (list) => list.map((one) => ({ ...one, deviceKey })) }));
  assert.is(await refused((await paired(juliet.device.publicKey.keyIdentifier)).stanza), 'opened');
  assert.is(await refused((await paired(paris.device.publicKey.keyIdentifier)).stanza), 'ERR_OPEN');
  assert.is(await refused((await paired(juliet.prekey.publicKey.keyIdentifier)).stanza), 'ERR_OPEN');
});

test('D4: a co-recipient who encrypts other words under the same keys is refused', async () => {
  const { stanza } = await seal(message, { recipients: [recipient(juliet), recipient(paris)] });
  const { signed, clearContext } = await inside(stanza, paris);
  const keys = [juliet.prekey.publicKey, paris.prekey.publicKey];
  const again = async (content: Uint8Array): Promise<XmlElement> =>
    carrying(stanza, await encryptSigned(content, clearContext, keys, random, crypto));
  const other = changed(signed, (root) => {
    const content = at(root, ...SIGNED_PATH.eContent.slice(2));
    content.content = toUtf8(new TextDecoder().decode(content.content as Uint8Array).replace('Ay me!', 'Ay us!'));
  });
  assert.is(await refused(await again(other)), 'ERR_OPEN');
  // The sender's attributes under one's own signature: another device, whatever it says of itself.
  const { signerInfos, content, contentType } = readSignedData(signed, undefined, 'SignedData');
  const signedAttrs = [ID_AA_PRIVATE_CONTEXT, ID_AA_RECIPIENTS, ID_AA_REPLY_PREKEY].map((type) =>
    cmsAttribute(type, encoded(findAttribute(signerInfos[0]?.signedAttrs ?? [], type) as Uint8Array)),
  );
  const resigned = await sign(content as Uint8Array, {
    signers: [paris.device],
    contentType,
    form: 'SignedData',
    signingTime: NOW,
    signedAttrs,
    crypto,
  });
  assert.is(await refused(await again(resigned.der)), 'ERR_OPEN');
  assert.is(
    await refused(await again(resigned.der), { signer: paris.device.publicKey }),
    'ERR_OPEN',
    'also where Paris is known',
  );
  // The same words again are the same message: nobody can tell, and the replay memory takes it for what it is.
  const [first, second] = [await open(stanza), await open(await again(signed))];
  assert.equal([first.device, first.messageId], [second.device, second.messageId]);
  assert.not.equal((await read(stanza)).digest, (await read(await again(signed))).digest);
});

test('C2, C4: the key that is believed must have signed, and no other is tried', async () => {
  const { stanza } = await seal(message);
  assert.is(await refused(stanza, { signer: paris.device.publicKey }), 'ERR_OPEN');
  const { keyIdentifier } = romeo.device.publicKey;
  assert.is(
    await refused(stanza, { signer: { ...paris.device.publicKey, keyIdentifier } }),
    'ERR_OPEN',
    'found by the right name, another key',
  );
  const { stanza: asRomeo } = await sealBadly(bad({ device: paris.device, context: { senderDevice: keyIdentifier } }));
  assert.is(
    await refused(asRomeo, { signer: paris.device.publicKey }),
    'ERR_OPEN',
    'device of the context is not who signed',
  );
});

test('the signed attributes are those of the profile, each once', async () => {
  const without = async (index: number): Promise<XmlElement> =>
    (await sealBadly(bad({ changeAttributes: (list) => list.filter((_, i) => i !== index) }))).stanza;
  const extra = cmsAttribute(ID_CT_DEVICE_LIST, octetString(new Uint8Array(4)));
  await allRefused({
    'no private context': await without(0),
    'no recipients': await without(1),
    'no reply prekey': await without(2),
    'one more': (await sealBadly(bad({ changeAttributes: (list) => [...list, extra] }))).stanza,
    'another clear context': (await sealBadly(bad({ context: { clearContext: new Uint8Array(64) } }))).stanza,
  });
  const { stanza, clearContext } = await sealBadly(bad());
  const { context } = await read(stanza);
  const other = encodeClearContext({ ...context, messageId: random(16) });
  assert.not.equal(other, clearContext);
  assert.is(
    await refused((await sealBadly(bad({ context: { clearContext: other } }))).stanza),
    'ERR_OPEN',
    'a context of another message',
  );
});

test('what is signed is a stanza and signed once', async () => {
  const { signed, clearContext, stanza } = await sealBadly(bad());
  const again = async (content: Uint8Array): Promise<XmlElement> =>
    carrying(stanza, await encryptSigned(content, clearContext, [juliet.prekey.publicKey], random, crypto));
  await allRefused({
    'signed as something else': (await sealBadly(bad({ contentType: ID_CT_DEVICE_LIST }))).stanza,
    'signed as id-data': (await sealBadly(bad({ contentType: ID_DATA }))).stanza,
    'signed twice': await again(
      changed(signed, (root) => {
        const infos = valuesOf(at(root, ...SIGNED_PATH.signerInfos.slice(2)));
        infos.push(infos[0] as BadPeerValue);
      }),
    ),
    'not signed': await again(
      changed(signed, (root) => void (at(root, ...SIGNED_PATH.signerInfos.slice(2)).content = [])),
    ),
    'no signed data': await again(toUtf8('<message/>')),
    nothing: await again(new Uint8Array(0)),
  });
  assert.is(await refused(await again(signed)), 'opened');
});

test('the error of every refusal is the same and tells no reason but to who debugs', async () => {
  const { stanza } = await seal(message);
  const cases = [
    withAttributes(stanza, { from: paris.jid }),
    withChildren(stanza, []),
    withObject(stanza, (root) => void valuesOf(root).pop()),
  ];
  for (const wrong of cases) {
    const error = await open(wrong).then(
      () => undefined,
      (cause: Error & { code: string }) => cause,
    );
    assert.equal(
      [error?.name, error?.code, error?.message],
      ['StanzaError', 'ERR_OPEN', 'stanza is not for us, or damaged'],
    );
    assert.is(JSON.stringify(error), '{"code":"ERR_OPEN","name":"StanzaError"}');
  }
});

test.run();
