// Runs the tests that want real servers, browsers and other people's clients: packages/*/test/servers, one file after another.
//   node scripts/testServers.mjs [--package NAME] [--filter TEXT] [--time-limit SECONDS]
// The last line is `N passed, N failed`, with `, N skipped` where a program is not installed; under CI=true that is a failure.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listFiles, listPackages, shown } from './repository.mjs';
import { TestFiles } from './testFiles.mjs';

const { values } = parseArgs({
  options: {
    package: { type: 'string' },
    filter: { type: 'string', default: '' },
    'time-limit': { type: 'string', default: '300' },
  },
});
const files = listPackages()
  .filter(({ shortName }) => values.package === undefined || values.package.replace('@stanzaseal/', '') === shortName)
  .flatMap(({ folder }) => listFiles(join(folder, 'test', 'servers'), /\.test\.ts$/))
  .filter((file) => shown(file).includes(values.filter));
const runner = new TestFiles(Number(values['time-limit']));
await runner.run(files, 1);
runner.end();
