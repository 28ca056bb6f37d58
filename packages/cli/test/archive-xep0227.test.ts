// Files of XEP-0227 at the shell, out and in; and what import says of options that do not go together.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, keepThree } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { folder, read, stanzaseal, write } from './shell.js';

const test = suite('XEP-0227 at the shell');

test.before(keepThree);

test('K14: export, import and export again are the same octets; what the format cannot say is told of', () => {
  const out = stanzaseal(`archive export ${ARCHIVE} --format xep0227 --out capulet.xml`);
  assert.equal(
    [out.code, out.stderr],
    [0, 'warning: 1 entries are not in the file: they are in quarantine; JSON lines have them\n'],
  );
  const other = '--archive sqlite:second.db';
  const imported = JSON.parse(done(stanzaseal(`archive import ${other} --format xep0227 --in capulet.xml --json`)));
  conformsTo('archiveImport')(imported);
  assert.equal(imported, { kept: 2, duplicates: 0, quarantined: 0, refused: 0 });
  assert.equal(stanzaseal(`archive export ${other} --format xep0227`).stdout, read('capulet.xml'));
});

test('files that are included are read below their own directory, and nowhere else; what is refused is told of by its place', () => {
  mkdirSync(join(folder, 'capulet'));
  const [, user = ''] = /(<user [^]*<\/user>)/.exec(read('capulet.xml').toString()) ?? [];
  write('capulet/juliet.xml', user.replace('<user ', '<user xmlns="urn:xmpp:pie:0" ').replace(/ id="id2"/, ''));
  const main = (href: string) =>
    `<server-data xmlns="urn:xmpp:pie:0" xmlns:xi="http://www.w3.org/2001/XInclude"><host jid="capulet.example"><xi:include href="${href}"/></host></server-data>`;
  write('main.xml', main('capulet/juliet.xml'));
  const third = 'archive import --archive sqlite:third.db --format xep0227';
  const included = stanzaseal(`${third} --in main.xml`);
  assert.equal(
    [included.code, included.stdout.toString()],
    [1, '1 kept, 0 in quarantine, 0 there already, 1 refused\n'],
  );
  assert.match(included.stderr, /^error: ERR_UNSUPPORTED: item 2: it is no result with an id$/m);
  for (const href of ['../etc/passwd', '/etc/passwd', 'file:///etc/passwd', '%2e%2e/x', 'main.xml/../..']) {
    write('bad.xml', main(href));
    const bad = stanzaseal(`${third} --in bad.xml`);
    assert.equal([bad.code, bad.stdout.toString()], [1, ''], href);
    assert.match(bad.stderr, /^error: ERR_XML: /, href);
  }
});

test('SQL of the trigger is written; options that do not go together are usage errors', () => {
  const sql = done(stanzaseal(`archive import ${ARCHIVE} --format ejabberd --print-trigger`));
  assert.match(sql, /^CREATE INDEX [^]*CREATE TRIGGER stanzaseal_ejabberd AFTER INSERT ON archive /);
  for (const options of [
    '--format prosody',
    '--follow',
    '--format xep0227 --from postgres://x',
    '--format prosody --from sqlite:x',
  ])
    assert.is(stanzaseal(`archive import ${ARCHIVE} ${options}`).code, 2, options);
});

test.run();
