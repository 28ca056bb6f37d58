/**
 * `store devices`, the part of joining: a device joins by three texts, the account's invitation, its own request, its admission. A code
 * shows whether the request was swapped on its way.
 * @module
 */
import { type CryptoProvider, decodeEndorsement, equal } from '@stanzaseal/cms';
import { type Change, createJoiningDevice, type HeldKeys } from '@stanzaseal/keystore';
import { MessengerError } from '@stanzaseal/messenger';
import {
  admissionRequest,
  admitDevice,
  type CarriedText,
  comparisonCode,
  decodeCarried,
  drawChallenge,
  encodeAdmission,
  encodeInvitation,
  encodeRequest,
  isSameCode,
  joinAccount,
} from '@stanzaseal/messenger/devices';
import { readSignedData } from '@stanzaseal/signer';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { readText } from './input.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

type Options = StoreOptions & InOut;

/** What a new device that is invited begins with, and its request as text. */
export async function invitedDevice(
  invitation: string,
  { device }: HeldKeys,
  { crypto, random, now: clock }: System,
): Promise<{ changes: readonly Change[]; request: string }> {
  const { owner, identity } = await readCarried(invitation, 'invitation', crypto);
  const keys = { random, clock, crypto, ...(device === undefined ? {} : { device }) };
  const { changes, request } = await createJoiningDevice({ owner, identity, ...keys });
  return { changes, request: await encodeRequest(request, crypto) };
}

/** Adds the verbs of joining to `store devices`. */
export function addJoinVerbs(group: Command, system: System): void {
  addInvite(group, system);
  addRequest(group, system);
  addChallenge(group, system);
  addCode(group, system);
  addAdd(group, system);
  addJoin(group, system);
}

function addInvite(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('invite'))).description(
    'write the invitation of the account, not secret: for a QR code or a file, to the new device',
  );
  withExamples(verb, 'stanzaseal store devices invite --store juliet > invitation.txt');
  verb.action(async (options: Options) => {
    const text = await withOpenedStore(options, system, ({ messenger }) => encodeInvitation(messenger));
    await writeOutput(`${text}\n`, options.out);
  });
}

function addRequest(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('request')))
    .description('write the request of this device to be admitted anew; a new store wrote one when it was made')
    .option('--sequence <number>', 'above that of its revocation, where it was revoked', wholeNumber);
  withExamples(verb, 'stanzaseal store devices request --store tablet > request.txt');
  verb.action(async (options: Options & { sequence?: number }) => {
    const text = await withOpenedStore(options, system, async ({ messenger }) =>
      encodeRequest(await admissionRequest(messenger, options.sequence), system.crypto),
    );
    await writeOutput(`${text}\n`, options.out);
  });
}

function addChallenge(group: Command, { random }: System): void {
  const verb = withOut(group.command('challenge')).description(
    'write a challenge: 6 characters to type into the new device, once its request is here and not before',
  );
  withExamples(verb, 'stanzaseal store devices challenge');
  verb.action(async (options: InOut) => writeOutput(`${drawChallenge(random)}\n`, options.out));
}

function addCode(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('code')))
    .description("write the code of this device's request, to be typed where the challenge came from")
    .requiredOption('--challenge <text>', 'the 6 characters of the primary device');
  withExamples(verb, 'stanzaseal store devices code --store tablet --challenge 7K2M0X --in request.txt');
  verb.action(async (options: Options & { challenge: string }) => {
    const { request } = await readCarried(options.in, 'request', system.crypto);
    const code = await withOpenedStore(options, system, async ({ store }) => {
      const own = (await store.deviceKey(system.crypto)).publicKey.raw;
      const { content } = readSignedData(request);
      // A file that was swapped here is not to be vouched for.
      const isOwn = content !== undefined && equal(decodeEndorsement(content).endorsed.raw, own);
      if (!isOwn) throw new CliFailure('ERR_VERIFY', 'the request is not of this device');
      return codeOf(request, options.challenge, system);
    });
    await writeOutput(`${code}\n`, options.out);
  });
}

function addAdd(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('add')))
    .description('admit the device whose request this is, and write its admission; on a primary device')
    .option('--challenge <text>', 'the challenge that the new device was given')
    .option('--code <text>', 'the code that it answered with')
    .option('--carried', 'the request was carried by hand, where nobody could swap it: no code is compared')
    .option('--self', 'this device itself, restored or renewed; after its list was taken in');
  withExamples(
    verb,
    'stanzaseal store devices add --store juliet --in request.txt --challenge 7K2M0X --code 03HWPA > admission.txt',
    'stanzaseal store devices add --store juliet --in request.txt --carried > admission.txt',
  );
  verb.action(async (options: Options & AddOptions) => {
    const { challenge, code, carried, self } = options;
    const isCompared = challenge !== undefined && code !== undefined;
    if ([isCompared, carried === true, self === true].filter(Boolean).length !== 1) {
      throw usageFailure("one of '--challenge' with '--code', '--carried' and '--self' is needed");
    }
    const given = self === true ? undefined : await readCarried(options.in, 'request', system.crypto);
    if (isCompared && given !== undefined) {
      const expected = await codeOf(given.request, challenge, system);
      if (!isSameCode(expected, code)) throw new CliFailure('ERR_VERIFY', 'the code is of another request');
    }
    const text = await withOpenedStore(options, system, async ({ messenger }) => {
      const admission = await admitDevice(messenger, given?.request ?? (await admissionRequest(messenger)));
      return encodeAdmission(admission, system.crypto);
    });
    await writeOutput(`${text}\n`, options.out);
  });
}

interface AddOptions {
  readonly challenge?: string;
  readonly code?: string;
  readonly carried?: true;
  readonly self?: true;
}

function addJoin(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('join'))).description('take in the admission of this device');
  withExamples(verb, 'stanzaseal store devices join --store tablet --in admission.txt');
  verb.action(async (options: Options) => {
    const { admission } = await readCarried(options.in, 'admission', system.crypto);
    await withOpenedStore(options, system, ({ messenger }) => joinAccount(messenger, admission));
  });
}

async function codeOf(request: Uint8Array, challenge: string, { crypto }: System): Promise<string> {
  try {
    return await comparisonCode(request, challenge, crypto);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw usageFailure(`'${challenge}' is not a challenge of 6 characters`);
    throw thrown;
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw usageFailure(`'${text}' is not a whole number from 1`);
  return number;
}

/** A text that was carried from the other device. @throws CliFailure `ERR_VERIFY` */
async function readCarried<K extends CarriedText['kind']>(
  file: string | undefined,
  kind: K,
  crypto: CryptoProvider,
): Promise<Extract<CarriedText, { readonly kind: K }>> {
  const text = await readText(file);
  try {
    return await decodeCarried(text, kind, crypto);
  } catch (cause) {
    if (!(cause instanceof MessengerError)) throw cause;
    throw new CliFailure(cause.code, `${file ?? 'input'} is no ${kind}, or damaged`, { cause });
  }
}
