/**
 * Runs the Wycheproof files: each by the functions of ours that its primitive stands behind.
 * @module
 */
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import { readWycheproof } from '@stanzaseal/testkit';
import type { Tally } from '../tally.js';
import type { Expected } from '../verdict.js';
import { aesCbc, aesGcm, aesWrap, aesWrapPadded, chacha } from './contentEncryption.js';
import { hkdf, hmac, pbkdf2 } from './derivation.js';
import { curveKey, curvePoint, encodedKeys, x448Raw, x25519Raw } from './keyAgreement.js';
import { mlDsaSign, mlKem, mlKemEncapsulate, mlKemExpanded, mlKemGenerate } from './lattice.js';
import { rsaOaep } from './rsaOaep.js';
import { ecdsa, ed448, ed25519, mlDsa, rsaPkcs1, rsaPss } from './signature.js';
import { traitsOf, type WycheproofRunner } from './wycheproofCase.js';

/** Files without `_test.json`, by what runs them. */
const RUNNERS: readonly (readonly [files: RegExp, run: WycheproofRunner])[] = [
  [/^x25519$/, x25519Raw],
  [/^x448$/, x448Raw],
  [/^x(25519|448)_asn$/, encodedKeys],
  [/^ecdh_secp\d+r1_ecpoint$/, curvePoint],
  [/^ecdh_secp\d+r1$/, curveKey],
  [/^ed25519$/, ed25519],
  [/^ed448$/, ed448],
  [/^ecdsa_/, ecdsa],
  [/^rsa_pss_/, rsaPss],
  [/^rsa_signature_/, rsaPkcs1],
  [/^rsa_oaep_/, rsaOaep],
  [/^mldsa_\d+_verify$/, mlDsa],
  [/^mldsa_\d+_sign_/, mlDsaSign],
  [/^mlkem_\d+$/, mlKem],
  [/^mlkem_\d+_encaps$/, mlKemEncapsulate],
  [/^mlkem_\d+_keygen_seed$/, mlKemGenerate],
  [/^mlkem_\d+_semi_expanded_decaps$/, mlKemExpanded],
  [/^aes_gcm$/, aesGcm],
  [/^chacha20_poly1305$/, chacha],
  [/^aes_cbc_pkcs5$/, aesCbc],
  [/^aes_wrap$/, aesWrap],
  [/^aes_kwp$/, aesWrapPadded],
  [/^hkdf_/, hkdf],
  [/^hmac_/, hmac],
  [/^pbkdf2_/, pbkdf2],
];

/** Runs every case of a file of `wycheproof/` and counts what came of it. */
export async function runWycheproofFile(file: string, crypto: GeneralCrypto, tally: Tally): Promise<void> {
  const name = file.replace(/_test\.json$/, '');
  const run = RUNNERS.find(([files]) => files.test(name))?.[1];
  for (const group of readWycheproof(name) ?? []) {
    for (const test of group.tests) {
      const each = { file: name, group, test };
      const id = `tcId ${test.tcId}`;
      const expected = test.result as Expected;
      await tally.count({ source: 'wycheproof', file: name, id, expected, traits: traitsOf(each) }, async () => {
        if (run === undefined) throw new Error('no runner knows this file');
        return run(each, crypto);
      });
    }
  }
}
