/** A domain vouches for its accounts, under a certificate that openssl made. */
import {
  type DeviceList,
  encodeEndorsement,
  equal,
  generatePrivateKey,
  ID_CT_ENDORSEMENT,
  type SigningKey,
} from '@stanzaseal/cms';
import { sign, signDeviceList } from '@stanzaseal/signer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endorseByCertificate, revokeByCertificate } from '../../src/certificates/index.js';
import { LEVEL_OF, mayReplace } from '../../src/levels/index.js';
import { encodeStatement, endorsementIn, readStatement } from '../../src/statement.js';
import { TrustError } from '../../src/trustError.js';
import {
  checkVouch,
  createVouchService,
  signVouch,
  VOUCH_VALIDITY,
  type Vouch,
  type VouchCheck,
  type VouchOutcome,
} from '../../src/vouching/index.js';
import { hasOpenssl, type Issued, issue, named, revocationList } from '../certificates/authority.js';
import {
  by,
  crypto,
  DAY,
  JULIET,
  NOW,
  newKey,
  primitives,
  ROMEO,
  random,
  stated,
  terms,
} from '../certificates/scene.js';

const test = suite('vouching');
const skipped = !hasOpenssl();
const DOMAIN = 'capulet.example';

let root: Issued;
let server: Issued;
let domainKey: SigningKey;
let domainStatement: Uint8Array;
let juliet: SigningKey;

test.before(async () => {
  if (skipped) return;
  root = await issue({ subject: '/CN=Root' });
  server = await issue({
    issuer: root,
    extensions: [`subjectAltName=DNS:${DOMAIN}`, 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=serverAuth'],
  });
  [domainKey, juliet] = [await newKey(), await newKey()];
  domainStatement = await statedFor(domainKey, DOMAIN, server);
});

const statedFor = (key: SigningKey, jid: string, leaf: Issued) =>
  endorseByCertificate(key, terms(jid), by(leaf), { now: NOW, crypto });

async function listOf(identity: SigningKey, change: Partial<DeviceList> = {}): Promise<Uint8Array> {
  const device = (await generatePrivateKey('Ed25519', random, crypto)).publicKey;
  const list: DeviceList = {
    owner: JULIET,
    identity: identity.publicKey,
    listVersion: 7,
    previous: new Uint8Array(32),
    issued: NOW,
    expires: NOW + 35 * DAY,
    devices: [{ key: device, role: 'primary', suites: [1] }],
    archiveKeys: [],
    ...change,
  };
  return signDeviceList(list, identity, crypto);
}

/** What the service answers to somebody, where accounts publish what the test says. */
async function asked(from: string, list: Uint8Array | undefined, validity?: number, now = NOW): Promise<VouchOutcome> {
  const accounts = { deviceList: () => list };
  const more = validity === undefined ? {} : { validity };
  const service = createVouchService({ key: domainKey, domainStatement, accounts, clock: () => now, crypto, ...more });
  assert.is(service.domain, DOMAIN);
  return service.vouch(from);
}

async function vouched(identity = juliet, change: Partial<DeviceList> = {}, now = NOW): Promise<Uint8Array> {
  const outcome = await asked(JULIET, await listOf(identity, change), undefined, now);
  if (outcome.kind !== 'vouched') throw new Error(outcome.reason);
  return outcome.statement;
}

const check = (statement: Uint8Array, more: Partial<VouchCheck> = {}): Promise<Vouch> =>
  checkVouch(statement, { jid: JULIET, roots: [root.der], now: NOW, primitives, ...more });

async function refused(checking: Promise<unknown>): Promise<void> {
  try {
    await checking;
  } catch (error) {
    assert.instance(error, TrustError);
    assert.is((error as TrustError).code, 'ERR_VERIFY');
    return;
  }
  assert.unreachable('the vouch was believed');
}

test('a domain vouches for an account: by its name, for a week', async () => {
  if (skipped) return;
  const outcome = await asked(`${JULIET}/balcony`, await listOf(juliet));
  if (outcome.kind !== 'vouched') return assert.unreachable(outcome.reason);
  assert.equal([outcome.jid, outcome.listVersion, outcome.notAfter - NOW], [JULIET, 7, VOUCH_VALIDITY]);
  assert.ok(equal(outcome.identity, juliet.publicKey.keyIdentifier));
  const {
    evidence,
    domain,
    listVersion,
    conflicts,
    domainKey: own,
  } = await check(outcome.statement, {
    identity: juliet.publicKey.raw,
  });
  assert.equal([evidence.kind, evidence.by, evidence.sequence, evidence.jid], ['vouch', DOMAIN, 7, JULIET]);
  assert.is(LEVEL_OF[evidence.kind], 'vouched');
  assert.equal([domain, listVersion, conflicts, own.match], [DOMAIN, 7, [], 'dns']);
  assert.ok((evidence.notAfter as number) <= NOW + VOUCH_VALIDITY);
  await check(outcome.statement, { now: NOW + 6.9 * DAY });
  await refused(check(outcome.statement, { now: NOW + 7 * DAY }));
  await refused(check(outcome.statement, { now: NOW - 1.1 * DAY }));
  console.log(`a vouch under a chain of two has ${outcome.statement.length} octets`);
});

test('certificates of domains: dNSName, a wildcard, SRVName, xmppAddr; of other domains', async () => {
  if (skipped) return;
  const srv = (service: string, domain: string) => `otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_${service}.${domain}`;
  for (const [name, domain] of [
    ['DNS:CAPULET.example', DOMAIN],
    ['DNS:*.capulet.example', 'chat.capulet.example'],
    [srv('xmpp-client', DOMAIN), DOMAIN],
    [srv('xmpp-server', DOMAIN), DOMAIN],
    [`otherName:1.3.6.1.5.5.7.8.5;UTF8:${DOMAIN}`, DOMAIN],
    ['DNS:xn--mnchen-3ya.example', 'münchen.example'],
    ['DNS:montague.example', undefined],
    ['DNS:*.example', undefined],
    ['DNS:*.capulet.example', undefined],
    ['DNS:*pulet.example', undefined],
    ['DNS:chat.capulet.example', undefined],
    [srv('imaps', DOMAIN), undefined],
    [`otherName:1.3.6.1.5.5.7.8.5;UTF8:${JULIET}`, undefined],
    [`email:${JULIET}`, undefined],
  ] as const) {
    const leaf = await issue({ subject: `/CN=${DOMAIN}`, issuer: root, extensions: [`subjectAltName=${name}`] });
    const isNamed = domain !== undefined;
    try {
      const statement = await statedFor(domainKey, domain ?? DOMAIN, leaf);
      const vouch = await signVouch(
        {
          jid: `juliet@${domain ?? DOMAIN}`,
          identity: juliet.publicKey,
          listVersion: 1,
          now: NOW,
          notAfter: NOW + DAY,
        },
        domainKey,
        statement,
        crypto,
      );
      await check(vouch, { jid: `juliet@${domain ?? DOMAIN}` });
      assert.ok(isNamed, name);
    } catch (error) {
      assert.not.ok(isNamed, `${name}: ${error}`);
      assert.match((error as Error).message, /^certificates\[0\] does not name capulet.example$/);
    }
  }
  // A certificate of a person is none of a domain, whatever it names.
  const person = await issue({
    issuer: root,
    extensions: [`subjectAltName=DNS:${DOMAIN}`, 'extendedKeyUsage=clientAuth'],
  });
  try {
    await statedFor(domainKey, DOMAIN, person);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'certificates[0] is not for signing');
  }
});

test('the service answers for who asks, and for nobody else', async () => {
  if (skipped) return;
  const list = await listOf(juliet);
  for (const from of [
    ROMEO,
    'juliet@chat.capulet.example',
    DOMAIN,
    `${DOMAIN}/juliet`,
    'capulet.example@montague.example',
    '',
  ])
    assert.equal(await asked(from, list), { kind: 'refused', reason: 'other-domain' });
  assert.equal(await asked(JULIET, undefined), { kind: 'refused', reason: 'no-list' });
  assert.is((await asked('JULIET@Capulet.example/x', list)).kind, 'vouched');
  // Another account of the domain publishes Juliet's list as its own: it names Juliet, and only her key could say otherwise.
  assert.equal(await asked(`tybalt@${DOMAIN}`, list), { kind: 'refused', reason: 'bad-list' });
  const bad = { kind: 'refused', reason: 'bad-list' };
  assert.equal(await asked(JULIET, await listOf(juliet, { expires: NOW })), bad);
  assert.equal(await asked(JULIET, await listOf(juliet, { issued: NOW + 2 * DAY })), bad);
  assert.equal(await asked(JULIET, Uint8Array.of(1, 2, 3)), bad);
  // Her key without her signature.
  const tybalt = await newKey();
  const forged = await signDeviceListAs(juliet, tybalt);
  assert.equal(await asked(JULIET, forged), bad);
  // It ends with the list.
  const brief = await asked(JULIET, await listOf(juliet, { expires: NOW + DAY }));
  assert.is(brief.kind === 'vouched' && brief.notAfter, NOW + DAY - (NOW % 1000));
});

/** A list that names one key and is signed by another. */
async function signDeviceListAs(identity: SigningKey, signer: SigningKey): Promise<Uint8Array> {
  const posing: SigningKey = { publicKey: identity.publicKey, sign: (octets) => signer.sign(octets) };
  return listOf(posing);
}

test('a service that cannot be', async () => {
  if (skipped) return;
  const accounts = { deviceList: () => undefined };
  const own = { key: domainKey, domainStatement, accounts, clock: () => NOW, crypto };
  const person = await issue({ issuer: root, extensions: [named(JULIET)] });
  for (const [change, message] of [
    [{ validity: VOUCH_VALIDITY + 1 }, 'validity is not within 7 days'],
    [{ validity: 0 }, 'validity is not within 7 days'],
    [{ key: juliet }, 'domainStatement is about another key'],
    [{ key: juliet, domainStatement: await stated(juliet, person) }, 'domainStatement is not about a domain'],
    [{ domainStatement: Uint8Array.of(0) }, 'domainStatement is no statement'],
  ] as const) {
    try {
      createVouchService({ ...own, ...change });
      assert.unreachable();
    } catch (error) {
      assert.is((error as RangeError).message, message);
    }
  }
});

test('a domain that vouches for two keys of one account at once is told of, with both statements', async () => {
  if (skipped) return;
  const mallory = await newKey();
  const [honest, other] = [await vouched(), await vouched(mallory, {}, NOW + 2 * DAY)];
  const now = NOW + 3 * DAY;
  const { conflicts } = await check(other, { known: [honest], now });
  assert.is(conflicts.length, 1);
  const [conflict] = conflicts;
  assert.equal([conflict?.domain, conflict?.jid], [DOMAIN, JULIET]);
  assert.ok(
    equal(conflict?.statements[0] as Uint8Array, honest) && equal(conflict?.statements[1] as Uint8Array, other),
  );
  assert.ok(equal(conflict?.identities[0].raw as Uint8Array, juliet.publicKey.raw));
  assert.ok(equal(conflict?.identities[1].raw as Uint8Array, mallory.publicKey.raw));
  // Whichever came first, and though the earlier is over by now.
  assert.is((await check(honest, { known: [other], now })).conflicts.length, 1);
  assert.is((await check(other, { known: [honest], now: NOW + 8 * DAY })).conflicts.length, 1);
  // One after the other is a change of keys, and one key twice is none.
  const later = await vouched(mallory, {}, NOW + 7 * DAY);
  assert.is((await check(later, { known: [honest], now: NOW + 7 * DAY })).conflicts.length, 0);
  assert.is((await check(await vouched(juliet, { listVersion: 8 }), { known: [honest] })).conflicts.length, 0);
  // Nobody else makes a conflict: not with another domain key, another account, or octets.
  const theirs = await signVouch(
    { jid: JULIET, identity: mallory.publicKey, listVersion: 9, now: NOW, notAfter: NOW + DAY },
    mallory,
    domainStatement,
    crypto,
  );
  assert.is((await check(honest, { known: [theirs, Uint8Array.of(3), domainStatement] })).conflicts.length, 0);
  // The same under another key of the domain.
  const second = await newKey();
  const again = await signVouch(
    { jid: JULIET, identity: mallory.publicKey, listVersion: 9, now: NOW, notAfter: NOW + DAY },
    second,
    await statedFor(second, DOMAIN, server),
    crypto,
  );
  assert.is((await check(honest, { known: [again] })).conflicts.length, 1);
});

test('a vouch of an older list does not take the place of one of a newer', async () => {
  if (skipped) return;
  const [older, newer] = await Promise.all([vouched(juliet, { listVersion: 7 }), vouched(juliet, { listVersion: 8 })]);
  const [first, second] = await Promise.all([check(older), check(newer)]);
  const at = NOW;
  assert.ok(mayReplace({ ...first.evidence, at }, { ...second.evidence, at }));
  assert.not.ok(mayReplace({ ...second.evidence, at }, { ...first.evidence, at }));
  // The same list, said again later.
  assert.ok(mayReplace({ ...first.evidence, at }, { ...(await check(older)).evidence, at }));
});

test('what is not vouched for', async () => {
  if (skipped) return;
  const honest = await vouched();
  const mallory = await newKey();
  await refused(check(honest, { jid: ROMEO }));
  await refused(check(honest, { jid: `tybalt@${DOMAIN}` }));
  await refused(check(honest, { jid: DOMAIN }));
  await refused(check(honest, { identity: mallory.publicKey.raw }));
  await refused(check(honest, { roots: [(await issue()).der] }));
  await refused(check(honest, { revocationLists: [revocationList(root, [server])] }));
  await refused(check(domainStatement));
  await refused(check(domainStatement, { jid: DOMAIN }));
  const read = readStatement(honest);
  const terms7 = { jid: JULIET, identity: juliet.publicKey, listVersion: 7, now: NOW, notAfter: NOW + DAY };
  // Another domain for this account.
  const montague = await issue({ issuer: root, extensions: ['subjectAltName=DNS:montague.example'] });
  const theirs = await statedFor(mallory, 'montague.example', montague);
  await refused(check(await signVouch(terms7, mallory, theirs, crypto)));
  // Its own certificate with another's key, and another's certificate with its own.
  await refused(check(await signVouch(terms7, mallory, domainStatement, crypto)));
  await refused(check(await signVouch(terms7, domainKey, theirs, crypto)));
  // Beyond 7 days, or with nothing that shows who vouches.
  await refused(check(await signVouch({ ...terms7, notAfter: NOW + 8 * DAY }, domainKey, domainStatement, crypto)));
  await refused(check(encodeStatement({ ...read, others: [] })));
  await refused(check(encodeStatement({ ...read, others: [...read.others, ...read.others] })));
  await refused(check(encodeStatement({ ...read, certificates: [server.der] })));
  // A domain key that the certificate took back.
  const revocation = await revokeByCertificate(domainKey.publicKey, terms(DOMAIN, 2), by(server), { now: NOW, crypto });
  await refused(check(encodeStatement({ ...read, others: [{ format: ID_CT_ENDORSEMENT, value: revocation }] })));
});

test('a vouch is no endorsement of another purpose, nor the other way round', async () => {
  if (skipped) return;
  const read = readStatement(await vouched());
  for (const purpose of ['identity', 'device', 'contact', 'revoked'] as const) {
    const content = encodeEndorsement({ ...endorsementIn(await vouched()), purpose });
    const signers = [domainKey] as const;
    const { der } = await sign(content, { signers, contentType: ID_CT_ENDORSEMENT, signingTime: NOW, crypto });
    await refused(check(encodeStatement({ ...read, content, signerInfos: readStatement(der).signerInfos })));
  }
});

test('every octet of a vouch counts', async () => {
  if (skipped) return;
  const honest = await vouched();
  for (let i = 0; i < honest.length; i++) {
    const changed = Uint8Array.from(honest);
    changed[i] = (changed[i] as number) ^ (1 << (i % 8));
    await refused(check(changed));
  }
});

test.run();
