// Figures, scrubbing and rules of retention at the shell.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, JULIET, keepThree } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { stanzaseal, write } from './shell.js';

const test = suite('archive rules at the shell');

test.before(keepThree);

test('stats and scrub tell how it is', () => {
  assert.match(done(stanzaseal(`archive stats ${ARCHIVE}`)), /\nstanzaseal_archive_leaves 3\n/);
  conformsTo('archiveStats')(JSON.parse(done(stanzaseal(`archive stats ${ARCHIVE} --json`))));
  const scrubbed = JSON.parse(done(stanzaseal(`archive scrub ${ARCHIVE} --rate 1000000 --json`)));
  conformsTo('archiveScrub')(scrubbed);
  assert.equal([scrubbed.damaged, scrubbed.missing, scrubbed.logHolds], [[], 0, true]);
});

test('rules erase what is due, and a rule with a word in it that is none is refused', () => {
  write('wrong.json', '[{"days":1,"ower":"juliet@capulet.example"}]');
  assert.match(stanzaseal(`archive shred ${ARCHIVE} --due --rules wrong.json`).stderr, /^error: ERR_UNSUPPORTED: /);
  write('rules.json', `[{"owner":"${JULIET}","days":0}]`);
  assert.match(
    done(stanzaseal(`archive shred ${ARCHIVE} --due --rules rules.json`)),
    /: \d+ keys destroyed, 3 entries/,
  );
  assert.is(done(stanzaseal(`archive page ${ARCHIVE} --owner ${JULIET}`)), '');
  assert.is(done(stanzaseal(`archive shred ${ARCHIVE} --resume --json`)), '[]\n');
  assert.is(stanzaseal(`archive shred ${ARCHIVE} --due --resume`).code, 2);
});

test.run();
