// `archive serve` at the shell: what it takes is durable when it says so, what it answers verifies, nobody without the token is answered, and
// it ends in order.
import { request } from 'node:http';
import { fromBase64, importPublicKey, type PublicKey } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCheckpoint, verify, verifyCheckpoint, verifyConsistency } from '../../archive/src/evidence/index.js';
import { crypto, ORIGIN } from '../../archive/test/fixture.js';
import { ARCHIVE, done, JULIET, KEY, said } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { type Served, serve, TOKEN } from './servedArchive.js';
import { read, stanzaseal, write } from './shell.js';

const test = suite('archive serve at the shell');
const line = (id: string, stanza = said(id, id)): string =>
  `${JSON.stringify({ owner: JULIET, id, receivedAt: '2026-11-01T10:00:00.000Z', stanza })}\n`;

async function answersOf(response: Response): Promise<Record<string, unknown>[]> {
  const answers = (await response.text()).trimEnd().split('\n');
  return answers.map((text) => {
    const answer = JSON.parse(text) as Record<string, unknown>;
    conformsTo('archiveServe')(answer);
    return answer;
  });
}

async function publicKey(): Promise<PublicKey> {
  const pem = read('archive.db.signing/checkpoint.pub.pem').toString();
  return importPublicKey(fromBase64(pem.replace(/-----.*-----|\s/g, '')), crypto);
}

test('nobody without the token is answered, and nothing but the loopback is listened on', async () => {
  const served = await serve();
  assert.match(served.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  for (const path of ['/checkpoint', '/metrics', `/proof/${JULIET}/id1`, '/nothing'])
    for (const header of ['', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, 'Bearer ']) {
      const { status, headers } = await served.get(path, header === '' ? {} : { Authorization: header });
      assert.equal([status, headers.get('WWW-Authenticate')], [401, 'Bearer'], `${path} ${header}`);
    }
  const { status } = await fetch(`${served.url}/ingest`, { method: 'POST', body: line('id1') });
  assert.is(status, 401);
  assert.is((await served.get('/checkpoint')).status, 404, 'and nothing was kept');
  served.process.kill('SIGTERM');
  assert.is((await served.ended).code, 0);
  write('short', 'secret');
  assert.is(stanzaseal(`archive serve ${ARCHIVE} --token-file short`).code, 2);
  assert.is(stanzaseal(`archive serve ${ARCHIVE} --token-file token --host 0.0.0.0`).code, 2);
  assert.is(stanzaseal(`archive serve ${ARCHIVE}`).code, 2);
  assert.is(stanzaseal(`archive serve ${ARCHIVE} --token-file token --source prosody`).code, 2);
});

test('what is fed is answered line by line; checkpoint, proofs and the growth of the log verify', async () => {
  const served = await serve();
  const stanza = said('id1', 'id1');
  const fed = await served.post(
    [line('id1'), '\n', line('id2'), line('id1'), line('id3', '<message'), '{"owner":1}\n', line('#1')].join(''),
  );
  const answers = await answersOf(fed);
  assert.is(fed.status, 200);
  const byIndex = [...answers].sort((a, b) => Number(a.index) - Number(b.index));
  assert.equal(
    byIndex.map(({ index, status }) => `${index} ${status}`),
    ['1 kept', '3 kept', '4 duplicate', '5 quarantined', '6 refused', '7 refused'],
  );
  const policy = { origin: ORIGIN, logKey: await publicKey() };
  const checkpoint = async () => verifyCheckpoint(await (await served.get('/checkpoint')).text(), policy);
  const first = await checkpoint();
  assert.is(first.size, 3);
  await answersOf(await served.post(line('id4')));
  const second = await checkpoint();
  const path = (await (await served.get('/consistency/3/4')).text()).trimEnd().split('\n').map(fromBase64);
  const claim = { first: 3, firstRoot: first.root, second: 4, secondRoot: second.root, path };
  assert.ok(verifyConsistency(claim));
  const proof = await (await served.get(`/proof/${encodeURIComponent(JULIET)}/id1`)).text();
  assert.is(verify(proof, policy).entry?.stanza, stanza);
  const place = await (await served.get(`/proof/${JULIET}/${encodeURIComponent('#0')}`)).text();
  assert.is(parseCheckpoint(proof.slice(proof.indexOf(ORIGIN))).size, 4);
  assert.is(verify(place, policy).index, 0);
  for (const [path, status] of [
    [`/proof/${JULIET}/nothing`, 404],
    ['/proof/nobody@capulet.example/id1', 404],
    ['/proof/@@/id1', 400],
    ['/proof/x', 400],
    ['/consistency/4/9', 400],
    ['/nothing', 404],
  ] as const) {
    const response = await served.get(path);
    assert.is(response.status, status, path);
    conformsTo('archiveServe')(await response.json());
  }
  const metrics = await served.get('/metrics');
  assert.match(metrics.headers.get('Content-Type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/);
  const text = await metrics.text();
  assert.match(text, /^stanzaseal_archive_leaves 4$/m);
  assert.match(text, /# EOF\n$/);
  served.process.kill('SIGTERM');
  assert.is((await served.ended).code, 0);
  write('entry.tlog-proof', proof);
  done(stanzaseal(`archive verify ${KEY} --in entry.tlog-proof`));
});

test('a body that is too long is refused, whole or where it turns out to be', async () => {
  const served = await serve();
  const announced = await status(served, { 'Content-Length': '20000000' }, () => undefined);
  assert.is(announced.status, 413);
  const { status: code, body } = await status(served, {}, async (write) => {
    write(line('long1'));
    for (let i = 0; i < 17; i++) write(`${' '.repeat(2 ** 20)}\n`);
  });
  assert.is(code, 413);
  assert.equal(
    body.map(({ index, status, code }) => [index, status, code]),
    [
      [1, 'kept', undefined],
      [undefined, 'failed', 'ERR_TOO_LARGE'],
    ],
  );
  const { status: notText } = await status(served, {}, (write) => write(Buffer.from([0xff, 0x0a])));
  assert.is(notText, 400);
  served.process.kill('SIGTERM');
  assert.is((await served.ended).code, 0);
});

/** A request whose body comes in pieces, and may never end. */
function status(
  { url }: Served,
  headers: Record<string, string>,
  body: (write: (piece: string | Uint8Array) => void) => unknown,
  ends = true,
): Promise<{ status: number; body: Record<string, unknown>[] }> {
  return new Promise((resolve, reject) => {
    const asking = request(`${url}/ingest`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
      agent: false,
    });
    let isAnswered = false;
    asking.on('error', (error) => isAnswered || reject(error));
    asking.on('response', async (response) => {
      isAnswered = true;
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({
        status: response.statusCode ?? 0,
        body: text
          .trimEnd()
          .split('\n')
          .map((each) => JSON.parse(each)),
      });
      asking.destroy();
    });
    void (async () => {
      await body((piece) => void asking.write(piece));
      if (ends && headers['Content-Length'] === undefined) asking.end();
      else asking.flushHeaders();
    })();
  });
}

test('SIGTERM: what was taken is kept and answered, the last checkpoint covers it, and the process ends', async () => {
  const served = await serve();
  const answer = status(
    served,
    {},
    async (write) => {
      write(line('term1') + line('term2'));
      // Only when these are kept, since what was never read need not be answered.
      while (!(await (await served.get('/checkpoint')).text()).includes('\n')) await new Promise(setImmediate);
      for (;;) {
        const { status: code } = await served.get(`/proof/${JULIET}/term2`);
        if (code === 200) break;
      }
      served.process.kill('SIGTERM');
    },
    false,
  );
  const { status: code, body } = await answer;
  assert.is(code, 503);
  assert.equal(
    body.map(({ id, status, code }) => [id ?? code, status]),
    [
      ['term1', 'kept'],
      ['term2', 'kept'],
      ['ERR_STORE', 'failed'],
    ],
  );
  const { code: exit, stderr } = await served.ended;
  assert.equal([exit, stderr], [0, `serving ${served.url}\n`]);
  const stats = JSON.parse(done(stanzaseal(`archive stats ${ARCHIVE} --json`)));
  assert.is(stats.withoutCheckpoint, 0);
});

test('K10: a feed by standard input that is killed has kept all that it answered', async () => {
  const served = await serve('--stdin');
  for (let i = 0; i < 200; i++) served.process.stdin?.write(line(`fed${i}`));
  while (served.lines.length === 0) await new Promise(setImmediate);
  assert.is(stanzaseal(`archive stats ${ARCHIVE}`).code, 1, 'a file of SQLite is one process’s');
  served.process.kill('SIGKILL');
  await served.ended;
  const answers = served.lines.map((each) => JSON.parse(each));
  for (const answer of answers) conformsTo('archiveServe')(answer);
  const page = done(stanzaseal(`archive page ${ARCHIVE} --owner ${JULIET} --max 250 --json`))
    .trimEnd()
    .split('\n');
  const ids = page.map((each) => JSON.parse(each).id);
  assert.is(new Set(ids).size, ids.length);
  assert.ok(answers.length > 0 && answers.every(({ id }) => ids.includes(id)));
  const again = await serve('--stdin');
  again.process.stdin?.end(line('fed0'));
  while (again.lines.length === 0) await new Promise(setImmediate);
  assert.is(JSON.parse(again.lines[0] as string).status, 'duplicate');
  assert.is((await again.get('/checkpoint')).status, 200, 'the end of its input is not its end');
  again.process.kill('SIGINT');
  assert.is((await again.ended).code, 0);
});

test.run();
