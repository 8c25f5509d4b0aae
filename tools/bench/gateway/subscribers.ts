/**
 * Subscribers over WebSocket, in a process of their own: `subscribers.ts PORT COUNT PAYLOADS` with the payloads of `subscribe` as a JSON list, taken in turn.
 * Sends `{ ready: true }`, then answers each message with how many events came so far and how long they took from `"value":MS` in them. Frames are
 * read by hand from plain sockets: a library's clients would cost more than the server that is measured.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { percentile } from '../process-usage.ts';

const [port = '', count = '', payloads = '[]'] = process.argv.slice(2);
const subscriptions = JSON.parse(payloads) as readonly object[];
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

async function subscribe(index: number): Promise<Socket> {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
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
    const read = frameReader((opcode, payload) => {
      if (opcode === PING) socket.write(frame(PONG ?? 10, payload));
      else if (opcode === CLOSE) reject(new Error(`closed: ${payload.toString('latin1', 2)}`));
      else if (payload.includes('"next"')) hear(payload, performance.timeOrigin + performance.now());
      else if (payload.includes('"connection_ack"')) {
        say({ id: '1', type: 'subscribe', payload: subscriptions[index % subscriptions.length] });
        say({ type: 'ping' });
      } else if (payload.includes('"pong"')) resolve();
      else reject(new Error(payload.toString()));
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

for (let open = 0; open < Number(count); open += OPENING_AT_ONCE) {
  const most = Math.min(OPENING_AT_ONCE, Number(count) - open);
  await Promise.all(Array.from({ length: most }, (_, index) => subscribe(open + index)));
}
process.on('message', () => {
  latenciesMs.sort((one, other) => one - other);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => percentile(latenciesMs, share));
  process.send?.({ received, closed, p50Ms, p99Ms });
  received = 0;
  latenciesMs = [];
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
