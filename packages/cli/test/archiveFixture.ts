// What tests of the archive at a shell share: an archive of two messages and one in quarantine.
import * as assert from 'uvu/assert';
import { type Outcome, stanzaseal } from './shell.js';

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
