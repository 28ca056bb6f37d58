/** Certificates that the openssl command made endorse identity keys. */
import { equal, fromHex, toHex } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  completeCertificateEndorsement,
  endorseByCertificate,
  requestCertificateEndorsement,
  revokeByCertificate,
} from '../../src/certificates/index.js';
import { openPkcs12 } from '../../src/certificates/pkcs12.js';
import { LEVEL_OF, mayReplace } from '../../src/levels/index.js';
import { endorsementIn, readStatement } from '../../src/statement.js';
import type { TrustError } from '../../src/trustError.js';
import { hasOpenssl, type Issued, issue, type KeyKind, named, openssl, opensslTakes, path } from './authority.js';
import { by, check, crypto, general, JULIET, NOW, newKey, random, refused, stated, terms } from './scene.js';

const test = suite('endorsement by a certificate');
const skipped = !hasOpenssl();

interface Chain {
  readonly root: Issued;
  readonly between: Issued;
  readonly leaf: Issued;
}

async function chainOf(kinds: readonly [KeyKind, KeyKind, KeyKind], name = named(JULIET)): Promise<Chain> {
  const root = await issue({ subject: '/O=Verona/CN=Root', key: kinds[0] });
  const between = await issue({ subject: '/O=Verona/CN=Signing', key: kinds[1], issuer: root });
  const extensions = ['basicConstraints=CA:FALSE', 'keyUsage=critical,digitalSignature', name];
  const leaf = await issue({ subject: '/O=Capulet/CN=Juliet', key: kinds[2], issuer: between, extensions });
  return { root, between, leaf };
}

const MATRIX: readonly (readonly [KeyKind, KeyKind, KeyKind])[] = [
  ['rsa', 'rsa', 'rsa'],
  ['p256', 'p256', 'p256'],
  ['ed25519', 'ed25519', 'ed25519'],
  ['p384', 'rsa', 'ed25519'],
  ['rsa', 'p384', 'p384'],
  ['ed25519', 'p256', 'rsa'],
];
for (const kinds of MATRIX) {
  test(`a key endorsed under ${kinds.join(', ')} is endorsed`, async () => {
    if (skipped) return;
    const { root, between, leaf } = await chainOf(kinds);
    const identity = await newKey();
    const statement = await stated(identity, leaf, between);
    const { evidence, endorsed, match, subject, path } = await check(statement, [root], {
      identity: identity.publicKey.raw,
    });
    assert.is(evidence.kind, 'x509');
    assert.is(LEVEL_OF[evidence.kind], 'endorsed');
    assert.is(evidence.by, 'CN=Juliet,O=Capulet (CN=Root,O=Verona)');
    assert.equal(
      [evidence.jid, evidence.sequence, evidence.notAfter],
      [JULIET, 1, terms().notAfter - (terms().notAfter % 1000)],
    );
    assert.ok(equal(evidence.identity, identity.publicKey.raw) && equal(endorsed.raw, identity.publicKey.raw));
    assert.ok(equal(evidence.statement as Uint8Array, statement));
    assert.equal([match, subject, path.length], ['xmppAddr', 'CN=Juliet,O=Capulet', 3]);
    assert.ok(opensslTakes(leaf, [between], root));
    // An identifier of the key does as well.
    await check(statement, [root], { identity: identity.publicKey.keyIdentifier });
  });
}

test('a certificate signed by RSA-PSS, and one that is trusted itself', async () => {
  if (skipped) return;
  const root = await issue({ key: 'rsa', pss: true });
  const leaf = await issue({ key: 'rsa', issuer: root, pss: true, extensions: [named(JULIET)] });
  const identity = await newKey();
  assert.is((await check(await stated(identity, leaf), [root])).path.length, 2);
  const alone = await issue({ key: 'ed25519', extensions: [named(JULIET)] });
  assert.is((await check(await stated(identity, alone), [alone])).path.length, 1);
});

test('an xmpp: URI names the account; a chain may lie with the one who checks', async () => {
  if (skipped) return;
  const { root, between, leaf } = await chainOf(['p256', 'p256', 'p256'], `subjectAltName=URI:xmpp:${JULIET}`);
  const statement = await stated(await newKey(), leaf);
  assert.is((await check(statement, [root], { intermediates: [between.der] })).match, 'uri');
  await refused(check(statement, [root]));
});

test('T22: names are compared in normal form, however they are written', async () => {
  if (skipped) return;
  const root = await issue();
  const wide = 'otherName=1.3.6.1.5.5.7.8.5;FORMAT:UTF8,UTF8:ｊｕｌｉｅｔ@capulet.example.';
  for (const extensions of [
    [named('JULIET@Capulet.EXAMPLE')],
    ['subjectAltName=@names', '[names]', wide],
    ['subjectAltName=URI:XMPP:%6Auliet@CAPULET.example'],
  ]) {
    const leaf = await issue({ issuer: root, extensions });
    await check(await stated(await newKey(), leaf), [root], { jid: 'Juliet@CAPULET.example' });
  }
});

test('a PKCS #12 file brings key and chain', async () => {
  if (skipped) return;
  for (const kind of ['rsa', 'p256', 'ed25519'] as const) {
    const { root, between, leaf } = await chainOf([kind, kind, kind]);
    const files = ['-inkey', `${leaf.name}.key`, '-in', `${leaf.name}.pem`, '-certfile', `${between.name}.pem`];
    openssl('pkcs12', '-export', ...files, '-out', 'juliet.p12', '-passout', 'pass:wherefore ärt');
    const file = (await import('node:fs')).readFileSync(path('juliet.p12'));
    const opened = await openPkcs12(file, 'wherefore ärt', { general, webCrypto: globalThis.crypto });
    assert.is(opened.certificates.length, 2);
    const signer = { ...opened, general, random };
    const identity = await newKey();
    const statement = await endorseByCertificate(identity, terms(), signer, { now: NOW, crypto });
    assert.is((await check(statement, [root])).path.length, 3);
    for (const [octets, passphrase, code] of [
      [file, 'another', 'ERR_PASSPHRASE'],
      [file, 'wherefore Я', 'ERR_UNSUPPORTED'],
      [file.subarray(0, 100), 'wherefore ärt', 'ERR_UNSUPPORTED'],
      [Uint8Array.of(0x30, 0), 'wherefore ärt', 'ERR_UNSUPPORTED'],
    ] as const) {
      try {
        await openPkcs12(octets, passphrase, { general, webCrypto: globalThis.crypto });
        assert.unreachable();
      } catch (error) {
        assert.is((error as TrustError).code, code);
      }
    }
  }
});

test('a PKCS #12 file of before: refused by name', async () => {
  if (skipped) return;
  const { leaf } = await chainOf(['p256', 'p256', 'p256']);
  const files = ['-inkey', `${leaf.name}.key`, '-in', `${leaf.name}.pem`];
  const { readFileSync } = await import('node:fs');
  for (const [option, what] of [
    ['-legacy', /before 2017/],
    ['-nomac', /no MAC/],
  ] as const) {
    openssl('pkcs12', '-export', option, ...files, '-out', 'old.p12', '-passout', 'pass:x');
    try {
      await openPkcs12(readFileSync(path('old.p12')), 'x', { general, webCrypto: globalThis.crypto });
      assert.unreachable();
    } catch (error) {
      assert.is((error as TrustError).code, 'ERR_UNSUPPORTED');
      assert.match((error as TrustError).message, what);
    }
  }
});

test('the certificate may be on another machine than the identity key', async () => {
  if (skipped) return;
  const { root, between, leaf } = await chainOf(['p256', 'p256', 'rsa']);
  const identity = await newKey();
  const request = await requestCertificateEndorsement(identity, terms(), leaf.der, { now: NOW, crypto });
  await refused(check(request, [root]));
  const statement = await completeCertificateEndorsement(request, by(leaf, between), { now: NOW, crypto });
  await check(statement, [root]);
  // A request that was changed on its way, and one for another certificate.
  const changed = Uint8Array.from(request);
  (changed as Uint8Array)[changed.length - 1] = (changed[changed.length - 1] as number) ^ 1;
  for (const [given, signer] of [
    [changed, by(leaf, between)],
    [request, by(between)],
    [statement, by(leaf)],
    [Uint8Array.of(1), by(leaf)],
  ] as const) {
    try {
      await completeCertificateEndorsement(given, signer, { now: NOW, crypto });
      assert.unreachable();
    } catch (error) {
      assert.is((error as TrustError).code, 'ERR_VERIFY');
    }
  }
});

test('the certificate takes back what it said, by a higher sequence', async () => {
  if (skipped) return;
  const { root, between, leaf } = await chainOf(['p256', 'p256', 'p256']);
  const identity = await newKey();
  const at = NOW;
  const first = (await check(await stated(identity, leaf, between), [root])).evidence;
  const revocation = await revokeByCertificate(identity.publicKey, terms(JULIET, 2), by(leaf, between), {
    now: NOW,
    crypto,
  });
  const { evidence } = await check(revocation, [root]);
  assert.is(evidence.revokedAt, NOW);
  assert.is(evidence.by, first.by);
  assert.ok(mayReplace({ ...first, at }, { ...evidence, at }));
  assert.not.ok(mayReplace({ ...evidence, at }, { ...first, at }));
  // A revocation that the endorsed key signed too has a signature too many.
  const { signerInfos } = readStatement(await stated(identity, leaf, between));
  assert.is(signerInfos.length, 2);
});

test('evidence ends with the certificate, at the latest', async () => {
  if (skipped) return;
  const root = await issue();
  const leaf = await issue({ issuer: root, extensions: [named(JULIET)], days: 7 });
  const { evidence } = await check(await stated(await newKey(), leaf), [root]);
  assert.ok((evidence.notAfter as number) < NOW + 7 * 86_400_000);
});

test('what cannot be said is not said', async () => {
  if (skipped) return;
  const root = await issue();
  const identity = await newKey();
  const other = await issue({ issuer: root, extensions: [named('romeo@montague.example')] });
  const mute = await issue({ issuer: root, extensions: [named(JULIET), 'keyUsage=critical,keyAgreement'] });
  const own = await issue({ issuer: root, extensions: [named(JULIET)] });
  for (const [leaf, message] of [
    [other, /does not name juliet@capulet.example/],
    [mute, /is not for signing/],
    [{ ...own, key: other.key }, /key is not that of certificates\[0\]/],
    [{ ...own, der: Uint8Array.of(0x30, 0) }, /certificate is no certificate in DER/],
  ] as const) {
    try {
      await stated(identity, leaf);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
      assert.match((error as RangeError).message, message);
    }
  }
  try {
    await check(await stated(identity, own), [root], { roots: [Uint8Array.of(1)] });
    assert.unreachable();
  } catch (error) {
    assert.is((error as RangeError).message, 'roots[0] is no certificate in DER');
  }
});

test('openssl reads a statement and its certificates', async () => {
  if (skipped) return;
  const { between, leaf } = await chainOf(['p256', 'p256', 'p256']);
  const statement = await stated(await newKey(), leaf, between);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(path('statement.der'), statement);
  const printed = openssl('cms', '-cmsout', '-print', '-inform', 'DER', '-in', 'statement.der', '-noout').toString();
  assert.match(printed, /CN ?= ?Juliet/);
  assert.is(printed.match(/subjectKeyIdentifier/g)?.length, 2);
  assert.is(toHex(endorsementIn(statement).endorser), await keyIdentifierByOpenssl(leaf));
});

async function keyIdentifierByOpenssl({ name }: Issued): Promise<string> {
  openssl('pkey', '-in', `${name}.key`, '-pubout', '-outform', 'DER', '-out', 'public.der');
  return toHex(fromHex(openssl('dgst', '-sha256', 'public.der').toString().trim().slice(-64)));
}

test.run();
