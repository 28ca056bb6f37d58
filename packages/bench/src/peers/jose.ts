/**
 * jose: a JWS inside a JWE.
 * @module
 */
import * as jose from 'jose';
import { type Peer, sameOctets } from './peer.js';

/** jose with Ed25519, ECDH-ES+A256KW over X25519, A256GCM. */
export async function josePeer(content: Uint8Array, count: number): Promise<Peer> {
  const sender = await jose.generateKeyPair('Ed25519');
  const recipients: jose.GenerateKeyPairResult[] = [];
  for (let i = 0; i < count; i++) recipients.push(await jose.generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519' }));
  const last = `key ${count - 1}`;
  const seal = async (): Promise<jose.GeneralJWE> => {
    const jws = await new jose.CompactSign(content).setProtectedHeader({ alg: 'Ed25519' }).sign(sender.privateKey);
    const jwe = new jose.GeneralEncrypt(new TextEncoder().encode(jws)).setProtectedHeader({ enc: 'A256GCM' });
    for (const [i, { publicKey }] of recipients.entries())
      jwe.addRecipient(publicKey).setUnprotectedHeader({ alg: 'ECDH-ES+A256KW', kid: `key ${i}` });
    return jwe.encrypt();
  };
  const sealed = await seal();
  const text = JSON.stringify(sealed);
  const own = recipients.at(-1)?.privateKey as jose.CryptoKey;
  const open = async (): Promise<Uint8Array> => {
    const jwe = JSON.parse(text) as jose.GeneralJWE;
    // Whose entry it is stands in the header: no key operation for those of others.
    const mine = { ...jwe, recipients: jwe.recipients.filter(({ header }) => header?.kid === last) };
    const { plaintext } = await jose.generalDecrypt(mine, own);
    return (await jose.compactVerify(plaintext, sender.publicKey)).payload;
  };
  const name = 'jose 6.2.17';
  sameOctets(name, await open(), content);
  return { name, note: 'JWS in JWE; WebCrypto', isNative: false, seal: async () => JSON.stringify(await seal()), open };
}
