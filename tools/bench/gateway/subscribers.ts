/**
 * Subscribers over WebSocket, in a process of their own. The first message to it says how many, where, and what they send with `subscribe`, taken in turn.
 * It answers `{ ready: true }`, then each message with how many events came since the last and how long they took from `"value":MS` in them. Frames are
 * read by hand from plain sockets: a library's clients would cost more than the server that is measured.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { percentile } from '../process-usage.ts';

export interface Subscribing {
  readonly port: number;
  readonly count: number;
  readonly payloads: readonly object[];
}

const OPENING_AT_ONCE = 100;
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];
const VALUE = Buffer.from('"value":');

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

/** Calls `each` with every whole frame of a server. */
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
    if (bytes.length > 0) rest = bytes;
  };
}

function hear(payload: Buffer, nowMs: number): void {
  received += 1;
  const at = payload.indexOf(VALUE);
  const sentMs = Number.parseFloat(payload.toString('latin1', at + VALUE.length, at + VALUE.length + 20));
  latenciesMs.push(nowMs - sentMs);
}

async function subscribe(port: number, payload: object): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(
    [
      'GET /graphql HTTP/1.1',
      'host: 127.0.0.1',
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
      'sec-websocket-protocol: graphql-transport-ws\r\n\r\n',
    ].join('\r\n'),
  );
  const [switching] = (await once(socket, 'data')) as [Buffer];
  if (!switching.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(switching.toString('latin1', 0, 200));
  const say = (text: object): void => void socket.write(frame(TEXT ?? 1, Buffer.from(JSON.stringify(text))));
  const ready = new Promise<void>((resolve, reject) => {
    const read = frameReader((opcode, said) => {
      if (opcode === PING) socket.write(frame(PONG ?? 10, said));
      else if (opcode === CLOSE) reject(new Error(`closed: ${said.toString('latin1', 2)}`));
      else if (said.includes('"next"')) hear(said, performance.timeOrigin + performance.now());
      else if (said.includes('"connection_ack"')) {
        say({ id: '1', type: 'subscribe', payload });
        say({ type: 'ping' });
      } else if (said.includes('"pong"')) resolve();
      else reject(new Error(said.toString()));
    });
    socket.on('data', read);
    socket.on('error', reject);
    socket.on('close', () => {
      closed += 1;
      reject(new Error('the connection was closed'));
    });
  });
  say({ type: 'connection_init' });
  await ready;
  return socket;
}

async function subscribeAll({ port, count, payloads }: Subscribing): Promise<void> {
  for (let open = 0; open < count; open += OPENING_AT_ONCE) {
    const most = Math.min(OPENING_AT_ONCE, count - open);
    const next = (_: unknown, index: number) => subscribe(port, payloads[(open + index) % payloads.length] ?? {});
    await Promise.all(Array.from({ length: most }, next));
  }
}

const [subscribing] = (await once(process, 'message')) as [Subscribing];
await subscribeAll(subscribing);
process.on('message', () => {
  latenciesMs.sort((one, other) => one - other);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => percentile(latenciesMs, share));
  process.send?.({ received, closed, p50Ms, p99Ms });
  received = 0;
  latenciesMs = [];
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
