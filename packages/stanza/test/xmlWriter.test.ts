import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NS } from '../src/namespaces.js';
import type { StanzaError } from '../src/stanzaError.js';
import { element, XML_LIMITS, type XmlElement } from '../src/xml.js';
import { readXml } from '../src/xmlReader.js';
import { writeXml } from '../src/xmlWriter.js';

const test = suite('XML writer');
const isXmlError = (error: StanzaError): boolean => error.code === 'ERR_XML';

test('writes what a stanza author would write', () => {
  const message = element(NS.CLIENT, 'message', { to: 'a@b', type: 'chat' }, [
    element(NS.CLIENT, 'body', {}, ['Hi']),
    element(NS.HINTS, 'store'),
  ]);
  assert.is(
    writeXml(message, { defaultNamespace: NS.CLIENT }),
    '<message to="a@b" type="chat"><body>Hi</body><store xmlns="urn:xmpp:hints"/></message>',
  );
  assert.is(
    writeXml(message),
    '<message xmlns="jabber:client" to="a@b" type="chat"><body>Hi</body><store xmlns="urn:xmpp:hints"/></message>',
  );
});

test('escapes, so that text and values come back as they were', () => {
  const tree = element('', 'a', { b: `<&>"'\n\t\r` }, [`<&>"'\n\t\r]]>`]);
  assert.is(writeXml(tree), `<a b="&lt;&amp;&gt;&quot;'&#10;&#9;&#13;">&lt;&amp;&gt;"'\n\t&#13;]]&gt;</a>`);
  assert.equal(readXml(writeXml(tree)), tree);
  assert.is(writeXml(element('', 'a', {}, ['\u{1F600}&\u{10FFFF}'])), '<a>\u{1F600}&amp;\u{10FFFF}</a>');
});

test('singleLine: an element is one line', () => {
  const tree = element('u\n', 'a', { b: '\n' }, ['1\n2\r\n3', element('', 'b', {}, ['\n'])]);
  const line = writeXml(tree, { singleLine: true });
  assert.not.match(line, /[\r\n]/);
  assert.equal(readXml(line), tree);
});

test('H7: namespaces are written where they change, and undone where there is none', () => {
  const tree = element('u', 'a', {}, [element('', 'b', {}, [element('u', 'c')]), element('u', 'd')]);
  assert.is(writeXml(tree), '<a xmlns="u"><b xmlns=""><c xmlns="u"/></b><d/></a>');
  assert.is(writeXml(element('', 'a'), { defaultNamespace: 'u' }), '<a xmlns=""/>');
});

test('attributes with a namespace get a prefix of their own', () => {
  const tree: XmlElement = {
    namespace: NS.XML,
    name: 'a',
    attributes: [
      { namespace: NS.XML, name: 'lang', value: 'en' },
      { namespace: 'u', name: 'b', value: '1' },
      { namespace: 'v', name: 'b', value: '2' },
      { namespace: 'u', name: 'c', value: '3' },
      { namespace: '', name: 'b', value: '4' },
    ],
    children: [element('w', 'd')],
  };
  assert.is(
    writeXml(tree),
    '<xml:a xml:lang="en" xmlns:ns1="u" ns1:b="1" xmlns:ns2="v" ns2:b="2" ns1:c="3" b="4"><d xmlns="w"/></xml:a>',
  );
  assert.equal(readXml(writeXml(tree)), tree);
});

test('H8: refuses what cannot be XML', () => {
  for (const bad of ['\0', '\x1f', '\uFFFE', '\uFFFF', '\uD800', '\uDC00', '\uDC00\uD800', '&\0', '<\uD800']) {
    assert.throws(() => writeXml(element('', 'a', {}, [bad])), isXmlError);
    assert.throws(() => writeXml(element('', 'a', {}, [bad]), { singleLine: true }), isXmlError);
    assert.throws(() => writeXml(element('', 'a', { b: bad })), isXmlError);
    assert.throws(() => writeXml(element(bad, 'a')), isXmlError);
  }
  for (const name of ['', '1', 'a b', 'a:b', 'a>', '-a', 'a\0', '\uD800', 'a/']) {
    assert.throws(() => writeXml(element('', name)), isXmlError);
    assert.throws(
      () => writeXml({ ...element('', 'a'), attributes: [{ namespace: '', name, value: '' }] }),
      isXmlError,
    );
  }
  assert.throws(() => writeXml(element('', 'a', { xmlns: 'u' })), isXmlError);
  assert.throws(() => writeXml(element(NS.XMLNS, 'a')), isXmlError);
  assert.throws(
    () => writeXml({ ...element('', 'a'), attributes: [{ namespace: NS.XMLNS, name: 'b', value: 'u' }] }),
    isXmlError,
  );
  const twice = { namespace: 'u', name: 'b', value: '' };
  assert.throws(() => writeXml({ ...element('', 'a'), attributes: [twice, twice] }), isXmlError);
});

test('H3: depth is capped, and so is a tree that contains itself', () => {
  const nest = (depth: number): XmlElement =>
    depth === 1 ? element('', 'a') : element('', 'a', {}, [nest(depth - 1)]);
  assert.ok(readXml(writeXml(nest(XML_LIMITS.depth))));
  assert.throws(() => writeXml(nest(XML_LIMITS.depth + 1)), isXmlError);
  assert.ok(writeXml(nest(100), { depth: 100 }));
  const children: XmlElement[] = [];
  children.push(element('', 'a', {}, children));
  assert.throws(() => writeXml(element('', 'a', {}, children)), isXmlError);
});

test('H3: a long namespace name that thousands of children share by a prefix is not written thousands of times', () => {
  const long = 'u'.repeat(200000);
  const children = (child: string, count: number): XmlElement =>
    readXml(`<a xmlns:p='${long}'>${child.repeat(count)}</a>`);
  assert.ok(writeXml(children('<p:b/>', 50)));
  assert.throws(() => writeXml(children('<p:b/>', 10000)), isXmlError);
  assert.throws(() => writeXml(children("<b p:c=''/>", 10000)), isXmlError);
  const pieces = new Array<XmlElement>(100).fill(element(long, 'b', {}, ['x'.repeat(5000)]));
  assert.throws(() => writeXml(element('', 'a', {}, pieces)), isXmlError);
  // One long text is no such thing.
  assert.is(writeXml(element('', 'a', {}, ['x'.repeat(20_000_000)])).length, 20_000_007);
});

test('an empty text is no content', () => {
  assert.is(writeXml(element('', 'a', {}, ['', ''])), '<a/>');
});

test.run();
