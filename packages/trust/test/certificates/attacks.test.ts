/** What somebody tries who has a certificate, or a statement, and not the right one. Each chain is shown to openssl as well. */
import {
  compare,
  concat,
  encodeEndorsement,
  equal,
  exportPublicKey,
  ID_CT_DEVICE_LIST,
  ID_CT_ENDORSEMENT,
  type SigningKey,
} from '@stanzaseal/cms';
import { sign as signBare } from '@stanzaseal/signer';
import { sign } from '@stanzaseal/signer/general';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeStatement, endorsementIn, readStatement } from '../../src/statement.js';
import { AUTHORITY, hasOpenssl, type Issued, issue, named, opensslTakes, revocationList } from './authority.js';
import {
  check,
  crypto,
  DAY,
  general,
  JULIET,
  NOW,
  newKey,
  primitives,
  ROMEO,
  random,
  refused,
  stated,
  terms,
} from './scene.js';

const test = suite('attacks on endorsements by certificates');
const skipped = !hasOpenssl();
const USE = 'keyUsage=critical,digitalSignature';

let root: Issued;
let between: Issued;
let juliet: Issued;
let romeo: Issued;
let identity: SigningKey;

test.before(async () => {
  if (skipped) return;
  root = await issue({ subject: '/CN=Root' });
  between = await issue({ subject: '/CN=Signing', issuer: root });
  juliet = await issue({ issuer: between, extensions: [named(JULIET), USE] });
  romeo = await issue({ issuer: between, extensions: [named(ROMEO), USE] });
  identity = await newKey();
});

/** A statement that `stated` would not make: any endorsement, signed by whoever is given. */
async function forged(
  leaf: Issued,
  certificates: readonly Issued[],
  more: { keys?: readonly SigningKey[]; contentType?: Uint8Array; change?: object } = {},
): Promise<Uint8Array> {
  const { keys = [identity], contentType = ID_CT_ENDORSEMENT, change = {} } = more;
  const endorser = await crypto.sha256(spkiOf(leaf));
  const endorsement = {
    ...terms(),
    endorser,
    endorsed: identity.publicKey,
    owner: JULIET,
    purpose: 'identity' as const,
  };
  const content = encodeEndorsement({ ...endorsement, ...change });
  const signers = [{ key: leaf.key }] as const;
  const own = await sign(content, {
    profile: 'general',
    signers,
    contentType,
    signingTime: NOW,
    random,
    crypto: general,
  });
  const others = await Promise.all(
    keys.map(async (key) => signBare(content, { signers: [key], contentType, signingTime: NOW, crypto })),
  );
  const signerInfos = [own, ...others.map(({ der }) => der)].flatMap((der) => signerInfosIn(der, contentType));
  return encodeStatement({ content, signerInfos, certificates: certificates.map(({ der }) => der), others: [] });
}

const spkiOf = ({ key }: Issued): Uint8Array => key.publicKey.spki;

/** What was signed as content of another type stands there as an endorsement: the identifiers are of one length. */
function signerInfosIn(der: Uint8Array, contentType: Uint8Array): readonly Uint8Array[] {
  const posing = Uint8Array.from(der);
  posing.set(ID_CT_ENDORSEMENT, indexOf(posing, contentType));
  return readStatement(posing).signerInfos;
}

function indexOf(octets: Uint8Array, part: Uint8Array): number {
  for (let i = 0; i + part.length <= octets.length; i++) if (equal(octets.subarray(i, i + part.length), part)) return i;
  return -1;
}

test('the honest one is taken, and so is the forge when it forges nothing', async () => {
  if (skipped) return;
  await check(await stated(identity, juliet, between), [root]);
  await check(await forged(juliet, [juliet, between]), [root]);
  assert.ok(opensslTakes(juliet, [between], root));
});

test('a stripped chain, a stripped certificate, another root, no root', async () => {
  if (skipped) return;
  const statement = await stated(identity, juliet, between);
  const other = await issue({ subject: '/CN=Root' });
  await refused(check(await stated(identity, juliet), [root]));
  await refused(check(await forged(juliet, []), [root]));
  await refused(check(await forged(juliet, [between]), [root]));
  await refused(check(statement, [other]));
  await refused(check(statement, []));
  assert.not.ok(opensslTakes(juliet, [], root));
  assert.not.ok(opensslTakes(juliet, [between], other));
});

test('the name of another account, whoever is endorsed (P13)', async () => {
  if (skipped) return;
  const honest = await stated(identity, juliet, between);
  await refused(check(honest, [root], { jid: ROMEO }));
  // Romeo has a certificate, and endorses a key as Juliet's.
  await refused(check(await forged(romeo, [romeo, between]), [root]));
  await refused(check(await forged(romeo, [romeo, juliet, between]), [root]));
  // Romeo's signature under Juliet's name.
  const endorser = await crypto.sha256(spkiOf(juliet));
  await refused(check(await forged(romeo, [juliet, between], { change: { endorser } }), [root]));
  await refused(check(await forged(juliet, [juliet, between], { change: { owner: ROMEO } }), [root]));
});

test('the name in the common name alone, in a mail address, in a full JID, behind a NUL', async () => {
  if (skipped) return;
  const subject = `/CN=${JULIET}/emailAddress=${JULIET}`;
  for (const extensions of [
    [USE],
    [`subjectAltName=email:${JULIET}`],
    [`subjectAltName=otherName:1.3.6.1.5.5.7.8.5;IA5STRING:${JULIET}`],
    [`subjectAltName=otherName:1.3.6.1.5.5.7.8.9;UTF8:${JULIET}`],
    [named(`${JULIET}/balcony`)],
    [named(`${JULIET}\\x00.evil.example`)],
    [`subjectAltName=URI:xmpp:${JULIET}/balcony`],
    [`subjectAltName=URI:xmpp:${JULIET}?message`],
    [`subjectAltName=URI:xmpp://${JULIET}`],
    [`subjectAltName=URI:mailto:${JULIET}`],
    ['subjectAltName=DNS:capulet.example'],
    ['subjectAltName=otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_xmpp-client.capulet.example'],
    [named('capulet.example')],
  ]) {
    const leaf = await issue({ subject, issuer: between, extensions });
    await refused(check(await forged(leaf, [leaf, between]), [root]));
  }
});

test('T22: a statement about another spelling of the address is about nobody', async () => {
  if (skipped) return;
  for (const owner of [
    'Juliet@capulet.example',
    'juliet@CAPULET.example',
    `${JULIET}/balcony`,
    'ｊuliet@capulet.example',
  ])
    await refused(check(await forged(juliet, [juliet, between], { change: { owner } }), [root]));
});

test('an expired certificate, one that is not yet, an expired authority, an expired statement', async () => {
  if (skipped) return;
  const brief = await issue({ issuer: between, extensions: [named(JULIET)], days: 2 });
  const statement = await stated(identity, brief, between);
  await check(statement, [root], { now: NOW + DAY });
  await refused(check(statement, [root], { now: NOW + 2 * DAY }));
  await refused(check(statement, [root], { now: NOW - DAY }));
  const dying = await issue({ subject: '/CN=Signing', issuer: root, days: 2 });
  const lasting = await issue({ issuer: dying, extensions: [named(JULIET)] });
  const other = await stated(identity, lasting, dying);
  await check(other, [root]);
  await refused(check(other, [root], { now: NOW + 3 * DAY }));
  const honest = await stated(identity, juliet, between);
  await check(honest, [root], { now: NOW + 364 * DAY });
  await refused(check(honest, [root], { now: NOW + 365 * DAY }));
  await refused(check(honest, [root], { now: NOW - 1.1 * DAY }));
});

test('a certificate that a list revokes, an authority that one revokes, and lists of nobody', async () => {
  if (skipped) return;
  const leaf = await issue({ issuer: between, extensions: [named(JULIET)], serial: 0xfedcba98 });
  const statement = await stated(identity, leaf, between);
  const clean = [revocationList(between, [romeo]), revocationList(root, [])];
  await check(statement, [root], { revocationLists: clean });
  await refused(check(statement, [root], { revocationLists: [revocationList(between, [leaf])] }));
  await refused(check(statement, [root], { revocationLists: [revocationList(between, [romeo, leaf])] }));
  await refused(
    check(statement, [root], { revocationLists: [clean[0] as Uint8Array, revocationList(root, [between])] }),
  );
  // A list that is out of date says who was revoked, and not who was not.
  await refused(check(statement, [root], { revocationLists: clean, now: NOW + 31 * DAY }));
  // One under the authority's name that somebody else signed stands for none.
  const impostor = await issue({ subject: '/CN=Signing' });
  await refused(check(statement, [root], { revocationLists: [revocationList(impostor, [])] }));
  await check(statement, [root], { revocationLists: [revocationList(impostor, [leaf]), clean[0] as Uint8Array] });
  // An authority without the right to sign lists.
  const mute = await issue({
    subject: '/CN=Mute',
    issuer: root,
    extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
  });
  const below = await issue({ issuer: mute, extensions: [named(JULIET)] });
  const told = await stated(identity, below, mute);
  await check(told, [root]);
  await refused(check(told, [root], { revocationLists: [revocationList(mute, [])] }));
  try {
    await check(statement, [root], { revocationLists: [leaf.der] });
    assert.unreachable();
  } catch (error) {
    assert.match((error as RangeError).message, /^revocationLists\[0\] is no revocation list/);
  }
});

test('a critical extension that nobody understands, in the leaf, an authority, the root', async () => {
  if (skipped) return;
  const odd = '1.2.3.4=critical,ASN1:NULL';
  const leaf = await issue({ issuer: between, extensions: [named(JULIET), odd] });
  await refused(check(await stated(identity, leaf, between), [root]));
  assert.not.ok(opensslTakes(leaf, [between], root));
  const harmless = await issue({ issuer: between, extensions: [named(JULIET), '1.2.3.4=ASN1:NULL'] });
  await check(await stated(identity, harmless, between), [root]);
  const signing = await issue({ subject: '/CN=Odd', issuer: root, extensions: [...AUTHORITY, odd] });
  const below = await issue({ issuer: signing, extensions: [named(JULIET)] });
  await refused(check(await stated(identity, below, signing), [root]));
  const top = await issue({ subject: '/CN=Odd', extensions: [...AUTHORITY, odd] });
  const low = await issue({ issuer: top, extensions: [named(JULIET)] });
  await refused(check(await stated(identity, low), [top]));
});

test('an issuer that is no authority: CA:FALSE, nothing said, no right to sign, too deep, a person', async () => {
  if (skipped) return;
  for (const extensions of [
    ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,keyCertSign'],
    ['keyUsage=critical,keyCertSign'],
    ['basicConstraints=critical,CA:TRUE', USE],
  ]) {
    const issuer = await issue({ subject: '/CN=No authority', issuer: root, extensions });
    const leaf = await issue({ issuer, extensions: [named(JULIET)] });
    await refused(check(await stated(identity, leaf, issuer), [root]));
    assert.not.ok(opensslTakes(leaf, [issuer], root));
  }
  const flat = await issue({
    subject: '/CN=Flat',
    extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=keyCertSign'],
  });
  const deep = await issue({ subject: '/CN=Deep', issuer: flat });
  const leaf = await issue({ issuer: deep, extensions: [named(JULIET)] });
  await refused(check(await stated(identity, leaf, deep), [flat]));
  assert.not.ok(opensslTakes(leaf, [deep], flat));
  const shallow = await issue({ issuer: flat, extensions: [named(JULIET)] });
  await check(await stated(identity, shallow), [flat]);
  // Romeo's own certificate as an authority (Basic Constraints of 2002).
  const fake = await issue({ issuer: romeo, extensions: [named(JULIET)] });
  await refused(check(await stated(identity, fake, romeo, between), [root]));
});

test('a signature by MD5 or SHA-1, of the leaf or of an authority', async () => {
  if (skipped) return;
  const old = await issue({ subject: '/CN=Old', key: 'rsa' });
  for (const digest of ['sha1', 'md5']) {
    const leaf = await issue({ issuer: old, digest, extensions: [named(JULIET)] });
    await refused(check(await stated(identity, leaf), [old]));
    const signing = await issue({ subject: '/CN=Weak', issuer: old, digest });
    const below = await issue({ issuer: signing, extensions: [named(JULIET)] });
    await refused(check(await stated(identity, below, signing), [old]));
  }
  const good = await issue({ issuer: old, extensions: [named(JULIET)] });
  await check(await stated(identity, good), [old]);
  // Of a root's own signature nobody asks: it is trusted as it is.
  const root1 = await issue({ subject: '/CN=Old root', digest: 'sha1', key: 'rsa' });
  await check(await stated(identity, await issue({ issuer: root1, extensions: [named(JULIET)] })), [root1]);
});

test('another key in the place of the endorsed one', async () => {
  if (skipped) return;
  const other = await newKey();
  const honest = await stated(identity, juliet, between);
  await refused(check(honest, [root], { identity: other.publicKey.raw }));
  const read = readStatement(honest);
  const endorsement = { ...endorsementIn(honest), endorsed: other.publicKey };
  await refused(check(encodeStatement({ ...read, content: encodeEndorsement(endorsement) }), [root]));
  const [own, theirs] = [exportPublicKey(identity.publicKey), exportPublicKey(other.publicKey)];
  const at = indexOf(honest, own);
  const swapped = Uint8Array.from(honest);
  swapped.set(theirs, at);
  assert.ok(at > 0);
  await refused(check(swapped, [root]));
});

test("somebody else's key without its holder's consent: the second signature missing, another's, or both by one key", async () => {
  if (skipped) return;
  const [hers, his] = [[juliet, between] as const, await newKey()];
  await refused(check(await forged(juliet, hers, { keys: [] }), [root]));
  await refused(check(await forged(juliet, hers, { keys: [his] }), [root]));
  const honest = readStatement(await stated(identity, juliet, between));
  for (const one of honest.signerInfos)
    await refused(check(encodeStatement({ ...honest, signerInfos: [one] }), [root]));
  // A revocation is signed by the certificate alone: a statement is no revocation, nor the other way round.
  await refused(check(await forged(juliet, hers, { change: { purpose: 'revoked' } }), [root]));
  await check(await forged(juliet, hers, { keys: [], change: { purpose: 'revoked' } }), [root]);
});

test('another purpose, another kind of content, another kind of key', async () => {
  if (skipped) return;
  for (const purpose of ['device', 'vouched', 'contact'])
    await refused(check(await forged(juliet, [juliet, between], { change: { purpose } }), [root]));
  await refused(check(await forged(juliet, [juliet, between], { contentType: ID_CT_DEVICE_LIST }), [root]));
});

test('T06: what one field loses, no other takes up', async () => {
  if (skipped) return;
  const honest = await stated(identity, juliet, between);
  const read = readStatement(honest);
  const { owner, sequence } = endorsementIn(honest);
  // A character from the end of the address to the number that follows, and lengths to match: signed octets, not fields.
  for (const change of [
    { owner: owner.slice(0, -1), sequence: sequence * 256 + owner.charCodeAt(owner.length - 1) },
    { owner: `${owner}1`, sequence: 0 },
  ]) {
    const content = encodeEndorsement({ ...endorsementIn(honest), ...change });
    await refused(check(encodeStatement({ ...read, content }), [root], { jid: change.owner }));
  }
});

test('an authority of the same name and key identifier as another', async () => {
  if (skipped) return;
  const skid = 'subjectKeyIdentifier=00112233445566778899aabbccddeeff00112233';
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign', skid];
  const real = await issue({ subject: '/CN=Twin', issuer: root, extensions });
  const twin = await issue({ subject: '/CN=Twin', extensions });
  const skip = ['authorityKeyIdentifier=keyid', named(JULIET)];
  const hers = await issue({ issuer: real, extensions: skip });
  const his = await issue({ issuer: twin, extensions: skip });
  // The twin stands before the real one, behind it, and alone; it never leads to the root, and keeps nobody from finding the way.
  await check(await forged(hers, [hers, real, twin]), [root]);
  await check(await forged(hers, [hers, twin, real]), [root], { intermediates: [twin.der] });
  await refused(check(await forged(his, [his, twin, real]), [root]));
  await refused(check(await forged(his, [his, real, twin]), [root]));
  // A certificate of Juliet's key by nobody, added by whoever carries the statement.
  const alone = await issue({ keyOf: juliet, extensions: [named(JULIET)] });
  await check(await forged(juliet, [alone, juliet, between]), [root]);
  // Under Romeo's key, with the key identifier of Juliet's.
  const posing = await issue({ issuer: between, extensions: [named(ROMEO), skid] });
  const endorser = await crypto.sha256(spkiOf(juliet));
  await refused(check(await forged(posing, [posing, juliet, between], { change: { endorser } }), [root]));
});

test('an authority held to some names gives others', async () => {
  if (skipped) return;
  const held = (constraints: string) =>
    issue({ subject: '/CN=Held', issuer: root, extensions: [...AUTHORITY, `nameConstraints=critical,${constraints}`] });
  const uri = `subjectAltName=URI:xmpp:${JULIET}`;
  for (const [constraints, name, isTaken] of [
    ['permitted;DNS:capulet.example', named(JULIET), true],
    ['permitted;DNS:example', named(JULIET), true],
    ['permitted;DNS:capulet.example', uri, true],
    ['permitted;DNS:montague.example', named(JULIET), false],
    ['permitted;DNS:let.example', named(JULIET), false],
    ['permitted;DNS:.capulet.example', named(JULIET), false],
    ['permitted;DNS:montague.example', uri, false],
    ['excluded;DNS:capulet.example', named(JULIET), false],
    ['excluded;DNS:montague.example', named(JULIET), true],
    ['permitted;URI:.example', uri, false],
    ['excluded;URI:.montague.example', uri, false],
    ['permitted;dirName:dir', named(JULIET), true],
    ['permitted;otherName:1.3.6.1.5.5.7.8.5;UTF8:capulet.example', named(JULIET), false],
    ['permitted;email:capulet.example', named(JULIET), true],
    ['permitted;IP:10.0.0.0/255.0.0.0', named(JULIET), true],
    ['permitted;IP:10.0.0.0/255.0.0.0', `${named(JULIET)},IP:11.0.0.1`, false],
    ['excluded;IP:10.0.0.0/255.0.0.0', `${named(JULIET)},IP:11.0.0.1`, true],
    ['permitted;email:capulet.example', `${named(JULIET)},email:a@b.example`, false],
    ['permitted;email:.b.example', `${named(JULIET)},email:a@c.b.example`, true],
  ] as const) {
    const authority = await (constraints.includes('dirName')
      ? issue({
          subject: '/CN=Held',
          issuer: root,
          extensions: [...AUTHORITY, `nameConstraints=critical,${constraints}`, '[dir]', 'O=Capulet'],
        })
      : held(constraints));
    const leaf = await issue({ subject: '/O=CAPULET/CN=J', issuer: authority, extensions: [name] });
    const statement = await stated(identity, leaf, authority);
    const checking = check(statement, [root]);
    if (isTaken) await checking.catch((error) => assert.unreachable(`${constraints} ${name}: ${error.cause}`));
    else await refused(checking);
    // OpenSSL knows nothing of what is said of accounts, so where it refuses we do.
    if (!opensslTakes(leaf, [authority], root)) assert.not.ok(isTaken, `openssl refuses ${constraints} ${name}`);
  }
});

test('a constraint of the root, and of an authority further up', async () => {
  if (skipped) return;
  const constraint = 'nameConstraints=critical,permitted;DNS:montague.example';
  const top = await issue({ subject: '/CN=Top', extensions: [...AUTHORITY, constraint] });
  const middle = await issue({ subject: '/CN=Middle', issuer: top });
  const leaf = await issue({ issuer: middle, extensions: [named(JULIET)] });
  await refused(check(await stated(identity, leaf, middle), [top]));
  await check(await stated(identity, leaf, middle), [middle]);
});

test('a certificate for another purpose', async () => {
  if (skipped) return;
  for (const [purposes, isTaken] of [
    ['clientAuth', true],
    ['emailProtection,codeSigning', true],
    ['anyExtendedKeyUsage', true],
    ['serverAuth', false],
    ['codeSigning,timeStamping', false],
  ] as const) {
    const leaf = await issue({ issuer: between, extensions: [named(JULIET), `extendedKeyUsage=critical,${purposes}`] });
    const statement = await forged(leaf, [leaf, between]);
    if (isTaken) await check(statement, [root]);
    else await refused(check(statement, [root]));
  }
});

test('a thicket of cross-certificates is not followed to its end', async () => {
  if (skipped) return;
  // Four keys of one name, each of which certifies each: 4 * 4 certificates, and paths without end.
  const keys = await Promise.all([1, 2, 3, 4].map(() => issue({ subject: '/CN=Thicket' })));
  const crossed: Issued[] = [];
  for (const keyOf of keys)
    for (const issuer of keys)
      if (issuer !== keyOf) crossed.push(await issue({ subject: '/CN=Thicket', keyOf, issuer }));
  const leaf = await issue({ issuer: keys[0] as Issued, extensions: [named(JULIET)] });
  const statement = await forged(leaf, [leaf, ...crossed]);
  let verifications = 0;
  const counted: typeof general = {
    ...general,
    verify: (...given) => {
      verifications++;
      return general.verify(...given);
    },
  };
  await refused(check(statement, [root], { primitives: { ...primitives, general: counted } }));
  assert.ok(verifications <= 64 + 2, `${verifications} signatures were verified`);
});

test('every octet of a statement counts, but for the certificates nobody needs', async () => {
  if (skipped) return;
  const honest = await stated(identity, juliet, between);
  for (let i = 0; i < honest.length; i += 3) {
    const changed = Uint8Array.from(honest);
    changed[i] = (changed[i] as number) ^ (1 << (i % 8));
    await refused(check(changed, [root]));
  }
  for (let length = 0; length < honest.length; length += 29) await refused(check(honest.subarray(0, length), [root]));
  await refused(check(concat(honest, Uint8Array.of(0)), [root]));
});

test('one spelling: other orders, BER, and more than two signers are refused', async () => {
  if (skipped) return;
  const honest = await stated(identity, juliet, between);
  const read = readStatement(honest);
  const swapped = Uint8Array.from(honest);
  const [a, b] = [...read.signerInfos].sort(compare) as [Uint8Array, Uint8Array];
  swapped.set(concat(b, a), honest.length - a.length - b.length);
  await refused(check(swapped, [root]));
  const third = await newKey();
  await refused(check(await forged(juliet, [juliet, between], { keys: [identity, third] }), [root]));
});

test.run();
