/**
 * The numbers of the scheme (design of `urn:xmpp:sealed:0`, delivery): durations in ms, counts.
 * @module
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The numbers; a caller may give others. */
export interface Rules {
  /** Validity of a device list and of a bundle. */
  readonly validity: number;
  /** Age at which a device list is signed anew and a last-resort prekey is replaced. */
  readonly renewal: number;
  /** How long a chosen published prekey sticks. */
  readonly stickiness: number;
  /** How long a used prekey outlives the last peer's move to a newer one. */
  readonly grace: number;
  /** How long a private prekey outlives its validity, or a last-resort prekey its replacement, at most. */
  readonly ceiling: number;
  /** Age at which published keys should be fetched anew. */
  readonly staleness: number;
  /** How long a clock that jumped far ahead must stand before prekeys are erased for their age by it, where nobody bears it out. */
  readonly clockPatience: number;
  /** How far ahead of the clock a time may be without a warning. */
  readonly clockTolerance: number;
  /** One-time prekeys in a full bundle. */
  readonly oneTimePrekeys: number;
  /** Fewer unused one-time prekeys than this are refilled. */
  readonly refillBelow: number;
  /** Bundles published in an hour at most. */
  readonly publications: number;
  /** Devices of an account that left its lists and are remembered one by one. */
  readonly withdrawnDevices: number;
  /** New pins a day by incoming objects of strangers. */
  readonly strangerPins: number;
  /** One-time prekeys a day that strangers may use. */
  readonly strangerPrekeys: number;
  /** Unopened objects of strangers kept. */
  readonly requests: number;
  /** Characters of their stanzas kept in all. */
  readonly requestCharacters: number;
  /** Greatest length of an object in octets. */
  readonly objectOctets: number;
}

/** The numbers of the specification. */
export const RULES: Rules = Object.freeze({
  validity: 35 * DAY,
  renewal: 7 * DAY,
  stickiness: 7 * DAY,
  grace: 48 * HOUR,
  ceiling: 14 * DAY,
  staleness: DAY,
  clockPatience: 7 * DAY,
  clockTolerance: 5 * 60_000,
  oneTimePrekeys: 100,
  refillBelow: 25,
  publications: 4,
  withdrawnDevices: 128,
  strangerPins: 100,
  strangerPrekeys: 10,
  requests: 100,
  requestCharacters: 1048576,
  objectOctets: 262144,
});
