/** Makes `test-vectors/envelope`: objects made, opened and refused. */
import {
  type AuthEnvelopedData,
  decodeAuthEnvelopedData,
  encodeAttributes,
  encodeAuthEnvelopedData,
  encodeDer,
  equal,
  fromHex,
  ID_AA_CEK_COMMITMENT,
  ID_AA_CLEAR_CONTEXT,
  ID_DATA,
  ID_SIGNED_DATA,
  octetString,
  oidToText,
  toHex,
} from '@stanzaseal/cms';
import { at, changed as changedObject, childrenOf } from '@stanzaseal/testkit';
import { type EncryptInput, encryptContent } from '../../packages/cli/src/vectors/objectOperations.js';
import { JULIET, julietPrekey, ROMEO, romeoPrekey, tabletPrekey } from './people.js';
import { crypto, type Draft, flipped, octets, utf8, writeVectors } from './vectorWriter.js';

const CONTENT = utf8('It is the east, and Juliet is the sun.');
const SIGNED = oidToText(ID_SIGNED_DATA);
const random = [octets('ephemeral', 32), octets('cek', 32), octets('nonce', 12)];
const clearContext = {
  suite: 1,
  kind: 'message' as const,
  type: 'chat',
  from: ROMEO,
  to: JULIET,
  messageId: octets('message id', 16),
};
const sealed: EncryptInput = {
  recipients: [julietPrekey.spki],
  contentType: SIGNED,
  content: CONTENT,
  clearContext,
  random,
};
const { clearContext: _, ...general } = sealed;
const made = async (input: EncryptInput): Promise<string> =>
  ((await encryptContent(input, crypto)).output as { der: string }).der;
const one = await made(sealed);
const two = await made({ ...sealed, recipients: [julietPrekey.spki, tabletPrekey.spki] });
const plain = await made(general);
const parsed = decodeAuthEnvelopedData(fromHex(one));
const changed = (changes: Partial<AuthEnvelopedData>): string =>
  toHex(encodeAuthEnvelopedData({ ...parsed, ...changes }));
const kari = (changes: Partial<AuthEnvelopedData['kari']>): string => changed({ kari: { ...parsed.kari, ...changes } });
const attributes = (authAttrs: AuthEnvelopedData['authAttrs']): string =>
  changed({ authAttrs, authAttrsDer: encodeAttributes(authAttrs) });
const withoutUkm = toHex(
  changedObject(fromHex(one), (root) => {
    childrenOf(at(root, 1, 0, 1, 0)).splice(2, 1);
  }),
);
const recipient = parsed.kari.recipientEncryptedKeys[0] as AuthEnvelopedData['kari']['recipientEncryptedKeys'][0];

const encrypt = (file: string, title: string, input: EncryptInput): Draft => ({
  file,
  title,
  source: 'RFC 5083 §2, RFC 8418 §2, RFC 9709 §2; docs/specification.md, the object',
  operation: 'envelope.encrypt',
  expect: 'success',
  input,
});
const decrypt = (
  file: string,
  title: string,
  der: string,
  expect: string,
  options: object = {},
  source = 'RFC 5083 §2.3; docs/specification.md, receiver',
): Draft => ({
  file,
  title,
  source,
  operation: 'envelope.decrypt',
  expect,
  input: { der, keys: [julietPrekey.secret], profile: 'sealed', ...options },
});
const edit = (der: string, from: string, to: string): string => {
  if (der.split(from).length !== 2) throw new Error(`${from} does not stand there once`);
  return der.replace(from, to);
};
const GCM = '060960864801650304012e';

await writeVectors('envelope', [
  encrypt('encrypt-one-recipient', 'to one recipient', sealed),
  encrypt('encrypt-two-recipients', 'to two recipients under one ephemeral key', {
    ...sealed,
    recipients: [julietPrekey.spki, tabletPrekey.spki],
  }),
  encrypt('encrypt-empty-content', 'no content at all', { ...sealed, content: '' }),
  encrypt('encrypt-presence', 'the context of a presence', {
    ...sealed,
    clearContext: { ...clearContext, kind: 'presence', type: 'available' },
  }),
  encrypt('encrypt-general', 'the general profile: no context, no ukm, no commitment', general),
  encrypt('encrypt-general-id-data', 'id-data needs no attributes', { ...general, contentType: oidToText(ID_DATA) }),
  decrypt('decrypt-one-recipient', 'the recipient opens it', one, 'success'),
  decrypt('decrypt-first-of-two', 'the first of two recipients opens it', two, 'success'),
  decrypt('decrypt-second-of-two', 'the second of two recipients opens it', two, 'success', {
    keys: [tabletPrekey.secret],
  }),
  decrypt('decrypt-general', 'the general profile opens', plain, 'success', { profile: 'general' }),
  decrypt('not-for-us', 'sealed to somebody else', one, 'ERR_OPEN', { keys: [romeoPrekey.secret] }),
  decrypt('no-context', 'an object of the general profile is none of the sealed', plain, 'ERR_OPEN'),
  decrypt(
    'ciphertext-changed',
    'one bit of the ciphertext changed',
    changed({ encryptedContent: fromHex(flipped(toHex(parsed.encryptedContent), 0)) }),
    'ERR_OPEN',
  ),
  decrypt(
    'tag-changed',
    'one bit of the tag changed',
    changed({ mac: fromHex(flipped(toHex(parsed.mac), 0)) }),
    'ERR_OPEN',
  ),
  decrypt(
    'tag-of-four-octets',
    'a tag of 4 octets',
    edit(one, '020110a0'.slice(0, 6), '020104'.slice(0, 6)),
    'ERR_OPEN',
    {},
    'CVE-2026-34182',
  ),
  decrypt(
    'ofb-instead-of-gcm',
    'OFB under AuthEnvelopedData',
    edit(one, GCM, '060960864801650304012b'),
    'ERR_OPEN',
    {},
    'CVE-2026-34182',
  ),
  decrypt(
    'commitment-changed',
    'the commitment is to another key',
    attributes(
      parsed.authAttrs.map((a) =>
        equal(a.attrType, ID_AA_CEK_COMMITMENT)
          ? { ...a, value: encodeDer(octetString(fromHex(octets('other', 32)))) }
          : a,
      ),
    ),
    'ERR_OPEN',
  ),
  decrypt(
    'context-missing',
    'no clear context',
    attributes(parsed.authAttrs.filter((a) => !equal(a.attrType, ID_AA_CLEAR_CONTEXT))),
    'ERR_OPEN',
  ),
  decrypt(
    'ukm-changed',
    'a ukm that is not that of the context',
    kari({ ukm: fromHex(octets('other ukm', 32)) }),
    'ERR_OPEN',
  ),
  decrypt('ukm-missing', 'no ukm', withoutUkm, 'ERR_OPEN'),
  decrypt(
    'recipient-added',
    'somebody added a recipient',
    kari({
      recipientEncryptedKeys: [recipient, { rKeyId: fromHex(tabletPrekey.id), encryptedKey: recipient.encryptedKey }],
    }),
    'ERR_OPEN',
  ),
  decrypt('recipient-twice', 'a recipient twice', kari({ recipientEncryptedKeys: [recipient, recipient] }), 'ERR_OPEN'),
  decrypt(
    'recipient-dropped',
    'a recipient was taken out',
    (() => {
      const both = decodeAuthEnvelopedData(fromHex(two));
      const kept = both.kari.recipientEncryptedKeys.filter(({ rKeyId }) => toHex(rKeyId) === julietPrekey.id);
      return toHex(encodeAuthEnvelopedData({ ...both, kari: { ...both.kari, recipientEncryptedKeys: kept } }));
    })(),
    'ERR_OPEN',
  ),
  decrypt(
    'ephemeral-of-low-order',
    'an ephemeral key that gives everybody the same secret',
    kari({ originatorKey: { algorithm: 'X25519', raw: new Uint8Array(32) } }),
    'ERR_OPEN',
    {},
    'RFC 8418 §2, RFC 7748 §6.1',
  ),
  decrypt(
    'wrapped-key-changed',
    'one bit of the wrapped key changed',
    kari({
      recipientEncryptedKeys: [{ ...recipient, encryptedKey: fromHex(flipped(toHex(recipient.encryptedKey), 0)) }],
    }),
    'ERR_OPEN',
  ),
  decrypt('truncated', 'the last octet is missing', one.slice(0, -2), 'ERR_OPEN'),
]);
