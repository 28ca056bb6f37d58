// A simulated disk under SQLite's driver: its VFS calls `node:fs` by the module's object, whose functions are led to the disk here
// for files below a directory that no system has. So SQLite's own writes are what fails, and what a power loss leaves or takes.
import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { type SimulatedDisk, type SynchronousFile, systemError } from '@stanzaseal/testkit';
import type { StoreFiles } from '../src/fileStorage.js';

const ROOT = '/stanzaseal-simulated';
const FIRST_DESCRIPTOR = 2 ** 30;

interface Mounted {
  readonly disk: SimulatedDisk;
  /** Directories that the driver makes to lock by: a power loss leaves none. */
  readonly locks: Set<string>;
  /** Descriptors that were ever given for files of it. */
  readonly descriptors: number[];
}

const mounted = new Map<string, Mounted>();
const opened = new Map<number, SynchronousFile | Mounted>();
let [mounts, descriptors] = [0, FIRST_DESCRIPTOR];

/**
 * Gives a disk a directory where the driver finds it, until it is taken from it: then every operation there fails, and only
 * closing does not. Calls of the driver elsewhere are what they were.
 */
export function mount(disk: SimulatedDisk): { directory: string; files: StoreFiles; unmount(): void } {
  if (mounts === 0) leadCalls();
  const directory = `${ROOT}/${++mounts}`;
  const locks = new Set<string>();
  const where: Mounted = { disk, locks, descriptors: [] };
  mounted.set(directory, where);
  const remove = async (name: string) => void (locks.delete(name) || (await disk.files.remove(name)));
  const unmount = (): void => {
    mounted.delete(directory);
    for (const descriptor of where.descriptors) if (opened.has(descriptor)) opened.set(descriptor, GONE);
  };
  return { directory, files: { ...disk.files, remove }, unmount };
}

const fails = (): never => {
  throw systemError('EIO');
};

/** What is open of a directory that was taken away. */
const GONE: SynchronousFile = { size: fails, read: fails, write: fails, truncate: fails, sync: fails };

function leadCalls(): void {
  const flags = fs.constants;
  lead('accessSync', ({ disk, locks }, name) => {
    if (!disk.synchronous.has(name) && !locks.has(name)) throw systemError('ENOENT');
  });
  lead('openSync', (where, name, how) => {
    const { synchronous } = where.disk;
    opened.set(
      ++descriptors,
      name === '' || how === 'r'
        ? where
        : synchronous.open(name, (Number(how) & flags.O_CREAT) !== 0 && !synchronous.has(name) ? 'make' : 'change'),
    );
    where.descriptors.push(descriptors);
    return descriptors;
  });
  lead('unlinkSync', ({ disk }, name) => disk.synchronous.remove(name));
  lead('mkdirSync', ({ locks }, name) => {
    if (locks.has(name)) throw systemError('EEXIST');
    locks.add(name);
  });
  lead('rmdirSync', ({ locks }, name) => {
    if (!locks.delete(name)) throw systemError('ENOENT');
  });
  leadOpened('closeSync', () => undefined);
  leadOpened('fstatSync', (file) => ({ size: file.size() }));
  leadOpened('fsyncSync', (file) => file.sync());
  leadOpened('ftruncateSync', (file, length) => file.truncate(length as number));
  leadOpened('readSync', (file, into, _, length, at) => {
    const octets = file.read(Number(at), length as number);
    (into as Uint8Array).set(octets);
    return octets.length;
  });
  leadOpened('writeSync', (file, octets, _, length, at) => {
    file.write(Number(at), (octets as Uint8Array).subarray(0, length as number));
    return length;
  });
}

type PathCall = 'accessSync' | 'openSync' | 'unlinkSync' | 'mkdirSync' | 'rmdirSync';

function lead(name: PathCall, call: (where: Mounted, name: string, how: unknown) => unknown): void {
  const original = fs[name] as (...given: unknown[]) => unknown;
  const led = (path: unknown, ...rest: unknown[]) => {
    const directory = mounted.get(String(path));
    if (directory !== undefined) return call(directory, '', rest[0]);
    const parent = mounted.get(dirname(String(path)));
    return parent === undefined ? original(path, ...rest) : call(parent, basename(String(path)), rest[0]);
  };
  Object.assign(fs, { [name]: led });
}

type FileCall = 'closeSync' | 'fstatSync' | 'fsyncSync' | 'ftruncateSync' | 'readSync' | 'writeSync';

function leadOpened(name: FileCall, call: (file: SynchronousFile, ...given: unknown[]) => unknown): void {
  const original = fs[name] as (...given: unknown[]) => unknown;
  const led = (descriptor: unknown, ...rest: unknown[]) => {
    const file = opened.get(descriptor as number);
    if (file === undefined) return original(descriptor, ...rest);
    if (name === 'closeSync') return void opened.delete(descriptor as number);
    if ('disk' in file) return name === 'fsyncSync' ? file.disk.synchronous.syncDirectory() : undefined;
    return call(file, ...rest);
  };
  Object.assign(fs, { [name]: led });
}
