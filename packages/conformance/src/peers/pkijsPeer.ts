/**
 * PKI.js in this process: SignedData alone. It knows no AuthEnvelopedData, and finds a signer by a key identifier only where that
 * is the SHA-1 of the key.
 * @module
 */
import { Buffer } from 'node:buffer';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { ObjectIdentifier, OctetString, Primitive } from 'asn1js';
import {
  Attribute,
  Certificate,
  ContentInfo,
  CryptoEngine,
  EncapsulatedContentInfo,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { type Case, certificateOf, type Party } from './cases.js';
import { idOf, LETTER, type Parties } from './parties.js';
import type { Peer, Turn, TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

const ID_DATA = '1.2.840.113549.1.7.1';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const KEYS: Readonly<
  Partial<Record<Party, { readonly algorithm: EcKeyImportParams | RsaHashedImportParams; readonly hash: string }>>
> = {
  p256: { algorithm: { name: 'ECDSA', namedCurve: 'P-256' }, hash: 'SHA-256' },
  p384: { algorithm: { name: 'ECDSA', namedCurve: 'P-384' }, hash: 'SHA-384' },
  rsa: { algorithm: { name: 'RSA-PSS', hash: 'SHA-256' }, hash: 'SHA-256' },
};

/** PKI.js as it is installed. */
export function pkijs(workshop: Workshop, parties: () => Parties): Peer {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as Crypto });
  return {
    version: (createRequire(import.meta.url)('pkijs/package.json') as { version: string }).version,
    cannot,
    ask: (test, turn, files) => {
      if (test.kind !== 'sign' || KEYS[test.party] === undefined) return undefined;
      if (turn === 'writes')
        return attempt('SignedData.sign(...)', () => write(test, files, parties(), workshop, engine));
      return attempt('SignedData.verify(...)', () => read(test, files, workshop, engine));
    },
  };
}

async function attempt(call: string, work: () => Promise<void>): ReturnType<NonNullable<Peer['tell']>> {
  try {
    await work();
    return { commands: [call], refusal: undefined };
  } catch (thrown) {
    return { commands: [call], refusal: (thrown as Error).message };
  }
}

async function write(
  test: Case,
  { object }: TurnFiles,
  parties: Parties,
  workshop: Workshop,
  engine: CryptoEngine,
): Promise<void> {
  const { algorithm, hash } = KEYS[test.party] as { algorithm: EcKeyImportParams; hash: string };
  const pem = Buffer.from((await workshop.read(`${test.party}.pem`)) ?? '');
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  const digest = await webcrypto.subtle.digest(hash, Uint8Array.from(LETTER));
  const keyIdentifier = Buffer.from(idOf(test, parties), 'hex');
  const attributes = [
    new Attribute({ type: CONTENT_TYPE, values: [new ObjectIdentifier({ value: ID_DATA })] }),
    new Attribute({ type: MESSAGE_DIGEST, values: [new OctetString({ valueHex: digest })] }),
  ];
  const whole = new OctetString({ valueHex: Uint8Array.from(LETTER) });
  const data = new SignedData({
    version: 3,
    // What the constructor is given is cut into pieces of BER.
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: ID_DATA, ...(test.ber ? { eContent: whole } : {}) }),
    signerInfos: [
      new SignerInfo({
        version: 3,
        sid: new Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: keyIdentifier }),
        ...(test.attributes ? { signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes }) } : {}),
      }),
    ],
  });
  if (!test.ber && !test.detached) data.encapContentInfo.eContent = whole;
  await data.sign(key as CryptoKey, 0, hash, Uint8Array.from(LETTER), engine);
  const info = new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: data.toSchema(true) });
  await workshop.write(object, new Uint8Array(info.toSchema().toBER()));
}

async function read(
  test: Case,
  { object, content }: TurnFiles,
  workshop: Workshop,
  engine: CryptoEngine,
): Promise<void> {
  const info = ContentInfo.fromBER(Uint8Array.from((await workshop.read(object)) ?? []));
  const data = new SignedData({ schema: info.content });
  const pem = Buffer.from((await workshop.read(certificateOf(test))) ?? '');
  data.certificates = [Certificate.fromBER(new X509Certificate(pem).raw)];
  const outside = test.detached ? { data: Uint8Array.from(LETTER).buffer } : {};
  if (!(await data.verify({ signer: 0, checkChain: false, ...outside }, engine)))
    throw new Error('signature is not good');
  await workshop.write(
    content,
    test.detached ? LETTER : new Uint8Array(data.encapContentInfo.eContent?.getValue() ?? []),
  );
}

function cannot({ kind, party, named }: Case, turn: Turn): string | undefined {
  if (kind !== 'sign') return 'knows neither AuthEnvelopedData nor AuthenticatedData';
  if (KEYS[party] === undefined) return 'knows no such signature';
  if (turn === 'reads')
    return named === 'sha1' ? undefined : 'finds a signer by key identifier only where that is SHA-1 of the key';
  return undefined;
}
