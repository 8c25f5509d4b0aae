import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Target } from './target.ts';

/** A connection over which bytes are sent as they are. */
export interface RawConnection {
  readonly socket: Socket;
  /** What has come until now. */
  received(): string;
  /** Resolves when the platform, or we, have ended the connection. */
  readonly ended: Promise<void>;
}

export function rawConnection(target: Target): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(target.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    const ended = new Promise<void>((end) => socket.once('close', () => end()));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.on('error', () => undefined);
      resolve({ socket, received: () => text, ended });
    });
  });
}

/** Resolves to true when something happens in time. */
export function within(what: Promise<unknown>, ms: number): Promise<boolean> {
  let patience: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    patience = setTimeout(resolve, ms, false);
  });
  return Promise.race([what.then(() => true), late]).finally(() => clearTimeout(patience));
}

/** The head of a request, its last line open. */
export function headOf(
  target: Target,
  host: number,
  first: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const headers = { host: 'localhost', ...target.from(host), ...more };
  return [first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n').concat('\r\n');
}

/** A connection that has been upgraded to graphql-transport-ws, for frames by hand. */
export async function upgradedConnection(target: Target, host: number): Promise<RawConnection> {
  const connection = await rawConnection(target);
  const head = headOf(target, host, 'GET /graphql HTTP/1.1', {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ...{ 'sec-websocket-key': randomBytes(16).toString('base64'), 'sec-websocket-protocol': 'graphql-transport-ws' },
  });
  const upgraded = new Promise<void>((resolve) => connection.socket.once('data', () => resolve()));
  connection.socket.write(`${head}\r\n`);
  await upgraded;
  return connection;
}

const SHORT_MAX = 125;
const MASK = Buffer.alloc(4);

/** A frame as a client sends it, masked with zeros: RFC 6455, section 5.2. */
export function clientFrame(firstByte: number, payload: Buffer): Buffer {
  if (payload.length <= SHORT_MAX)
    return Buffer.concat([Buffer.from([firstByte, 0x80 | payload.length]), MASK, payload]);
  const head = Buffer.from([firstByte, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, MASK, payload]);
}

/** The code of the close frame at the end of what came; undefined when there is none. */
export function closeCodeIn(received: string): number | undefined {
  const at = received.lastIndexOf('\x88');
  return at < 0 || received.length < at + 4
    ? undefined
    : (received.charCodeAt(at + 2) << 8) | received.charCodeAt(at + 3);
}
