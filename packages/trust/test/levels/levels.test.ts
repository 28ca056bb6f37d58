// Levels (P13, P14): each is earned by evidence of its own kind while that is in force, and nothing weak adds up to something strong.
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import {
  type Evidence,
  type EvidenceKind,
  evidenceKey,
  LEVEL_OF,
  levelInForce,
  mayReplace,
} from '@stanzaseal/trust/levels';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('levels of trust');
const NOW = 1_900_000_000_000;
const jid = 'romeo@montague.example';
const key = { raw: new Uint8Array(32).fill(1), keyIdentifier: new Uint8Array(32).fill(2) };

function piece(kind: EvidenceKind, more: Partial<Evidence> = {}): Evidence {
  return { jid, identity: key.raw, kind, at: NOW - 1000, ...more };
}

function level(...evidence: Evidence[]): string {
  return levelInForce(evidence, key, NOW).level;
}

test('each kind of evidence earns the level that it is named for', () => {
  const earned = Object.fromEntries(
    (Object.keys(LEVEL_OF) as EvidenceKind[]).map((kind) => [kind, level(piece(kind))]),
  );
  assert.equal(earned, {
    fingerprint: 'verified',
    sas: 'verified',
    password: 'verified',
    'own-device': 'verified',
    x509: 'endorsed',
    openpgp: 'endorsed',
    vouch: 'vouched',
    contact: 'unverified',
    handshake: 'unverified',
  });
});

test('no amount of vouching, friends and certificates comes to verified', () => {
  const many = Array.from({ length: 20 }, (_, n) => piece('contact', { by: `friend${n}@capulet.example` }));
  assert.is(level(...many, piece('handshake')), 'unverified');
  assert.is(level(...many, piece('vouch'), piece('vouch', { by: 'other.example' })), 'vouched');
  assert.is(level(...many, piece('vouch'), piece('x509'), piece('openpgp')), 'endorsed');
});

test('what ended, was revoked or speaks of another key does not count', () => {
  assert.is(level(piece('vouch', { notAfter: NOW + 1 })), 'vouched');
  assert.is(level(piece('vouch', { notAfter: NOW })), 'unverified');
  assert.is(level(piece('sas', { revokedAt: NOW - 1 })), 'unverified');
  assert.is(level(piece('sas', { identity: new Uint8Array(32).fill(9) })), 'unverified');
  assert.is(level(piece('fingerprint', { identity: key.keyIdentifier })), 'verified');
});

test('it says whose evidence it was and until when to believe it', () => {
  const first = piece('vouch', { by: 'montague.example', notAfter: NOW + 50, at: NOW - 9 });
  const second = piece('vouch', { by: 'montague.example', notAfter: NOW + 70, at: NOW - 5 });
  const found = levelInForce([first, second, piece('contact', { notAfter: NOW + 1 })], key, NOW);
  assert.equal(found, { level: 'vouched', evidence: [second, first], until: NOW + 50 });
  assert.is(levelInForce([piece('sas'), first], key, NOW).until, undefined);
});

test('T06 I6: statements of one author about one key replace each other forwards only, and authors are never confused', async () => {
  const crypto = createCryptoProvider();
  const vouch = piece('vouch', { by: 'montague.example', sequence: 4 });
  assert.ok(mayReplace(undefined, vouch));
  assert.ok(mayReplace(vouch, { ...vouch, sequence: 5 }));
  assert.not(mayReplace(vouch, { ...vouch, sequence: 3 }));
  assert.ok(mayReplace(vouch, { ...vouch, revokedAt: NOW }));
  assert.not(mayReplace({ ...vouch, revokedAt: NOW }, vouch), 'the statement that was revoked comes back');
  assert.ok(mayReplace({ ...vouch, revokedAt: NOW }, { ...vouch, sequence: 5 }));
  // The user who compares again after taking back the word is believed: there is no sequence.
  assert.ok(mayReplace(piece('fingerprint', { revokedAt: NOW }), piece('fingerprint')));
  const names = new Set<string>();
  for (const by of [undefined, 'a', 'ab', 'b']) {
    for (const identity of [key.raw, key.keyIdentifier, Uint8Array.from([...key.raw, 0x0c, 1, 97])]) {
      names.add(await evidenceKey(piece('vouch', { identity, ...(by === undefined ? {} : { by }) }), crypto));
    }
  }
  assert.is(names.size, 12);
});

test.run();
