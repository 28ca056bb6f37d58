// Rights, holds and erasure of an archive at the shell.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { cli, type Outcome, run, stanzaseal, write } from './shell.js';

const test = suite('archive upkeep at the shell');
const ARCHIVE = '--archive sqlite:archive.db';
const JULIET = 'juliet@capulet.example';

function done({ code, stdout, stderr }: Outcome): string {
  assert.is(code, 0, stderr);
  return stdout.toString();
}

/** A verb with a reason of several words. */
function because(args: string, reason: string): Outcome {
  return run([...cli, 'archive', ...args.split(' '), ...ARCHIVE.split(' '), '--reason', reason]);
}

test.before(() => {
  const stanzas = ['2024-05-01', '2026-11-01'].map(
    (day, i) =>
      `<message from="romeo@montague.example" to="${JULIET}"><body>${i}</body>` +
      `<stanza-id xmlns="urn:xmpp:sid:0" by="${JULIET}" id="id${i}"/>` +
      `<delay xmlns="urn:xmpp:delay" stamp="${day}T10:00:00Z"/></message>`,
  );
  done(stanzaseal(`archive ingest ${ARCHIVE}`, stanzas.join('\n')));
  done(stanzaseal(`archive prove ${ARCHIVE} --id id0 --out id0.proof`));
});

test('a hold keeps shred from erasing until it is lifted; then keys go, and proofs still verify', () => {
  assert.is(stanzaseal(`archive hold ${ARCHIVE} --owner ${JULIET}`).code, 2, 'a hold has a reason');
  const held = JSON.parse(done(because(`hold --owner ${JULIET} --end 2024-12-31 --json`, 'case 17')));
  conformsTo('archiveHold')(held);
  const [listed, ...others] = JSON.parse(done(stanzaseal(`archive hold ${ARCHIVE} --list --json`)));
  assert.equal([listed.hold, others], [held.hold, []]);
  const shred = `shred --owner ${JULIET} --end 2024-12-31 --json`;
  assert.match(because(shred, 'asked for').stderr, /^error: ERR_HOLD: /);
  done(because(`hold --lift ${held.hold}`, 'case 17 is closed'));
  assert.match(because(`hold --lift ${held.hold}`, 'again').stderr, /^error: ERR_NOT_FOUND: /);
  const erased = JSON.parse(done(because(shred, 'asked for')));
  conformsTo('archiveShred')(erased);
  assert.equal([erased.length, erased[0].entries], [1, 1]);
  const page = done(stanzaseal(`archive page ${ARCHIVE} --owner ${JULIET} --json`));
  assert.equal(JSON.parse(page).id, 'id1');
  done(stanzaseal('archive verify --key archive.db.signing/checkpoint.pub.pem --in id0.proof'));
  assert.match(
    done(stanzaseal(`archive scrub ${ARCHIVE}`)),
    / 0 damaged, 0 repaired, 1 erased or dropped; the log holds/,
  );
});

test('rules erase what is due, and a rule with a word in it that is none is refused', () => {
  write('wrong.json', '[{"days":1,"ower":"juliet@capulet.example"}]');
  assert.match(stanzaseal(`archive shred ${ARCHIVE} --due --rules wrong.json`).stderr, /^error: ERR_UNSUPPORTED: /);
  write('rules.json', `[{"owner":"${JULIET}","days":0}]`);
  assert.match(
    done(stanzaseal(`archive shred ${ARCHIVE} --due --rules rules.json`)),
    /: \d keys destroyed, 1 entries gone/,
  );
  assert.is(done(stanzaseal(`archive page ${ARCHIVE} --owner ${JULIET}`)), '');
  assert.is(done(stanzaseal(`archive shred ${ARCHIVE} --resume --json`)), '[]\n');
  assert.is(stanzaseal(`archive shred ${ARCHIVE} --due --resume`).code, 2);
});

test('an archive key is taken into use once, by a higher number each time', () => {
  done(stanzaseal('key generate --algorithm x25519 --out old.pem'));
  done(stanzaseal('key public --in old.pem --out old.pub.pem'));
  done(stanzaseal('key generate --algorithm x25519 --out new.pem'));
  done(stanzaseal('key public --in new.pem --out new.pub.pem'));
  assert.match(stanzaseal(`archive rewrap ${ARCHIVE}`).stderr, /^error: ERR_NOT_FOUND: /);
  const rewrap = `archive rewrap ${ARCHIVE} --json`;
  const first = JSON.parse(done(stanzaseal(`${rewrap} --new-key old.pub.pem --epoch 1 --organisation Capulet`)));
  conformsTo('archiveRewrap')(first);
  const second = JSON.parse(done(stanzaseal(`${rewrap} --new-key new.pub.pem --epoch 2 --key old.pem`)));
  assert.equal([first.epoch, second.epoch, second.count], [1, 2, 0]);
  assert.is(stanzaseal(`${rewrap} --new-key old.pub.pem --epoch 3`).code, 2);
  assert.is(stanzaseal(`${rewrap} --new-key new.pub.pem`).code, 2);
});

test.run();
