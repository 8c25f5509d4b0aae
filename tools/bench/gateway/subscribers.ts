/**
 * Subscribers over WebSocket, in a process of their own. The first message to it says how many, where, and what they send with `subscribe`, taken in turn.
 * It answers `{ ready: true }`, then each `Hearing` with what came since the last and how long it took from `"value":MS` in it. Frames are
 * read by hand from plain sockets: a library's clients would cost more than the server that is measured.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../process-usage.ts';
import type { Heard } from './listening.ts';

/** A question for what was heard, answered when that many have come, or are late. */
export interface Hearing {
  readonly wanted: number;
}

export interface Subscribing {
  readonly port: number;
  readonly count: number;
  readonly payloads: readonly object[];
}

const OPENING_AT_ONCE = 100;
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10] as const;
const LATE_MS = 10_000;
const LOOK_EACH_MS = 10;
const NANOSECONDS = 1_000_000;
const HEAD_END = '\r\n\r\n';
const VALUE = Buffer.from('"value":');

const delay = monitorEventLoopDelay({ resolution: 1 });
let received = 0;
let closed = 0;
let latenciesMs: number[] = [];

function frame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length;
  const head = length < 126 ? Buffer.from([0, 0x80 | length]) : Buffer.from([0, 0xfe, length >> 8, length & 0xff]);
  head[0] = 0x80 | opcode;
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Reads what the server sends after the head of its answer: calls `each` with every whole frame. What it is given is reused. */
function frameReader(each: (opcode: number, payload: Buffer) => void) {
  let rest: Buffer | undefined;
  return (chunk: Buffer): void => {
    let bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    while (bytes.length >= 2) {
      const short = (bytes[1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < head) break;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < head + length) break;
      each((bytes[0] ?? 0) & 0x0f, bytes.subarray(head, head + length));
      bytes = bytes.subarray(head + length);
    }
    if (bytes.length > 0) rest = Buffer.from(bytes);
  };
}

function hear(payload: Buffer, nowMs: number): void {
  received += 1;
  const at = payload.indexOf(VALUE);
  const sentMs = Number.parseFloat(payload.toString('latin1', at + VALUE.length, at + VALUE.length + 20));
  latenciesMs.push(nowMs - sentMs);
}

/** Bytes of all connections are read into one place. */
const READ = Buffer.allocUnsafe(64 * 1024);

const UPGRADE = [
  'GET /graphql HTTP/1.1',
  'host: 127.0.0.1',
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
  `sec-websocket-protocol: graphql-transport-ws${HEAD_END}`,
].join('\r\n');

/** Calls `switched` with the head of an answer, then `read` with all that follows. */
function headReader(switched: (head: string) => void, read: (chunk: Buffer) => void) {
  let head = '';
  return (chunk: Buffer): void => {
    const before = head.length;
    if (head.endsWith(HEAD_END)) read(chunk);
    else {
      head += chunk.toString('latin1');
      const end = head.indexOf(HEAD_END) + HEAD_END.length;
      if (end < HEAD_END.length) return;
      head = head.slice(0, end);
      switched(head);
      if (end - before < chunk.length) read(chunk.subarray(end - before));
    }
  };
}

async function subscribe(port: number, payload: object): Promise<void> {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const send = (opcode: number, said: Buffer): void => void socket.write(frame(opcode, said));
  const say = (text: object): void => send(TEXT, Buffer.from(JSON.stringify(text)));
  const readFrames = frameReader((opcode, said) => {
    if (opcode === PING) send(PONG, said);
    else if (opcode === CLOSE) reject(new Error(`closed: ${said.toString('latin1', 2)}`));
    else if (said.includes('"next"')) hear(said, performance.timeOrigin + performance.now());
    else if (said.includes('"connection_ack"')) {
      say({ id: '1', type: 'subscribe', payload });
      say({ type: 'ping' });
    } else if (said.includes('"pong"')) resolve();
    else reject(new Error(said.toString()));
  });
  const switched = (head: string): void => {
    if (head.startsWith('HTTP/1.1 101')) say({ type: 'connection_init' });
    else reject(new Error(head.slice(0, 200)));
  };
  const read = headReader(switched, readFrames);
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    read((buffer as Buffer).subarray(0, bytes));
    return true;
  };
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: READ, callback } });
  socket.on('error', reject);
  socket.on('close', () => {
    closed += 1;
    reject(new Error('the connection was closed'));
  });
  socket.write(UPGRADE);
  await ready;
}

async function subscribeAll({ port, count, payloads }: Subscribing): Promise<void> {
  for (let open = 0; open < count; open += OPENING_AT_ONCE) {
    const most = Math.min(OPENING_AT_ONCE, count - open);
    const next = (_: unknown, index: number) => subscribe(port, payloads[(open + index) % payloads.length] ?? {});
    await Promise.all(Array.from({ length: most }, next));
  }
}

async function hearing(wanted: number): Promise<Heard> {
  for (const until = performance.now() + LATE_MS; received < wanted && performance.now() < until; )
    await sleep(LOOK_EACH_MS);
  latenciesMs.sort((one, other) => one - other);
  const [p50Ms = Number.NaN, p99Ms = Number.NaN] = [0.5, 0.99].map((share) => percentile(latenciesMs, share));
  const heard = { received, closed, p50Ms, p99Ms, delayP99Ms: delay.percentile(99) / NANOSECONDS };
  delay.reset();
  received = 0;
  latenciesMs = [];
  return heard;
}

const [subscribing] = (await once(process, 'message')) as [Subscribing];
await subscribeAll(subscribing);
delay.enable();
process.on('message', ({ wanted }: Hearing) => void hearing(wanted).then((heard) => process.send?.(heard)));
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
