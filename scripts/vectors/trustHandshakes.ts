/** The vectors of `test-vectors/trust` that are about handshakes. */
import { type Draft, octets } from './vectorWriter.js';

const SPECIFICATION = 'docs/specification.md §24.8';
const NOW = Date.UTC(2026, 10, 21, 4);
const RUN = octets('handshake run', 16);

interface Side {
  jid: string;
  random: string[];
  pinned?: string;
  common?: string;
}

const side = (name: string, jid: string, draws: string[]): Side & Record<string, unknown> => ({
  jid,
  identity: octets(`${name} identity key`, 32),
  device: octets(`${name} device key`, 32),
  replyPrekey: octets(`${name} reply prekey`, 32),
  random: draws,
});
const ephemeral = (name: string): string[] => [octets(`${name} ephemeral`, 32), octets(`${name} nonce`, 32)];
const INITIATOR = side('juliet', 'juliet@capulet.example', [RUN, ...ephemeral('juliet')]);
const RESPONDER = side('romeo', 'romeo@montague.example', ephemeral('romeo'));

const run = (file: string, title: string, protects: string, more: Partial<Record<string, unknown>> = {}): Draft => ({
  file: `handshake-${file}`,
  title,
  source: SPECIFICATION,
  operation: 'trust.handshake',
  expect: 'success',
  input: { protects, now: NOW, notAfter: NOW + 35 * 86_400_000, initiator: INITIATOR, responder: RESPONDER, ...more },
});
const message = (file: string, title: string, der: string, expect = 'ERR_MESSAGE'): Draft => ({
  file: `handshake-message-${file}`,
  title,
  source: SPECIFICATION,
  operation: 'trust.handshake-message',
  expect,
  input: { message: der },
});

const [x, n] = [octets('some ephemeral', 32), octets('some nonce', 32)];
/** A hello; every length here is below 128. */
const hello = (suites: string, version = '020100', protects = '0a0100'): string => {
  const list = `30${hexLength(suites)}${suites}`;
  const body = `${list}${protects}0420${x}0420${n}`;
  const inside = `${version}0410${RUN}a0${hexLength(body)}${body}`;
  return `30${hexLength(inside)}${inside}`;
};

function hexLength(hex: string): string {
  return (hex.length / 2).toString(16).padStart(2, '0');
}

const common = octets('common secret', 32);
/** All handshakes. */
export const handshakes: Draft[] = [
  run('initiator', 'three messages: the responder shows itself first', 'initiator'),
  run('responder', 'four messages: the initiator shows itself first', 'responder'),
  run('common', 'three messages, and a secret that both have', 'initiator', {
    initiator: { ...INITIATOR, common },
    responder: { ...RESPONDER, common },
  }),
  run('common-other', 'a common secret that one of them has: nobody is shown', 'initiator', {
    initiator: { ...INITIATOR, common },
  }),
  run('pinned-other', 'another key than the pinned one: the initiator shows itself to nobody', 'initiator', {
    initiator: { ...INITIATOR, pinned: octets('another identity', 32) },
  }),
  run('changed-nonce', 'a bit of the first message changed on the way: the reply is for another', 'initiator', {
    change: { message: 0, octet: 95, mask: 1 },
  }),
  run('changed-reply', 'a bit of the reply changed on the way', 'initiator', {
    change: { message: 1, octet: 60, mask: 128 },
  }),
  run('changed-proof', 'a bit of the last proof changed on the way', 'responder', {
    change: { message: 3, octet: 200, mask: 1 },
  }),
  run('mirrored-protects', 'who is protected, changed on the way', 'responder', {
    change: { message: 0, octet: 32, mask: 1 },
  }),
  message('hello', 'a first message', hello('020101'), 'success'),
  message('suites', 'a first message that offers more', hello('020101020102'), 'success'),
  message('suites-order', 'suites that do not ascend', hello('020102020101')),
  message('suites-twice', 'a suite that is offered twice', hello('020101020101')),
  message('suites-none', 'no suite', hello('')),
  message('version', 'a message of another version', hello('020101', '020101')),
  message('protects', 'nobody is protected', hello('020101', '020100', '0a0102')),
  message('trailing', 'an octet behind a message', `${hello('020101')}00`),
];
