/** Makes `test-vectors/addresses`: JIDs in their normal form, XML that is taken and refused, padding. */
import { type Draft, writeVectors } from './vectorWriter.js';

const jid = (
  file: string,
  title: string,
  value: string,
  expect: string,
  source = 'RFC 7622 §3, RFC 8265 §3.3',
): Draft => ({
  file,
  title,
  source,
  operation: 'jid.normalise',
  expect,
  input: { jid: value },
});
const xml = (file: string, title: string, value: string, expect: string, source = 'RFC 6120 §11'): Draft => ({
  file,
  title,
  source,
  operation: 'xml.read',
  expect,
  input: { xml: value },
});

await writeVectors('addresses', [
  jid('jid-plain', 'a full JID', 'juliet@capulet.example/balcony', 'success'),
  jid('jid-upper-case', 'the localpart is case-mapped, the domain too', 'Juliet@Capulet.EXAMPLE/Balcony', 'success'),
  jid(
    'jid-full-width',
    'full-width letters are their ordinary ones',
    '\uff2a\uff35\uff2c\uff29\uff25\uff34@capulet.example',
    'success',
  ),
  jid('jid-combining', 'a letter and its accent are one letter', 'jose\u0301@capulet.example', 'success'),
  jid('jid-idn', 'an international domain', 'fu\u00dfball@Fa\u00df.example', 'success', 'RFC 7622 §3.2, UTS 46'),
  jid(
    'jid-trailing-dot',
    'a trailing dot of the domain is dropped',
    'juliet@capulet.example./balcony',
    'success',
    'RFC 7622 §3.2',
  ),
  jid(
    'jid-resource-case',
    'a resource keeps its case and its spaces',
    'juliet@capulet.example/Foo Bar',
    'success',
    'RFC 7622 §3.4',
  ),
  jid('jid-domain-only', 'a domain alone', 'capulet.example', 'success'),
  jid('jid-no-local', 'an empty localpart', '@capulet.example', 'ERR_ADDRESS'),
  jid('jid-no-domain', 'an empty domain', 'juliet@', 'ERR_ADDRESS'),
  jid('jid-empty-resource', 'an empty resource', 'juliet@capulet.example/', 'ERR_ADDRESS'),
  jid('jid-space-in-local', 'a space in the localpart', 'foo bar@capulet.example', 'ERR_ADDRESS'),
  jid(
    'jid-quote-in-local',
    'a quotation mark in the localpart',
    '"juliet"@capulet.example',
    'ERR_ADDRESS',
    'RFC 7622 §3.3.1',
  ),
  jid('jid-symbol-in-local', 'a symbol in the localpart', 'king\u265a@capulet.example', 'ERR_ADDRESS'),
  jid('jid-roman-numeral', 'a compatibility character in the localpart', 'henry\u2163@capulet.example', 'ERR_ADDRESS'),
  xml(
    'xml-message',
    'a message',
    "<message xmlns='jabber:client' to='a@b'><body>&lt;3 &#x1F339;</body></message>",
    'success',
  ),
  xml('xml-doctype', 'a document type', '<!DOCTYPE m [<!ENTITY e "x">]><m>&e;</m>', 'ERR_XML'),
  xml('xml-comment', 'a comment', '<m><!-- x --></m>', 'ERR_XML'),
  xml('xml-processing-instruction', 'a processing instruction', '<m><?x y?></m>', 'ERR_XML'),
  xml('xml-entity', 'an entity beyond the five', '<m>&nbsp;</m>', 'ERR_XML'),
  xml('xml-null-reference', 'a reference to no character', '<m>&#0;</m>', 'ERR_XML', 'XML 1.0 §4.1'),
  xml('xml-undeclared-prefix', 'a prefix that is not declared', '<m><p:x/></m>', 'ERR_XML', 'Namespaces in XML §5'),
  xml(
    'xml-duplicate-attribute',
    'an attribute twice under two prefixes',
    "<m xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>",
    'ERR_XML',
    'Namespaces in XML §6.3',
  ),
  xml('xml-two-roots', 'two elements', '<m/><m/>', 'ERR_XML', 'XML 1.0 §2.1'),
  ...[1, 256, 257, 363, 1024, 1025, 262144].map(
    (octets): Draft => ({
      file: `padding-${octets}`,
      title: `the bucket of ${octets} octets`,
      source: 'docs/specification.md, padding',
      operation: 'padding.bucket',
      expect: 'success',
      input: { octets },
    }),
  ),
]);
