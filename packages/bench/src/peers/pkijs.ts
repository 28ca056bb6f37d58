/**
 * PKI.js: CMS with certificates, on WebCrypto.
 * @module
 */
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { type Peer, sameOctets } from './peer.js';

const CURVE = { namedCurve: 'P-256', hash: 'SHA-256' };

/** PKI.js with ECDSA and ECDH on P-256 under certificates and AES-256-GCM (it has no X25519 recipients). */
export async function pkijsPeer(content: Uint8Array, count: number): Promise<Peer> {
  const engine = new pkijs.CryptoEngine({ name: 'node', crypto: globalThis.crypto as never });
  pkijs.setEngine('node', engine);
  const sender = await certified('romeo', 'ECDSA', ['sign', 'verify'], engine);
  const recipients: Certified[] = [];
  for (let i = 0; i < count; i++)
    recipients.push(await certified(`recipient ${i}`, 'ECDH', ['deriveBits', 'deriveKey'], engine, sender));
  const octets = Uint8Array.from(content).buffer;
  const seal = async (): Promise<ArrayBuffer> => {
    const signed = new pkijs.SignedData({
      encapContentInfo: new pkijs.EncapsulatedContentInfo({
        eContentType: pkijs.ContentInfo.DATA,
        eContent: new asn1js.OctetString({ valueHex: octets }),
      }),
      signerInfos: [
        new pkijs.SignerInfo({
          version: 1,
          sid: new pkijs.IssuerAndSerialNumber({
            issuer: sender.certificate.issuer,
            serialNumber: sender.certificate.serialNumber,
          }),
          signedAttrs: new pkijs.SignedAndUnsignedAttributes({ type: 0, attributes: await attributes(octets) }),
        }),
      ],
      certificates: [sender.certificate],
    });
    await signed.sign(sender.privateKey, 0, 'SHA-256');
    const inside = new pkijs.ContentInfo({
      contentType: pkijs.ContentInfo.SIGNED_DATA,
      content: signed.toSchema(true),
    });
    const enveloped = new pkijs.EnvelopedData();
    for (const { certificate } of recipients)
      enveloped.addRecipientByCertificate(certificate, { kdfAlgorithm: 'SHA-256' }, 2);
    await enveloped.encrypt({ name: 'AES-GCM', length: 256 } as never, inside.toSchema().toBER());
    const outside = { contentType: pkijs.ContentInfo.ENVELOPED_DATA, content: enveloped.toSchema() };
    return new pkijs.ContentInfo(outside).toSchema().toBER();
  };
  const sealed = await seal();
  const last = recipients.at(-1) as Certified;
  const open = async (): Promise<Uint8Array> => {
    const enveloped = new pkijs.EnvelopedData({ schema: pkijs.ContentInfo.fromBER(sealed).content });
    const recipientCertificate = last.certificate;
    const parameters = { recipientCertificate, recipientPrivateKey: last.pkcs8 };
    const decrypted = await enveloped.decrypt(count - 1, parameters);
    const signed = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(decrypted).content });
    const verified = await signed.verify({ signer: 0, trustedCerts: [sender.certificate], checkChain: false });
    if (!verified) throw new Error('PKI.js does not verify');
    return new Uint8Array(signed.encapContentInfo.eContent?.getValue() as ArrayBuffer);
  };
  const name = 'PKI.js 4.0.0';
  sameOctets(name, await open(), content);
  return { name, note: 'P-256 under certificates; WebCrypto', isNative: false, seal, open };
}

async function attributes(octets: ArrayBuffer): Promise<pkijs.Attribute[]> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', octets);
  return [
    new pkijs.Attribute({
      type: '1.2.840.113549.1.9.3',
      values: [new asn1js.ObjectIdentifier({ value: pkijs.ContentInfo.DATA })],
    }),
    new pkijs.Attribute({ type: '1.2.840.113549.1.9.5', values: [new asn1js.UTCTime({ valueDate: new Date() })] }),
    new pkijs.Attribute({ type: '1.2.840.113549.1.9.4', values: [new asn1js.OctetString({ valueHex: digest })] }),
  ];
}

interface Certified {
  readonly certificate: pkijs.Certificate;
  readonly privateKey: CryptoKey;
  readonly pkcs8: ArrayBuffer;
}

async function certified(
  name: string,
  algorithm: 'ECDSA' | 'ECDH',
  usages: KeyUsage[],
  engine: pkijs.CryptoEngine,
  issuer?: Certified,
): Promise<Certified> {
  const { subtle } = globalThis.crypto;
  const pair = (await subtle.generateKey({ name: algorithm, ...CURVE }, true, usages)) as CryptoKeyPair;
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ value: 1 + Math.abs(hashOf(name)) });
  const named = (text: string) =>
    new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1js.Utf8String({ value: text }) });
  certificate.subject.typesAndValues.push(named(name));
  certificate.issuer.typesAndValues.push(named(issuer === undefined ? name : 'romeo'));
  certificate.notBefore.value = new Date(Date.now() - 1000);
  certificate.notAfter.value = new Date(Date.now() + 86_400_000);
  await certificate.subjectPublicKeyInfo.importKey(pair.publicKey, engine);
  await certificate.sign(issuer?.privateKey ?? pair.privateKey, 'SHA-256', engine);
  return { certificate, privateKey: pair.privateKey, pkcs8: await subtle.exportKey('pkcs8', pair.privateKey) };
}

type KeyUsage = 'sign' | 'verify' | 'deriveBits' | 'deriveKey';
type CryptoKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;
interface CryptoKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

function hashOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) as number)) | 0;
  return hash;
}
