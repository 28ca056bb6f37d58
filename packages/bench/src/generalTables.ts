/**
 * General CMS with P-256: ECDSA with SHA-256, ECDH with X9.63, AES-256 key wrap, AES-256-GCM with RFC 9709, beside the same primitives
 * called directly.
 *
 * These are the algorithms of suite 2. The suite itself, which would be sealed stanzas with these algorithms, is reserved (specification
 * §2.3) and not built: what is timed is `signer/general` and `envelope/general`, which other people's software reads. So the rows inform
 * and are held to nothing, for the contract of speed is about suite 1.
 * @module
 */
import { compare, ID_DATA } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { systemRandom as random } from '@stanzaseal/cms/provider';
import { decrypt, encrypt, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import { GENERAL_SIGNATURE_POLICY, sign, verify } from '@stanzaseal/signer/general';
import { devicesName, KIBIBYTE } from './context.js';
import { createP256Base } from './p256Base.js';
import { sameOctets } from './peers/peer.js';
import type { Table } from './table.js';

/** Signing and encrypting 1 KiB to 1 device and to 100, and the reverse. */
export function generalTables(): Table[] {
  return [1, 100].flatMap((count) =>
    (['seal', 'open'] as const).map((verb): Table => {
      const whom = verb === 'seal' ? `to ${devicesName(count)}` : `as the last of ${devicesName(count)}`;
      const isEach = verb === 'seal' && count > 1;
      return {
        group: 'general CMS with P-256',
        title: `${verb} 1 KiB ${whom}${isEach ? ', for each' : ''}`,
        ...(isEach ? { pieces: count } : {}),
        jobs: async () => [
          { name: 'base', run: createP256Base(KIBIBYTE, count)[verb] },
          {
            name: 'signer + envelope, general',
            run: (await generalWork(KIBIBYTE, count))[verb],
            note: () => 'the algorithms of suite 2, in general CMS',
          },
        ],
      };
    }),
  );
}

/** Work on one content for one set of recipients. */
interface GeneralWork {
  seal(): Promise<Uint8Array>;
  /** As the recipient that stands last in the object. */
  open(): Promise<Uint8Array>;
}

async function generalWork(contentLength: number, recipientCount: number): Promise<GeneralWork> {
  const crypto = createGeneralCrypto();
  const content = random(contentLength);
  const newKey = () => crypto.generatePrivateKey('P-256', random);
  const signer = await newKey();
  const owners = await Promise.all(Array.from({ length: recipientCount }, newKey));
  // As they will stand in the object (D7).
  owners.sort((a, b) => compare(a.publicKey.keyIdentifier, b.publicKey.keyIdentifier));
  const recipients = owners.map(({ publicKey: key }) => ({ kind: 'key', key }) as const);
  const key = owners.at(-1) as (typeof owners)[0];
  const [profile, contentType] = ['general', ID_DATA] as const;
  const signaturePolicy = { ...GENERAL_SIGNATURE_POLICY, idData: true };

  async function seal(): Promise<Uint8Array> {
    const signingTime = Date.now();
    const signed = await sign(content, {
      profile,
      signers: [{ key: signer }],
      contentType,
      signingTime,
      random,
      crypto,
    });
    const contentEncryption = 'AES-256-GCM';
    const parameters = { profile, recipients, contentType, contentEncryption, cekHkdf: true, random, crypto } as const;
    return (await encrypt(signed, parameters)).der;
  }

  const object = await seal();

  async function open(): Promise<Uint8Array> {
    const keys = [{ kind: 'key', key }] as const;
    const signed = (await decrypt(object, { profile, keys, policy: GENERAL_POLICY, crypto })).content;
    const signers = [{ key: signer.publicKey }] as const;
    return (await verify(signed, { profile, signers, contentType, policy: signaturePolicy, crypto })).content;
  }

  sameOctets('general CMS with P-256', await open(), content);
  return { seal, open };
}
