/**
 * Looks for the peers: those of this system, and those of newer Debian suites where `scripts/fetchPeers.mjs` has put them.
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bouncyCastle } from './bouncyCastlePeer.js';
import { gnupg } from './gnupgPeer.js';
import { gnutls } from './gnutlsPeer.js';
import { openssl } from './opensslPeer.js';
import type { Parties } from './parties.js';
import type { Peer, PeerColumn } from './peer.js';
import { pkijs } from './pkijsPeer.js';
import type { Workshop } from './workshop.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'peers');
const SOURCES = join(ROOT, 'packages', 'conformance', 'peers');
const JARS = ['bcpkix.jar', 'bcprov.jar', 'bcutil.jar'];
const NEWER_SUITES = ['trixie', 'sid'] as const;

/** Every column, with its peer or the reason why it is not there. gpgsm comes later: it needs the keys (`findGnupg`). */
export async function findPeers(workshop: Workshop, parties: () => Parties): Promise<PeerColumn[]> {
  const sources = readdirSync(SOURCES)
    .filter((name) => name.endsWith('.java'))
    .map((name) => join(SOURCES, name));
  const castle = (folder: string): Promise<Peer> =>
    bouncyCastle(
      JARS.map((jar) => join(folder, jar)),
      sources,
      workshop,
      parties,
    );
  const newer = (family: string, make: (root: string) => Promise<Peer>): Promise<PeerColumn>[] =>
    NEWER_SUITES.map((suite) => column(`${family}, ${suite}`, family, false, () => make(rootOf(suite))));
  return Promise.all([
    column('OpenSSL', 'OpenSSL', true, () => openssl(['openssl'], workshop, parties)),
    ...newer('OpenSSL', (root) => openssl(loaderOf(root), workshop, parties)),
    column('Bouncy Castle', 'Bouncy Castle', true, () => castle('/usr/share/java')),
    ...newer('Bouncy Castle', (root) => castle(join(root, 'usr', 'share', 'java'))),
    column('GnuTLS', 'GnuTLS', true, () => gnutls(workshop)),
    column('PKI.js', 'PKI.js', true, async () => pkijs(workshop, parties)),
  ]);
}

/** gpgsm, which takes the keys and certificates of the run into its store. */
export function findGnupg(workshop: Workshop): Promise<PeerColumn> {
  return column('GnuPG', 'GnuPG', true, () => gnupg(workshop));
}

/** The words that start the newest OpenSSL there is: it knows the most keys to certify. */
export function newestOpenssl(): readonly string[] {
  for (const suite of [...NEWER_SUITES].reverse()) {
    try {
      return loaderOf(rootOf(suite));
    } catch {
      // This suite was not fetched: the next one may have been.
    }
  }
  return ['openssl'];
}

async function column(name: string, family: string, required: boolean, make: () => Promise<Peer>): Promise<PeerColumn> {
  try {
    return { name, family, required, peer: await make() };
  } catch (thrown) {
    const [line = 'not there'] = (thrown as Error).message.trim().split('\n');
    return { name, family, required, peer: { absent: line } };
  }
}

function rootOf(suite: string): string {
  const root = join(CACHE, suite, 'root');
  if (!existsSync(root)) throw new Error(`packages of ${suite} could not be fetched`);
  return root;
}

/** A program of another release runs on that release's loader and libraries. */
function loaderOf(root: string): string[] {
  const libraries = readdirSync(join(root, 'usr', 'lib')).filter((name) => name.endsWith('-linux-gnu'));
  for (const folder of libraries.map((name) => join(root, 'usr', 'lib', name))) {
    const loader = readdirSync(folder).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader !== undefined)
      return [join(folder, loader), '--library-path', folder, join(root, 'usr', 'bin', 'openssl')];
  }
  throw new Error('no loader among the packages');
}
