/** Makes `test-vectors/signer`: signed data made, verified and refused. */
import {
  decodeSignedData,
  encodeSignedData,
  fromHex,
  ID_CT_DEVICE_LIST,
  ID_CT_SEALED_STANZA,
  ID_DATA,
  oidToText,
  type SignedData,
  type SigningKey,
  toHex,
} from '@stanzaseal/cms';
import { sign } from '@stanzaseal/signer';
import { julietDevice, keyOf, NOW, romeoDevice } from './people.js';
import { crypto, type Draft, flipped, utf8, writeVectors } from './vectorWriter.js';

const CONTENT = utf8('But, soft! what light through yonder window breaks?');
const STANZA = oidToText(ID_CT_SEALED_STANZA);
const signer = await romeoDevice.key.signingKey(crypto);
const other = await julietDevice.key.signingKey(crypto);
const p256 = await keyOf('P-256', 'p256 signer');

async function signed(key: SigningKey, more: SigningKey[] = []): Promise<Uint8Array> {
  const parameters = { signers: [key, ...more] as [SigningKey, ...SigningKey[]], contentType: ID_CT_SEALED_STANZA };
  return (await sign(fromHex(CONTENT), { ...parameters, signingTime: NOW, crypto })).der;
}

const good = await signed(signer);
const parsed = decodeSignedData(good);
const changed = (changes: Partial<SignedData>): string => toHex(encodeSignedData({ ...parsed, ...changes }));
// ECDSA draws its own randomness: this signature was made once and stands here.
const ecdsa = await recorded();

const verify = (file: string, title: string, der: string, expect: string, options: object = {}): Draft => ({
  file,
  title,
  source: 'RFC 5652 §5.3, §5.6, §11; RFC 8419 §3',
  operation: 'signer.verify',
  expect,
  input: { der, signers: [romeoDevice.spki], contentType: STANZA, ...options },
});

await writeVectors('signer', [
  {
    file: 'sign-ed25519',
    title: 'content signed by an Ed25519 device key',
    source: 'RFC 5652 §5.4, RFC 8419 §3.1',
    operation: 'signer.sign',
    expect: 'success',
    input: { key: romeoDevice.secret, content: CONTENT, contentType: STANZA, signingTime: NOW },
  },
  {
    file: 'sign-after-2049',
    title: 'signing-time from 2050 on is GeneralizedTime',
    source: 'RFC 5652 §11.3',
    operation: 'signer.sign',
    expect: 'success',
    input: { key: romeoDevice.secret, content: CONTENT, contentType: STANZA, signingTime: Date.UTC(2050, 0, 1) },
  },
  verify('verify-ed25519', 'a good signature', toHex(good), 'success'),
  verify('verify-p256', 'a good ECDSA signature', ecdsa, 'success', { signers: [p256.spki] }),
  verify('verify-two-signers', 'both keys asked for signed', toHex(await signed(signer, [other])), 'success', {
    signers: [romeoDevice.spki, julietDevice.spki],
  }),
  verify('one-signer-too-many', 'somebody else signed too', toHex(await signed(signer, [other])), 'ERR_VERIFY'),
  verify('another-key', 'signed by another key', toHex(good), 'ERR_VERIFY', { signers: [julietDevice.spki] }),
  verify('another-content-type', 'a signature made for another purpose', toHex(good), 'ERR_VERIFY', {
    contentType: oidToText(ID_CT_DEVICE_LIST),
  }),
  verify(
    'content-changed',
    'one bit of the content changed',
    changed({ eContent: fromHex(flipped(CONTENT, 3)) }),
    'ERR_VERIFY',
  ),
  verify('signature-changed', 'one bit of the signature changed', flipped(toHex(good), -1), 'ERR_VERIFY'),
  verify(
    'content-type-swapped',
    'eContentType is not that of the attribute',
    changed({ eContentType: ID_CT_DEVICE_LIST }),
    'ERR_VERIFY',
    {
      contentType: oidToText(ID_CT_DEVICE_LIST),
    },
  ),
  verify('id-data', 'id-data is no content type of ours', changed({ eContentType: ID_DATA }), 'ERR_VERIFY', {
    contentType: oidToText(ID_DATA),
  }),
  verify(
    'attributes-as-content',
    'the signed attributes passed off as content',
    changed({ eContent: parsed.signerInfos[0]?.signedAttrsDer }),
    'ERR_VERIFY',
  ),
  verify('no-content', 'the content is missing', changed({ eContent: undefined }), 'ERR_VERIFY'),
  verify('no-signer', 'signed data without a signer', changed({ signerInfos: [] }), 'ERR_VERIFY'),
  verify('truncated', 'the last octet is missing', toHex(good).slice(0, -2), 'ERR_VERIFY'),
  verify('trailing', 'an octet after the end', `${toHex(good)}00`, 'ERR_VERIFY'),
]);

async function recorded(): Promise<string> {
  const path = new URL('../../test-vectors/signer/verify-p256.json', import.meta.url);
  const { existsSync, readFileSync } = await import('node:fs');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')).input.der;
  return toHex(await signed(await p256.key.signingKey(crypto)));
}
