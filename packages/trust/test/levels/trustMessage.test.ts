// Trust messages (XEP-0434): written, read, and taken for none where something is wrong with them.
import { element, NS, readXml, writeXml } from '@stanzaseal/stanza';
import { readTrustMessage, trustMessage } from '@stanzaseal/trust/levels';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('trust messages');
const decisions = [
  { jid: 'juliet@capulet.example', keyIdentifier: new Uint8Array(32).fill(7), trusted: true },
  { jid: 'juliet@capulet.example', keyIdentifier: new Uint8Array(32).fill(8), trusted: false },
  { jid: 'nurse@capulet.example', keyIdentifier: new Uint8Array(32).fill(9), trusted: true },
];
const source = writeXml(element(NS.CLIENT, 'message', {}, [trustMessage(decisions)]));

test('decisions survive the wire, in the form of the standard', () => {
  assert.equal(readTrustMessage(readXml(source)), decisions);
  const [message] = readXml(source).children;
  assert.match(
    writeXml(message as Parameters<typeof writeXml>[0]),
    /^<trust-message xmlns="urn:xmpp:tm:1" usage="urn:xmpp:atm:1" encryption="urn:xmpp:sealed:0"><key-owner jid="juliet@capulet.example"><trust>BwcH/,
  );
});

test('a message of another kind, or that is not as it should be, decides nothing', () => {
  const changes: [from: string | RegExp, to: string][] = [
    ['encryption="urn:xmpp:sealed:0"', 'encryption="urn:xmpp:omemo:2"'],
    ['usage="urn:xmpp:atm:1"', 'usage="urn:example:other"'],
    ['urn:xmpp:tm:1', 'urn:xmpp:tm:0'],
    ['<trust>BwcH', '<trust>!wcH'],
    ['<trust>BwcHBwcH', '<trust>BwcH'],
    [/<(\/?)distrust>/g, '<$1mistrust>'],
    ['jid="nurse@capulet.example"', 'jid="@"'],
    ['jid="nurse@capulet.example"', ''],
  ];
  for (const [from, to] of changes) {
    const edited = source.replace(from, to);
    assert.is.not(edited, source, String(from));
    assert.is(readTrustMessage(readXml(edited)), undefined, String(from));
  }
  assert.is(readTrustMessage(readXml("<message xmlns='jabber:client'><body>trust</body></message>")), undefined);
});

test.run();
