import { createECDH, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import {
  CmsError,
  exportPublicKey,
  fromHex,
  generatePrivateKey,
  type KeyAlgorithm,
  type MaybePromise,
  oid,
  toUtf8,
} from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { sign, verify } from '@stanzaseal/signer';
import * as general from '@stanzaseal/signer/general';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileStorage, nodeFiles, openFileStorage } from '../src/fileStorage.js';
import { createAccount, createKeyStore, KeyStoreError, openKeyStore } from '../src/index.js';
import { CK, type Cryptoki, type CryptokiHandle } from '../src/pkcs11/cryptoki.js';
import {
  generatePkcs11Key,
  type Pkcs11Token,
  pkcs11AgreementKey,
  pkcs11Erasure,
  pkcs11Secret,
  pkcs11SigningKey,
  pkcs11Token,
} from '../src/pkcs11/index.js';
import { pkcs11GeneralKey } from '../src/pkcs11/pkcs11GeneralKey.js';
import { listPrivateKeys, privateKeyOf } from '../src/pkcs11/tokenObjects.js';
import { clock, codeOf, crypto, errorOf, NOW, owner, random, temporaryDirectory } from './fixture.js';
import { PIN, softHsm } from './softToken.js';

const test = suite('PKCS#11');
const hsm = await softHsm('juliet', 'romeo', 'twin', 'twin', 'gone');
const CONTENT_TYPE = oid('2.25.1');
const message = toUtf8('Good pilgrim, you do wrong your hand too much');

const tokenOf = (label: string, more: { pin?: string | (() => Promise<string>); cryptoki?: Cryptoki } = {}) =>
  pkcs11Token({ library: hsm?.library ?? '', label, pin: PIN, ...more });

/** A test that needs SoftHSM, with a token that is closed after it. */
function withToken(name: string, run: (token: Pkcs11Token) => Promise<void>): void {
  if (hsm === undefined) return void test.skip(name, () => undefined);
  test(name, async () => {
    const token = tokenOf('juliet');
    try {
      await run(token);
    } finally {
      await token.close();
    }
  });
}

withToken('a store whose key the token gives opens with the token alone', async (token) => {
  const directory = temporaryDirectory();
  const secret = pkcs11Secret({ token, keyLabel: 'store', random, crypto });
  const storage = await createFileStorage({ directory, secret, random, crypto });
  assert.is(storage.sealedBy, "the key 'store' in a PKCS#11 token");
  await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
  await storage.close();

  const again = pkcs11Secret({ token, random, crypto }); // the label is in the store
  const opened = await openKeyStore(await openFileStorage({ directory, secret: again, random, crypto }));
  assert.is(opened.owner, owner);
  await opened.close();

  const open = (given: Parameters<typeof openFileStorage>[0]['secret']) =>
    openFileStorage({ directory, ...(given && { secret: given }), random, crypto });
  assert.is(await codeOf(() => open(pkcs11Secret({ token, keyLabel: 'other', random, crypto }))), 'ERR_PASSPHRASE');
  assert.is(await codeOf(() => openFileStorage({ directory, passphrase: PIN, random, crypto })), 'ERR_PASSPHRASE');

  // A token in which the label names another key.
  const strange = tokenOf('romeo');
  assert.is(await codeOf(() => open(pkcs11Secret({ token: strange, random, crypto }))), 'ERR_PASSPHRASE');
  await generatePkcs11Key({ token: strange, keyLabel: 'store', algorithm: 'P-256', use: 'agree', random, crypto });
  assert.is(await codeOf(() => open(pkcs11Secret({ token: strange, random, crypto }))), 'ERR_PASSPHRASE');
  await strange.close();
});

withToken('points of a head are checked before the token sees them', async () => {
  const refuse = async () => assert.unreachable('the token was asked') as never;
  const token: Pkcs11Token = { label: 'none', use: refuse, close: async () => undefined };
  const secret = pkcs11Secret({ token, random, crypto });
  const { raw } = (await generatePrivateKey('P-256', random, crypto)).publicKey;
  const off = Uint8Array.from(raw).fill(7, 33); // not on the curve
  const label = [...toUtf8('store')];
  const bad = [[], raw, [...off, ...label], raw.subarray(1), [...raw, 0xff], [...raw, ...new Uint8Array(256).fill(65)]];
  for (const octets of bad) {
    assert.is(await codeOf(() => secret.open(new Uint8Array(32), Uint8Array.from(octets))), 'ERR_CORRUPT');
    assert.is(await codeOf(() => secret.describe(Uint8Array.from(octets))), 'ERR_CORRUPT');
  }
  assert.throws(() => pkcs11Secret({ token, keyLabel: '', random, crypto }), /keyLabel is empty/);
  assert.instance(await errorOf(() => secret.create(new Uint8Array(32))), TypeError);
});

withToken('private keys made here never leave: not as octets, not wrapped', async (token) => {
  for (const [algorithm, use] of [['Ed25519'], ['X25519'], ['P-256', 'sign'], ['P-256', 'agree']] as const) {
    const keyLabel = `stay ${algorithm} ${use}`;
    await generatePkcs11Key({ token, keyLabel, algorithm, ...(use && { use }), random, crypto });
    await token.use(async ({ cryptoki, handle, ...session }) => {
      const key = privateKeyOf({ cryptoki, handle, ...session }, keyLabel);
      const said = [CK.CKA_SENSITIVE, CK.CKA_EXTRACTABLE, CK.CKA_PRIVATE, 0x164, 0x165].map(
        (type) => cryptoki.C_GetAttributeValue(handle, key, [{ type }])[0]?.value[0],
      );
      assert.equal(said, [1, 0, 1, 1, 1], 'the last two: NEVER_EXTRACTABLE, ALWAYS_SENSITIVE');
      const read = await errorOf(() => cryptoki.C_GetAttributeValue(handle, key, [{ type: CK.CKA_VALUE }]));
      assert.is(read.code, CK.CKR_ATTRIBUTE_SENSITIVE);
      const all = cryptoki as Cryptoki & {
        C_GenerateKey(s: CryptokiHandle, m: object, t: object[]): CryptokiHandle;
        C_WrapKey(s: CryptokiHandle, m: object, by: CryptokiHandle, key: CryptokiHandle, into: Uint8Array): Uint8Array;
      };
      const wrapping = all.C_GenerateKey(handle, { mechanism: 0x1080 }, [
        { type: CK.CKA_VALUE_LEN, value: 32 },
        { type: 0x106, value: true },
      ]);
      const wrapped = await errorOf(() =>
        all.C_WrapKey(handle, { mechanism: 0x210a }, wrapping, key, Buffer.alloc(512)),
      );
      assert.is(wrapped.message, 'CKR_KEY_UNEXTRACTABLE');
    });
  }
});

withToken('a store is not given to a key that may leave the token', async (token) => {
  await token.use(async ({ cryptoki, handle }) => {
    const names = [{ type: CK.CKA_LABEL, value: 'loose' }];
    const curve = { type: CK.CKA_EC_PARAMS, value: fromHex('06082a8648ce3d030107') };
    await cryptoki.C_GenerateKeyPairAsync(
      handle,
      { mechanism: CK.CKM_EC_KEY_PAIR_GEN },
      [...names, curve],
      [
        ...names,
        { type: CK.CKA_TOKEN, value: true },
        { type: CK.CKA_DERIVE, value: true },
        { type: CK.CKA_EXTRACTABLE, value: true },
      ],
    );
  });
  const secret = pkcs11Secret({ token, keyLabel: 'loose', random, crypto });
  assert.match((await errorOf(() => secret.create(new Uint8Array(32)))).message, 'may leave the token');
});

withToken('Ed25519 and P-256 keys sign as ports, and Node agrees', async (token) => {
  for (const algorithm of ['Ed25519', 'P-256'] as const) {
    const made = await generatePkcs11Key({ token, keyLabel: algorithm, algorithm, use: 'sign', random, crypto });
    const key = await pkcs11SigningKey({ token, keyLabel: algorithm, crypto });
    assert.equal(key.publicKey, made);
    for (let i = 0; i < 20; i++) {
      const signature = await key.sign(message);
      const spki = { key: Buffer.from(exportPublicKey(made)), format: 'der', type: 'spki' } as const;
      assert.ok(nodeVerify(algorithm === 'P-256' ? 'sha256' : null, message, createPublicKey(spki), signature));
    }
    const signed = await sign(message, { signers: [key], contentType: CONTENT_TYPE, signingTime: NOW, crypto });
    const { content } = await verify(signed.der, { signers: [made], contentType: CONTENT_TYPE, crypto });
    assert.equal(content, message);
  }
});

withToken('X25519 and P-256 keys agree as ports; bad points never reach the token', async (token) => {
  for (const algorithm of ['X25519', 'P-256'] as const) {
    const keyLabel = `agree ${algorithm}`;
    const made = await generatePkcs11Key({ token, keyLabel, algorithm, use: 'agree', random, crypto });
    const key = await pkcs11AgreementKey({ token, keyLabel, crypto });
    const peer = await generatePrivateKey(algorithm, random, crypto);
    const shared = await key.agree(peer.publicKey);
    assert.equal(shared, await nodeShared(algorithm, peer.secret(), made.raw));
    const bad = algorithm === 'X25519' ? new Uint8Array(32) : Uint8Array.from(made.raw).fill(9, 40);
    assert.is((await errorOf(() => key.agree({ algorithm, raw: bad }))).code, 'ERR_DER');
    const other = await generatePrivateKey(algorithm === 'X25519' ? 'P-256' : 'X25519', random, crypto);
    assert.instance(await errorOf(() => key.agree(other.publicKey)), TypeError);
  }
});

withToken('keys are refused that are not there, not of this use, or not who they say', async (token) => {
  await generatePkcs11Key({ token, keyLabel: 'once', algorithm: 'Ed25519', random, crypto });
  const twice = () => generatePkcs11Key({ token, keyLabel: 'once', algorithm: 'Ed25519', random, crypto });
  assert.is(await codeOf(twice), 'ERR_IN_USE');
  assert.is(await codeOf(() => pkcs11SigningKey({ token, keyLabel: 'nobody', crypto })), 'ERR_PASSPHRASE');
  const stranger = (await generatePrivateKey('Ed25519', random, crypto)).publicKey;
  const mistaken = () => pkcs11SigningKey({ token, keyLabel: 'once', publicKey: stranger, crypto });
  assert.is(await codeOf(mistaken), 'ERR_CORRUPT');
  const agree = await errorOf(() => pkcs11AgreementKey({ token, keyLabel: 'once', crypto }));
  assert.ok(agree instanceof CmsError && agree.code === 'ERR_UNSUPPORTED');
  const useless = () => generatePkcs11Key({ token, keyLabel: 'p', algorithm: 'P-256', random, crypto });
  assert.instance(await errorOf(useless), TypeError);
});

withToken('a public key that is not the private one is noticed before it is used', async (token) => {
  // The token keeps no public half here, so the caller's word is all there is, until it signs.
  await token.use(async ({ cryptoki, handle }) => {
    const names = [{ type: CK.CKA_LABEL, value: 'bare' }];
    const curve = { type: CK.CKA_EC_PARAMS, value: fromHex('06032b6570') };
    await cryptoki.C_GenerateKeyPairAsync(
      handle,
      { mechanism: CK.CKM_EC_EDWARDS_KEY_PAIR_GEN },
      [...names, curve],
      [...names, { type: CK.CKA_TOKEN, value: true }, { type: CK.CKA_SIGN, value: true }],
    );
  });
  assert.instance(await errorOf(() => pkcs11SigningKey({ token, keyLabel: 'bare', crypto })), TypeError);
  const { publicKey } = await generatePrivateKey('Ed25519', random, crypto);
  assert.is(await codeOf(() => pkcs11SigningKey({ token, keyLabel: 'bare', publicKey, crypto })), 'ERR_CORRUPT');
});

withToken('the general profile signs and agrees with keys in the token', async (token) => {
  const provider = createGeneralCrypto();
  for (const algorithm of ['P-256', 'Ed25519'] as const) {
    const keyLabel = `general ${algorithm}`;
    await generatePkcs11Key({ token, keyLabel, algorithm, use: 'sign', random, crypto });
    const held = await pkcs11GeneralKey({ token, keyLabel, use: 'sign', crypto, general: provider });
    assert.is(held.key.pkcs8().length, 0);
    const der = await general.sign(message, {
      profile: 'general',
      signers: [{ key: held.key }],
      contentType: CONTENT_TYPE,
      signingTime: NOW,
      random,
      crypto: held.crypto,
    });
    const verified = await general.verify(der, {
      profile: 'general',
      signers: [{ key: held.key.publicKey }],
      policy: general.GENERAL_SIGNATURE_POLICY,
      crypto: provider,
    });
    assert.equal(verified.content, message);
    if (algorithm === 'Ed25519') continue;
    for (const hash of ['SHA-256', 'SHA-384', 'SHA-512'] as const) {
      const scheme = { name: 'ECDSA', hash } as const;
      const signature = await held.crypto.sign(held.key, scheme, message, random);
      assert.ok(await provider.verify(held.key.publicKey, scheme, message, signature), hash);
    }
    const short = await errorOf(() => held.crypto.sign(held.key, { name: 'ECDSA', hash: 'SHA-224' }, message, random));
    assert.is(short.code, 'ERR_UNSUPPORTED');
  }
  const { raw } = await generatePkcs11Key({ token, keyLabel: 'ka', algorithm: 'P-256', use: 'agree', random, crypto });
  const held = await pkcs11GeneralKey({ token, keyLabel: 'ka', use: 'agree', crypto, general: provider });
  const peer = await provider.generatePrivateKey('P-256', random);
  assert.equal(held.key.publicKey.subjectPublicKey, raw);
  assert.equal(await held.crypto.agree(held.key, peer.publicKey), await provider.agree(peer, held.key.publicKey));
});

withToken('a key that wants the PIN for every signature gets it', async (token) => {
  let asked = 0;
  let isCancelled = false;
  const ask = async () => {
    asked++;
    if (isCancelled) throw new Error('cancelled');
    return PIN;
  };
  const asking = tokenOf('juliet', { pin: ask });
  await token.use(async ({ cryptoki, handle }) => {
    const names = [
      { type: CK.CKA_LABEL, value: 'always' },
      { type: CK.CKA_ID, value: 'always' },
    ];
    const curve = { type: CK.CKA_EC_PARAMS, value: fromHex('06082a8648ce3d030107') };
    const kept = { type: CK.CKA_TOKEN, value: true };
    await cryptoki.C_GenerateKeyPairAsync(
      handle,
      { mechanism: CK.CKM_EC_KEY_PAIR_GEN },
      [...names, curve, kept],
      [
        ...names,
        kept,
        { type: CK.CKA_PRIVATE, value: true },
        { type: CK.CKA_SIGN, value: true },
        { type: CK.CKA_ALWAYS_AUTHENTICATE, value: true },
      ],
    );
  });
  const key = await pkcs11SigningKey({ token: asking, keyLabel: 'always', crypto });
  isCancelled = true;
  assert.match((await errorOf(() => key.sign(message))).message, 'cancelled');
  isCancelled = false;
  const before = asked;
  assert.ok(await crypto.verify(key.publicKey, message, await key.sign(message)));
  assert.is(asked, before + 1);
  await asking.close();
});

withToken('two tokens objects and many at once: calls do not mix', async (token) => {
  const second = tokenOf('juliet');
  await generatePkcs11Key({ token, keyLabel: 'busy', algorithm: 'Ed25519', random, crypto });
  const keys = [
    await pkcs11SigningKey({ token, keyLabel: 'busy', crypto }),
    await pkcs11SigningKey({ token: second, keyLabel: 'busy', crypto }),
  ];
  const texts = Array.from({ length: 60 }, (_, i) => toUtf8(`${i}`));
  const signed = await Promise.all(texts.map((text, i) => (keys[i % 2] as (typeof keys)[0]).sign(text)));
  for (const [i, signature] of signed.entries()) {
    assert.ok(await crypto.verify((keys[0] as (typeof keys)[0]).publicKey, texts[i] as Uint8Array, signature));
  }
  await second.close();
  assert.ok(await keys[0]?.sign(message), 'the other session is closed, this one is not');
  assert.is(await codeOf(() => keys[1]?.sign(message)), 'ERR_LOCKED');
});

/** The library with some functions replaced. */
function withFunctions(changed: Partial<Cryptoki>): Cryptoki {
  return new Proxy((hsm as NonNullable<typeof hsm>).cryptoki, {
    get: (target, name) => {
      const value = changed[name as keyof Cryptoki] ?? target[name as keyof Cryptoki];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function answer(name: keyof typeof CK): never {
  throw Object.assign(new Error(name), { code: CK[name] });
}

if (hsm !== undefined) {
  test('a wrong PIN is tried once, and is in no error and no picture of anything', async () => {
    let tries = 0;
    const { cryptoki } = hsm;
    const counting = withFunctions({
      C_Login(session: CryptokiHandle, user: number, pin: string) {
        tries++;
        cryptoki.C_Login(session, user, pin);
      },
    });
    const wrong = '9999-WRONG';
    const token = tokenOf('juliet', { pin: wrong, cryptoki: counting });
    const error = await errorOf(() => token.use(async () => undefined));
    assert.ok(error instanceof KeyStoreError && error.code === 'ERR_PASSPHRASE');
    assert.is(await codeOf(() => token.use(async () => undefined)), 'ERR_PASSPHRASE');
    assert.is(tries, 1);
    const secret = pkcs11Secret({ token, keyLabel: 'store', random, crypto });
    const shown = [token, secret, error].map((each) => inspect(each, { depth: 9, showHidden: true }));
    for (const text of [...shown, JSON.stringify([token, secret, error]), String(error.stack)]) {
      assert.not.match(text, wrong);
    }
    await token.close();
  });

  test('one try left, a locked PIN and a token that is not there are told apart from a wrong PIN', async () => {
    const { cryptoki } = hsm;
    const flagged = (flag: number): Partial<Cryptoki> => ({
      C_GetTokenInfo: (slot: CryptokiHandle) => {
        const info = cryptoki.C_GetTokenInfo(slot);
        return { ...info, flags: info.flags | flag };
      },
    });
    const outcome = (label: string, changed: Partial<Cryptoki>, pin = 'wrong') =>
      errorOf(() => tokenOf(label, { pin, cryptoki: withFunctions(changed) }).use(async () => undefined));
    const last = await outcome('juliet', flagged(CK.CKF_USER_PIN_FINAL_TRY));
    assert.is(last.code, 'ERR_PASSPHRASE');
    assert.match(last.message, 'one try is left');
    let tries = 0;
    const login = { C_Login: () => void tries++ };
    assert.is((await outcome('juliet', { ...flagged(CK.CKF_USER_PIN_LOCKED), ...login })).code, 'ERR_LOCKED');
    assert.is(tries, 0, 'a locked token is not tried');
    const locking = await outcome('juliet', { C_Login: () => answer('CKR_PIN_LOCKED') });
    assert.is(locking.code, 'ERR_LOCKED');
    assert.match(locking.message, 'is locked');
    assert.is((await outcome('nobody', {})).code, 'ERR_LOCKED');
    assert.match((await outcome('twin', {}, PIN)).message, 'several tokens');
    const missing = pkcs11Token({ library: '/nowhere/libnothing.so', label: 'juliet', pin: PIN });
    assert.is(await codeOf(() => missing.use(async () => undefined)), 'ERR_LOCKED');
  });

  test('a token taken out in use is ERR_LOCKED, and serves again when it is back', async () => {
    const { cryptoki } = hsm;
    let out = false;
    let asked = 0;
    const ask = async () => {
      asked++;
      return PIN;
    };
    const removable = withFunctions({
      C_SignInit: (...args: Parameters<Cryptoki['C_SignInit']>) =>
        out ? answer('CKR_DEVICE_REMOVED') : cryptoki.C_SignInit(...args),
      C_GetSlotList: (present: boolean) => (out ? [] : cryptoki.C_GetSlotList(present)),
    });
    const token = tokenOf('juliet', { cryptoki: removable, pin: ask });
    await generatePkcs11Key({ token, keyLabel: 'traveller', algorithm: 'Ed25519', random, crypto });
    const key = await pkcs11SigningKey({ token, keyLabel: 'traveller', crypto });
    out = true;
    assert.is(await codeOf(() => key.sign(message)), 'ERR_LOCKED');
    assert.match((await errorOf(() => key.sign(message))).message, 'is not there');
    out = false;
    assert.ok(await crypto.verify(key.publicKey, message, await key.sign(message)));
    assert.is(asked, 2, 'the PIN is asked for again');
    await token.close();
  });

  test('a token whose files are gone opens nothing', async () => {
    const token = tokenOf('gone');
    const directory = temporaryDirectory();
    const secret = pkcs11Secret({ token, keyLabel: 'store', random, crypto });
    const storage = await createFileStorage({ directory, secret, random, crypto });
    await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
    await storage.close();
    await token.close();
    for (const name of readdirSync(hsm.directory)) {
      const path = join(hsm.directory, name);
      const isGone = readFileSync(join(path, 'token.object')).includes('gone ');
      if (isGone) renameSync(path, `${path}.away`);
    }
    const again = pkcs11Secret({ token: tokenOf('gone'), random, crypto });
    const code = await codeOf(() => openFileStorage({ directory, secret: again, random, crypto }));
    assert.ok(code === 'ERR_LOCKED' || code === 'ERR_PASSPHRASE', code);
  });
}

withToken('erasure keys in the token: two at most, and none can be read after it was dropped', async (token) => {
  const directory = temporaryDirectory();
  const secret = pkcs11Secret({ token, keyLabel: 'erasing', random, crypto });
  const erasure = pkcs11Erasure(token);
  const storage = await createFileStorage({ directory, secret, erasure, random, crypto });
  const store = await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
  const [first] = await store.entries('prekeys');
  await store.commit([{ table: 'prekeys', key: (first as [string, unknown])[0], record: undefined }]);
  const labels = async () =>
    token.use(async (session) =>
      listPrivateKeys(session).flatMap(({ label }) => (label.startsWith('stanzaseal erasure') ? [label] : [])),
    );
  assert.equal(
    (await labels()).map((label) => label.split(' ').at(-1)),
    ['2'],
  );
  await store.close();

  const opened = await openKeyStore(await openFileStorage({ directory, secret, erasure, random, crypto }));
  assert.is((await opened.entries('prekeys')).length, 100);
  await opened.close();
  assert.instance(
    await errorOf(() => openFileStorage({ directory, secret, random, crypto })),
    TypeError,
    'not without the token',
  );
});

withToken('a place of erasure keys survives being cut short anywhere', async (token) => {
  const directory = dirname(temporaryDirectory());
  const file = join(directory, 'erasure-token');
  const store = { salt: random(32), slotKey: random(32), files: nodeFiles(directory), random, crypto };
  const place = pkcs11Erasure(token).of(store);
  assert.equal(await place.read(), []);
  const [one, two, other] = [random(32), random(32), random(32)];
  await place.add({ sequence: 1, key: one });
  await place.add({ sequence: 2, key: two });
  assert.equal(await place.read(), [
    { sequence: 2, key: two },
    { sequence: 1, key: one },
  ]);
  await place.add({ sequence: 2, key: other });
  assert.equal((await place.read())[0], { sequence: 2, key: other });
  const kept = readFileSync(file);
  await place.keepOnly(2);
  assert.equal(await place.read(), [{ sequence: 2, key: other }]);
  assert.equal(readFileSync(file), kept, 'the file is as it was, with both: the token forgot one');
  const strange = pkcs11Erasure(token).of({ ...store, slotKey: random(32) });
  assert.equal(await strange.read(), [], 'the token alone opens nothing');
  writeFileSync(file, Uint8Array.from(kept).fill(1, 100, 101));
  assert.equal(await place.read(), [], 'torn');
  await place.keepOnly(0);
});

function nodeShared(algorithm: KeyAlgorithm, secret: Uint8Array, peer: Uint8Array): MaybePromise<Uint8Array> {
  if (algorithm === 'X25519') {
    const own = crypto.agreementKey(secret);
    return Promise.resolve(own).then((key) => key.agree({ algorithm, raw: peer }));
  }
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(secret);
  return new Uint8Array(ecdh.computeSecret(peer));
}

test.run();
