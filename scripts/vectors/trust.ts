/** Makes `test-vectors/trust`: fingerprints, runs of verification, handshakes, statements of third parties. */
import { encodeDer, enumerated, fromHex, octetString, sequence, toHex, utf8String } from '@stanzaseal/cms';
import { handshakes } from './trustHandshakes.js';
import { statements } from './trustStatements.js';
import { vouches } from './trustVouches.js';
import { type Draft, octets, utf8, writeVectors } from './vectorWriter.js';

const JULIET = { jid: 'juliet@capulet.example', identity: octets('juliet identity', 32) };
const ROMEO = { jid: 'romeo@montague.example', identity: octets('romeo identity', 32) };
const MERCUTIO = octets('mercutio identity', 32);
const SPECIFICATION = 'docs/specification.md §24';
const DRAFT = 'draft-irtf-cfrg-cpace-21 appendix B.3';
const RUN = octets('run', 16);

interface Side {
  jid: string;
  identity: string;
}

/** A scalar as it is drawn: of 252 bits only once four are cleared. */
const scalar = (whose: string): string => octets(`${whose} scalar`, 32);
const clear = (drawn: string): string => drawn.replace(/.(.)$/, '0$1');

const shown = (file: string, title: string, party: Side): Draft => ({
  file: `fingerprint-${file}`,
  title,
  source: `XEP-0434 §9.1; RFC 5122 §2; ${SPECIFICATION}`,
  operation: 'trust.fingerprint',
  expect: 'success',
  input: party,
});
const message = (file: string, title: string, der: string, expect: string): Draft => ({
  file: `message-${file}`,
  title,
  source: SPECIFICATION,
  operation: 'trust.message',
  expect,
  input: { message: der },
});
const sas = (file: string, title: string, initiator: Side, responder: Side, seed = ''): Draft => ({
  file: `sas-${file}`,
  title,
  source: SPECIFICATION,
  operation: 'trust.sas',
  expect: 'success',
  input: {
    initiator: { ...initiator, random: [octets(`run${seed}`, 16), octets(`initiator nonce${seed}`, 32)] },
    responder: { ...responder, random: [octets(`responder nonce${seed}`, 32)] },
  },
});
const password = (file: string, title: string, hers: string, his: string, question?: string): Draft => ({
  file: `password-${file}`,
  title,
  source: `${SPECIFICATION}; RFC 8265 §4`,
  operation: 'trust.password',
  expect: 'success',
  input: {
    initiator: {
      ...JULIET,
      random: [RUN, scalar('initiator')],
      password: hers,
      ...(question === undefined ? {} : { question }),
    },
    responder: { ...ROMEO, random: [scalar('responder')], password: his },
  },
});

const QUESTION = 'What smells as sweet by any other name?';
const side = (role: number, question?: string): string =>
  toHex(encodeDer(sequence(enumerated(role), ...(question === undefined ? [] : [utf8String(question)]))));
const channel = toHex(
  encodeDer(
    sequence(
      utf8String('stanzaseal/0 password'),
      utf8String(JULIET.jid),
      utf8String(ROMEO.jid),
      octetString(fromHex(JULIET.identity)),
      octetString(fromHex(ROMEO.identity)),
    ),
  ),
);
const own = {
  password: 'a rose',
  channel,
  sid: RUN,
  initiator: { scalar: clear(scalar('initiator')), associated: side(0, QUESTION) },
  responder: { scalar: clear(scalar('responder')), associated: side(1) },
};
const drafts = {
  password: 'Password',
  channel: '0b415f696e69746961746f720b425f726573706f6e646572',
  sid: '7e4b4791d6a8ef019b936c79fb7f2c57',
  initiator: {
    scalar: 'da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08',
    associated: utf8('ADa'),
  },
  responder: {
    scalar: 'd2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d',
    associated: utf8('ADb'),
  },
};
const cpace = (file: string, title: string, source: string, input: unknown): Draft => ({
  file: `cpace-${file}`,
  title,
  source,
  operation: 'trust.cpace',
  expect: 'success',
  input,
});

const commit = `30390201000410${RUN}a1220420${octets('commitment', 32)}`;

await writeVectors('trust', [
  shown('plain', 'an account and its identity key', JULIET),
  shown('address', 'an address with characters that mean something in a URI', {
    ...JULIET,
    jid: 'o\\27hara#?;%=@π.example',
  }),
  shown('case', 'an address in another spelling', { ...JULIET, jid: 'JULIET@Capulet.EXAMPLE./balcony' }),
  message('commit', 'a commitment', commit, 'success'),
  message('end', 'an end', `301a0201000410${RUN}a0030a0101`, 'success'),
  message(
    'unknown-step',
    'a step that no protocol here has is read, and ignored',
    `30170201000410${RUN}be00`,
    'success',
  ),
  message('version', 'a message of another version', `301a0201010410${RUN}a0030a0101`, 'ERR_MESSAGE'),
  message('short-run', 'a run whose name is too short', `3019020100040f${RUN.slice(2)}a0030a0101`, 'ERR_MESSAGE'),
  message('no-step', 'a message without a step', `30150201000410${RUN}`, 'ERR_MESSAGE'),
  message('primitive-step', 'a step that is no sequence', `301a0201000410${RUN}80030a0101`, 'ERR_MESSAGE'),
  message('long-tag', 'a step with a tag of two octets', `30180201000410${RUN}bf1f00`, 'ERR_MESSAGE'),
  message('two-steps', 'two steps in a message', `30190201000410${RUN}a000a000`, 'ERR_MESSAGE'),
  message('trailing', 'an octet behind a message', `301a0201000410${RUN}a0030a010100`, 'ERR_MESSAGE'),
  message('ber-length', 'a length in more octets than needed', `30811a0201000410${RUN}a0030a0101`, 'ERR_MESSAGE'),
  sas('run', 'two people compare a string', JULIET, ROMEO),
  sas('run-again', 'the same two in another run', JULIET, ROMEO, ' again'),
  sas('roles', 'the same nonces, begun by the other', ROMEO, JULIET),
  sas('key', 'the same nonces under another key of the responder', JULIET, { ...ROMEO, identity: MERCUTIO }),
  sas('jid', 'the same nonces and keys at another address', JULIET, { ...ROMEO, jid: 'mercutio@verona.example' }),
  sas(
    'spelling',
    'the same as in sas-run: JIDs are hashed in normal form',
    { ...JULIET, jid: 'Juliet@CAPULET.example' },
    ROMEO,
  ),
  password('same', 'both know the password', 'a rose', 'a rose'),
  password('question', 'the answer to a question', 'a rose', 'a rose', QUESTION),
  password('normal', 'texts that are one OpaqueString', 'caf\u00e9\u00a0noir', 'cafe\u0301 noir'),
  password('case', 'case is not folded', 'a rose', 'A rose'),
  password('other', 'another password', 'a rose', 'a nose'),
  cpace('draft', 'the draft’s own example', DRAFT, drafts),
  cpace('neutral', 'a share that is the neutral element gives no key', `${DRAFT}.11`, {
    ...drafts,
    responderShare: '00'.repeat(32),
  }),
  cpace('no-element', 'a share that is no group element gives no key', `${DRAFT}.11`, {
    ...drafts,
    responderShare: '2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c',
  }),
  cpace('question', 'what is computed in password-question', SPECIFICATION, own),
  ...handshakes,
  ...statements,
  ...vouches,
]);
