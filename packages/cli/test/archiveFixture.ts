// What tests of the archive at a shell share: an archive of two messages and one in quarantine.
import { generateKeyPairSync } from 'node:crypto';
import { importPublicKey } from '@stanzaseal/cms';
import * as assert from 'uvu/assert';
import { crypto } from '../../archive/test/fixture.js';
import type { Pair } from '../../archive/test/rightsFixture.js';
import { type Outcome, stanzaseal, write } from './shell.js';

export const ARCHIVE = '--archive sqlite:archive.db';
export const JULIET = 'juliet@capulet.example';
export const KEY = '--key archive.db.signing/checkpoint.pub.pem';

/** A message as Juliet's server gives it: with its id, and when it came. */
export const said = (text: string, id: string, day = '2026-11-01'): string =>
  `<message from="romeo@montague.example/orchard" to="${JULIET}" type="chat"><body>${text}</body>` +
  `<stanza-id xmlns="urn:xmpp:sid:0" by="${JULIET}" id="${id}"/>` +
  `<delay xmlns="urn:xmpp:delay" stamp="${day}T10:00:00Z"/></message>`;

/** What a verb wrote that is done. */
export function done({ code, stdout, stderr }: Outcome): string {
  assert.is(code, 0, stderr);
  return stdout.toString();
}

/** Makes the archive. */
export function keepThree(): void {
  const stanzas = [
    said('Call me but love', 'id1'),
    said('and\nI’ll be new baptized', 'id2', '2026-11-02'),
    said('x', 'id2'),
  ];
  assert.match(done(stanzaseal(`archive ingest ${ARCHIVE}`, stanzas.join('\n'))), /^id1 0\nid2 1\n#2 2 quarantined\n$/);
}

/** Writes a key pair in PEM, `NAME.pem` and `NAME.pub.pem`; gives its public half for senders. */
export async function writePair(type: 'ed25519' | 'x25519', name: string): Promise<Pair> {
  const { privateKey, publicKey } = type === 'x25519' ? generateKeyPairSync(type) : generateKeyPairSync(type);
  write(`${name}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  write(`${name}.pub.pem`, publicKey.export({ type: 'spki', format: 'pem' }));
  const key = await importPublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })), crypto);
  return { publicKey: key, keyIdentifier: key.keyIdentifier } as Pair;
}
