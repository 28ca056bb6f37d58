/**
 * DER, XML, base64 and the checks before any key, each alone, beside what the primitives cost of the work they belong to.
 * @module
 */
import {
  BASE64,
  decodeAuthEnvelopedData,
  decodeSignedData,
  encodeAuthEnvelopedData,
  encodeSignedData,
  toUtf8,
} from '@stanzaseal/cms';
import { bareJid, readSealedStanza, readXml, writeXml } from '@stanzaseal/stanza';
import { readWithFastXmlParser } from '@stanzaseal/stanza/fast-xml-parser';
import { createBase } from './base.js';
import { KIBIBYTE, node } from './context.js';
import { objectWork } from './objects.js';
import { couple, message, objectIn, paddedTo, sealed } from './people.js';
import type { Job, Table } from './table.js';

/** Writing and reading, without a key. */
export function codecTables(): Table[] {
  const group = 'codec';
  return [
    { group, title: 'DER out, an object of 1 KiB', jobs: derOut },
    { group, title: 'DER in, an object of 1 KiB', jobs: derIn },
    { group, title: 'XML in', jobs: xmlIn },
    { group, title: 'XML out', jobs: xmlOut },
    { group, title: 'base64 of an object', jobs: base64 },
    { group, title: 'strict checks before any key', jobs: strictChecks },
  ];
}

async function derOut(): Promise<Job[]> {
  const { object, signed } = await objectWork(node, KIBIBYTE, 1);
  const [data, signedData] = [decodeAuthEnvelopedData(object), decodeSignedData(signed, undefined, 'SignedData')];
  return [
    { name: 'base: sealing', run: createBase(KIBIBYTE, 1).seal },
    { name: 'AuthEnvelopedData', run: () => encodeAuthEnvelopedData(data) },
    { name: 'SignedData', run: () => encodeSignedData(signedData, 'SignedData') },
  ];
}

async function derIn(): Promise<Job[]> {
  const { object, signed } = await objectWork(node, KIBIBYTE, 1);
  return [
    { name: 'base: opening', run: createBase(KIBIBYTE, 1).open },
    { name: 'AuthEnvelopedData', run: () => decodeAuthEnvelopedData(object) },
    { name: 'SignedData', run: () => decodeSignedData(signed, undefined, 'SignedData') },
  ];
}

async function stanzas(): Promise<{ plain: string; stanza: string }> {
  const { romeo, juliet } = await couple({ crypto: node });
  const plain = message('x'.repeat(KIBIBYTE));
  return { plain, stanza: await sealed(romeo, juliet.owner, plain) };
}

async function xmlIn(): Promise<Job[]> {
  const { plain, stanza } = await stanzas();
  return [
    { name: 'base: opening', run: createBase(paddedTo(stanza), 1).open },
    { name: 'plain stanza of 1 KiB', run: () => readXml(plain) },
    { name: 'sealed stanza of 1 KiB', run: () => readXml(stanza) },
    { name: 'sealed stanza, fast-xml-parser', run: () => readWithFastXmlParser(stanza) },
  ];
}

async function xmlOut(): Promise<Job[]> {
  const { plain, stanza } = await stanzas();
  const [plainTree, tree] = [readXml(plain), readXml(stanza)];
  return [
    { name: 'base: sealing', run: createBase(paddedTo(stanza), 1).seal },
    { name: 'plain stanza of 1 KiB', run: () => toUtf8(writeXml(plainTree)) },
    { name: 'sealed stanza of 1 KiB', run: () => toUtf8(writeXml(tree)) },
  ];
}

async function base64(): Promise<Job[]> {
  const { stanza } = await stanzas();
  const object = objectIn(stanza);
  const text = BASE64.encode(object);
  const native = node.base64 ?? BASE64;
  return [
    { name: 'base: opening', run: createBase(paddedTo(stanza), 1).open },
    { name: 'encode, own code', run: () => BASE64.encode(object) },
    { name: 'encode, node:crypto provider', run: () => native.encode(object) },
    { name: 'decode, own code', run: () => BASE64.decode(text) },
    { name: 'decode, node:crypto provider', run: () => native.decode(text) },
  ];
}

/** What strictness costs where nothing is wrong: all that is looked at before a key is used. */
async function strictChecks(): Promise<Job[]> {
  const { stanza } = await stanzas();
  const tree = readXml(stanza);
  return [
    { name: 'base: opening', run: createBase(paddedTo(stanza), 1).open },
    { name: 'addresses', run: () => bareJid('romeo@montague.example') + bareJid('juliet@capulet.example/balcony') },
    {
      name: 'base64, DER, algorithms, contexts',
      run: () => readSealedStanza(tree, { own: 'juliet@capulet.example', crypto: node }),
    },
    {
      name: 'the same from XML',
      run: () => readSealedStanza(readXml(stanza), { own: 'juliet@capulet.example', crypto: node }),
    },
  ];
}
