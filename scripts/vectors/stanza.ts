/** Makes `test-vectors/stanza`: stanzas sealed, opened and refused. */
import { fromHex, type RandomSource, type RecipientClass } from '@stanzaseal/cms';
import { readXml, type SealRecipient, sealStanza, writeXml } from '@stanzaseal/stanza';
import type { OpenInput, SealInput } from '../../packages/cli/src/vectors/stanzaOperations.js';
import {
  JULIET,
  julietDevice,
  julietPrekey,
  julietTablet,
  NOW,
  ROMEO,
  romeoDevice,
  romeoReply,
  tabletPrekey,
  type VectorKey,
} from './people.js';
import { crypto, type Draft, octets, writeVectors } from './vectorWriter.js';

const NOT_AFTER = NOW - (NOW % 1000) + 35 * 86_400_000;
const ROOM = 'coven@chat.shakespeare.example';
const PARIS = 'paris@verona.example';
const toPhone = { key: julietPrekey, device: julietDevice, class: 'one-time' as RecipientClass };
const toTablet = { key: tabletPrekey, device: julietTablet, class: 'last-resort' as RecipientClass };

interface Options {
  to?: string;
  recipients?: { key: VectorKey; device: VectorKey; class: RecipientClass }[];
}

/** Seals while writing down what is drawn, so that the vector can draw the same. */
async function sealOnce(
  stanza: string,
  { to = JULIET, recipients = [toPhone] }: Options = {},
): Promise<{ input: SealInput; text: string }> {
  const draws: string[] = [];
  const random: RandomSource = (length) => {
    draws.push(octets(`draw ${draws.length} of ${length}`, length));
    return fromHex(draws.at(-1) as string);
  };
  const replyPrekey = { key: romeoReply.key.publicKey, notAfter: NOT_AFTER };
  const sealed = await sealStanza(readXml(stanza), {
    from: ROMEO,
    to,
    recipients: recipients.map(({ key, device, class: recipientClass }) => ({
      prekey: key.key.publicKey,
      deviceKey: device.key.publicKey.keyIdentifier,
      class: recipientClass,
    })) as [SealRecipient, ...SealRecipient[]],
    device: await romeoDevice.key.signingKey(crypto),
    context: { senderListVersion: 1, peerListVersion: 0, counter: 1 },
    replyPrekey,
    limit: 262144,
    now: NOW,
    random,
    crypto,
  });
  const input = {
    stanza,
    from: ROMEO,
    to,
    recipients: recipients.map(({ key, device, class: recipientClass }) => ({
      prekey: key.spki,
      deviceKey: device.id,
      class: recipientClass,
    })),
    device: romeoDevice.secret,
    replyPrekey: { key: romeoReply.spki, notAfter: NOT_AFTER },
    now: NOW,
    random: draws,
  };
  return { input, text: writeXml(sealed.stanza) };
}

async function sealed(stanza: string, options?: Options): Promise<string> {
  return (await sealOnce(stanza, options)).text;
}

const CHAT = `<message xmlns="jabber:client" type="chat" id="c1" to="${JULIET}" xml:lang="en"><body>Art thou not Romeo, and a Montague?</body></message>`;
const GROUPCHAT = `<message xmlns="jabber:client" type="groupchat" id="g1" to="${ROOM}"><body>When shall we three meet again?</body></message>`;
const PRESENCE = `<presence xmlns="jabber:client" to="${JULIET}/balcony"><show>away</show><status>Be right back \u{1F339}</status></presence>`;
const IQ = `<iq xmlns="jabber:client" type="get" id="v1" to="${JULIET}/balcony"><query xmlns="jabber:iq:version"/></iq>`;
const IQ_ERROR = `<iq xmlns="jabber:client" type="error" id="v2" to="${JULIET}/balcony"><error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`;

const SOURCE = 'XEP-0420; docs/specification.md, sender';
const seal = async (file: string, title: string, stanza: string, options?: Options): Promise<Draft> => ({
  file,
  title,
  source: SOURCE,
  operation: 'stanza.seal',
  expect: 'success',
  input: (await sealOnce(stanza, options)).input,
});
const open = (
  file: string,
  title: string,
  stanza: string,
  expect: string,
  options: Partial<OpenInput> = {},
): Draft => ({
  file,
  title,
  source: 'docs/specification.md, receiver',
  operation: 'stanza.open',
  expect,
  input: {
    stanza,
    own: JULIET,
    keys: [julietPrekey.secret],
    device: julietDevice.id,
    sender: romeoDevice.spki,
    ...options,
  },
});

const chat = await sealed(CHAT);
const room = await sealed(GROUPCHAT, { to: ROOM });
const fromRoom = room
  .replace(`from="${ROMEO}"`, `from="${ROOM}/firstwitch"`)
  .replace(`to="${ROOM}"`, `to="${JULIET}/balcony"`);
const swap = (text: string, from: string, to: string): string => {
  if (text.split(from).length !== 2) throw new Error(`${from} does not stand there once`);
  return text.replace(from, to);
};

await writeVectors('stanza', [
  await seal('seal-chat', 'a chat message to one device', CHAT),
  await seal('seal-chat-two-devices', 'a chat message to two devices', CHAT, { recipients: [toPhone, toTablet] }),
  await seal('seal-presence', 'a directed presence', PRESENCE),
  await seal('seal-iq', 'an iq request', IQ),
  await seal('seal-iq-error', 'an iq error goes inside an outer result', IQ_ERROR),
  await seal('seal-groupchat', 'a message to a room', GROUPCHAT, { to: ROOM }),
  open('open-chat', 'a chat message', chat, 'success'),
  open('open-presence', 'a directed presence', await sealed(PRESENCE), 'success'),
  open('open-iq', 'an iq request', await sealed(IQ), 'success'),
  open('open-iq-error', 'an iq error inside a result', await sealed(IQ_ERROR), 'success'),
  open('open-groupchat', 'a message in a room, its sender known by the roster', fromRoom, 'success', {
    occupants: { [`${ROOM}/firstwitch`]: ROMEO },
  }),
  open('open-full-jids', 'servers add resources', swap(chat, `from="${ROMEO}"`, `from="${ROMEO}/orchard"`), 'success'),
  open('open-other-id', 'the outer id means nothing', chat.replace(/ id="[^"]*"/, ' id="x"'), 'success'),
  open(
    'sender-swapped',
    'from somebody else than who signed',
    swap(chat, `from="${ROMEO}"`, `from="${PARIS}"`),
    'ERR_OPEN',
  ),
  open('forwarded', 'opened by somebody it is not to', swap(chat, `to="${JULIET}"`, `to="${PARIS}"`), 'ERR_OPEN', {
    own: PARIS,
  }),
  open('type-changed', 'a chat message shown as a headline', swap(chat, 'type="chat"', 'type="headline"'), 'ERR_OPEN'),
  open('kind-changed', 'a message shown as a presence', chat.replaceAll('message', 'presence'), 'ERR_OPEN'),
  open('two-objects', 'two objects in one stanza', chat.replace(/(<sealed.*<\/sealed>)/, '$1$1'), 'ERR_OPEN'),
  open('no-object', 'no object in the stanza', CHAT.replace('id="c1"', `from="${ROMEO}"`), 'ERR_OPEN'),
  open('white-space', 'white space in the base64', chat.replace(/(<sealed[^>]*>)/, '$1 '), 'ERR_OPEN'),
  open('another-device', 'the key is paired with another device', chat, 'ERR_OPEN', { device: julietTablet.id }),
  open('another-sender-key', 'signed by another device than the sender is known by', chat, 'ERR_OPEN', {
    sender: julietDevice.spki,
  }),
  open('room-without-roster', 'nobody knows who sits there', fromRoom, 'ERR_OPEN'),
  open('another-room', 'replayed into another room', fromRoom.replaceAll('coven@', 'heath@'), 'ERR_OPEN', {
    occupants: { 'heath@chat.shakespeare.example/firstwitch': ROMEO },
  }),
]);
