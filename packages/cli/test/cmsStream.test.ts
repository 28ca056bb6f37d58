/** `stanzaseal cms` on content that does not fit into memory: bounded, whole or not at all, and of one kind with what is small. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { encodeParts } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeKeys } from './cmsFixture.js';
import { folder, hasOpenssl, read, run, write } from './shell.js';
import {
  damaged,
  leftovers,
  MEMORY_BOUND,
  type Run,
  start,
  stream,
  temporaryFolder,
  writeLarge,
} from './streamFixture.js';

const test = suite('stanzaseal cms, large');

const MIB = 1048576;
const LENGTH = 64 * MIB;
/** From this on input streams, and is BER where its length is not known. */
const LONG = MIB + 1;
const TYPE = '--content-type 2.25.1';
let sha256: string;

test.before(async () => {
  makeKeys();
  sha256 = await writeLarge('large', LENGTH);
  await writeLarge('medium', 4 * MIB);
  await writeLarge('long', LONG);
  await writeLarge('short', MIB);
});

function done({ code, stderr, memory }: Run, what: string): void {
  assert.equal([code, stderr], [0, ''], what);
  assert.ok(memory < MEMORY_BOUND, `${what}: ${(memory / MIB).toFixed(0)} MiB`);
}

function refused(result: Run, line: RegExp): void {
  assert.match(result.stderr, line);
  assert.equal([result.code, result.length, result.stderr.split('\n').length], [1, 0, 2]);
}

test('64 MiB through encrypt | decrypt in bounded memory', async () => {
  const first = start(`cms encrypt --recipient agree.pub ${TYPE}`, { input: 'large' });
  const second = await stream('cms decrypt --key agree.pem', { input: first.output });
  const encrypted = await first.result;
  done(encrypted, 'encrypt');
  done(second, 'decrypt');
  assert.is(encrypted.start.toString('hex').slice(0, 4), '3080', 'the length is not known: BER');
  assert.equal([second.length, second.sha256], [LENGTH, sha256]);
  assert.equal(leftovers(), []);
});

test('64 MiB through sign | verify in bounded memory', async () => {
  const first = start(`cms sign --key sign.pem ${TYPE}`, { input: 'large' });
  const second = await stream('cms verify --signer sign.pub', { input: first.output });
  done(await first.result, 'sign');
  done(second, 'verify');
  assert.equal([second.length, second.sha256], [LENGTH, sha256]);
});

test('from file to file: DER, and what appears is whole', async () => {
  done(await stream(`cms encrypt --recipient agree.pub ${TYPE} --in large --out large.cms`), 'encrypt');
  done(await stream('cms decrypt --key agree.pem --in large.cms --out large.out'), 'decrypt');
  assert.is(run(['cmp', 'large', 'large.out']).code, 0);
  assert.is(run(['head', '-c', '2', 'large.cms']).stdout.toString('hex'), '3084', 'the length is known: DER');
  assert.is(statSync(join(folder, 'large.out')).mode, statSync(join(folder, 'large')).mode);
  done(await stream(`cms sign --key sign.pem ${TYPE} --in large --out large.sig`), 'sign');
  done(await stream('cms verify --signer sign.pub --in large.sig --out large.out'), 'verify');
  assert.is(run(['cmp', 'large', 'large.out']).code, 0);
  assert.is(run(['head', '-c', '2', 'large.sig']).stdout.toString('hex'), '3084');
  done(await stream('cms decrypt --key agree.pem --in large.cms --out /dev/null'), 'to a device');
  assert.equal(leftovers(), []);
});

test('a cut or flipped last block: exit 1, nothing on standard output, no file, nothing temporary', async () => {
  for (const damage of [{ cut: 1 }, { cut: 70_000 }, { flip: 1 }, { flip: 14 }, { flip: 100 }, { flip: 70_000 }]) {
    for (const out of ['', ' --out never']) {
      // One of full length, the others for their kind of damage.
      const input = 'flip' in damage && damage.flip === 1 ? 'large' : 'medium';
      const opened = start(`cms encrypt --recipient agree.pub ${TYPE}`, { input });
      refused(
        await stream(`cms decrypt --key agree.pem${out}`, { input: opened.output.pipe(damaged(damage)) }),
        /^error: ERR_OPEN: object is not for us, or damaged\n$/,
      );
      assert.not(existsSync(join(folder, 'never')), JSON.stringify(damage));
      assert.equal(leftovers(), []);
    }
    const signed = start(`cms sign --key sign.pem ${TYPE}`, { input: 'long' });
    refused(
      await stream('cms verify --signer sign.pub --out never', { input: signed.output.pipe(damaged(damage)) }),
      /^error: ERR_VERIFY: signed data does not verify\n$/,
    );
    assert.not(existsSync(join(folder, 'never')));
  }
});

test('a signal in the middle leaves no file, and nobody else could have read it', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const out of ['', ' --out never']) {
      const modes: number[] = [];
      const { code } = await stream(`cms decrypt --key agree.pem${out}`, {
        input: 'large.cms',
        after: {
          octets: LENGTH / 2,
          act(pid) {
            for (const name of leftovers()) modes.push(statSync(join(folder, name)).mode & 0o777);
            // Twice, as people do.
            for (let i = 0; i < 2; i++) process.kill(pid, signal);
          },
        },
      });
      assert.is(code, signal === 'SIGINT' ? 130 : 143);
      assert.ok(modes.every((mode) => mode === 0o600));
      assert.is(modes.length > 0, out !== '', 'what waits for standard output has no name');
      assert.not(existsSync(join(folder, 'never')));
      assert.equal(leftovers(), []);
    }
  }
  assert.equal(readdirSync(temporaryFolder), []);
});

test('what OpenSSL streams as BER opens in bounded memory, and what we stream opens there', async () => {
  if (!hasOpenssl()) return;
  const secret = `-secretkey ${'5a'.repeat(32)} -secretkeyid 6b657931`;
  const written = run(
    `openssl cms -encrypt -stream -binary -aes-256-gcm -outform DER ${secret} -in large -out openssl.cms`.split(' '),
  );
  assert.is(written.code, 0, written.stderr);
  write('kek', '5a'.repeat(32));
  done(await stream('cms decrypt --kek-file kek --kek-id 6b657931 --in openssl.cms --out large.out'), 'decrypt');
  assert.is(run(['cmp', 'large', 'large.out']).code, 0);
  for (const source of ['', ' --in long'])
    done(
      await stream(`cms encrypt --kek-file kek --kek-id 6b657931${source}`, { input: 'long', copy: 'ours.cms' }),
      'encrypt',
    );
  const opened = run(`openssl cms -decrypt -binary -inform DER ${secret} -in ours.cms -out long.out`.split(' '));
  assert.is(opened.code, 0, opened.stderr);
  assert.is(run(['cmp', 'long', 'long.out']).code, 0);
});

test('up to 1 MiB an object is DER whatever it comes from; longer input streams', async () => {
  for (const verb of ['encrypt --recipient agree.pub', 'sign --key sign.pem', 'sign --key p256.pem']) {
    const headers: string[] = [];
    for (const input of ['short', 'long']) {
      const { code, start: octets } = await stream(`cms ${verb} ${TYPE}`, { input });
      assert.is(code, 0);
      headers.push(octets.toString('hex').slice(0, 4));
    }
    assert.equal(headers, ['3083', '3080'], verb);
  }
});

test('detached: the content streams by, and is written out once it is verified', async () => {
  for (const pem of ['', ' --pem']) {
    done(await stream(`cms sign --key p256.pem ${TYPE} --detached${pem} --in large --out large.sig`), 'sign');
    assert.ok(statSync(join(folder, 'large.sig')).size < 1000);
    const verified = await stream('cms verify --signer p256.pub --content large --in large.sig');
    done(verified, 'verify');
    assert.is(verified.sha256, sha256);
    refused(
      await stream('cms verify --signer p256.pub --content long --in large.sig --out never'),
      /^error: ERR_VERIFY: /,
    );
    assert.equal([existsSync(join(folder, 'never')), leftovers()], [false, []]);
  }
});

test('PEM is held in memory: up to 64 MiB of content, and refused beyond', async () => {
  assert.is((await stream(`cms encrypt --recipient agree.pub ${TYPE} --pem --in long --out long.pem`)).code, 0);
  assert.is((await stream('cms decrypt --key agree.pem --in long.pem --out long.out')).code, 0);
  assert.is(run(['cmp', 'long', 'long.out']).code, 0);
  await writeLarge('larger', LENGTH + 1);
  for (const verb of [`encrypt --recipient agree.pub ${TYPE}`, `sign --key sign.pem ${TYPE}`])
    for (const input of [' --in larger', ''])
      refused(
        await stream(`cms ${verb} --pem${input} --out never`, { input: 'larger' }),
        /^error: ERR_TOO_LARGE: input is longer than 64 MiB\n$/,
      );
  const { code, stderr } = await stream('cms verify --signer sign.pub --allow-missing-signed-attributes', {
    input: start(`cms sign --key sign.pem ${TYPE}`, { input: 'long' }).output,
  });
  assert.equal([code, stderr], [0, ''], 'what may be signed as one piece is held in memory too');
  rmSync(join(folder, 'larger'));
});

test('B3: large content that would pass as signed attributes is not signed', async () => {
  write('attributes', encodeParts(0x31, encodeParts(0x04, new Uint8Array(2 * MIB))));
  for (const detached of ['', ' --detached']) {
    refused(
      await stream(`cms sign --key sign.pem ${TYPE}${detached} --in attributes --out never`),
      /^error: ERR_UNSUPPORTED: content would pass as the signed attributes of another message/,
    );
    assert.equal([existsSync(join(folder, 'never')), leftovers()], [false, []]);
  }
});

test('without a place to write to it ends at once, however much input is to come', async () => {
  for (const [verb, input] of [
    [`encrypt --recipient agree.pub ${TYPE}`, 'medium'],
    [`sign --key sign.pem ${TYPE}`, 'medium'],
    ['decrypt --key agree.pem', 'large.cms'],
    ['verify --signer sign.pub', 'large.cms'],
  ] as const) {
    const endless = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield read(input).subarray(0, 4 * MIB);
      await new Promise(() => {});
    };
    const result = await stream(`cms ${verb} --out nowhere/never`, { input: Readable.from(endless()) });
    refused(result, /^error: ERR_IO: .*nowhere\/never: no such file or directory\n$/);
  }
});

test('a reader that goes away ends it without a word', async () => {
  const { code, stderr } = run([
    'sh',
    '-c',
    `"${process.execPath}" bundle/main.mjs cms encrypt --recipient agree.pub --in large | head -c 100 > /dev/null`,
  ]);
  assert.equal([code, stderr], [0, '']);
});

test.run();
