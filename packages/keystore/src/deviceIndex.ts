/**
 * Devices by the account they belong to: sealing to one account must not cost more for each other account that is known.
 * @module
 */
import type { PeerDeviceRecord } from './records.js';

/** Records of the table `devices` by their owners. */
export class DeviceIndex {
  readonly #accounts = new Map<string, Map<string, PeerDeviceRecord>>();

  /** Puts the record under a key in the place of the one before; `undefined` for none. */
  change(key: string, before: PeerDeviceRecord | undefined, after: PeerDeviceRecord | undefined): void {
    if (before !== undefined && before.owner !== after?.owner) this.#remove(before.owner, key);
    if (after === undefined) return;
    const devices = this.#accounts.get(after.owner);
    if (devices === undefined) this.#accounts.set(after.owner, new Map([[key, after]]));
    else devices.set(key, after);
  }

  /** The records of an account's devices. */
  of(owner: string): readonly PeerDeviceRecord[] {
    const devices = this.#accounts.get(owner);
    return devices === undefined ? [] : [...devices.values()];
  }

  /** Forgets everything. */
  clear(): void {
    this.#accounts.clear();
  }

  #remove(owner: string, key: string): void {
    const devices = this.#accounts.get(owner);
    devices?.delete(key);
    if (devices?.size === 0) this.#accounts.delete(owner);
  }
}
