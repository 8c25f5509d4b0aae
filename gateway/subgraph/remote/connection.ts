import type { Clock } from '@greencity/platform/clock/port';
import { JSON_TYPE, LINES_TYPE } from '@greencity/platform/graphql/subgraph-wire';
import { Pool } from 'undici';
import type { Failure } from './failure.ts';

/** One request to a subgraph. */
export interface RemoteRequest {
  /** JSON. */
  readonly body: string;
  readonly authorization: string | undefined;
  /** When nobody waits for the answer any more, Unix ms; read again and again, since others may come to wait for it. */
  readonly endsMs: () => number;
  /** A whole answer to a request of one fetch, or one line of the answers to several. */
  readonly heard: (text: string) => void;
  /** The last call about this request. */
  readonly ended: (failure: Failure | undefined) => void;
}

/** Connections to one subgraph, kept alive. */
export interface Connection {
  /** Requests that are not answered yet. */
  readonly open: number;
  send(request: RemoteRequest): void;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** Whole, with the path. */
  readonly url: string;
  readonly clock: Clock;
  readonly connectionsMax: number;
  readonly answerBytesMax: number;
}

const CONNECT_WITHIN_MS = 3_000;
const CHECK_EVERY_MS = 50;
const NEWLINE = 0x0a;
const OK = 200;
const FAILING_FROM = 500;

/** HTTP/1.1 with keep-alive and one request at a time on each connection: measured, neither pipelining nor HTTP/2 costs less, see decision 10. */
export function openConnection({ url, clock, connectionsMax, answerBytesMax }: ConnectionOptions): Connection {
  const { origin, pathname: path } = new URL(url);
  // Our own sweep ends what is late: undici's timers would be one for each request.
  const pool = new Pool(origin, {
    connections: connectionsMax,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_WITHIN_MS },
  });
  const open = new Set<OpenRequest>();
  const sweeping = clock.every(CHECK_EVERY_MS, () => {
    const nowMs = clock.elapsedMs();
    for (const one of open) if (one.request.endsMs() <= nowMs) one.giveUp({ kind: 'late', detail: `${path} was late` });
  });
  return {
    get open() {
      return open.size;
    },
    send(request) {
      const one = openRequest(request, answerBytesMax, () => open.delete(one));
      open.add(one);
      const headers = request.authorization === undefined ? PLAIN : signed(request.authorization);
      pool.dispatch({ path, method: 'POST', headers, body: request.body }, one.handler);
    },
    async close() {
      sweeping[Symbol.dispose]();
      await pool.destroy();
    },
  };
}

const PLAIN = { 'content-type': JSON_TYPE, accept: JSON_TYPE };

function signed(authorization: string) {
  return { ...PLAIN, authorization: `Bearer ${authorization}` };
}

interface OpenRequest {
  readonly request: RemoteRequest;
  readonly handler: Parameters<Pool['dispatch']>[1];
  giveUp(failure: Failure): void;
}

function openRequest(request: RemoteRequest, bytesMax: number, forget: () => void): OpenRequest {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  let lines = false;
  let over = false;
  let abort: ((reason: Error) => void) | undefined;
  const end = (failure: Failure | undefined): void => {
    if (over) return;
    over = true;
    forget();
    request.ended(failure);
  };
  const giveUp = (failure: Failure): void => {
    end(failure);
    abort?.(new Error(failure.detail));
  };
  const text = (): string => {
    const whole = chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
    chunks = [];
    return whole;
  };
  const takeLines = (chunk: Buffer): void => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      chunks.push(chunk.subarray(from, at));
      request.heard(text());
      from = at + 1;
    }
    if (from < chunk.length) chunks.push(chunk.subarray(from));
  };
  return {
    request,
    giveUp,
    handler: {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        if (over) controller.abort(new Error('nobody waits for it'));
      },
      onResponseStart(_, statusCode, headers) {
        status = statusCode;
        const type = String(headers['content-type'] ?? '');
        lines = status === OK && type.startsWith(LINES_TYPE);
        const failure = unlikeGraphql(status, type);
        if (failure) giveUp(failure);
      },
      onResponseData(_, chunk) {
        if (over) return;
        bytes += chunk.length;
        if (bytes > bytesMax) giveUp({ kind: 'too-large', detail: `more than ${bytesMax} bytes` });
        else if (lines) takeLines(chunk);
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (over) return;
        if (!lines) request.heard(text());
        end(undefined);
      },
      onResponseError(_, error) {
        end({ kind: status === 0 && isConnectError(error) ? 'unreachable' : 'broken-off', detail: error.message });
      },
    },
  };
}

function unlikeGraphql(status: number, type: string): Failure | undefined {
  if (status >= FAILING_FROM) return { kind: 'failing', detail: `status ${status}` };
  if (status !== OK) return { kind: 'refused', detail: `status ${status}` };
  const json = /^application\/(x-ndj|graphql-response\+j|j)son\b/.test(type);
  return json ? undefined : { kind: 'unreadable', detail: `content type ${type}` };
}

function isConnectError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH'
  );
}
