/**
 * Signatures over signed attributes whose content was never published: the attributes are verified for the digest that they state.
 * @module
 */
import { ID_MESSAGE_DIGEST } from '@stanzaseal/cms';
import { GENERAL_LIMITS, readGeneralContentInfo, singleValue } from '@stanzaseal/cms/general';
import { verifySignerInfo } from '@stanzaseal/signer/general';
import { VECTOR_SIGNATURE_POLICY } from '../functions.js';
import { answerOf } from '../verdict.js';
import { does, type Expectation } from './expectation.js';
import { berFile, publicKeyFile } from './vectorFile.js';

/** The case of a SignedData with one signer, whose certificate is inside. */
export function verifiesAttributes(file: string): Expectation {
  const run: Expectation['run'] = async (source) => {
    const publicKey = await publicKeyFile(source, file);
    return answerOf(
      async () => {
        const data = readGeneralContentInfo(berFile(source, file), GENERAL_LIMITS);
        if (data.kind !== 'SignedData') throw new Error('not SignedData');
        const [signerInfo] = data.signerInfos;
        if (signerInfo === undefined) throw new Error('no signer');
        // An OCTET STRING of at most 127 octets: its content begins behind two.
        const digest = singleValue(signerInfo.signedAttrs, ID_MESSAGE_DIGEST)?.subarray(2);
        const content = { contentType: data.eContentType, digest: () => digest, octets: undefined };
        return verifySignerInfo(signerInfo, publicKey, content, {
          policy: VECTOR_SIGNATURE_POLICY,
          crypto: source.crypto,
        });
      },
      () => true,
    );
  };
  return does(file, 'its signed attributes verify', run);
}
