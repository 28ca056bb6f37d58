/**
 * What jobs work with: providers, the random source, and lengths by name.
 * @module
 */
import type { CryptoProvider } from '@stanzaseal/cms';
import { createCryptoProvider as createNodeProvider } from '@stanzaseal/cms/provider';
import { createCryptoProvider as createWebProvider } from '@stanzaseal/cms/provider/webcrypto';

/** The provider that the contract of speed is about. */
export const node: CryptoProvider = createNodeProvider();
/** The same work by the platform's WebCrypto: for information. */
export const web: CryptoProvider = createWebProvider();

/** 1024. */
export const KIBIBYTE = 1024;

/** A length in words. */
export function lengthName(octets: number): string {
  return octets < KIBIBYTE ? `${octets} B` : `${octets / KIBIBYTE} KiB`;
}

/** A number of devices in words. */
export function devicesName(count: number): string {
  return count === 1 ? '1 device' : `${count.toLocaleString('en')} devices`;
}
