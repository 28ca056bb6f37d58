/** The vectors of `test-vectors/trust` that are about endorsements by certificates. */
import { ID_CT_ENDORSEMENT, toHex } from '@stanzaseal/cms';
import { sign } from '@stanzaseal/signer';
import { encodeStatement, readStatement } from '../../packages/trust/src/statement.js';
import { revocationList } from './certificates.js';
import { ROMEO } from './people.js';
import {
  between,
  bySrv,
  byUri,
  chained,
  checked,
  commonName,
  DAY,
  DOMAIN,
  domainKey,
  ended,
  identity,
  juliet,
  NOW,
  newIdentity,
  otherRoot,
  plain,
  purposed,
  ROOT,
  raw,
  romeo,
  said,
  wildcard,
} from './statementScene.js';
import { crypto, type Draft, flipped } from './vectorWriter.js';

const X509 = 'docs/specification.md §27.2; RFC 6120 §13.7.1';

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

/** Endorsements by certificates. */
export const statements: readonly Draft[] = [
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
