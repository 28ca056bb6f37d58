// Two stores that know nothing of each other come to know each other's keys at the shell, by files that may be days apart.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { stanzaseal, workspace } from './stanzaseal.js';

const test = suite('trust handshake at the shell');
const { path, passphrase, remove } = workspace();
const JIDS = { romeo: 'romeo@montague.example', juliet: 'juliet@capulet.example' };
const STORES = { romeo: path('romeo'), juliet: path('juliet') };
type Who = keyof typeof STORES;
const checks = { step: conformsTo('trustHandshake'), runs: conformsTo('trustRuns') };

interface Line {
  status: string;
  run: string;
  stanza: string;
  trust?: string;
  fingerprint?: string;
  code?: string;
}

const store = (who: Who): string[] => ['--store', STORES[who], ...passphrase];

async function handshake(who: Who, args: readonly string[], input = ''): Promise<Line> {
  const { stdout, stderr } = await stanzaseal(['trust', 'handshake', ...args, ...store(who), '--json'], input);
  const line = JSON.parse(stdout.split('\n')[0] || `"${stderr}"`);
  checks.step(line);
  return line;
}

test.before(async () => {
  for (const who of ['romeo', 'juliet'] as const)
    await stanzaseal(['store', 'create', '--owner', JIDS[who], ...store(who)]);
});
test.after(remove);

test('R09: from the first message to a sealed one by a reply prekey; a lost answer is written again', async () => {
  const hello = await handshake('romeo', ['begin', '--to', JIDS.juliet]);
  assert.is(hello.status, 'waiting');
  assert.match(hello.stanza, /^<message [^>]*from=.romeo@montague.example.*<handshake .*<store /);
  const reply = await handshake('juliet', ['receive'], hello.stanza);
  assert.is(reply.status, 'waiting');
  assert.is((await handshake('juliet', ['resend', '--to', JIDS.romeo])).stanza, reply.stanza);
  const proof = await handshake('romeo', ['receive'], reply.stanza);
  const last = await handshake('juliet', ['receive'], proof.stanza);
  assert.equal([proof.status, proof.trust, last.status, last.stanza], ['done', 'unverified', 'done', '']);
  assert.match(proof.fingerprint ?? '', /^[0-9a-f]{64}$/);
  const runs = await stanzaseal(['trust', 'runs', ...store('romeo'), '--json']);
  checks.runs(JSON.parse(runs.stdout));
  assert.equal(
    JSON.parse(runs.stdout).map((run: { protocol: string; stage: string }) => [run.protocol, run.stage]),
    [['handshake', 'done']],
  );
  const message = "<message type='chat'><body>So soon?</body></message>";
  const sealed = await stanzaseal(['seal', '--to', JIDS.juliet, ...store('romeo')], message);
  assert.is(sealed.code, 0, sealed.stderr);
  const opened = await stanzaseal(['open', ...store('juliet'), '--json'], sealed.stdout);
  assert.equal([JSON.parse(opened.stdout).class, JSON.parse(opened.stdout).status], ['reply', 'opened']);
});

test('P11: a common secret: both with it come through; who has another, or none, is shown nothing', async () => {
  const made = await stanzaseal(['trust', 'handshake', 'secret', '--out', path('secret')]);
  assert.equal([made.code, made.stdout, made.stderr], [0, '', '']);
  const digits = readFileSync(path('secret'), 'utf8');
  assert.match(digits, /^[0-9a-f]{64}\n$/);
  assert.is(statSync(path('secret')).mode & 0o777, 0o600);
  writeFileSync(path('another'), (await stanzaseal(['trust', 'handshake', 'secret'])).stdout);
  assert.not.equal(readFileSync(path('another'), 'utf8'), digits);
  const common = (file: string, who: Who) => ['--secret-file', path(file), '--from', JIDS[who]];
  for (const [hers, status] of [
    [common('secret', 'romeo'), 'done'],
    [common('another', 'romeo'), 'ended'],
    [[], 'ended'],
  ] as const) {
    const hello = await handshake('romeo', ['begin', '--to', JIDS.juliet, '--secret-file', path('secret')]);
    const reply = await handshake('juliet', ['receive', ...hers], hello.stanza);
    assert.is(reply.status, 'waiting');
    const proof = await handshake('romeo', ['receive', ...common('secret', 'juliet')], reply.stanza);
    assert.equal([proof.status, proof.fingerprint === undefined], [status, status === 'ended']);
    if (status === 'done') assert.is((await handshake('juliet', ['receive', ...hers], proof.stanza)).status, status);
  }
});

test('a secret is given for one side, is none that can be guessed, and is never told', async () => {
  const receive = (...more: string[]) =>
    stanzaseal(['trust', 'handshake', 'receive', ...more, ...store('juliet')], `<message from='${JIDS.romeo}'/>`);
  assert.is((await receive('--secret-file', path('secret'))).code, 2);
  const other = await receive('--from', 'nurse@capulet.example', '--secret-file', path('secret'));
  assert.match(other.stderr, /^error: ERR_ADDRESS: stanza 1: is from romeo@montague\.example, not from nurse@/);
  writeFileSync(path('word'), 'wherefore art thou\n');
  const word = await receive('--from', JIDS.romeo, '--secret-file', path('word'));
  assert.is(word.code, 1);
  assert.match(word.stderr, /^error: ERR_UNSUPPORTED: [^\n]*64 hexadecimal digits[^\n]*\n$/);
  assert.not.match(word.stderr, /wherefore/);
});

test('what is no handshake is refused; for people it is said in words', async () => {
  const message = `<message from='${JIDS.romeo}'><body>Ay me!</body></message>`;
  assert.is((await handshake('juliet', ['receive'], message)).code, 'ERR_UNSUPPORTED');
  const side = ['trust', 'handshake', 'begin', '--to', JIDS.romeo, '--protects'];
  assert.is((await stanzaseal([...side, 'nobody', ...store('juliet')])).code, 2);
  const { stdout, stderr } = await stanzaseal([...side, 'responder', ...store('juliet')]);
  assert.match(stdout, /^<message [^\n]*<\/message>\n$/);
  assert.is(stderr, `it is the turn of ${JIDS.romeo}\n`);
});

test.run();
