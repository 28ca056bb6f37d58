/**
 * Disagreements between implementations about forms: tags, attributes, versions, algorithm identifiers, each with what we hold.
 * @module
 */
import { at, badPeerValue, changed, childrenOf, parseBadPeer } from '@stanzaseal/testkit';
import { type Bench, ownObject, seen, Trial } from './bench.js';
import { CASES } from './cases.js';
import { FORGERIES } from './forgeries.js';
import { readsAuthAttrs } from './opensslPeer.js';
import { KEK_ID, LETTER_FILE } from './parties.js';
import type { RefusalRow } from './refusals.js';

const READ_KEK = ['cms', 'decrypt', '--kek-file', 'kek.bin', '--kek-id', KEK_ID, '--in'];
const CONTENT_CIPHER = [1, 0, 2, 1] as const;
const VERSION = [1, 0, 0] as const;
const EVERY_OPENSSL = ['OpenSSL', 'OpenSSL, trixie', 'OpenSSL, sid'];

/** aes-ICVlen: 12 where it is absent (RFC 5084 §3.2). */
export async function tagLength(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const honest = await ownObject(bench, 'kek', false);
  const { content } = at(parseBadPeer(honest), ...CONTENT_CIPHER, 1, 1);
  const written = { seen: `${(content as Uint8Array)[0]}`, commands: [] };
  trial.expect('we write aes-ICVlen 16', /^16$/, written);
  await bench.workshop.write('icvlen.der', withoutTagLength(honest));
  trial.expect(
    'we open a tag of 12 octets without aes-ICVlen',
    /^content$/,
    await trial.ours(...READ_KEK, 'icvlen.der'),
  );
  const words = ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', 'icvlen.der', '-secretkeyid', KEK_ID];
  await tagLengthByGnupg(trial, bench);
  for (const name of EVERY_OPENSSL) {
    const peer = trial.peer(name, `${name} refuses it`);
    if (peer === undefined) continue;
    const read = (out: string): string[] => [...words, '-secretkey', bench.parties.kek, '-out', out];
    trial.expect(`${name} refuses it`, /^refused/, await trial.theirs(peer, read));
  }
  return trial;
}

/** gpgsm wants the passphrase as it wants its own, so it is asked as in the matrix. */
async function tagLengthByGnupg(trial: Trial, bench: Bench): Promise<void> {
  const peer = trial.peer('GnuPG', 'gpgsm opens it for a password');
  const test = CASES.find(({ kind, party }) => kind === 'encrypt' && party === 'password');
  if (peer === undefined || test === undefined) return;
  const honest = await ownObject(bench, 'password', false);
  for (const [file, octets, sentence, expected] of [
    ['gpgsm.icv.der', honest, 'gpgsm does not open aes-ICVlen 16 for a password', /^refused/],
    ['gpgsm.noicv.der', withoutTagLength(honest), 'gpgsm opens a password object without aes-ICVlen', /^content$/],
  ] as const) {
    await bench.workshop.write(file, octets);
    const content = bench.workshop.fresh('theirs');
    const attempt = await peer.ask(test, 'reads', { object: file, content });
    if (attempt !== undefined) trial.expect(sentence, expected, await seen(bench.workshop, content, attempt));
  }
}

/** The first 12 octets of a tag are a tag of 12 octets (NIST SP 800-38D §7.1). */
function withoutTagLength(der: Uint8Array): Uint8Array {
  return changed(der, (root) => {
    childrenOf(at(root, ...CONTENT_CIPHER, 1)).pop();
    const mac = at(root, 1, 0, -1);
    mac.content = (mac.content as Uint8Array).slice(0, 12);
  });
}

/** authAttrs, whose tags OpenSSL had wrong before its releases of August 2026. */
export async function authenticatedAttributes(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  await bench.workshop.write('attributes.der', await ownObject(bench, 'kek', true));
  trial.expect('we open our own', /^content$/, await trial.ours(...READ_KEK, 'attributes.der'));
  for (const name of EVERY_OPENSSL) {
    const peer = trial.peer(name, `${name} and authenticated attributes`);
    if (peer === undefined) continue;
    const words = ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', 'attributes.der', '-secretkeyid', KEK_ID];
    const read = (out: string): string[] => [...words, '-secretkey', bench.parties.kek, '-out', out];
    const able = readsAuthAttrs(peer.version);
    const sentence = `${name} ${able ? 'reads' : 'cannot parse'} authenticated attributes`;
    trial.expect(sentence, able ? /^content$/ : /^refused/, await trial.theirs(peer, read));
  }
  return trial;
}

/** Signatures straight over the content. */
export async function missingSignedAttributes(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  for (const [column, party, algorithm] of [
    ['Bouncy Castle', 'ed25519', 'Ed25519'],
    ['Bouncy Castle, sid', 'ml-dsa-65', 'ML-DSA-65'],
  ] as const) {
    const peer = trial.peer(column, `${algorithm} without signed attributes opens only by policy`);
    if (peer === undefined) continue;
    const file = `${party}.bare.der`;
    const id = `id=${bench.parties.keyIds.get(party)?.sha256}`;
    const words = ['sign', `key=${party}.pem`, id, `algorithm=${algorithm}`, 'attributes=no'];
    if (!(await trial.write(peer, [...words, `in=${LETTER_FILE}`, `out=${file}`]))) continue;
    const read = ['cms', 'verify', '--signer', `${party}.pub.pem`, '--in', file];
    trial.expect(`we refuse ${algorithm} without signed attributes`, /ERR_VERIFY/, await trial.ours(...read));
    const allowed = await trial.ours(...read, '--allow-missing-signed-attributes');
    trial.expect('with --allow-missing-signed-attributes we take it', /^content$/, allowed);
    const openssl = trial.peer('OpenSSL, sid', 'OpenSSL takes none');
    if (openssl === undefined || !bench.parties.certified.has(party)) continue;
    const verify = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', file, '-nointern', '-noverify'];
    const theirs = await trial.theirs(openssl, (out) => [...verify, '-certfile', `${party}.crt`, '-out', out]);
    trial.expect(`OpenSSL takes no ${algorithm} without them`, /^refused/, theirs);
  }
  return trial;
}

/** Versions and parts that say nothing: read leniently, written strictly. */
export async function versions(bench: Bench): Promise<Trial> {
  const trial = new Trial(bench);
  const honest = await ownObject(bench, 'kek', false);
  const root = parseBadPeer(honest);
  const [version] = at(root, ...VERSION).content as Uint8Array;
  trial.expect('we write version 0 and no originatorInfo', /^0, 0x31$/, {
    seen: `${version}, 0x${at(root, 1, 0, 1).tag.toString(16)}`,
    commands: [],
  });
  const withOriginator = changed(honest, (each) => {
    childrenOf(at(each, 1, 0)).splice(1, 0, badPeerValue(0xa0, []));
  });
  await bench.workshop.write('originator.der', withOriginator);
  const opened = await trial.ours(...READ_KEK, 'originator.der');
  trial.expect('we pass over an empty originatorInfo, as PKI.js writes it', /^content$/, opened);
  return trial;
}

/** The list that vendors' advisories give, each as a change to an object of ours. */
export function mustReject(bench: Bench, rows: readonly RefusalRow[]): Trial {
  const trial = new Trial(bench);
  for (const { name } of FORGERIES) {
    const row = rows.find((each) => each.name === name);
    trial.expect(`we refuse: ${name}`, /^refuses$/, { seen: row?.ours ?? 'was not tried', commands: [] });
  }
  return trial;
}
