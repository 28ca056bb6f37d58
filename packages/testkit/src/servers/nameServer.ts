/**
 * A name server (RFC 1035) with one small zone: what is not in it does not exist, and nobody else is asked.
 * @module
 */
import { createSocket } from 'node:dgram';
import { undoAtExit } from './leftovers.js';
import { HOST } from './ports.js';

/** Name to port: where `_xmpp-server._tcp` of that domain (RFC 6120 §3.2.1) is served on the loopback. */
export type Zone = Readonly<Record<string, number>>;

/** A running name server. */
export interface NameServer {
  readonly port: number;
  /** Every question until now, as `NAME TYPE`. */
  readonly questions: readonly string[];
  stop(): void;
}

const TYPE_A = 1;
const TYPE_SRV = 33;
/** Everything is there: ejabberd looks for addresses outside of its own resolver, where only this name is certain. */
const TARGET = 'localhost';
const SERVICE = '_xmpp-server._tcp.';

/** Starts one on a port of the system's choice. */
export async function startNameServer(zone: Zone): Promise<NameServer> {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const question = readQuestion(query);
    if (question === undefined) return;
    questions.push(`${question.name} ${question.type}`);
    socket.send(answer(query, question, zone), port, address);
  });
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(0, HOST, resolve));
  const close = () => void socket.close();
  const forget = undoAtExit(close);
  let stopped = false;
  return {
    port: socket.address().port,
    questions,
    stop: () => {
      if (stopped) return;
      stopped = true;
      forget();
      close();
    },
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where it ends in the query. */
  readonly end: number;
}

/** The one question of a query (§4.1.2); `undefined` where it is cut off. */
function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]; length !== 0; length = query[at]) {
    if (length === undefined) return undefined;
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const end = at + 5;
  return end > query.length ? undefined : { name: labels.join('.'), type: query.readUInt16BE(at + 1), end };
}

function answer(query: Buffer, { name, type, end }: Question, zone: Zone): Buffer {
  const served = name.startsWith(SERVICE) ? zone[name.slice(SERVICE.length)] : undefined;
  const record =
    type === TYPE_SRV && served !== undefined
      ? serviceRecord(served)
      : type === TYPE_A && (name === TARGET || zone[name] !== undefined)
        ? Buffer.from(HOST.split('.').map(Number))
        : undefined;
  const known = served !== undefined || name === TARGET || zone[name] !== undefined;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // An answer with authority, recursion as available as desired; NXDOMAIN (3) for a name that is not there (§4.1.1).
  header.writeUInt16BE(0x8580 | (known ? 0 : 3), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(record ? 1 : 0, 6);
  const parts = [header, query.subarray(12, end)];
  if (record) {
    const head = Buffer.alloc(12);
    // The name of the question (§4.1.4), class IN, a minute to live.
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(60, 6);
    head.writeUInt16BE(record.length, 10);
    parts.push(head, record);
  }
  return Buffer.concat(parts);
}

/** Priority 0, weight 0, port, target (RFC 2782). */
function serviceRecord(port: number): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(port, 4);
  const target = TARGET.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([numbers, ...target, Buffer.from([0])]);
}
