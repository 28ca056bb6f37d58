/** The vectors of `test-vectors/trust` that are about statements of third parties: endorsements by certificates, and vouches. */
import { type Endorsement, encodeEndorsement, ID_CT_ENDORSEMENT, toHex } from '@stanzaseal/cms';
import { endorse, revoke, sign } from '@stanzaseal/signer';
import { signVouch, VOUCH_VALIDITY } from '@stanzaseal/trust/vouching';
import { encodeStatement, readStatement } from '../../packages/trust/src/statement.js';
import {
  AUTHORITY,
  certificate,
  dnsName,
  type Issuer,
  named,
  purposes,
  revocationList,
  srvName,
  uriName,
  type Wish,
  xmppAddr,
} from './certificates.js';
import { JULIET, keyOf, ROMEO, type VectorKey } from './people.js';
import { crypto, type Draft, flipped } from './vectorWriter.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12);
const DOMAIN = 'capulet.example';
const X509 = 'docs/specification.md §27.2; RFC 6120 §13.7.1';
const VOUCHING = 'docs/specification.md §27.4';
const [CLIENT, SERVER] = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'];

/** A certificate with its key. */
interface Holder {
  readonly key: VectorKey;
  readonly der: Uint8Array;
  readonly serial: number;
}

const rootKey = await keyOf('Ed25519', 'statement root');
const ROOT: Issuer = { name: 'Verona Root', key: rootKey };
const BETWEEN: Issuer = { name: 'Verona People', key: await keyOf('Ed25519', 'statement intermediate') };
const root = await certificate({ subject: ROOT.name, key: rootKey, issuer: ROOT, serial: 1, extensions: AUTHORITY });
const between = await certificate({
  subject: BETWEEN.name,
  key: BETWEEN.key,
  issuer: ROOT,
  serial: 2,
  extensions: AUTHORITY,
});
const otherKey = await keyOf('Ed25519', 'statement other root');
const otherRoot = await certificate({
  subject: 'Mantua Root',
  key: otherKey,
  issuer: { name: 'Mantua Root', key: otherKey },
  serial: 1,
  extensions: AUTHORITY,
});

let serials = 100;
async function issued(label: string, extensions: Wish['extensions'], change: Partial<Wish> = {}): Promise<Holder> {
  const serial = ++serials;
  const key = await keyOf('Ed25519', `statement ${label}`);
  return { key, serial, der: await certificate({ subject: label, key, issuer: ROOT, serial, extensions, ...change }) };
}

const juliet = await issued('Juliet', [named(xmppAddr(JULIET)), purposes(CLIENT)]);
const chained = await issued('Juliet below', [named(xmppAddr(JULIET))], { issuer: BETWEEN });
const byUri = await issued('Juliet by URI', [named(uriName(`xmpp:${JULIET}`))]);
const romeo = await issued('Romeo', [named(xmppAddr(ROMEO))]);
const commonName = await issued(JULIET, [named(dnsName('mail.capulet.example'))]);
const ended = await issued('Juliet before', [named(xmppAddr(JULIET))], { notAfter: NOW - DAY });
const purposed = await issued('Juliet’s server', [named(xmppAddr(JULIET)), purposes(SERVER)]);
const server = await issued('Capulet', [named(dnsName(DOMAIN)), purposes(SERVER)]);
const plain = await issued('Capulet for all', [named(dnsName(DOMAIN))]);
const bySrv = await issued('Capulet by SRV', [named(srvName(`_xmpp-client.${DOMAIN}`))]);
const wildcard = await issued('Capulet below', [named(dnsName(`*.${DOMAIN}`))]);
const montague = await issued('Montague', [named(dnsName('montague.example'))]);

const identity = await keyOf('Ed25519', 'juliet identity');
const newIdentity = await keyOf('Ed25519', 'juliet new identity');
const domainKey = await keyOf('Ed25519', 'statement domain key');
const mallory = await keyOf('Ed25519', 'mallory identity');
const raw = (key: VectorKey): string => toHex(key.key.publicKey.raw);

function terms({ key }: Pick<Holder, 'key'>, endorsed: VectorKey, change: Partial<Endorsement>): Endorsement {
  return {
    endorser: key.key.publicKey.keyIdentifier,
    endorsed: endorsed.key.publicKey,
    owner: JULIET,
    purpose: 'identity',
    notBefore: NOW,
    notAfter: NOW + 365 * DAY,
    sequence: 1,
    ...change,
  };
}

/** What a certificate says of a key, signed by both; whether it may say so is for the reader to find out. */
async function said(
  by: Holder,
  change: Partial<Endorsement> = {},
  { endorsed = identity, carried = [by.der] }: { endorsed?: VectorKey; carried?: readonly Uint8Array[] } = {},
): Promise<Uint8Array> {
  const [endorser, own] = await Promise.all([by.key.key.signingKey(crypto), endorsed.key.signingKey(crypto)]);
  const signing = { signingTime: NOW, crypto };
  const content = terms(by, endorsed, change);
  const der = await (change.purpose === 'revoked'
    ? revoke(content, endorser, signing)
    : endorse(content, endorser, own, signing));
  return encodeStatement({ ...readStatement(der), certificates: carried });
}

const checked = { jid: JULIET, identity: raw(identity), now: NOW, roots: [toHex(root)] };
const statement = toHex(await said(juliet));
const people = (file: string, title: string, input: object, expect = 'ERR_VERIFY'): Draft => ({
  file: `statement-certificate-${file}`,
  title,
  source: X509,
  operation: 'trust.endorsement',
  expect,
  input: { statement, ...checked, ...input },
});
const good = 'success';
const alone = readStatement(await said(juliet));
const [ownSigner] = readStatement(
  (
    await sign(alone.content, {
      signers: [await juliet.key.key.signingKey(crypto)],
      contentType: ID_CT_ENDORSEMENT,
      signingTime: NOW,
      crypto,
    })
  ).der,
).signerInfos;

const endorsements: readonly Draft[] = [
  people('account', 'a certificate with id-on-xmppAddr endorses an identity key', {}, good),
  people(
    'chain',
    'through an intermediate that came along',
    { statement: toHex(await said(chained, {}, { carried: [chained.der, between] })) },
    good,
  ),
  people('uri', 'a certificate with an xmpp: URI', { statement: toHex(await said(byUri)) }, good),
  people(
    'identifier',
    'the key is expected by its identifier, the account in another spelling',
    { identity: identity.id, jid: 'Juliet@CAPULET.example' },
    good,
  ),
  people(
    'domain',
    'a certificate with an SRVName endorses the key of a domain',
    {
      statement: toHex(await said(bySrv, { owner: DOMAIN }, { endorsed: domainKey })),
      jid: DOMAIN,
      identity: undefined,
    },
    good,
  ),
  people(
    'revoked',
    'a certificate takes back what it said: signed by it alone',
    { statement: toHex(await said(juliet, { purpose: 'revoked', sequence: 2 })) },
    good,
  ),
  people(
    'unrevoked',
    'a revocation list that leaves the certificate standing',
    { revocationLists: [toHex(await revocationList(ROOT, [99]))] },
    good,
  ),
  people('other-jid', 'a statement about another account', { jid: ROMEO }),
  people('other-identity', 'a statement about another key', { identity: raw(newIdentity) }),
  people('purpose-vouched', 'a certificate does not vouch', {
    statement: toHex(await said(juliet, { purpose: 'vouched' })),
  }),
  people('purpose-device', 'a certificate endorses no device', {
    statement: toHex(await said(juliet, { purpose: 'device' })),
  }),
  people('not-yet', 'it begins more than a day after the time of receipt', {
    statement: toHex(await said(juliet, { notBefore: NOW + DAY + 1000 })),
  }),
  people('expired', 'it ends at the time of receipt', { now: NOW + 365 * DAY }),
  people('certificate-expired', 'the certificate is over, whatever the statement says', {
    statement: toHex(await said(ended)),
  }),
  people('certificate-name', 'the certificate names another account', { statement: toHex(await said(romeo)) }),
  people('common-name', 'the address is the common name alone', { statement: toHex(await said(commonName)) }),
  people('server', 'a certificate of the account’s domain names no account', { statement: toHex(await said(plain)) }),
  people('usage', 'a certificate that is held to server authentication', { statement: toHex(await said(purposed)) }),
  people('wildcard', 'a wildcard does not stand for the domain itself', {
    statement: toHex(await said(wildcard, { owner: DOMAIN }, { endorsed: domainKey })),
    jid: DOMAIN,
    identity: undefined,
  }),
  people('other-root', 'a certificate that leads to another root', { roots: [toHex(otherRoot)] }),
  people('no-intermediate', 'an intermediate that is missing', { statement: toHex(await said(chained)) }),
  people('no-certificate', 'nothing came along', { statement: toHex(await said(juliet, {}, { carried: [] })) }),
  people('one-signature', 'the endorsed key did not sign', {
    statement: toHex(encodeStatement({ ...alone, signerInfos: [ownSigner as Uint8Array] })),
  }),
  people('on-list', 'the certificate is on a revocation list', {
    revocationLists: [toHex(await revocationList(ROOT, [juliet.serial]))],
  }),
  people('old-list', 'the revocation list of the issuer is over', {
    revocationLists: [toHex(await revocationList(ROOT, []))],
    now: Date.UTC(2026, 11, 1),
  }),
  people('changed', 'one bit of the last octet, which is of a signature', { statement: flipped(statement, -1) }),
  people('spelling', 'version 5 without anything that asks for it', {
    statement: statement.replace('020103', '020105'),
  }),
];

const domainStatement = await said(server, { owner: DOMAIN }, { endorsed: domainKey });
const speaking = await domainKey.key.signingKey(crypto);
const vouchTerms = { jid: JULIET, identity: identity.key.publicKey, listVersion: 7, now: NOW };

/** A vouch for a week. */
async function vouched(change: Partial<Parameters<typeof signVouch>[0]> = {}, by = domainStatement): Promise<string> {
  const now = change.now ?? NOW;
  return toHex(await signVouch({ ...vouchTerms, notAfter: now + VOUCH_VALIDITY, ...change }, speaking, by, crypto));
}

/** The same for another purpose, which no service signs. */
async function vouchedAs(purpose: Endorsement['purpose']): Promise<string> {
  const content = encodeEndorsement(
    terms({ key: domainKey }, identity, { purpose, notAfter: NOW + VOUCH_VALIDITY, sequence: 7 }),
  );
  const { der } = await sign(content, {
    signers: [speaking],
    contentType: ID_CT_ENDORSEMENT,
    signingTime: NOW,
    crypto,
  });
  const others = [{ format: ID_CT_ENDORSEMENT, value: domainStatement }];
  return toHex(encodeStatement({ ...readStatement(der), others }));
}

const vouch = await vouched();
const byDomain = (file: string, title: string, input: object, expect = 'ERR_VERIFY'): Draft => ({
  file: `statement-vouch-${file}`,
  title,
  source: VOUCHING,
  operation: 'trust.vouch',
  expect,
  input: { statement: vouch, ...checked, ...input },
});
const later = await vouched({ identity: newIdentity.key.publicKey, listVersion: 1, now: NOW + 2 * DAY });
const after = await vouched({ identity: newIdentity.key.publicKey, listVersion: 1, now: NOW + VOUCH_VALIDITY });
const ofMontague = await said(montague, { owner: 'montague.example' }, { endorsed: domainKey });

const vouches: readonly Draft[] = [
  byDomain('week', 'a domain vouches for an account of its own, for a week', {}, good),
  byDomain('any', 'whichever key it names', { identity: undefined }, good),
  byDomain(
    'overlap',
    'another key was vouched for, and the times overlap: a key that changed, or a domain that says both',
    { statement: later, identity: raw(newIdentity), now: NOW + 3 * DAY, known: [vouch] },
    good,
  ),
  byDomain(
    'one-after-the-other',
    'another key was vouched for until then',
    { statement: after, identity: raw(newIdentity), now: NOW + VOUCH_VALIDITY, known: [vouch] },
    good,
  ),
  byDomain('other-jid', 'a vouch for another account', { jid: `nurse@${DOMAIN}` }),
  byDomain('other-identity', 'a vouch for another key', { identity: raw(newIdentity) }),
  byDomain('about-domain', 'a vouch for the domain itself', {
    statement: await vouched({ jid: DOMAIN }),
    jid: DOMAIN,
  }),
  byDomain('purpose-identity', 'the domain’s key endorses as a certificate would', {
    statement: await vouchedAs('identity'),
  }),
  byDomain('purpose-revoked', 'no vouch is taken back: it ends', { statement: await vouchedAs('revoked') }),
  byDomain('not-yet', 'it begins more than a day after the time of receipt', {
    statement: await vouched({ now: NOW + DAY + 1000 }),
  }),
  byDomain('expired', 'it ends at the time of receipt', { now: NOW + VOUCH_VALIDITY }),
  byDomain('too-long', 'it holds for more than a week', {
    statement: await vouched({ notAfter: NOW + VOUCH_VALIDITY + 1000 }),
  }),
  byDomain('other-domain', 'the domain of another vouches for this account', {
    statement: await vouched({}, ofMontague),
  }),
  byDomain('certificate-name', 'a statement about the domain, by a certificate that names another', {
    statement: await vouched({}, await said(montague, { owner: DOMAIN }, { endorsed: domainKey })),
  }),
  byDomain('other-key', 'the domain’s certificate endorses another key than the one that vouches', {
    statement: await vouched({}, await said(server, { owner: DOMAIN }, { endorsed: mallory })),
  }),
  byDomain('domain-revoked', 'the domain’s certificate took back its statement about the key that vouches', {
    statement: await vouched(
      {},
      await said(server, { owner: DOMAIN, purpose: 'revoked', sequence: 2 }, { endorsed: domainKey }),
    ),
  }),
  byDomain('domain-expired', 'the statement about the key that vouches is over', {
    statement: await vouched({}, await said(server, { owner: DOMAIN, notAfter: NOW }, { endorsed: domainKey })),
  }),
  byDomain('alone', 'nothing shows whose key vouches', {
    statement: toHex(encodeStatement({ ...readStatement(Buffer.from(vouch, 'hex')), others: [] })),
  }),
  byDomain('other-root', 'a domain’s certificate that leads to another root', { roots: [toHex(otherRoot)] }),
  byDomain('changed', 'one bit of the last octet, which is of a signature', { statement: flipped(vouch, -1) }),
];

export const statements: readonly Draft[] = [...endorsements, ...vouches];
