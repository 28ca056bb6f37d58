/**
 * The device key of a new device: made here, or held elsewhere.
 * @module
 */
import { drawOctets, equal, generatePrivateKey, type SigningKey } from '@stanzaseal/cms';
import type { NewKeys } from './createKeyStore.js';
import type { HeldKey } from './heldKeys.js';
import type { AccountRecord } from './records.js';
import { NO_OCTETS, secretOctets } from './secret.js';

/** What a record says of a device key. */
export type DeviceKeyMembers = Pick<
  AccountRecord,
  'device' | 'deviceSecret' | 'deviceElsewhere' | 'deviceName' | 'localSecret'
>;

/** A device key that signs, and what its record is to say. @throws TypeError for a key of another algorithm, or the identity key */
export async function newDeviceKey(
  held: HeldKey | undefined,
  identity: Uint8Array,
  { random, crypto }: NewKeys,
): Promise<{ readonly signer: SigningKey; readonly members: DeviceKeyMembers }> {
  if (held === undefined) {
    const key = await generatePrivateKey('Ed25519', random, crypto);
    const members = { device: key.publicKey.raw, deviceSecret: secretOctets(key.secret()) };
    return { signer: await key.signingKey(crypto), members };
  }
  const { publicKey, name } = held;
  if (publicKey.algorithm !== 'Ed25519') throw new TypeError('device is not an Ed25519 key');
  // One key in both places would make whoever has the device the account.
  if (equal(publicKey.raw, identity)) throw new TypeError('device is the identity key');
  const members = {
    device: publicKey.raw,
    deviceSecret: NO_OCTETS,
    deviceElsewhere: true,
    ...(name === undefined ? {} : { deviceName: name }),
    localSecret: secretOctets(drawOctets(random, 32)),
  };
  return { signer: held, members };
}
