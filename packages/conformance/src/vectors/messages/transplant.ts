/**
 * Recipients of an EnvelopedData, which is refused as a whole, put into an AuthEnvelopedData, where they are looked at.
 * @module
 */
import { createDecipheriv } from 'node:crypto';
import { concat, equal } from '@stanzaseal/cms';
import { GENERAL_LIMITS, type GeneralNode, readGeneral, readGeneralContentInfo } from '@stanzaseal/cms/general';
import { CASE_CEK, CASE_CONTENT, sealedToAll } from '../caseObject.js';
import { openWith } from '../functions.js';
import { answerOf } from '../verdict.js';
import type { Expectation } from './expectation.js';
import { ANY_KEK, type Content, type OpenedBy, octetsOf, ownKey } from './given.js';
import { independentCek } from './independentCek.js';
import { berFile, find, type MessageSource } from './vectorFile.js';

const ID = 'its recipients inside AuthEnvelopedData';

/** The case of a file whose recipients are bad: the object around them is refused, and nothing else happens. */
export function badRecipients(file: string, by: OpenedBy = ANY_KEK): Expectation {
  return {
    file,
    id: ID,
    expected: 'invalid',
    traits: [],
    run: async (source) => {
      const key = await ownKey(source, by);
      const object = sealedToAll(inside(source, file, 'content.recipientInfos'), CASE_CEK);
      return answerOf(
        () => openWith(object, [key], source.crypto),
        () => true,
      );
    },
  };
}

/**
 * The case of a file whose recipients are good: the key that node:crypto finds for recipient `index` decrypts the published content,
 * and an object under that key to the very same recipients opens.
 */
export function goodRecipients(file: string, by: OpenedBy, content: Content, index = 0): Expectation {
  return {
    file,
    id: ID,
    expected: 'valid',
    traits: [],
    run: async (source) => {
      const key = await ownKey(source, by);
      const recipients = inside(source, file, 'content.recipientInfos');
      const read = readGeneralContentInfo(sealedToAll(recipients, CASE_CEK), GENERAL_LIMITS);
      if (read.kind !== 'AuthEnvelopedData') throw new Error('not AuthEnvelopedData');
      const info = read.recipientInfos[index];
      if (info === undefined) throw new Error('no such recipient');
      const cek = independentCek(info, key);
      if (!equal(decrypted(source, file, cek), octetsOf(source, content))) throw new Error('the judge is wrong');
      return answerOf(
        () => openWith(sealedToAll(recipients, cek), [key], source.crypto),
        (opened) => equal(opened, CASE_CONTENT),
      );
    },
  };
}

/** The published content, by AES-CBC. */
function decrypted(source: MessageSource, file: string, cek: Uint8Array): Uint8Array {
  const iv = inside(source, file, 'content.encryptedContentInfo.contentEncryptionAlgorithm.parameters');
  const ciphertext = inside(source, file, 'content.encryptedContentInfo.encryptedContent');
  const decipher = createDecipheriv(`aes-${cek.length * 8}-cbc`, cek, iv);
  return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}

/** Content octets of the value at a path; of strings in chunks, the chunks joined. */
function inside(source: MessageSource, file: string, path: string): Uint8Array {
  const octets = berFile(source, file);
  const node = find(readGeneral(octets, GENERAL_LIMITS).root, (each) => each.path === path);
  if (node === undefined) throw new Error(`${file} has no ${path}`);
  const content = ({ offset, headerLength, contentLength }: GeneralNode): Uint8Array =>
    octets.subarray(offset + headerLength, offset + headerLength + contentLength);
  const chunks = path.endsWith('encryptedContent') && node.constructed ? (node.children ?? []) : [node];
  return concat(...chunks.map(content));
}
