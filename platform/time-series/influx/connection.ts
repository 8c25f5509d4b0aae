/** A connection to InfluxDB 2: asks in Flux, writes in line protocol, and tells what its failures mean. */
import { InfluxDB } from '@influxdata/influxdb-client';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import { lineSplitter, type RowReader, rowReader } from './csv.ts';
import { failureOf, isPassing, retryAfterMs } from './failure.ts';

export interface InfluxOptions {
  /** As in `http://influxdb:8086`. */
  readonly url: string;
  readonly org: string;
  readonly token: string;
  /** Raw points; roll-ups lie in the bucket of this name and `-rollups`. */
  readonly bucket: string;
  /** How long one call may take. Default 60 s. */
  readonly callMs?: number;
  /** How long a write is tried again before it fails. Default 10 s. */
  readonly retryMs?: number;
}

export interface InfluxConnection {
  readonly client: InfluxDB;
  readonly org: string;
  /** Address and organisation, without the token. */
  readonly address: string;
  /**
   * Runs a Flux; `onRow` gets the cells named, and may throw to end the answer.
   * @throws AppError UNAVAILABLE, STORE_REFUSED, STORE_MISSING
   */
  ask(flux: string, columns: readonly string[], onRow: (cells: readonly string[]) => void): Promise<void>;
  /** Runs a Flux that may take its time, and leaves its answer. */
  work(flux: string): Promise<void>;
  /** Writes lines to a bucket, in ns. @throws AppError STORE_UNWRITABLE, STORE_REFUSED, STORE_MISSING, UNAVAILABLE */
  send(bucket: string, lines: string): Promise<void>;
  /** The server's metrics, in Prometheus' words. @throws AppError as `ask` */
  metrics(): Promise<string>;
  /** Has a shard backed up, and leaves the answer. @param since of files that are older nothing is read @throws AppError as `ask` */
  backup(shard: string, since: string): Promise<void>;
  /** Makes a call again, after growing pauses, while it fails with UNAVAILABLE and its time is not over. */
  patiently<T>(call: () => Promise<T>): Promise<T>;
  /** Runs a call of the client's other parts. @throws AppError as `ask` */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Ends every call under way; those to come fail. */
  close(): void;
}

interface Answer {
  readonly columns: readonly string[];
  readonly onRow: (cells: readonly string[]) => void;
  readonly withinMs?: number;
}

const CALL_MS = 60_000;
const WORK_MS = 15 * 60_000;
const RETRY_MS = 10_000;
const FIRST_DELAY_MS = 200;
const DELAY_MS_MAX = 2_000;

/** @throws AppError BAD_SETTING for a URL that is none */
export function connectInflux(options: InfluxOptions, clock: Clock): InfluxConnection {
  const { url, org, token, callMs = CALL_MS, retryMs = RETRY_MS } = options;
  const client = clientFor(url, token, Math.max(callMs, WORK_MS));
  const closing = new AbortController();
  const address = `${url} organisation ${org}`;
  const at = (path: string) => `${path}?org=${encodeURIComponent(org)}`;

  async function run<T>(call: () => Promise<T>, kind: 'read' | 'write' = 'read'): Promise<T> {
    if (closing.signal.aborted) throw new AppError('UNAVAILABLE', 'the time-series store is closed');
    try {
      return await call();
    } catch (error) {
      throw failureOf(error, { address, kind });
    }
  }

  async function sendOnce(bucket: string, body: string): Promise<void> {
    const path = `${at('/api/v2/write')}&bucket=${encodeURIComponent(bucket)}&precision=ns`;
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    await within(closing.signal, callMs, (signal) =>
      client.transport.request(path, body, { method: 'POST', headers, signal }),
    );
  }

  async function get(path: string): Promise<string> {
    const options = { method: 'GET', headers: { accept: 'text/plain' } };
    const answer: unknown = await within(closing.signal, callMs, (signal) =>
      client.transport.request(path, '', { ...options, signal }),
    );
    return String(answer);
  }

  async function patiently<T>(call: () => Promise<T>): Promise<T> {
    const untilMs = performance.now() + retryMs;
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, DELAY_MS_MAX)) {
      try {
        return await call();
      } catch (error) {
        const waitMs = Math.max(delayMs, retryAfterMs(error));
        if (!isPassing(error) || performance.now() + waitMs > untilMs || closing.signal.aborted) throw error;
        await clock.sleep(waitMs, closing.signal);
      }
    }
  }

  async function ask(flux: string, { columns, onRow, withinMs = callMs }: Answer): Promise<void> {
    const body = { query: flux, type: 'flux', dialect: { header: true, annotations: [] } };
    const reader: RowReader = rowReader(columns, onRow);
    const headers = { 'content-type': 'application/json; encoding=utf-8', accept: 'application/csv' };
    await within(closing.signal, withinMs, async (signal) => {
      const options = { method: 'POST', headers, signal };
      const lines = lineSplitter(reader.line);
      for await (const chunk of client.transport.iterate(at('/api/v2/query'), JSON.stringify(body), options)) {
        lines.push(chunk);
      }
      lines.end();
    });
  }

  return {
    ...{ client, org, address, run: (call) => run(call) },
    ask: (flux, columns, onRow) => run(() => ask(flux, { columns, onRow })),
    work: (flux) => run(() => ask(flux, { columns: [], onRow: () => {}, withinMs: WORK_MS })),
    send: (bucket, lines) => run(() => sendOnce(bucket, lines), 'write'),
    metrics: () => run(() => get('/metrics')),
    backup: async (shard, since) => void (await run(() => get(`/api/v2/backup/shards/${shard}?since=${since}`))),
    patiently,
    close: () => closing.abort(),
  };
}

/**
 * Runs a call with a signal that ends it: when its time is over, when the store closes, and after it, whatever became of it. A signal of
 * `AbortSignal.timeout` would keep what listens to it, and with it a request's body, until that time is over: a minute of all that was written.
 */
async function within<T>(
  closing: AbortSignal,
  withinMs: number,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, withinMs);
  closing.addEventListener('abort', end);
  try {
    return await call(ending.signal);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', end);
    end();
  }
}

function clientFor(url: string, token: string, timeout: number): InfluxDB {
  try {
    const { protocol } = new URL(url);
    if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`the protocol is ${protocol}`);
    return new InfluxDB({ url, token, timeout });
  } catch (cause) {
    throw new AppError('BAD_SETTING', `INFLUX_URL is not an address: ${url}`, { cause });
  }
}
