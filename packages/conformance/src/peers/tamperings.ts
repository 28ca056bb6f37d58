/**
 * One bit of an object of ours is turned over, in every part that a signature, a tag or a MAC protects.
 * @module
 */
import { GENERAL_LIMITS, type GeneralNode, readGeneral } from '@stanzaseal/cms/general';
import { type Bench, forEachOf } from './bench.js';
import { CASES, type Case } from './cases.js';
import { judgeAll, type RefusalRow } from './refusals.js';

/** Rows whose objects are tampered with. */
const TAMPERED: readonly RegExp[] = [
  /^SignedData, (Ed25519|ECDSA P-256, SHA-256|RSA-PSS, SHA-256|ML-DSA-65)$/,
  /^AuthEnvelopedData, (X25519|ECDH P-256|RSA-OAEP|AES key wrap|ML-KEM-768), AES-256-GCM(, authenticated attributes)?$/,
  /^AuthEnvelopedData, X25519, (ChaCha20-Poly1305|AES-256-GCM, RFC 9709)$/,
  /^AuthenticatedData, (X25519|AES key wrap), authenticated attributes$/,
];
/** Parts by the last steps of their paths. */
const PARTS: readonly (readonly [name: string, path: RegExp, tag: RegExp])[] = [
  ['content', /\.eContent$/, /OCTET STRING/],
  ['attribute', /\.(signedAttrs|authAttrs)\[\d\]\.attrValues\[0\]$/, /./],
  ['signature', /\.signature$/, /./],
  ['ephemeral key', /\.originatorKey\.publicKey$/, /./],
  ['KEM ciphertext', /\.kemct$/, /./],
  ['wrapped key', /\.encryptedKey$/, /./],
  ['nonce', /\.(aes-nonce|parameters)$/, /OCTET STRING/],
  ['ciphertext', /\.encryptedContent$/, /./],
  ['tag or MAC', /\.mac$/, /./],
];

/** Every tampering: each changed object is a row. */
export async function runTamperings(bench: Bench): Promise<RefusalRow[]> {
  const tests = CASES.filter(({ name }) => TAMPERED.some((pattern) => pattern.test(name)));
  return (await forEachOf(tests, (test) => tamper(bench, test))).flat();
}

async function tamper(bench: Bench, test: Case): Promise<RefusalRow[]> {
  const file = bench.workshop.fresh('der');
  const { refusal } = await bench.ours.write(test, file);
  const honest = await bench.workshop.read(file);
  if (honest === undefined) throw new Error(`${test.name}: ${refusal}`);
  const places = nodesOf(readGeneral(honest, GENERAL_LIMITS).root).flatMap((node) => {
    const part = PARTS.find(
      ([, path, tag]) => path.test(node.path ?? '') && tag.test(node.tag) && node.contentLength > 0,
    );
    return part === undefined ? [] : [{ part: part[0], node }];
  });
  const rows: RefusalRow[] = [];
  for (const { part, node } of places) {
    const octets = Uint8Array.from(honest);
    const middle = node.offset + node.headerLength + (node.contentLength >> 1);
    octets[middle] = (octets[middle] as number) ^ 1;
    const object = bench.workshop.fresh('der');
    await bench.workshop.write(object, octets);
    rows.push({ name: `${test.name}: ${part}`, ...(await judgeAll(bench, test, object)), honest: false });
  }
  return rows;
}

/** Nodes without others inside, apart from what is encoded inside strings. */
function nodesOf(node: GeneralNode): GeneralNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)].filter(({ constructed }) => !constructed);
}
