/**
 * What the vectors of `test-vectors/archive` do (specification 25.7): wraps, records, approvals.
 * @module
 */
import { fromHex, publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { encodeRecord } from '../../src/records/archiveRecord.js';
import { verifyRecord } from '../../src/records/recordLog.js';
import { approversOf, cekOfRelease, cekOfWrap, type DeviceKey, decodeRecord } from '../../src/rights/index.js';
import { WrapRoot } from '../../src/rights/wrapRoot.js';
import type { Fields } from './evidenceVector.js';

const crypto = createCryptoProvider();

/** What vectors do. */
export const RIGHTS_FUNCTIONS: Readonly<Record<string, (input: never) => Fields | Promise<Fields>>> = {
  'archive-record': ({ record: der }: { record: string }): Fields => {
    const record = decodeRecord(fromHex(der));
    if (toHex(encodeRecord(record)) !== der) throw new Error('record has two encodings');
    return readable(record) as Fields;
  },
  'signed-record': async ({ signed, key }: { signed: string; key: string }): Promise<Fields> => {
    const recordKey = await publicKeyFromRaw('Ed25519', fromHex(key), crypto);
    return readable(await verifyRecord(fromHex(signed), recordKey, { crypto })) as Fields;
  },
  wrap: async ({ wrap, object, secret }: Record<'wrap' | 'object' | 'secret', string>): Promise<Fields> => ({
    cek: toHex(await cekOfWrap(fromHex(wrap), fromHex(object), await deviceKey(secret), crypto)),
  }),
  release: async (input: Record<'wrap' | 'object' | 'request' | 'secret', string>): Promise<Fields> => {
    const [wrap, object, request] = [input.wrap, input.object, input.request].map(fromHex) as Uint8Array[];
    const device = await deviceKey(input.secret);
    return { cek: toHex(await cekOfRelease(wrap as never, object as never, request as never, device, crypto)) };
  },
  'wrap-root': ({ wraps }: { wraps: readonly { leafIndex: number; epoch: number; wrap: string }[] }): Fields => {
    const root = new WrapRoot();
    for (const { leafIndex, epoch, wrap } of wraps) root.add(leafIndex, epoch, fromHex(wrap));
    return { root: toHex(root.root()) };
  },
  approvals: async (input: { request: string; approvals: string[]; officers: string[] }): Promise<Fields> => {
    const officers = await Promise.all(input.officers.map((raw) => publicKeyFromRaw('Ed25519', fromHex(raw), crypto)));
    const approved = await approversOf(fromHex(input.request), input.approvals.map(fromHex), officers, crypto);
    return { officers: approved.map((officer) => officers.indexOf(officer)).sort() };
  },
};

async function deviceKey(secret: string): Promise<DeviceKey> {
  const key = await crypto.agreementKey(fromHex(secret));
  const { keyIdentifier } = await publicKeyFromRaw('X25519', key.publicKey.raw, crypto);
  return { key, keyIdentifier };
}

/** Octets as hexadecimal digits. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, readable(each)]));
}
