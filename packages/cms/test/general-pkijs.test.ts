/** The general reader over golden objects and published vectors, side by side with pkijs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenWorld, vectorsDirectory } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  findPemBlocks,
  GENERAL_LIMITS,
  readCertificateWithPkijs,
  readGeneral,
  readSignedDataWithPkijs,
} from '../src/general/index.js';
import { CmsError, decodeSignedData, importPublicKey } from '../src/index.js';
import { byPath } from './generalTree.js';

const test = suite('general reader and pkijs');
const world = await goldenWorld();
const isDerError = (thrown: Error): boolean => thrown instanceof CmsError && thrown.code === 'ERR_DER';

test('pkijs finds the same signers', () => {
  for (const { name, der } of world.objects) {
    const contentType = byPath(readGeneral(der, GENERAL_LIMITS).root).get('contentType')?.value;
    if (contentType?.kind !== 'objectIdentifier' || contentType.name !== 'id-signedData') {
      assert.throws(() => readSignedDataWithPkijs(der, GENERAL_LIMITS), isDerError, name);
      continue;
    }
    const ours = decodeSignedData(der);
    const theirs = readSignedDataWithPkijs(der, GENERAL_LIMITS);
    assert.equal(theirs.eContent, ours.eContent, name);
    assert.equal(
      theirs.signerInfos.map(({ subjectKeyIdentifier, signedAttrsDer, signature }) => ({
        subjectKeyIdentifier,
        signedAttrsDer,
        signature,
      })),
      ours.signerInfos.map(({ sid, signedAttrsDer, signature }) => ({
        subjectKeyIdentifier: sid,
        signedAttrsDer,
        signature,
      })),
      name,
    );
  }
});

test('published vectors: whatever they are, read or ERR_DER; certificates give their key', async () => {
  const folder = vectorsDirectory();
  if (folder === undefined) return;
  const read = { structures: 0, keys: 0 };
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const octets = new Uint8Array(readFileSync(join(file.parentPath, file.name)));
    const text = new TextDecoder('latin1').decode(octets);
    for (const each of blocksOf(text) ?? [octets]) {
      let structure: string | undefined;
      try {
        structure = readGeneral(each, GENERAL_LIMITS).structure;
        if (structure !== undefined) read.structures++;
      } catch (thrown) {
        assert.instance(thrown, CmsError, file.name);
        continue;
      }
      if (structure !== 'Certificate') continue;
      const { subjectPublicKeyInfo, notBefore, notAfter } = readCertificateWithPkijs(each, GENERAL_LIMITS);
      assert.ok(notBefore <= notAfter, file.name);
      const nodes = byPath(readGeneral(each, GENERAL_LIMITS).root);
      const node = nodes.get('tbsCertificate.subjectPublicKeyInfo');
      assert.ok(node);
      assert.equal(
        subjectPublicKeyInfo,
        each.slice(node.offset, node.offset + node.headerLength + node.contentLength),
        file.name,
      );
      const algorithm = nodes.get('tbsCertificate.subjectPublicKeyInfo.algorithm.algorithm')?.value;
      if (algorithm?.kind === 'objectIdentifier' && algorithm.name === 'id-Ed25519') {
        assert.is((await importPublicKey(subjectPublicKeyInfo, world.crypto)).algorithm, 'Ed25519');
        read.keys++;
      }
    }
  }
  assert.ok(read.structures > 300, `${read.structures} structures`);
  assert.ok(read.keys > 0, 'a certificate of an Ed25519 key');
});

function blocksOf(text: string): Uint8Array[] | undefined {
  if (!/^-----BEGIN /m.test(text)) return undefined;
  try {
    return findPemBlocks(text).map(({ octets }) => octets);
  } catch (thrown) {
    assert.instance(thrown, CmsError);
    return [];
  }
}

test.run();
