// RFC 3161 timestamps: ours asked, OpenSSL's `ts` answers, and each of us verifies what the other holds.
import { type StampParameters, stamp, tokenOf, verifyTimestamp } from '@stanzaseal/archive/evidence';
import { equal, toUtf8 } from '@stanzaseal/cms';
import { systemRandom } from '@stanzaseal/cms/provider';
import { refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AuthorityOptions,
  createAuthority,
  hasOpenssl,
  POLICY,
  type TestAuthority,
} from './timestampAuthority.js';

const test = suite('timestamp');
const note = toUtf8(
  'archive.example/log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— archive.example/log AAAAAAA=\n',
);
const day = 24 * 3600 * 1000;

if (hasOpenssl()) {
  for (const key of ['P-256', 'RSA'] as const)
    test(`${key}: OpenSSL stamps what we ask, we verify it, and so does openssl ts -verify`, async () => {
      await using(
        async (authority) => {
          const requests: Uint8Array[] = [];
          const answer = (request: Uint8Array) => {
            requests.push(request);
            return authority.answer(request);
          };
          const stamped = await stamp(note, { ...trusting(authority), authority: answer, policy: POLICY });
          assert.ok(Math.abs(stamped.time - Date.now()) < 120_000);
          assert.equal([stamped.policy, stamped.accuracy, stamped.digestName], [POLICY, 1500, 'SHA-256']);
          assert.ok(equal(stamped.authority, authority.certificate));
          const again = await verifyTimestamp(stamped.token, { octets: note }, { roots: [authority.root] });
          assert.is(again.time, stamped.time);
          authority.openssl('x509', '-inform', 'DER', '-in', authority.put('r.der', authority.root), '-out', 'r.pem');
          const files = [
            '-data',
            authority.put('note', note),
            '-in',
            authority.put('token', stamped.token),
            '-token_in',
          ];
          const verdict = authority.openssl('ts', '-verify', ...files, '-CAfile', 'r.pem');
          assert.is(verdict.code, 0, verdict.output);
          // Our request is one that OpenSSL reads as we meant it.
          const text = authority.openssl(
            'ts',
            '-query',
            '-in',
            authority.put('q', requests[0] as Uint8Array),
            '-text',
          ).output;
          assert.match(text, /Hash Algorithm: sha256/);
          assert.match(text, /Certificate required: yes/);
          const query = ['-queryfile', 'q', '-in', authority.put('resp', authority.answer(requests[0] as Uint8Array))];
          assert.is(authority.openssl('ts', '-verify', ...query, '-CAfile', 'r.pem').code, 0);
        },
        { key },
      );
    });

  test('K16: another imprint, nonce, policy, or an old answer is refused', async () => {
    await using(async (authority) => {
      const good = trusting(authority);
      const { token } = await stamp(note, good);
      await refused(() => verifyTimestamp(token, { octets: note.with(3, 0) }, good));
      await refused(() => verifyTimestamp(token, { digestName: 'SHA-512', digest: new Uint8Array(64) }, good));
      await refused(() => verifyTimestamp(token, { octets: note }, { ...good, policies: ['1.2.3'] }));
      assert.ok(await verifyTimestamp(token, { octets: note }, { ...good, policies: ['1.2.3', POLICY] }));
      let first: Uint8Array | undefined;
      const replaying = (request: Uint8Array) => (first ??= authority.answer(request));
      await stamp(note, { ...good, authority: replaying });
      await refused(() => stamp(note, { ...good, authority: replaying }));
      await refused(() => stamp(note, { ...good, policy: '1.2.3.4', authority: replaying }));
      // Absent and NULL parameters of a digest mean the same: `openssl ts -query` writes NULL, and we take its answer.
      authority.openssl('ts', '-query', '-data', authority.put('note', note), '-sha512', '-cert', '-out', 'theirs.tsq');
      authority.openssl(
        'ts',
        '-reply',
        '-config',
        'ts.cnf',
        '-queryfile',
        'theirs.tsq',
        '-token_out',
        '-out',
        'theirs.tst',
      );
      const theirs = authority.read('theirs.tst');
      assert.is((await verifyTimestamp(theirs, { octets: note }, good)).digestName, 'SHA-512');
    });
  });

  test('a refusal of the authority is told, and what is no response is none', async () => {
    await using(async (authority) => {
      const good = trusting(authority);
      const error = await refusal(() => stamp(note, { ...good, policy: '1.2.3.4' }));
      assert.is(error?.code, 'ERR_PROOF');
      assert.match(error?.message ?? '', /status 2/);
      for (const octets of [
        new Uint8Array(0),
        Uint8Array.of(0x30, 0x00),
        Uint8Array.of(0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00),
        note,
      ])
        await refused(() => stamp(note, { ...good, authority: () => octets }));
      assert.is(
        (await refusal(() => stamp(note, { ...good, authority: () => Promise.reject(new Error('away')) })))?.message,
        'away',
      );
    });
  });

  test('roots: none, another, the authority itself, one between', async () => {
    await using(async (authority) => {
      const good = trusting(authority);
      const { token } = await stamp(note, good);
      await refused(() => verifyTimestamp(token, { octets: note }, { roots: [] }));
      assert.ok(await verifyTimestamp(token, { octets: note }, { roots: [authority.certificate] }));
      await using(async (other) => refused(() => verifyTimestamp(token, { octets: note }, { roots: [other.root] })));
      await refused(() => verifyTimestamp(token, { octets: note }, { ...good, validAt: Date.now() + 3700 * day }));
      await refused(() => verifyTimestamp(token, { octets: note }, { ...good, validAt: Date.now() - day }));
    });
    const may = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign'];
    await using(
      async (authority) => {
        const { token } = await stamp(note, trusting(authority));
        assert.ok(await verifyTimestamp(token, { octets: note }, trusting(authority)));
      },
      { between: may },
    );
    for (const between of [
      ['basicConstraints=critical,CA:FALSE'],
      ['keyUsage=critical,keyCertSign'],
      ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature'],
      [...may, 'nameConstraints=critical,permitted;DNS:example.com'],
    ])
      await using(async (authority) => refused(() => stamp(note, trusting(authority))), { between });
  });

  test('a certificate that is for other things, or not marked so, stamps nothing', async () => {
    for (const extensions of [
      ['extendedKeyUsage=critical,timeStamping,emailProtection'],
      ['extendedKeyUsage=timeStamping'],
      ['extendedKeyUsage=critical,timeStamping', 'keyUsage=critical,keyEncipherment'],
      ['extendedKeyUsage=critical,emailProtection'],
      ['basicConstraints=CA:FALSE'],
    ])
      await using(
        async (authority) => {
          // OpenSSL itself does not stamp with some of these: then there is no answer, which is as good.
          const error = await refusal(() => stamp(note, trusting(authority)));
          assert.ok(error);
          if (error.code !== undefined) assert.match(error.code, /^ERR_PROOF$/);
        },
        { extensions },
      );
  });

  test('the older attribute, whose hash is SHA-1, names a certificate as well', async () => {
    await using(async (authority) => assert.ok(await stamp(note, trusting(authority))), {
      config: ['ess_cert_id_alg = sha1'],
    });
  });

  test('each changed octet of a token is refused, or changes nothing that was signed', async () => {
    await using(async (authority) => {
      const good = trusting(authority);
      const { token, time, policy, serialNumber } = await stamp(note, good);
      const taken: number[] = [];
      for (let i = 0; i < token.length; i += 3) {
        const error = await refusal(async () => {
          const read = await verifyTimestamp(
            token.with(i, (token[i] as number) ^ (1 << (i % 8))),
            { octets: note },
            good,
          );
          assert.equal([read.time, read.policy, read.serialNumber], [time, policy, serialNumber]);
          taken.push(i);
        });
        if (error !== undefined) assert.is(error.code, 'ERR_PROOF', `octet ${i}`);
      }
      // The version, digestAlgorithms' parameters and the like are not signed and not believed: a handful of octets.
      assert.ok(taken.length <= 6, taken.join());
      for (let i = 0; i < token.length; i += 17)
        await refused(() => verifyTimestamp(token.subarray(0, i), { octets: note }, good));
    });
  });

  test('the token is taken out of a response octet for octet', async () => {
    await using(async (authority) => {
      let response = new Uint8Array(0);
      const { token } = await stamp(note, {
        ...trusting(authority),
        authority: (request) => (response = new Uint8Array(authority.answer(request))),
      });
      assert.ok(equal(tokenOf(response), token));
      assert.ok(equal(response.subarray(response.length - token.length), token));
      await refused(() => tokenOf(new Uint8Array([...response, 0])));
    });
  });
} else test('needs openssl', () => assert.not(false));

function trusting(authority: TestAuthority): StampParameters {
  return { roots: [authority.root], authority: (request) => authority.answer(request), random: systemRandom };
}

async function refused(call: () => unknown): Promise<void> {
  assert.is((await refusal(call))?.code, 'ERR_PROOF');
}

async function using(work: (authority: TestAuthority) => unknown, options: AuthorityOptions = {}): Promise<void> {
  const authority = createAuthority(options);
  try {
    await work(authority);
  } finally {
    authority.remove();
  }
}

test.run();
