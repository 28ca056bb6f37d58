// Carrying requests and admissions between an account's devices: the texts, and the code that shows a swapped request.
import { toHex } from '@stanzaseal/cms';
import { createJoiningDevice, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import {
  admissionRequest,
  admitDevice,
  comparisonCode,
  decodeCarried,
  drawChallenge,
  encodeAdmission,
  encodeInvitation,
  encodeRequest,
  isSameCode,
  joinAccount,
  listedDevices,
} from '@stanzaseal/messenger/devices';
import {
  accepts,
  addDevice,
  chat,
  createPair,
  deviceOf,
  introduce,
  type Person,
  refusal,
  say,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('joining an account');

/** A new device of the account that an invitation names, and its request as text. */
async function invited(
  invitation: string,
  { world }: Person,
): Promise<{ messenger: Messenger; text: string; request: Uint8Array }> {
  const { crypto, random } = world;
  const clock = (): number => world.now;
  const { owner, identity } = await decodeCarried(invitation, 'invitation', crypto);
  const { changes, request } = await createJoiningDevice({ owner, identity, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes);
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => {} });
  return { messenger, text: await encodeRequest(request, crypto), request };
}

test('a device joins by three texts: invitation, request, admission', async () => {
  const [romeo, juliet] = await createPair('three texts');
  const { crypto, random } = juliet.world;
  const invitation = await encodeInvitation(juliet.messenger);
  const tablet = await invited(invitation, juliet);
  assert.equal(await tablet.messenger.fingerprint(), await juliet.messenger.fingerprint());

  const { request } = await decodeCarried(tablet.text, 'request', crypto);
  const challenge = drawChallenge(random);
  const typed = await comparisonCode(tablet.request, challenge.toLowerCase(), crypto);
  assert.ok(isSameCode(await comparisonCode(request, challenge, crypto), ` ${typed.slice(0, 3)}-${typed.slice(3)}`));

  const text = await encodeAdmission(await admitDevice(juliet.messenger, request), crypto);
  const { admission } = await decodeCarried(text.toLowerCase().replace(/(.{64})/g, '$1\n'), 'admission', crypto);
  await joinAccount(tablet.messenger, admission);
  const { deviceList, prekeyBundle } = await tablet.messenger.publish();
  await romeo.messenger.importKeys([deviceList, prekeyBundle]);
  assert.is((await romeo.messenger.seal(chat('x'), { to: juliet.jid })).recipients.length, 2);

  for (const carried of [invitation, tablet.text, text]) {
    assert.match(carried, /^[0-9A-Z $%*+\-./:]+$/, 'the alphanumeric mode of QR codes');
    assert.ok(carried.length < 4296, 'fits a QR code');
  }
});

test('a text of another kind, cut, lengthened, or with any one character changed is refused', async () => {
  const [, juliet] = await createPair('slips');
  const { crypto } = juliet.world;
  const text = await encodeRequest(await admissionRequest(juliet.messenger), crypto);
  const slips = [
    text.slice(0, -1),
    text.slice(0, -8),
    `${text}A`,
    `${text}AAAAAAAA`,
    '',
    'STANZASEAL:REQUEST:',
    text.slice(1),
  ];
  const head = 'STANZASEAL:REQUEST:'.length;
  for (let at = 0; at < text.length; at += at < head ? 1 : 7) {
    const other = text[at] === 'A' ? 'B' : 'A';
    slips.push(text.slice(0, at) + other + text.slice(at + 1));
  }
  slips.push(
    `${text.slice(0, 40)}0${text.slice(41)}`,
    `${text.slice(0, 40)}\u{1F339}${text.slice(41)}`,
    text.replace('S', 'ſ'),
    text.replace('I', 'ı'),
    'A'.repeat(70_000),
  );
  for (const slip of slips) {
    assert.is((await refusal(() => decodeCarried(slip, 'request', crypto)))?.code, 'ERR_VERIFY', slip.slice(0, 60));
  }
  for (const kind of ['invitation', 'admission'] as const) {
    assert.is((await refusal(() => decodeCarried(text, kind, crypto)))?.code, 'ERR_VERIFY');
    const relabelled = text.replace('REQUEST', kind.toUpperCase());
    assert.is((await refusal(() => decodeCarried(relabelled, kind, crypto)))?.code, 'ERR_VERIFY');
  }
});

test('a swapped request shows another code: 30 bits, and every part of the request is in them', async () => {
  const [, juliet] = await createPair('swapped');
  const { crypto, random } = juliet.world;
  const invitation = await encodeInvitation(juliet.messenger);
  const [mine, theirs] = [await invited(invitation, juliet), await invited(invitation, juliet)];
  const challenge = drawChallenge(random);
  const code = await comparisonCode(mine.request, challenge, crypto);
  assert.not.equal(await comparisonCode(theirs.request, challenge, crypto), code);
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{6}$/);
  for (const at of [10, 60, 100, mine.request.length - 1]) {
    const bent = mine.request.slice();
    bent[at] = (bent[at] as number) ^ 1;
    assert.not.equal(await comparisonCode(bent, challenge, crypto), code);
  }
  // A code says nothing of the code under another challenge: who swaps must settle on a request before the challenge is drawn.
  const codes = new Set<string>();
  for (let i = 0; i < 200; i++) codes.add(await comparisonCode(mine.request, drawChallenge(random), crypto));
  assert.is(codes.size, 200);
  assert.not(isSameCode(code, ''));
  assert.not(isSameCode(code, code.slice(1)));
});

test('a code is typed as people type: O for 0, I and L for 1; a challenge that is none is an argument error', async () => {
  const [, juliet] = await createPair('typed');
  const { crypto } = juliet.world;
  const request = await admissionRequest(juliet.messenger);
  assert.is(await comparisonCode(request, 'o1L-abc', crypto), await comparisonCode(request, '011ABC', crypto));
  for (const challenge of ['', '12345', '1234567', '12345U', '12345\u00e9']) {
    assert.instance(await refusal(() => comparisonCode(request, challenge, crypto)), RangeError);
  }
});

test('the devices of an account are listed with what is known of them', async () => {
  const [romeo, juliet] = await createPair('listed');
  const tablet = await addDevice(juliet);
  const [phone, other] = await listedDevices(juliet.messenger);
  assert.equal(
    [phone, other].map((one) => [toHex(one?.device as Uint8Array), one?.state, one?.role, one?.isThis]),
    [
      [toHex(await deviceOf(juliet)), 'listed', 'primary', true],
      [toHex(await deviceOf(tablet)), 'listed', 'secondary', false],
    ],
  );
  assert.equal([phone?.bundleAt, other?.bundleAt], [undefined, juliet.world.now]);
  await introduce(romeo, tablet);
  await accepts(romeo, await say(tablet, romeo, 'not in your list yet'));
  assert.equal(
    (await listedDevices(romeo.messenger, juliet.jid)).map(({ state }) => state),
    ['listed', 'unlisted'],
  );
  assert.equal(await listedDevices(romeo.messenger, 'nobody@verona.example'), []);
});

test('functions of the entry take messengers of this package alone', async () => {
  const [, juliet] = await createPair('foreign');
  assert.instance(await refusal(() => admissionRequest({ ...juliet.messenger })), TypeError);
});

test.run();
