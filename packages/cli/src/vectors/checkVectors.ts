/**
 * Runs test vectors: every file of a directory, each against its expectation.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CryptoProvider } from '@stanzaseal/cms';
import * as handshakes from './handshakeOperations.js';
import * as keys from './keyOperations.js';
import * as objects from './objectOperations.js';
import * as stanzas from './stanzaOperations.js';
import * as statements from './statementOperations.js';
import * as trust from './trustOperations.js';
import type { Operation, Outcome, Vector } from './vector.js';

/** The operations by the name that vectors use. */
export const OPERATIONS: Readonly<Record<string, Operation>> = Object.freeze({
  'key.import': keys.importKey,
  'key.import-private': keys.importSecret,
  'der.decode': keys.decodeDer,
  'base64.decode': keys.decodeBase64,
  'jid.normalise': keys.normaliseJid,
  'xml.read': keys.readElement,
  'padding.bucket': keys.bucket,
  'signer.sign': objects.signContent,
  'signer.verify': objects.verifyContent,
  'envelope.encrypt': objects.encryptContent,
  'envelope.decrypt': objects.decryptContent,
  'stanza.seal': stanzas.seal,
  'stanza.open': stanzas.open,
  'bundle.import': stanzas.importPublished,
  'messenger.open': stanzas.arrivals,
  'trust.fingerprint': trust.showFingerprint,
  'trust.message': trust.readMessage,
  'trust.sas': trust.runSas,
  'trust.password': trust.runPassword,
  'trust.cpace': trust.runCpace,
  'trust.handshake': handshakes.runHandshake,
  'trust.handshake-message': handshakes.readHandshakeMessage,
  'trust.endorsement': statements.checkEndorsed,
  'trust.vouch': statements.checkVouched,
});

/** What became of one vector: `failure` is a sentence, or nothing where it passed. */
export interface Checked {
  /** The vector's name. */
  readonly name: string;
  /** What was wrong. */
  readonly failure: string | undefined;
}

/** Reads all vectors of the groups in a directory, in the order of their names. */
export function readVectors(directory: string): Vector[] {
  const vectors: Vector[] = [];
  for (const group of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!group.isDirectory()) continue;
    for (const file of readdirSync(join(directory, group.name)).sort()) {
      if (!file.endsWith('.json')) continue;
      const value = JSON.parse(readFileSync(join(directory, group.name, file), 'utf8')) as Partial<Vector>;
      // Other folders hold other data: a vector says which operation it is of.
      if (typeof value.operation === 'string') vectors.push(value as Vector);
    }
  }
  return vectors;
}

/** Checks one vector. */
export async function checkVector(vector: Vector, crypto: CryptoProvider): Promise<Checked> {
  const { name, expect } = vector;
  const result = await runVector(vector, crypto);
  if ('code' in result) {
    const failure = result.code === expect ? undefined : `expected ${expect}, got ${result.code}`;
    return { name, failure };
  }
  if (expect !== 'success') return { name, failure: `expected ${expect}, got success` };
  if (!isSame(result.intermediate, vector.intermediate)) return { name, failure: 'a value on the way differs' };
  return { name, failure: isSame(result.output, vector.output) ? undefined : 'the output differs' };
}

/** Runs a vector's operation: its outcome, or the code of its refusal. Errors without a code are bugs and thrown. */
export async function runVector(
  { operation, input }: Vector,
  crypto: CryptoProvider,
): Promise<Outcome | { code: string }> {
  const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (run === undefined) return { code: `no operation ${operation}` };
  try {
    return await run(input as never, crypto);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('ERR_')) return { code };
    throw error;
  }
}

function isSame(actual: unknown, expected: unknown): boolean {
  const plain = actual === undefined ? undefined : JSON.parse(JSON.stringify(actual));
  return isDeepStrictEqual(plain, expected);
}
