/**
 * What is expected of one file: its constructors are the words in which the tables of the sources are written.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import { GENERAL_POLICY, type GeneralPolicy } from '@stanzaseal/envelope/general';
import { openWith, VECTOR_POLICY, verifyWith } from '../functions.js';
import { type Answer, answerOf, type Expected, notApplicable } from '../verdict.js';
import { ANY_KEK, type Content, type OpenedBy, octetsOf, ownKey } from './given.js';
import { berFile, type MessageSource, privateKeyFile, publicKeyFile } from './vectorFile.js';

/** One case of one file. */
export interface Expectation {
  /** The file. */
  readonly file: string;
  /** What is done with it. */
  readonly id: string;
  /** What the publisher, or the RFC, says. */
  readonly expected: Expected;
  /** The name of the documented difference, where we refuse what the publisher takes. */
  readonly traits: readonly string[];
  /** Does it. */
  run(source: MessageSource): Promise<Answer>;
}

/** Opens, with this content. */
export function opens(
  file: string,
  by: OpenedBy,
  content: Content,
  policy: GeneralPolicy = VECTOR_POLICY,
): Expectation {
  return {
    file,
    id: `opens${'key' in by ? ` with ${by.key}` : ''}`,
    expected: 'valid',
    traits: [],
    run: async (source) => {
      const key = await ownKey(source, by);
      return answerOf(
        () => openWith(berFile(source, file), [key], source.crypto, policy),
        (opened) => equal(opened, octetsOf(source, content)),
      );
    },
  };
}

/** Does not open. `difference` names the documented one where the publisher would open it; else the file is bad. */
export function doesNotOpen(
  file: string,
  codes: readonly string[],
  by: OpenedBy = ANY_KEK,
  difference?: string,
  policy: GeneralPolicy = VECTOR_POLICY,
): Expectation {
  return refusal(
    file,
    policy === GENERAL_POLICY ? 'does not open by the policy given out' : 'does not open',
    difference,
    async (source) => {
      const key = await ownKey(source, by);
      return withCode(
        codes,
        await answerOf(
          () => openWith(berFile(source, file), [key], source.crypto, policy),
          () => true,
        ),
      );
    },
  );
}

/** Verifies under the key of a file, or the first one inside. */
export function verifies(file: string, key: string = file, content?: Content, detached?: Content): Expectation {
  return {
    file,
    id: 'verifies',
    expected: 'valid',
    traits: [],
    run: async (source) => {
      const outside = detached === undefined ? undefined : octetsOf(source, detached);
      return answerOf(
        async () => verifyWith(berFile(source, file), await publicKeyFile(source, key), source.crypto, outside),
        (verified) => content === undefined || equal(verified, octetsOf(source, content)),
      );
    },
  };
}

/** Does not verify. */
export function doesNotVerify(
  file: string,
  codes: readonly string[],
  { key = file, difference, detached }: { key?: string; difference?: string; detached?: Content } = {},
): Expectation {
  return refusal(file, 'does not verify', difference, async (source) =>
    withCode(
      codes,
      await answerOf(
        async () => {
          const outside = detached === undefined ? undefined : octetsOf(source, detached);
          return verifyWith(berFile(source, file), await publicKeyFile(source, key), source.crypto, outside);
        },
        () => true,
      ),
    ),
  );
}

/** A private key that is taken; `publicKey` is the file of its other half. */
export function takesPrivateKey(file: string, publicKey?: string): Expectation {
  return {
    file,
    id: 'private key',
    expected: 'valid',
    traits: [],
    run: async (source) => {
      const half = publicKey === undefined ? undefined : await publicKeyFile(source, publicKey);
      return answerOf(
        () => privateKeyFile(source, file),
        (key) => half === undefined || equal(key.publicKey.spki, half.spki),
      );
    },
  };
}

/** A public key, alone or in a certificate, that is taken; with what the publisher says its SHA-1 identifier is. */
export function takesPublicKey(file: string, same?: string, sha1?: string): Expectation {
  return {
    file,
    id: 'public key',
    expected: 'valid',
    traits: [],
    run: async (source) => {
      const half = same === undefined ? undefined : await publicKeyFile(source, same);
      return answerOf(
        () => publicKeyFile(source, file),
        (key) =>
          (half === undefined || equal(key.spki, half.spki)) &&
          (sha1 === undefined || equal(key.sha1KeyIdentifier, fromHex(sha1))),
      );
    },
  };
}

/** A key, private unless `half` says otherwise, that is refused. */
export function refusesKey(
  file: string,
  codes: readonly string[],
  difference?: string,
  half: 'private' | 'public' = 'private',
  expected?: Expected,
): Expectation {
  const read = half === 'private' ? privateKeyFile : publicKeyFile;
  const each = refusal(file, `${half} key`, difference, async (source) =>
    withCode(
      codes,
      await answerOf(
        () => read(source, file) as Promise<unknown>,
        () => true,
      ),
    ),
  );
  return expected === undefined ? each : { ...each, expected };
}

/** Not run, for a reason. */
export function notRun(file: string, reason: string): Expectation {
  return { file, id: '', expected: 'acceptable', traits: [], run: async () => notApplicable(reason) };
}

/** Any other case; `difference` names the documented one where we refuse it. */
export function does(file: string, id: string, run: Expectation['run'], difference?: string): Expectation {
  return { file, id, expected: 'valid', traits: difference === undefined ? [] : [difference], run };
}

function refusal(file: string, id: string, difference: string | undefined, run: Expectation['run']): Expectation {
  const expected = difference === undefined ? 'invalid' : 'valid';
  return { file, id, expected, traits: difference === undefined ? [] : [difference], run };
}

function withCode(codes: readonly string[], answer: Answer): Answer {
  if (answer.did === 'refused' && !codes.includes(answer.code)) {
    throw new Error(`refused with ${answer.code}, where ${codes.join(' or ')} is expected`);
  }
  return answer;
}
