// What an archive sees of a stanza: the base64 that it takes is that of the profile, and nothing that a stanza holds makes it throw.
import { fromBase64, OBJECT_LIMITS, toBase64, toUtf8 } from '@stanzaseal/cms';
import { createCryptoProvider as createWebCryptoProvider } from '@stanzaseal/cms/provider/webcrypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { joinRecipientInfos } from '../src/evidence/index.js';
import { describeStanza } from '../src/index.js';
import { crypto, JULIET, plain, ROMEO, random, sealed, textOf } from './fixture.js';

const test = suite('describing a stanza');

const parameters = { owner: JULIET, crypto };
const good = await sealed('something');
const base64 = /<sealed[^>]*>([^<]*)</.exec(good)?.[1] as string;

test('base64 is canonical or refused, as in the profile (F13)', async () => {
  const changes = [
    base64,
    base64.slice(0, -1),
    base64.slice(0, -2),
    base64.slice(0, -4),
    `${base64}=`,
    `${base64}====`,
    '',
  ];
  const at = (place: number, text: string, drop = 0) => base64.slice(0, place) + text + base64.slice(place + drop);
  for (const text of ['-', '_', '=', ' ', '\n', '!', 'é', '\u0141', '&#65;', '-_-_', '====', 'AAAA', '/'])
    for (const place of [0, 1, 401, base64.length - 4, base64.length - 1, base64.length])
      changes.push(at(place, text), at(place, text, 1), at(place, text, text.length));
  for (const letter of 'ABCDEFQgw9')
    for (let end = 1; end <= 4; end++)
      changes.push(base64.slice(0, -end) + letter + base64.slice(base64.length - end + 1));
  let refused = 0;
  for (const change of changes) {
    const description = await describeStanza(good.replace(base64, change), parameters);
    let canonical = change !== '';
    try {
      fromBase64(change);
    } catch {
      canonical = false;
    }
    const reason = 'reason' in description ? description.reason : '';
    // A reference is a letter of the text, and stands there as characters that base64 has not.
    const expected = change.includes('&') ? /written with characters that base64 has not/ : /base64|another form/;
    const told = JSON.stringify([change.length, change.slice(0, 12), change.slice(-12), reason]);
    assert.is(canonical ? /base64/.test(reason) : !expected.test(reason), false, told);
    if (!canonical) refused++;
  }
  assert.ok(refused > changes.length / 2);
});

test('a sealed stanza: peers, keys, parts; its identity does not depend on its recipients', async () => {
  const description = await describeStanza(good, parameters);
  if (description.form !== 'sealed') throw new Error(description.form);
  assert.equal([description.kind, description.type, description.peer.bare], ['message', 'chat', ROMEO]);
  assert.is(description.rKeyIds.length, 1);
  assert.is(`${description.shell.before}${base64}${description.shell.after}`, good);
  const sent = await describeStanza(good, { owner: ROMEO, crypto });
  assert.equal('peer' in sent && sent.peer, { bare: JULIET, resource: '' });
});

test('K5: an object that stands in its stanza twice is not kept: one would stay as it came when keys are wrapped anew or erased', async () => {
  const beside = [
    good.replace('<sealed', `<x xmlns="urn:x" y="${base64}"/><sealed`),
    good.replace('</message>', `<x xmlns="urn:x">${base64}</x></message>`),
    good.replace('<message', `<message id="${base64}"`).replace(/ id="[^"]{1,99}"/, ''),
  ];
  for (const stanza of beside) {
    const description = await describeStanza(stanza, parameters);
    assert.is(description.form === 'quarantined' && description.reason, 'a sealed object that stands there twice');
  }
});

test('K5: nor does the beginning of one that its ephemeral key is in, cut off before its end', async () => {
  const beside = (length: number) =>
    good.replace('<sealed', `<x xmlns="urn:x" y="${base64.slice(0, length)}"/><sealed`);
  const description = await describeStanza(beside(128), parameters);
  assert.is(description.form === 'quarantined' && description.reason, 'a sealed object that stands there twice');
  assert.is((await describeStanza(beside(127), parameters)).form, 'sealed');
});

test('K5: nor does it stand elsewhere where the sealed element has it written otherwise', async () => {
  const hidden = base64.replace('M', '&#77;');
  const written = good.replace(base64, hidden);
  const elsewhere = [
    written.replace('</message>', `<x xmlns="urn:x">${base64}</x></message>`),
    written.replace('<sealed ', `<sealed xmlns:q=">${base64}" `),
    written.replace('<sealed ', `<x xmlns="urn:x" sealed=">"/><sealed xmlns:q='${base64}' `),
    good
      .replace(base64, `M<![CDATA[${base64.slice(1)}]]>`)
      .replace('</message>', `<x xmlns="urn:x">${base64}</x></message>`),
  ];
  for (const stanza of elsewhere) {
    const description = await describeStanza(stanza, parameters);
    assert.is(
      description.form === 'quarantined' && description.reason,
      'a sealed object written with characters that base64 has not',
    );
  }
});

test('an object is found however its element is written, whatever else there is', async () => {
  const fallback = '<body>a &amp; b &gt; c</body>';
  const ways = [
    good.replace('<sealed', `${fallback}<sealed`),
    good.replace('<sealed ', `${fallback}<sealed\n  xmlns:q = '>"&amp;' `),
    good.replace(/<sealed ([^>]*)>(.*)<\/sealed>/, (_, declared: string, text: string) => {
      return `${fallback}<s:sealed ${declared.replace('xmlns', 'xmlns:s')}>${text}</s:sealed >`;
    }),
    good.replace(base64, `<![CDATA[${base64}]]>`),
  ];
  for (const stanza of ways) {
    const description = await describeStanza(stanza, parameters);
    if (description.form !== 'sealed') throw new Error(JSON.stringify(description));
    assert.is(`${description.shell.before}${base64}${description.shell.after}`, stanza);
  }
});

test('a limit is one of octets, whether a stanza comes as text or as octets', async () => {
  const stanza = plain('\u2665'.repeat(1000));
  const octets = toUtf8(stanza);
  for (const each of [stanza, octets]) {
    const within = { depth: 8, octets: octets.length };
    assert.is((await describeStanza(each, { ...parameters, xmlLimits: within })).form, 'plain');
    const description = await describeStanza(each, {
      ...parameters,
      xmlLimits: { depth: 8, octets: octets.length - 1 },
    });
    assert.is(description.form === 'quarantined' && description.reason, 'longer than the limit');
  }
});

test('H3: a carbon copy that is longer than the limit once its stanza is written by itself is not kept as that', async () => {
  const elements = '<p:b/>'.repeat(200);
  const inner = `<message xmlns="jabber:client" from="${ROMEO}" to="${JULIET}"><x xmlns="urn:x" >${elements}</x></message>`;
  const carbon = `<message from="${JULIET}" to="${JULIET}/b" xmlns:p="${'u'.repeat(1000)}"><received xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">${inner}</forwarded></received></message>`;
  const description = await describeStanza(carbon, { ...parameters, xmlLimits: { depth: 8, octets: 20_000 } });
  assert.is(description.form === 'quarantined' && description.reason, 'too long when written without prefixes');
  assert.is((await describeStanza(carbon, parameters)).form, 'plain');
});

test('an object longer than others take is kept where the limits say so', async () => {
  const long = await sealed('x'.repeat(300_000), ROMEO, JULIET, 600_000);
  const limits = { ...OBJECT_LIMITS, octets: 1_000_000 };
  const xmlLimits = { octets: 2_000_000, depth: 16 };
  const description = await describeStanza(long, { ...parameters, xmlLimits, objectLimits: limits });
  if (description.form !== 'sealed') throw new Error(JSON.stringify(description).slice(0, 200));
  const whole = joinRecipientInfos(description);
  assert.is(whole.length > 262_144, true);
  assert.is(`${description.shell.before}${toBase64(whole)}${description.shell.after}`, long);
});

test('J6: octets that their owner goes on with while a provider computes change nothing that was described', async () => {
  const octets = toUtf8(good);
  const description = describeStanza(octets, { owner: JULIET, crypto: createWebCryptoProvider() });
  octets.fill(0);
  const described = await description;
  if (described.form !== 'sealed') throw new Error(described.form);
  assert.is(`${described.shell.before}${base64}${described.shell.after}`, good);
});

test('H3: what repeats itself is looked through once, however long: to search for all of it took a quarter of a minute', async () => {
  const object = 'A'.repeat(250_000);
  for (const id of [`${'A'.repeat(200_000)}B`, `${'A'.repeat(300)}B`.repeat(600), `B${'A'.repeat(200_000)}`]) {
    const stanza = `<message id="${id}"><sealed xmlns="urn:xmpp:sealed:0">${object}</sealed></message>`;
    for (const each of [stanza, toUtf8(stanza)]) {
      const description = await describeStanza(each, parameters);
      assert.is(description.form === 'quarantined' && description.reason, 'a sealed object that stands there twice');
    }
  }
});

test('H8: a text with half of a pair of surrogates has no octets, and is none of a stanza', async () => {
  for (const half of ['\ud83d', '\udf39']) {
    const description = await describeStanza(
      good.replace('<sealed', `<x xmlns="urn:x" y="${half}"/><sealed`),
      parameters,
    );
    assert.is(description.form === 'quarantined' && description.reason, 'not well-formed XML of a stanza');
  }
});

test('no octets make it throw', async () => {
  const octets = toUtf8(good);
  for (let i = 0; i < 400; i++) {
    const changed = new Uint8Array(octets);
    const [a = 0, b = 0, value = 0] = random(3);
    changed[(256 * a + b) % changed.length] = value;
    const { form } = await describeStanza(
      i % 2 === 0 ? changed : changed.subarray(0, (256 * b + a) % octets.length),
      parameters,
    );
    assert.ok(['sealed', 'plain', 'quarantined'].includes(form));
  }
});

test('H3: a long namespace name that thousands of elements share is no reason to throw, nor to take gigabytes', async () => {
  const hostile = `<x xmlns:p='${'u'.repeat(100000)}'>${'<p:b/>'.repeat(9000)}</x>`;
  const message = plain('hostile').replace('</message>', `${hostile}</message>`);
  const carbon = `<message xmlns='jabber:client' from='${JULIET}' to='${JULIET}'><received xmlns='urn:xmpp:carbons:2'><forwarded
    xmlns='urn:xmpp:forward:0'>${message.replace('<message', "<message xmlns='jabber:client'")}</forwarded></received></message>`;
  for (const stanza of [message, carbon]) {
    const description = await describeStanza(stanza, parameters);
    assert.is(description.form === 'quarantined' && description.reason, 'too long when written without prefixes');
  }
});

test('a carbon copy is what it carries, if the own server sent it (CVE-2017-5589)', async () => {
  const inner = plain('carried').replace('<message', '<message xmlns="jabber:client"');
  const carbon = (from: string, stanza = inner) =>
    `<message from="${from}" to="${JULIET}/b"><received xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">${stanza}</forwarded></received></message>`;
  const own = await describeStanza(carbon(JULIET), parameters);
  assert.equal('peer' in own && own.peer, { bare: ROMEO, resource: 'orchard' });
  assert.is(textOf(own.object), plain('carried'));
  const carried = await describeStanza(
    carbon(JULIET, good.replace('<message', '<message xmlns="jabber:client"')),
    parameters,
  );
  if (carried.form !== 'sealed') throw new Error(carried.form);
  assert.is(`${carried.shell.before}${base64}${carried.shell.after}`, good);
  const forged = await describeStanza(carbon('mallory@montague.example'), parameters);
  assert.equal('peer' in forged && forged.peer.bare, 'mallory@montague.example');
  assert.is(
    new TextDecoder().decode(forged.form === 'plain' ? forged.object : undefined),
    carbon('mallory@montague.example'),
  );
});

test.run();
