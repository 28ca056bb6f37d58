// Files of XEP-0227 between this archive and Prosody's own reader and writer of them (mod_storage_xep0227).
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needing, sleep, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { follow, writeXep0227, xep0227File } from '../../src/index.js';
import { bodyOf, opened, type Place, plain, START, sealed, temporaryDirectory, textOf } from '../fixture.js';

const test = suite('XEP-0227 and Prosody');
test.after(stopEverything);

const JULIET = 'juliet@localhost';

/** Runs in Prosody: reads Juliet's archive from her file, and writes what it read into Romeo's. */
const MODULE = `
local driver = require "core.storagemanager".load_driver(module.host, "xep0227");
local archive = driver:open("archive", "archive");
local found = archive:find("juliet");
if found then
	driver:open("accounts"):set("romeo", { password = "a secret" });
	local n = 0;
	for id, item, when, with in found do
		n = n + 1;
		assert(archive:append("romeo", id, item, when, with));
		module:log("info", "pie %s %d %s", id, when, with);
	end
	local done = io.open(prosody.paths.data .. "/.done", "w"); done:write(tostring(n)); done:close(); os.rename(prosody.paths.data .. "/.done", prosody.paths.data .. "/done");
end
`;

test(
  'what is exported here Prosody reads, and what Prosody writes is imported here: ids, times and objects are the same',
  needing(['prosody'], async () => {
    const plugins = mkdtempSync(join(temporaryDirectory(), 'plugins-'));
    writeFileSync(join(plugins, 'mod_pie.lua'), MODULE);
    const place = { url: () => `sqlite:${join(plugins, 'archive.db')}` } as Place;
    const { archive } = await opened(place);
    const stanzas = [await sealed('one', 'romeo@localhost', JULIET), plain('two <&> “”\n', { to: JULIET })];
    for (const [i, stanza] of stanzas.entries())
      await archive.put(stanza, { owner: JULIET, receivedAt: START + 1000 * i, stanzaId: `id${i}` });
    let text = '';
    for await (const piece of writeXep0227(archive, { owners: [JULIET] })) text += piece;

    const server = await startProsody({
      archive: 'none',
      pluginPaths: [plugins],
      hostSettings: 'modules_enabled = { "pie" }',
    });
    const data = join(server.directory, 'data');
    writeFileSync(join(data, `${JULIET}.xml`), text);
    await server.restart();
    // It listens before it has loaded all of its modules.
    for (let waited = 0; !existsSync(join(data, 'done')) && waited < 20_000; waited += 20) await sleep(20);
    assert.ok(existsSync(join(data, 'done')), server.logTail(20));
    assert.is(readFileSync(join(data, 'done'), 'utf8'), '2');

    async function* file() {
      yield readFileSync(join(data, 'romeo@localhost.xml'), 'utf8');
    }
    assert.is((await follow(archive, xep0227File({ open: file }))).kept, 2);
    const { entries } = await archive.page({ owner: 'romeo@localhost' });
    assert.equal(
      entries.map(({ id, receivedAt }) => [id, receivedAt]),
      [0, 1].map((i) => [`id${i}`, START + 1000 * i]),
    );
    assert.equal([entries[0]?.sealed, bodyOf(entries[1]?.octets)], [true, 'two <&> “”\n']);
    const object = /<sealed[^>]*>([^<]*)/.exec(stanzas[0] as string)?.[1] as string;
    assert.ok(textOf(entries[0]?.octets).includes(object));
    await archive.close();
    await server.stop();
  }),
);

test.run();
