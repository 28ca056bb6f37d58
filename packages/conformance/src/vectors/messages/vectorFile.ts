/**
 * Files of published messages and keys, whatever they are wrapped in.
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64 } from '@stanzaseal/cms';
import {
  findPemBlocks,
  GENERAL_LIMITS,
  type GeneralCrypto,
  type GeneralNode,
  type GeneralPrivateKey,
  type GeneralPublicKey,
  readGeneral,
} from '@stanzaseal/cms/general';

/** What the index of a source says of one file. */
export interface IndexedFile {
  /** Path below the source's folder. */
  readonly file: string;
  /** Structure of a CMS message, as another parser saw it. */
  readonly cms?: {
    readonly encoding?: string;
    readonly contentType?: string;
    readonly version?: number;
    readonly recipients?: readonly string[];
    readonly macLen?: number;
    readonly eContent?: number | 'detached';
    readonly certs?: number;
    readonly crls?: number;
    readonly authAttrs?: readonly string[];
    readonly signers?: readonly {
      readonly version: number;
      readonly sid: string;
      readonly sigLen: number;
      readonly unsignedAttrs?: readonly string[];
    }[];
  };
}

/** A source of messages, with the provider that its cases run on. */
export interface MessageSource {
  /** Folder of all sources. */
  readonly root: string;
  /** This source's. */
  readonly name: string;
  /** The primitives. */
  readonly crypto: GeneralCrypto;
}

/** The files that a source's index lists, each once. */
export function indexOf({ root, name }: Pick<MessageSource, 'root' | 'name'>): readonly IndexedFile[] {
  const index = JSON.parse(readFileSync(join(root, name, 'index.json'), 'utf8')) as { files: IndexedFile[] };
  return [...new Map(index.files.map((each) => [each.file, each])).values()];
}

/** Octets of a file as it lies there. A path may lead to a sibling source. */
export function rawFile({ root, name }: MessageSource, file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(root, name, file)));
}

/** Octets of the BER inside a file: its first PEM block, the base64 behind MIME headers, or the file itself. */
export function berFile(source: MessageSource, file: string): Uint8Array {
  const raw = rawFile(source, file);
  if (raw[0] === 0x30 || raw[0] === 0x31) return raw;
  const text = new TextDecoder().decode(raw);
  if (text.startsWith('MIME-Version:')) return fromBase64(text.replace(/^[\s\S]*?\r?\n\r?\n/, '').replace(/\s+/g, ''));
  const [block] = findPemBlocks(text);
  return block?.octets ?? raw;
}

/** The private key of a file: PKCS#8 in DER, or the block of that label. */
export async function privateKeyFile(source: MessageSource, file: string): Promise<GeneralPrivateKey> {
  const raw = rawFile(source, file);
  if (raw[0] === 0x30) return source.crypto.importPrivateKey(raw);
  const block = findPemBlocks(new TextDecoder().decode(raw)).find(({ label }) => label === 'PRIVATE KEY');
  if (block === undefined) throw new Error(`${file} holds no PKCS#8`);
  return source.crypto.importPrivateKey(block.octets);
}

/** The public key of a file: a SubjectPublicKeyInfo, or the first one inside a certificate or a message. */
export async function publicKeyFile(source: MessageSource, file: string): Promise<GeneralPublicKey> {
  const blocks = findPemBlocks(new TextDecoder('latin1').decode(rawFile(source, file)));
  const octets = blocks.find(({ label }) => label === 'CERTIFICATE')?.octets ?? berFile(source, file);
  const { root } = readGeneral(octets, GENERAL_LIMITS);
  const info = find(root, (node) => node.structure === 'SubjectPublicKeyInfo');
  if (info === undefined) throw new Error(`${file} holds no public key`);
  return source.crypto.importPublicKey(slice(octets, info));
}

/** The octets of a value of a tree, header included. */
export function slice(octets: Uint8Array, node: GeneralNode): Uint8Array {
  const end = node.offset + node.headerLength + node.contentLength + (node.indefinite ? 2 : 0);
  return octets.subarray(node.offset, end);
}

/** The first value of a tree that fits, from the outside in. */
export function find(node: GeneralNode, fits: (node: GeneralNode) => boolean): GeneralNode | undefined {
  if (fits(node)) return node;
  for (const child of node.children ?? []) {
    const found = find(child, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}
