/** OpenPGP keys that gpg made endorse identity keys. */
import {
  DerReader,
  decodeEndorsement,
  encodeDer,
  encodeEndorsement,
  equal,
  fromUtf8,
  generatePrivateKey,
  octetString,
  type SigningKey,
  toUtf8,
} from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LEVEL_OF } from '../../src/levels/index.js';
import {
  checkOpenPgpEndorsement,
  completeOpenPgpEndorsement,
  endorseByOpenPgp,
  type OpenPgpCheck,
  type OpenPgpEndorsement,
  requestOpenPgpEndorsement,
  revokeByOpenPgp,
  TrustError,
} from '../../src/openpgp/index.js';
import { statementText } from '../../src/openpgp/statementText.js';
import { encodeStatement, readStatement } from '../../src/statement.js';
import { gpg, gpgTakes, hasGpg, newGpgKey, publicKey, revokeKey, signature } from './gpg.js';

const test = suite('endorsement by an OpenPGP key');
const skipped = !hasGpg();
const crypto = createCryptoProvider();
const JULIET = 'juliet@capulet.example';
const ROMEO = 'romeo@montague.example';
const DAY = 86_400_000;
const now = Date.now() + 600_000;
const terms = { jid: JULIET, notBefore: now, notAfter: now + 100 * DAY, sequence: 1 };
let identity: SigningKey;
let juliet: string;

test.before(async () => {
  if (skipped) return;
  identity = await newKey();
  juliet = newGpgKey(`xmpp:${JULIET}`);
});

async function newKey(): Promise<SigningKey> {
  return (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
}

/** A statement that gpg signs, whatever becomes of the text on the way to it. */
async function statedByGpg(
  fingerprint: string,
  { key = identity, options = [] as string[], change = (text: Uint8Array): Uint8Array => text } = {},
): Promise<Uint8Array> {
  const { request, text } = await requestOpenPgpEndorsement(key, terms, publicKey(fingerprint), { now, crypto });
  return withSignature(request, signature(fingerprint, change(text), ...options));
}

function withSignature(request: Uint8Array, detached: Uint8Array): Uint8Array {
  const format = Uint8Array.of(...OPENPGP_SIGNATURE);
  const others = [{ format, value: encodeDer(octetString(detached)) }];
  return encodeStatement({ ...readStatement(request), certificates: [], others });
}
/** base.3.1, as the specification has it. */
const OPENPGP_SIGNATURE = Buffer.from('69829eacb5c7cbd4baa8f39c879cbabaa5d9be280301', 'hex');

function check(statement: Uint8Array, keys: readonly string[], more: Partial<OpenPgpCheck> = {}) {
  return checkOpenPgpEndorsement(statement, { jid: JULIET, keys: keys.map(publicKey), now, crypto, ...more });
}

async function refused(checking: Promise<OpenPgpEndorsement | Uint8Array>): Promise<void> {
  try {
    await checking;
  } catch (error) {
    assert.instance(error, TrustError);
    assert.equal(
      [(error as TrustError).code, (error as TrustError).message],
      ['ERR_VERIFY', 'the statement does not hold'],
    );
    return;
  }
  assert.unreachable('the statement was believed');
}

for (const algorithm of ['ed25519', 'rsa2048', 'rsa3072', 'nistp256']) {
  test(`gpg signs with a key of ${algorithm}`, async () => {
    if (skipped) return;
    const jid = `${algorithm}@capulet.example`;
    const fingerprint = newGpgKey(`xmpp:${jid}`, algorithm);
    const parameters = { now, crypto };
    const key = publicKey(fingerprint);
    const { request, text } = await requestOpenPgpEndorsement(identity, { ...terms, jid }, key, parameters);
    assert.match(
      fromUtf8(text),
      new RegExp(`^Statement about a key of an account, stanzaseal/0\naccount: xmpp:${jid}\n`),
    );
    const statement = await completeOpenPgpEndorsement(request, signature(fingerprint, text), key, parameters);
    const { evidence, userId, endorsed } = await check(statement, [fingerprint], {
      jid,
      identity: identity.publicKey.raw,
    });
    assert.equal([evidence.kind, evidence.jid, evidence.sequence], ['openpgp', jid, 1]);
    assert.is(LEVEL_OF[evidence.kind], 'endorsed');
    assert.is(evidence.by, `xmpp:${jid} (${fingerprint})`);
    assert.is(userId, `xmpp:${jid}`);
    assert.ok(equal(endorsed.raw, identity.publicKey.raw));
    assert.is(evidence.notAfter, Math.floor(terms.notAfter / 1000) * 1000);
  });
}

test('a key of gpg with a passphrase signs here, and gpg takes the signature', async () => {
  if (skipped) return;
  gpg('--passphrase', 'wherefore', '--quick-generate-key', `xmpp:nurse@capulet.example`, 'ed25519', 'sign', '1y');
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(
    gpg('--with-colons', '--list-keys', '=xmpp:nurse@capulet.example').toString(),
  )?.[1] as string;
  const key = gpg('--passphrase', 'wherefore', '--armor', '--export-secret-keys', fingerprint).toString();
  const nurse = { ...terms, jid: 'nurse@capulet.example' };
  const statement = await endorseByOpenPgp(identity, nurse, { key, passphrase: 'wherefore' }, { now, crypto });
  const { content, others } = readStatement(statement);
  const detached = new DerReader((others[0] as { value: Uint8Array }).value).octetString();
  assert.ok(gpgTakes(await statementText(content, crypto), detached));
  await check(statement, [fingerprint], { jid: nurse.jid });
  for (const passphrase of ['therefore', undefined]) {
    try {
      await endorseByOpenPgp(identity, nurse, { key, ...(passphrase && { passphrase }) }, { now, crypto });
      assert.unreachable();
    } catch (error) {
      assert.is((error as TrustError).code, 'ERR_PASSPHRASE');
    }
  }
});

test('a signing subkey signs; a key in armour is read', async () => {
  if (skipped) return;
  const fingerprint = newGpgKey(`xmpp:${JULIET}`, 'rsa2048');
  gpg('--quick-add-key', fingerprint, 'ed25519', 'sign', '30d');
  const statement = await statedByGpg(fingerprint);
  const armoured = gpg('--armor', '--export', fingerprint).toString();
  const { evidence } = await check(statement, [], { keys: [armoured] });
  // It ends with the subkey.
  assert.ok((evidence.notAfter as number) < now + 31 * DAY);
  await check(statement, [], { keys: [armoured], now: now + 29 * DAY });
  await refused(check(statement, [], { keys: [armoured], now: now + 31 * DAY }));
});

test('the OpenPGP key takes back what it said', async () => {
  if (skipped) return;
  const key = new Uint8Array(gpg('--export-secret-keys', juliet));
  const revocation = await revokeByOpenPgp(identity.publicKey, { ...terms, sequence: 2 }, { key }, { now, crypto });
  const { evidence } = await check(revocation, [juliet]);
  assert.equal([evidence.revokedAt, evidence.sequence], [now, 2]);
  assert.is(evidence.by, (await check(await statedByGpg(juliet), [juliet])).evidence.by);
  // A statement is not made a revocation by taking a signature away, nor the other way round.
  await refused(check(encodeStatement({ ...readStatement(await statedByGpg(juliet)), signerInfos: [] }), [juliet]));
  const { signerInfos } = readStatement(await statedByGpg(juliet));
  await refused(check(encodeStatement({ ...readStatement(revocation), signerInfos }), [juliet]));
});

test('a key without the xmpp: user id, with another, with one that was revoked', async () => {
  if (skipped) return;
  const mail = newGpgKey(`Juliet <${JULIET}>`);
  const bracketed = newGpgKey(`Juliet <xmpp:${JULIET}>`);
  const romeo = newGpgKey(`xmpp:${ROMEO}`);
  for (const fingerprint of [mail, bracketed, romeo]) {
    try {
      await statedByGpg(fingerprint);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /^key has no user id 'xmpp:juliet@capulet.example' that is in force$/);
    }
  }
  const changing = newGpgKey(`xmpp:${JULIET}`);
  gpg('--quick-add-uid', changing, 'Juliet');
  const statement = await statedByGpg(changing);
  const before = publicKey(changing);
  await check(statement, [changing]);
  gpg('--quick-revoke-uid', changing, `xmpp:${JULIET}`);
  await refused(check(statement, [changing]));
  await check(statement, [], { keys: [before] });
});

test('T22: user ids are compared in normal form', async () => {
  if (skipped) return;
  const fingerprint = newGpgKey('xmpp:JULIET@Capulet.example');
  await check(await statedByGpg(fingerprint), [fingerprint], { jid: 'Juliet@capulet.EXAMPLE' });
});

test('a key that expired, that was revoked, that nobody gave, and one of the same user id', async () => {
  if (skipped) return;
  const statement = await statedByGpg(juliet);
  await check(statement, [juliet], { now: now + 99 * DAY });
  await refused(check(statement, [juliet], { now: now + 101 * DAY }));
  const brief = newGpgKey(`xmpp:${JULIET}`);
  const said = await statedByGpg(brief);
  gpg('--quick-set-expire', brief, '10d');
  // A key whose end was put off, or brought near, since it signed.
  await check(said, [brief]);
  await refused(check(said, [brief], { now: now + 11 * DAY }));
  await refused(check(statement, []));
  await refused(check(statement, [brief]));
  await check(statement, [brief, juliet]);
  revokeKey(brief);
  await refused(check(said, [brief]));
});

test('a signature by SHA-1, over something else, in text mode, by another key; a key that SHA-1 signed', async () => {
  if (skipped) return;
  const plain = await statedByGpg(juliet);
  await refused(check(await statedByGpg(juliet, { options: ['--digest-algo', 'SHA1'] }), [juliet]));
  await refused(check(await statedByGpg(juliet, { options: ['--textmode'] }), [juliet]));
  // The bare octets of the endorsement, which somebody had her sign as a file.
  const { content } = readStatement(plain);
  await refused(check(await statedByGpg(juliet, { change: () => content }), [juliet]));
  const crlf = (text: Uint8Array): Uint8Array => toUtf8(fromUtf8(text).replace(/\n/g, '\r\n'));
  await refused(check(await statedByGpg(juliet, { change: crlf }), [juliet]));
  const mallory = newGpgKey(`xmpp:${ROMEO}`);
  const { request, text } = await requestOpenPgpEndorsement(identity, terms, publicKey(juliet), { now, crypto });
  await refused(check(withSignature(request, signature(mallory, text)), [juliet, mallory]));
  await refused(completeOpenPgpEndorsement(request, signature(mallory, text), publicKey(juliet), { now, crypto }));
  const two = Buffer.concat([signature(juliet, text), signature(juliet, text)]);
  await refused(check(withSignature(request, two), [juliet]));
  const old = newGpgKey(`xmpp:${JULIET}`, 'rsa2048', '--cert-digest-algo', 'SHA1');
  try {
    await statedByGpg(old);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test("another key, another account, somebody else's key without its holder's consent", async () => {
  if (skipped) return;
  const statement = await statedByGpg(juliet);
  const other = await newKey();
  await refused(check(statement, [juliet], { identity: other.publicKey.raw }));
  await refused(check(statement, [juliet], { jid: ROMEO }));
  const read = readStatement(statement);
  for (const change of [
    { endorsed: other.publicKey },
    { owner: ROMEO },
    { sequence: 2 },
    { purpose: 'contact' as const },
  ]) {
    const content = encodeEndorsement({ ...decodeEndorsement(read.content), ...change });
    await refused(check(encodeStatement({ ...read, content }), [juliet]));
  }
  // A key of which Juliet's OpenPGP key says that it is hers; whose it is does not say so.
  const theirs = encodeEndorsement({ ...decodeEndorsement(read.content), endorsed: other.publicKey });
  const signed = signature(juliet, await statementText(theirs, crypto));
  const value = encodeDer(octetString(signed));
  const [format] = read.others.map((each) => each.format);
  const others = [{ format: format as Uint8Array, value }];
  await refused(check(encodeStatement({ ...read, content: theirs, others }), [juliet]));
  await refused(check(encodeStatement({ ...read, content: theirs, others, signerInfos: [] }), [juliet]));
});

test('T06: the text says the endorsement in one way', async () => {
  if (skipped) return;
  const { content } = readStatement(await statedByGpg(juliet));
  const lines = fromUtf8(await statementText(content, crypto)).split('\n');
  assert.is(lines.length, 7);
  assert.is(lines[5], `endorsement: ${Buffer.from(content).toString('base64')}`);
  // Nothing that an address may hold ends a line.
  for (const owner of ['juliet\nkey: 0@capulet.example', 'a\u2028b@capulet.example']) {
    const odd = { ...decodeEndorsement(content), owner };
    await refused(
      check(encodeStatement({ ...readStatement(await statedByGpg(juliet)), content: encodeEndorsement(odd) }), [
        juliet,
      ]),
    );
  }
});

test('every octet of a statement counts', async () => {
  if (skipped) return;
  const honest = await statedByGpg(juliet);
  const keys = [publicKey(juliet)];
  await check(honest, [], { keys });
  const taken: number[] = [];
  for (let i = 0; i < honest.length; i++) {
    const changed = Uint8Array.from(honest);
    changed[i] = (changed[i] as number) ^ (1 << (i % 8));
    try {
      await check(changed, [], { keys });
      taken.push(i);
    } catch (error) {
      assert.is((error as TrustError).code, 'ERR_VERIFY');
    }
  }
  // OpenPGP signs neither the second half of its subpackets nor how its numbers are written; no more than that is free.
  const signed = readStatement(honest).others[0]?.value ?? honest;
  const start = Buffer.from(honest).indexOf(signed);
  assert.ok(taken.length < 8 && taken.every((i) => i > start && i < start + signed.length), taken.join(' '));
  for (let length = 0; length < honest.length; length += 11)
    await refused(check(honest.subarray(0, length), [], { keys }));
});

test('bad arguments', async () => {
  if (skipped) return;
  try {
    await check(await statedByGpg(juliet), [], { keys: [Uint8Array.of(1, 2, 3)] });
    assert.unreachable();
  } catch (error) {
    assert.is((error as RangeError).message, 'keys[0] is no OpenPGP key');
  }
});

test.run();
