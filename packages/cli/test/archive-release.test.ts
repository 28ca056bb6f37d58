// Dual control at the shell: what one officer, or one twice, or another request's approval gets is nothing; what two get opens on the auditor's
// device alone, once, and stays in the log.
import { decodePem, encodePem, fromBase64, importPrivateKey, toHex } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { approve as approveRequest, cekOfRelease, createReleaseRequest } from '../../archive/src/rights/index.js';
import { crypto, ORIGIN, random } from '../../archive/test/fixture.js';
import { objectIn, sealedTo } from '../../archive/test/rightsFixture.js';
import { ARCHIVE, done, JULIET, KEY, said, writePair } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { type Outcome, read, stanzaseal, write } from './shell.js';

const test = suite('archive request, approve and release at the shell');

const escrow = await writePair('x25519', 'escrow');
const auditor = await writePair('x25519', 'auditor');
for (const name of ['escalus', 'friar', 'paris', 'tybalt']) await writePair('ed25519', name);
const sealed = await Promise.all(['one', 'two'].map((text) => sealedTo(text, [escrow])));

/** As an officer does elsewhere, by the library. */
const approve = async (request: string, officer: string): Promise<string> => {
  const key = await importPrivateKey(decodePem(read(`${officer}.pem`).toString(), 'PRIVATE KEY'), crypto);
  const by = { signingTime: Date.now(), crypto };
  const approval = await approveRequest(new Uint8Array(read(request)), await key.signingKey(crypto), by);
  write(`${request}.${officer}`, encodePem('CMS', approval));
  return `--approval ${request}.${officer}`;
};
const release = (request: string, ...approvals: readonly string[]): Outcome =>
  stanzaseal(`archive release ${ARCHIVE} --in ${request} --key escrow.pem ${approvals.join(' ')}`);
const isRefused = ({ code, stdout, stderr }: Outcome, why: RegExp) => {
  assert.equal([code, stdout.length], [1, 0]);
  assert.match(stderr, why);
};

test('K6: keys leave with enough officers, for this request and device, once; each release is in the log', async () => {
  done(
    stanzaseal(
      `archive ingest ${ARCHIVE} --origin ${ORIGIN} --owner ${JULIET}`,
      `${said('x', 'plain')}${sealed.join('')}`,
    ),
  );
  done(stanzaseal(`archive rewrap ${ARCHIVE} --new-key escrow.pub.pem --epoch 1`));
  const ask = `archive request ${ARCHIVE} --owner ${JULIET} --purpose case-17 --auditor auditor.pub.pem`;
  isRefused(stanzaseal(`${ask} --id nothing --out no.request`), /^error: ERR_NOT_FOUND: /);
  assert.is(stanzaseal(`${ask} --id #1 --days 8`).code, 2);
  done(stanzaseal(`${ask} --id #1 --id #2 --days 1 --out case17.request`));
  const shown = JSON.parse(done(stanzaseal('archive approve --in case17.request --json')));
  conformsTo('archiveRequest')(shown);
  assert.equal(
    [shown.origin, shown.owner, shown.purpose, shown.auditor, shown.leafIndexes, shown.notAfter - shown.notBefore],
    [ORIGIN, JULIET, 'case-17', toHex(auditor.keyIdentifier), [1, 2], 86_400_000],
  );
  assert.match(done(stanzaseal('archive approve --in case17.request')), /^purpose: case-17$/m);
  done(stanzaseal('archive approve --in case17.request --key escalus.pem --out case17.request.escalus'));
  const escalus = '--approval case17.request.escalus';
  const friar = await approve('case17.request', 'friar');
  const tybalt = await approve('case17.request', 'tybalt');
  isRefused(release('case17.request', escalus, friar), /^error: ERR_APPROVAL: archive has no officers$/m);

  for (const name of ['escalus', 'friar', 'paris'])
    write(`archive.db.signing/officer-${name}.pub.pem`, read(`${name}.pub.pem`));
  write('archive.db.signing/officers-needed', '1\n');
  isRefused(release('case17.request', escalus), /^error: ERR_UNSUPPORTED: quorum /);
  write('archive.db.signing/officers-needed', '2\n');
  const of = { origin: ORIGIN, owner: JULIET, purpose: 'x', auditor: auditor.publicKey, leafIndexes: [1] };
  const inTime = { notBefore: Date.now(), notAfter: Date.now() + 600_000 };
  // The same officer twice, and a stranger.
  isRefused(release('case17.request', escalus, escalus, tybalt), /^error: ERR_APPROVAL: 1 of 2 officers approved$/m);
  write('other.request', createReleaseRequest({ ...of, ...inTime }, random));
  isRefused(release('case17.request', escalus, await approve('other.request', 'friar')), /1 of 2 officers/);
  const past = { notBefore: Date.now() - 2000, notAfter: Date.now() - 1000 };
  write('late.request', createReleaseRequest({ ...of, ...past }, random));
  const late = [await approve('late.request', 'escalus'), await approve('late.request', 'friar')];
  isRefused(release('late.request', ...late), /^error: ERR_APPROVAL: request is not of this time$/m);

  const released = JSON.parse(done(release('case17.request', escalus, friar)));
  conformsTo('archiveRelease')(released);
  assert.equal([released.keys.map((key: { leafIndex: number }) => key.leafIndex), released.refused], [[1, 2], []]);
  const device = await importPrivateKey(decodePem(read('auditor.pem').toString(), 'PRIVATE KEY'), crypto);
  const key = { key: await device.agreementKey(crypto), keyIdentifier: device.publicKey.keyIdentifier };
  const request = new Uint8Array(read('case17.request'));
  for (const [i, { recipientInfo }] of released.keys.entries()) {
    const object = objectIn(sealed[i] as string);
    // It is compared with the object's commitment: another key, object or request would throw.
    assert.is((await cekOfRelease(fromBase64(recipientInfo), object, request, key, crypto)).length, 32);
  }
  isRefused(release('case17.request', escalus, friar), /^error: ERR_APPROVAL: request was answered before$/m);
  done(stanzaseal(`archive prove ${ARCHIVE} --id #${released.record} --out record.tlog-proof`));
  const proved = JSON.parse(done(stanzaseal(`archive verify ${KEY} --in record.tlog-proof --json`)));
  assert.is(proved.kind, 'record');

  done(stanzaseal(`${ask} --id plain --id #1 --out plain.request`));
  const some = release(
    'plain.request',
    await approve('plain.request', 'paris'),
    await approve('plain.request', 'friar'),
  );
  assert.equal([some.code, JSON.parse(some.stdout.toString()).refused], [1, [0]]);
  assert.match(some.stderr, /^error: ERR_NO_KEYS: entry #0 has no key here$/m);
});

test.run();
