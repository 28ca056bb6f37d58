// The program of a thread as TypeScript: threads do not inherit the loader that tests run under.
import { register } from 'tsx/esm/api';

register();
await import('../src/workers/composerThread.ts');
