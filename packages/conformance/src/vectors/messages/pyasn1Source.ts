/**
 * Expectations of pyasn1-alt-modules: 71 pieces of DER of the RFCs that define CMS, by the author of most of them.
 * @module
 */
import { GENERAL_LIMITS, readGeneral } from '@stanzaseal/cms/general';
import { algorithm, nothing, publicKeyInfo } from '../asn1.js';
import { verifyWith } from '../functions.js';
import { RSA } from '../identifiers.js';
import { type Answer, answerOf } from '../verdict.js';
import {
  does,
  doesNotOpen,
  doesNotVerify,
  type Expectation,
  opens,
  refusesKey,
  takesPrivateKey,
  takesPublicKey,
  verifies,
} from './expectation.js';
import { reencodes } from './reencoding.js';
import { berFile, find, type MessageSource, slice } from './vectorFile.js';

/** Every file is DER: it comes out of the strict codec as it went in. Of some we can say more. */
export function pyasn1(files: readonly string[]): Expectation[] {
  return [
    ...files.map((file) => reencodes(file, file === TAGGED ? 'SET in the order of tags' : undefined)),
    ...FURTHER,
  ];
}

const TAGGED = 'rfc7906.AttributeSet.attr_set.der';
const FURTHER: readonly Expectation[] = [
  // 222 octets of salt.
  doesNotVerify('rfc4056.PSSSignedData.msg.der', ['ERR_UNSUPPORTED'], { difference: 'id-RSASSA-PSS keys' }),
  does('rfc4056.PSSSignedData.msg.der', 'verifies under the key as rsaEncryption', verifiesAsRsa),
  ...[
    'rfc5035.SignedMessage.signed_message.der',
    'rfc5035.SignedReceipt.signed_receipt.der',
    'rfc5940.CRLandOCSPResponse.msg.der',
    'rfc6211.SignedMessage.signed_message.der',
    'rfc7191.Receipt.message2.der',
    'rfc7191.Error.message3.der',
  ].map((file) => verifies(file)),
  verifies('rfc9882.MLDSASignedData.msg.der', '../lamps-dilithium-certificates/ML-DSA-44.pub.pem'),
  opens(
    'rfc9936.AuthEnveopedDataMLKEM.msg.der',
    { key: '../lamps-cms-kyber/ML-KEM-512-seed.priv.pem' },
    'Hello, world!',
  ),
  takesPrivateKey('rfc9881.MLDSAPrivateKey.msg.der'),
  takesPrivateKey('rfc9935.MLKEMPrivateKey.msg.der'),
  takesPublicKey('rfc9881.MLDSACertificate.msg.der'),
  takesPublicKey('rfc9935.MLKEMPublicKey.msg.der'),
  // DSA under an old identifier, and HSS.
  ...['rfc8708.HashSigPublicKey.public_key.der', 'rfc9708.HashSigPublicKey.public_key.der'].map((file) =>
    refusesKey(file, ['ERR_UNSUPPORTED'], 'HSS/LMS', 'public'),
  ),
  // Recipients that share a key beforehand (RFC 8696): an OtherRecipientInfo that nobody here is.
  ...[
    'rfc8696.KeyTransPSK.key_trans_psk.der',
    'rfc8696.KeyAgreePSK.key_agree_psk.der',
    'rfc5083.AuthEnvelopedDataOpenTypes.msg.der',
  ].map((file) => doesNotOpen(file, ['ERR_OPEN'], undefined, 'recipients with a key shared beforehand')),
  ...['rfc8702.AuthenticatedData.auth_message.der', 'rfc9044.AuthenticatedDataGMAC128.msg.der'].map((file) =>
    doesNotOpen(file, ['ERR_UNSUPPORTED', 'ERR_OPEN'], undefined, 'other MACs'),
  ),
  ...[
    'rfc3370.EnvelopedData.env_data.der',
    'rfc3657.EnvelopedData.env_data.der',
    'rfc4010.EnvelopedData.env_data.der',
    'rfc5753.EnvelopedData.msg.der',
    'rfc9629.EnveopedDataRSAKEM.msg.der',
    'rfc9709.CMSEnvelopedData.cms.der',
  ].map((file) => doesNotOpen(file, ['ERR_UNSUPPORTED'], undefined, 'EnvelopedData')),
];

/** The certificate's key stands under id-RSASSA-PSS; its numbers under rsaEncryption are a key that is taken. */
async function verifiesAsRsa(source: MessageSource): Promise<Answer> {
  const octets = berFile(source, 'rfc4056.PSSSignedData.msg.der');
  const info = find(readGeneral(octets, GENERAL_LIMITS).root, (node) => node.structure === 'SubjectPublicKeyInfo');
  const bitString = info?.children?.[1];
  if (bitString === undefined) throw new Error('no public key');
  const numbers = slice(octets, bitString).subarray(bitString.headerLength + 1);
  return answerOf(
    async () => {
      const key = await source.crypto.importPublicKey(publicKeyInfo(algorithm(RSA, nothing()), numbers));
      return verifyWith(octets, key, source.crypto);
    },
    (content) => content.length === 66,
  );
}
