// Runs every test file of the packages on sources, but those in test/servers (scripts/testServers.mjs), and adds the results up.
//   node scripts/runTests.mjs [--build] [--package NAME] [--filter TEXT] [--jobs N] [--time-limit SECONDS]
// The last line is `N passed, N failed`, with `, N skipped` when something was skipped.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { listFiles, listPackages, shown } from './repository.mjs';
import { TestFiles } from './testFiles.mjs';

const { values } = parseArgs({
  options: {
    build: { type: 'boolean', default: false },
    package: { type: 'string' },
    filter: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    'time-limit': { type: 'string', default: '120' },
  },
});
const runner = new TestFiles(Number(values['time-limit']));

const failure = values.build ? await build() : undefined;
if (failure !== undefined) {
  runner.fail(`build\n${failure.trimEnd()}\n`);
} else {
  await runner.run(findTests(), Number(values.jobs));
}
runner.end();

function findTests() {
  return listPackages()
    .filter(({ shortName }) => values.package === undefined || values.package.replace('@stanzaseal/', '') === shortName)
    .flatMap(({ folder }) => listFiles(join(folder, 'test'), /\.test\.ts$/))
    .filter((file) => !shown(file).includes('/test/servers/'))
    .filter((file) => values.filter === undefined || shown(file).includes(values.filter));
}
