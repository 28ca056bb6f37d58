/**
 * The vectors, computed a second time from the specification's text by other means: hashes of node:crypto over DER that is put together
 * here by hand.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('vectors of test-vectors/trust');

function vector<T>(name: string): T {
  return JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../test-vectors/trust/${name}.json`, import.meta.url)), 'utf8'),
  );
}

const der = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)));
  const { length } = content;
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...header), content]);
};
const octetString = (hex: string): Buffer => der(0x04, Buffer.from(hex, 'hex'));
const text = (value: string): Buffer => der(0x0c, value);

interface Side {
  jid: string;
  identity: string;
  random: string[];
}

for (const name of ['sas-run', 'sas-run-again', 'sas-roles', 'sas-key', 'sas-jid']) {
  test(name, () => {
    const { input, output } = vector<{
      input: { initiator: Side; responder: Side };
      output: { messages: string[]; characters: string; symbols: string[]; words: string[] };
    }>(name);
    const { initiator, responder } = input;
    const [run = '', nonce = ''] = initiator.random;
    const commitment = createHash('sha256')
      .update(
        der(
          0x30,
          text('stanzaseal/0 sas commitment'),
          octetString(run),
          text(initiator.jid),
          text(responder.jid),
          octetString(initiator.identity),
          octetString(nonce),
        ),
      )
      .digest('hex');
    const message = (tag: number, hex: string): string =>
      der(0x30, Buffer.of(2, 1, 0), octetString(run), der(tag, octetString(hex))).toString('hex');
    const messages = [message(0xa1, commitment), message(0xa2, responder.random[0] as string), message(0xa3, nonce)];
    assert.equal(messages, output.messages);
    const digest = createHash('sha256')
      .update(
        der(
          0x30,
          text('stanzaseal/0 sas string'),
          text(initiator.jid),
          text(responder.jid),
          octetString(initiator.identity),
          octetString(responder.identity),
          ...messages.map(octetString),
        ),
      )
      .digest();
    const bits = [...digest.subarray(0, 4)].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    const characters = [0, 5, 10, 15, 20, 25]
      .map((at) => alphabet[Number.parseInt(bits.slice(at, at + 5), 2)])
      .join('');
    assert.is(output.characters, characters);
    const pictures = specifiedPictures();
    const indices = [0, 6, 12, 18].map((at) => Number.parseInt(bits.slice(at, at + 6), 2));
    assert.equal(
      output.words,
      indices.map((index) => pictures[index]?.[1]),
    );
    assert.equal(
      output.symbols,
      indices.map((index) => pictures[index]?.[0]),
    );
  });
}

/** The table of the specification. */
function specifiedPictures(): string[][] {
  const specification = readFileSync(fileURLToPath(new URL('../../../docs/specification.md', import.meta.url)), 'utf8');
  const table = /```pictures\n([^`]*)```/.exec(specification)?.[1] as string;
  const cells = table.trim().split(/\s+/);
  return Array.from({ length: 64 }, (_, i) => [cells[2 * i] as string, cells[2 * i + 1] as string]);
}

test('cpace-draft: ISK and confirmations are what SHA-512 and HMAC of the transcript give', () => {
  const k = Buffer.from('80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f', 'hex'); // appendix B.3.4
  const { input, output, intermediate } = vector<{
    input: { sid: string };
    output: { ya: string; isk: string; confirmations: { initiator: string } };
    intermediate: { transcript: string };
  }>('cpace-draft');
  const sid = Buffer.from(input.sid, 'hex');
  const short = (octets: Buffer): Buffer => Buffer.concat([Buffer.of(octets.length), octets]);
  const isk = createHash('sha512')
    .update(Buffer.concat([short(Buffer.from('CPaceRistretto255_ISK')), short(sid), short(k)]))
    .update(Buffer.from(intermediate.transcript, 'hex'))
    .digest();
  assert.is(output.isk, isk.toString('hex'));
  const macKey = createHash('sha512').update('CPaceMac').update(sid).update(isk).digest();
  const said = Buffer.concat([short(Buffer.from(output.ya, 'hex')), short(Buffer.from('ADa'))]);
  assert.is(output.confirmations.initiator, createHmac('sha512', macKey).update(said).digest('hex'));
});

test('password-question says on the wire what cpace-question computes', () => {
  const { output } = vector<{ output: { messages: string[] } }>('password-question');
  const { output: computed, input } = vector<{
    output: { ya: string; yb: string; confirmations: { initiator: string; responder: string } };
    input: { sid: string };
  }>('cpace-question');
  const { ya, yb, confirmations } = computed;
  const message = (tag: number, ...members: Buffer[]): string =>
    der(0x30, Buffer.of(2, 1, 0), octetString(input.sid), der(tag, ...members)).toString('hex');
  assert.equal(output.messages, [
    message(0xa4, octetString(ya), text('What smells as sweet by any other name?')),
    message(0xa5, octetString(yb), octetString(confirmations.responder)),
    message(0xa6, octetString(confirmations.initiator)),
  ]);
});

test.run();
