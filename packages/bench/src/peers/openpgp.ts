/**
 * OpenPGP.js: one message signed and encrypted, binary, with curves of the same strength.
 * @module
 */
import * as openpgp from 'openpgp';
import { type Peer, sameOctets } from './peer.js';

/** OpenPGP.js with Ed25519 and X25519 keys of version 6, AEAD. */
export async function openpgpPeer(content: Uint8Array, count: number): Promise<Peer> {
  const config = {
    aeadProtect: true,
    v6Keys: true,
    preferredCompressionAlgorithm: openpgp.enums.compression.uncompressed,
  };
  const generate = async (name: string) =>
    openpgp.generateKey({ type: 'curve25519', userIDs: [{ name }], format: 'object', config });
  const sender = await generate('romeo');
  const recipients = [];
  for (let i = 0; i < count; i++) recipients.push(await generate(`recipient ${i}`));
  const encryptionKeys = recipients.map(({ publicKey }) => publicKey);
  const decryptionKeys = recipients.at(-1)?.privateKey as openpgp.PrivateKey;
  const seal = async (): Promise<Uint8Array> =>
    (await openpgp.encrypt({
      message: await openpgp.createMessage({ binary: content }),
      encryptionKeys,
      signingKeys: sender.privateKey,
      format: 'binary',
      config,
    })) as Uint8Array;
  const binaryMessage = await seal();
  const open = async (): Promise<Uint8Array> => {
    const { data } = await openpgp.decrypt({
      message: await openpgp.readMessage({ binaryMessage, config }),
      decryptionKeys,
      verificationKeys: sender.publicKey,
      expectSigned: true,
      format: 'binary',
      config,
    });
    return data as Uint8Array;
  };
  const name = 'OpenPGP.js 6.3.2';
  sameOctets(name, await open(), content);
  return { name, note: 'Ed25519, X25519, AEAD', isNative: false, seal, open };
}
