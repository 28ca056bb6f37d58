/** The vectors of `test-vectors/trust` that are about vouches. */
import { type Endorsement, encodeEndorsement, ID_CT_ENDORSEMENT, toHex } from '@stanzaseal/cms';
import { sign } from '@stanzaseal/signer';
import { signVouch, VOUCH_VALIDITY } from '@stanzaseal/trust/vouching';
import { encodeStatement, readStatement } from '../../packages/trust/src/statement.js';
import { JULIET } from './people.js';
import {
  checked,
  DAY,
  DOMAIN,
  domainKey,
  identity,
  mallory,
  montague,
  NOW,
  newIdentity,
  otherRoot,
  raw,
  said,
  server,
  terms,
} from './statementScene.js';
import { crypto, type Draft, flipped } from './vectorWriter.js';

const VOUCHING = 'docs/specification.md §27.4';
const good = 'success';

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

/** Vouches. */
export const vouches: readonly Draft[] = [
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
