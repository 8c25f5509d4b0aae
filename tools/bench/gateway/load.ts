/** Clients that each send a request, wait for its answer, and send the next: over plain sockets, so that they cost little. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface Target {
  readonly port: number;
  readonly path: string;
  /** Whose requests they are; nobody's when missing. */
  readonly token?: string;
}

export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Sorted. */
  readonly latenciesMs: readonly number[];
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = '0\r\n\r\n';

/** A POST with JSON, as sent. */
export function requestBytes({ path, token }: Target, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Calls `answered` with each answer's status and how many bytes its body took, once all of them are here. */
function answerReader(answered: (status: number, bytes: number) => void) {
  let head: Buffer = Buffer.alloc(0);
  let body: { status: number; bytes: number; left: number | undefined; tail: string } | undefined;
  const read = (chunk: Buffer): void => {
    if (!body) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = head.indexOf(HEAD_END);
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
      body = {
        status: Number(text.slice(9, 12)),
        bytes: 0,
        left: length === undefined ? undefined : Number(length),
        tail: '',
      };
      const rest = head.subarray(end + HEAD_END.length);
      head = Buffer.alloc(0);
      if (rest.length > 0) read(rest);
      return;
    }
    body.bytes += chunk.length;
    if (body.left !== undefined) body.left -= chunk.length;
    else body.tail = (body.tail + chunk.toString('latin1', Math.max(0, chunk.length - 5))).slice(-5);
    if (body.left === 0 || body.tail === LAST_CHUNK) {
      const { status, bytes } = body;
      body = undefined;
      answered(status, bytes);
    }
  };
  return read;
}

/** Loads a server for a while with so many clients, each request with the same body or with the next one. @throws Error when an answer is not 200, or not as long as the others */
export async function load(
  target: Target,
  options: { readonly body: string | (() => string); readonly connections: number; readonly forMs: number },
): Promise<Load> {
  const { body } = options;
  const same = typeof body === 'string' ? requestBytes(target, body) : undefined;
  const next = (): Buffer => same ?? requestBytes(target, typeof body === 'string' ? body : body());
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, async (): Promise<Socket> => {
      const socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  const latenciesMs: number[] = [];
  let lengthOfAll: number | undefined;
  const startedMs = performance.now();
  const client = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let sentMs = performance.now();
      const read = answerReader((status, bytes) => {
        lengthOfAll ??= bytes;
        if (status !== 200 || Math.abs(bytes - lengthOfAll) > 16) {
          reject(new Error(`an answer of ${bytes} bytes with status ${status}; the first had ${lengthOfAll}`));
        }
        const nowMs = performance.now();
        latenciesMs.push(nowMs - sentMs);
        if (nowMs - startedMs >= options.forMs) return resolve();
        sentMs = nowMs;
        socket.write(next());
      });
      socket.on('data', read);
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the connection was closed')));
      socket.write(next());
    });
  await Promise.all(sockets.map(client));
  const seconds = (performance.now() - startedMs) / 1_000;
  for (const socket of sockets) socket.destroy();
  return { requests: latenciesMs.length, seconds, latenciesMs: latenciesMs.sort((a, b) => a - b) };
}
