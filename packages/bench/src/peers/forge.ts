/**
 * node-forge: PKCS #7 with RSA, which is what it has.
 * @module
 */
import forge from 'node-forge';
import { type Peer, sameOctets } from './peer.js';

/** node-forge with RSA keys of 2048 bits under certificates and AES-256-CBC. */
export async function forgePeer(content: Uint8Array, count: number): Promise<Peer> {
  const sender = certified('romeo');
  // One key under many names: making a hundred takes minutes, and encrypting to it costs the same.
  const pair = forge.pki.rsa.generateKeyPair(2048);
  const recipients = Array.from({ length: count }, (_, i) => certified(`recipient ${i}`, pair));
  const last = recipients.at(-1) as Certified;
  const seal = (): string => {
    const signed = forge.pkcs7.createSignedData();
    signed.content = forge.util.createBuffer(Buffer.from(content).toString('binary'));
    signed.addCertificate(sender.certificate);
    signed.addSigner({
      key: sender.privateKey,
      certificate: sender.certificate,
      digestAlgorithm: forge.pki.oids.sha512 as string,
      authenticatedAttributes: [
        { type: forge.pki.oids.contentType as string, value: forge.pki.oids.data as string },
        { type: forge.pki.oids.messageDigest as string },
        { type: forge.pki.oids.signingTime as string, value: new Date().toISOString() },
      ],
    });
    signed.sign();
    const enveloped = forge.pkcs7.createEnvelopedData();
    for (const { certificate } of recipients) enveloped.addRecipient(certificate);
    enveloped.content = forge.util.createBuffer(forge.asn1.toDer(signed.toAsn1()).getBytes());
    enveloped.encrypt(undefined, forge.pki.oids['aes256-CBC']);
    return forge.asn1.toDer(enveloped.toAsn1()).getBytes();
  };
  const sealed = seal();
  const open = (): Uint8Array => {
    const enveloped = forge.pkcs7.messageFromAsn1(forge.asn1.fromDer(sealed)) as forge.pkcs7.PkcsEnvelopedData;
    enveloped.decrypt(enveloped.recipients[count - 1] as never, last.privateKey);
    return signedContent((enveloped.content as forge.util.ByteStringBuffer).getBytes(), sender);
  };
  const name = 'node-forge 1.4.3';
  sameOctets(name, open(), content);
  return { name, note: 'RSA-2048, AES-CBC', isNative: false, seal, open };
}

interface Certified {
  readonly certificate: forge.pki.Certificate;
  readonly privateKey: forge.pki.rsa.PrivateKey;
}

function certified(name: string, pair: forge.pki.rsa.KeyPair = forge.pki.rsa.generateKeyPair(2048)): Certified {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = pair.publicKey;
  certificate.serialNumber = Buffer.from(name).toString('hex');
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  certificate.setIssuer([{ name: 'commonName', value: name }]);
  certificate.sign(pair.privateKey, forge.md.sha256.create());
  return { certificate, privateKey: pair.privateKey };
}

/** forge parses signed data and does not verify it: the digest and the RSA signature over the attributes, by hand as its users do. */
function signedContent(der: string, { certificate }: Certified): Uint8Array {
  const signed = forge.pkcs7.messageFromAsn1(forge.asn1.fromDer(der)) as forge.pkcs7.PkcsSignedData & {
    rawCapture: { content: forge.asn1.Asn1; authenticatedAttributes: forge.asn1.Asn1[]; signature: string };
  };
  const { content, authenticatedAttributes, signature } = signed.rawCapture;
  const octets = ((content.value as forge.asn1.Asn1[])[0] as forge.asn1.Asn1).value as string;
  const set = forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SET, true, authenticatedAttributes);
  const digest = forge.md.sha512.create().update(forge.asn1.toDer(set).getBytes()).digest().getBytes();
  const inside = forge.md.sha512.create().update(octets).digest().getBytes();
  const isBound = authenticatedAttributes.some((attribute) => forge.asn1.toDer(attribute).getBytes().endsWith(inside));
  if (!isBound || !(certificate.publicKey as forge.pki.rsa.PublicKey).verify(digest, signature))
    throw new Error('node-forge does not verify');
  return Buffer.from(octets, 'binary');
}
