// Claim 1: RFC 3923's job, for message, presence and iq, object by object, without CPIM, PIDF, MIME, CDATA and X.509.
import { readFileSync } from 'node:fs';
import { equal, ID_CT_AUTH_ENVELOPED_DATA } from '@stanzaseal/cms';
import { attribute, readXml, writeXml, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  at,
  createPerson,
  createWorld,
  introduce,
  objectIn,
  parseBadPeer,
  repositoryRoot,
  say,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('claim 1: message, presence and iq are signed and encrypted, object by object');
const corpus = [
  'chat-multilang',
  'presence-show-status-priority',
  'presence-subscribe',
  'iq-vcard-get',
  'iq-version-result',
  'iq-error',
];
const read = (name: string): XmlElement =>
  readXml(readFileSync(`${repositoryRoot}/test-vectors/stanzas/${name}.xml`, 'utf8').trimEnd(), undefined, {
    defaultNamespace: 'jabber:client',
  });

for (const name of corpus) {
  test(`${name} comes back as it was, and nothing of it was to be read on the way`, async () => {
    const world = createWorld(name);
    const [romeo, juliet] = [
      await createPerson('romeo@montague.example', world),
      await createPerson('juliet@capulet.example', world),
    ];
    await introduce(juliet, romeo);
    const stanza = read(name);
    const sealed = await romeo.messenger.seal(stanza, { to: juliet.jid });
    const wire = writeXml(sealed.stanza);
    const { stanza: opened } = await accepts(juliet, readXml(wire));
    assert.equal(
      opened.children,
      stanza.children.filter((node) => typeof node !== 'string'),
    );
    for (const key of ['type', 'id']) assert.is(attribute(opened, key), attribute(stanza, key));
    for (const text of textsOf(stanza)) assert.not(wire.includes(text), text);
  });
}

test('an object stands alone: CMS inside base64 inside one element, without CPIM, MIME, CDATA or certificates', async () => {
  const world = createWorld('alone');
  const [romeo, juliet] = [
    await createPerson('romeo@montague.example', world),
    await createPerson('juliet@capulet.example', world),
  ];
  await introduce(juliet, romeo);
  const stanza = await say(romeo, juliet, 'Ay me!');
  assert.not.match(writeXml(stanza), /CDATA|Content-Type|cpim|pidf|smime/i);
  const root = parseBadPeer(objectIn(stanza));
  assert.ok(equal(at(root, 0).content as Uint8Array, ID_CT_AUTH_ENVELOPED_DATA));
  // version, recipientInfos, encrypted content, authAttrs, mac (RFC 5083 §2.1): no originatorInfo [0], where certificates stand.
  assert.equal(
    (at(root, 1, 0).content as { tag: number }[]).map(({ tag }) => tag),
    [0x02, 0x31, 0x30, 0xa1, 0x04],
  );
  // Each is judged by itself: the third opens before the second, and without the first.
  const [, second, third] = [
    await say(romeo, juliet, 'one'),
    await say(romeo, juliet, 'two'),
    await say(romeo, juliet, 'three'),
  ];
  await accepts(juliet, third as XmlElement);
  await accepts(juliet, second as XmlElement);
});

/** Texts of ten characters and more in a tree: shorter ones may occur in base64 by chance. */
function textsOf(node: XmlElement): string[] {
  return node.children.flatMap((child) =>
    typeof child === 'string' ? (child.trim().length >= 10 ? [child] : []) : textsOf(child),
  );
}

test.run();
