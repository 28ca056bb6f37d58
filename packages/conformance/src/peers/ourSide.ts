/**
 * Our side of the matrix: the built command line, each time in a process of its own; the library where the command line has no
 * verb or option.
 * @module
 */
import { Buffer } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import { decodePem, encodePem, ID_DATA } from '@stanzaseal/cms';
import type { GeneralCrypto, GeneralKeyAlgorithm, GeneralPublicKey } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { systemRandom } from '@stanzaseal/cms/provider';
import { authenticate, encrypt, type GeneralRecipient, PASSWORD_COST } from '@stanzaseal/envelope/general';
import { sign } from '@stanzaseal/signer/general';
import type { Case, Party } from './cases.js';
import { KEK_ID, LETTER, LETTER_FILE, PASSWORD } from './parties.js';
import type { Attempt, TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

/** The command line as built. */
const MAIN = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));
/** A content type of our own: with it the object has authenticated attributes (RFC 5083 §2.1). */
const OWN_CONTENT_TYPE = '2.25.1';
const TEXT = new TextDecoder();

/** We. */
export class OurSide {
  readonly #workshop: Workshop;
  readonly #crypto: GeneralCrypto = createGeneralCrypto();

  /** Works in a workshop. */
  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  /** Runs the command line. */
  async tell(words: readonly string[]): Promise<Attempt> {
    const { code, complaint } = await this.#workshop.run([process.execPath, MAIN, ...words]);
    const said = complaint.split('\n').find((line) => /error:/i.test(line));
    return {
      commands: [`stanzaseal ${words.join(' ')}`],
      refusal: code === 0 ? undefined : said || `exit code ${code}`,
    };
  }

  /** Makes a key and writes both halves; by the library where the command line has no such algorithm. */
  async makeKey(party: string, algorithm: string | undefined): Promise<GeneralPublicKey> {
    const file = `${party}.pem`;
    if (algorithm === undefined) {
      const key = await this.#crypto.generatePrivateKey(party.toUpperCase() as GeneralKeyAlgorithm, systemRandom);
      await this.#workshop.write(file, encodePem('PRIVATE KEY', key.pkcs8()));
      await this.#workshop.write(`${party}.pub.pem`, encodePem('PUBLIC KEY', key.publicKey.spki));
    } else {
      await this.#must(['key', 'generate', '--algorithm', algorithm, '--out', file]);
      await this.#must(['key', 'public', '--in', file, '--out', `${party}.pub.pem`]);
    }
    return this.#publicKey(party);
  }

  /** Writes the object of a row. */
  async write(test: Case, object: string): Promise<Attempt> {
    if (test.kind === 'authenticate') return this.#library('authenticate', object, () => this.#authenticate(test));
    if (test.named === 'sha1' && test.kind === 'sign')
      return this.#library('sign', object, () => this.#signBySha1(test));
    if (test.named === 'sha1') return this.#library('encrypt', object, () => this.#encryptBySha1(test));
    const { kind, party, content, cekHkdf, attributes, detached } = test;
    const end = ['--in', LETTER_FILE, '--out', object];
    if (kind === 'sign')
      return this.tell(['cms', 'sign', '--key', `${party}.pem`, ...(detached ? ['--detached'] : []), ...end]);
    const type = attributes ? ['--content-type', OWN_CONTENT_TYPE] : [];
    const cipher = ['--content-encryption', content, ...(cekHkdf ? ['--cek-hkdf'] : [])];
    const whom = secretOf(party) ?? ['--recipient', `${party}.pub.pem`];
    return this.tell(['cms', 'encrypt', ...whom, ...cipher, ...type, ...end]);
  }

  /** Reads the object of a row. */
  read(test: Case, { object, content }: TurnFiles): Promise<Attempt> {
    const { kind, party, detached, attributes } = test;
    const end = ['--in', object, '--out', content];
    if (kind !== 'sign')
      return this.tell(['cms', 'decrypt', ...(secretOf(party) ?? ['--key', `${party}.pem`]), ...end]);
    const outside = detached ? ['--content', LETTER_FILE] : [];
    const policy = attributes ? [] : ['--allow-missing-signed-attributes'];
    return this.tell(['cms', 'verify', '--signer', `${party}.pub.pem`, ...outside, ...policy, ...end]);
  }

  async #authenticate({ party }: Case): Promise<Uint8Array> {
    const recipients = [await this.#recipient(party)];
    const parameters = { profile: 'general', recipients, contentType: ID_DATA, macAlgorithm: 'HMAC-SHA-256' } as const;
    return authenticate(LETTER, { ...parameters, random: systemRandom, crypto: this.#crypto });
  }

  async #encryptBySha1({ party }: Case): Promise<Uint8Array> {
    const recipients = [{ kind: 'key', key: await this.#publicKey(party), name: 'sha1' }] as const;
    const parameters = {
      profile: 'general',
      recipients,
      contentType: ID_DATA,
      contentEncryption: 'AES-256-GCM',
    } as const;
    const { der } = await encrypt(LETTER, {
      ...parameters,
      cekHkdf: false,
      random: systemRandom,
      crypto: this.#crypto,
    });
    return der;
  }

  async #signBySha1({ party }: Case): Promise<Uint8Array> {
    const pem = TEXT.decode(await this.#workshop.read(`${party}.pem`));
    const key = await this.#crypto.importPrivateKey(decodePem(pem, 'PRIVATE KEY'));
    const parameters = { profile: 'general', contentType: ID_DATA, signingTime: Date.now() } as const;
    return sign(LETTER, {
      ...parameters,
      signers: [{ key, name: 'sha1' }],
      random: systemRandom,
      crypto: this.#crypto,
    });
  }

  async #recipient(party: Party): Promise<GeneralRecipient> {
    if (party === 'password') return { kind: 'password', password: Buffer.from(PASSWORD), cost: PASSWORD_COST };
    if (party !== 'kek') return { kind: 'key', key: await this.#publicKey(party) };
    const key = (await this.#workshop.read('kek.bin')) ?? new Uint8Array();
    return { kind: 'kek', keyIdentifier: Buffer.from(KEK_ID, 'hex'), key };
  }

  async #publicKey(party: string): Promise<GeneralPublicKey> {
    const pem = TEXT.decode(await this.#workshop.read(`${party}.pub.pem`));
    return this.#crypto.importPublicKey(decodePem(pem, 'PUBLIC KEY'));
  }

  async #library(name: string, object: string, work: () => Promise<Uint8Array>): Promise<Attempt> {
    const commands = [`${name}(...) of the library`];
    try {
      await this.#workshop.write(object, await work());
      return { commands, refusal: undefined };
    } catch (thrown) {
      return { commands, refusal: (thrown as Error).message };
    }
  }

  async #must(words: readonly string[]): Promise<void> {
    const { refusal } = await this.tell(words);
    if (refusal !== undefined) throw new Error(`stanzaseal ${words.join(' ')}: ${refusal}`);
  }
}

function secretOf(party: Party): string[] | undefined {
  if (party === 'kek') return ['--kek-file', 'kek.bin', '--kek-id', KEK_ID];
  return party === 'password' ? ['--password-file', 'password.txt'] : undefined;
}
