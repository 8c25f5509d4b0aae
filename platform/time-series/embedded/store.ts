import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import type { BucketColumns, PointColumns, RawPoints, TimeSeries, TimeSeriesRetention, WriteOutcome } from '../port.ts';
import { batchBytes, batchIn, fillBatch } from './batch.ts';
import { type Dictionary, openDictionary } from './dictionary.ts';
import type { Opened, Request, Sizes, Written } from './messages.ts';
import { storeMeters } from './meters.ts';
import { startThread, type Thread } from './thread.ts';

export interface EmbeddedTimeSeriesOptions {
  /** Folder of its own, made if need be. One process at a time. */
  readonly folder: string;
  readonly retention: TimeSeriesRetention;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Points held in memory before they are sealed; about 20 bytes each. */
  readonly hotPointsMax?: number;
}

const HOT_POINTS_MAX = 250_000;
const CACHE_BYTES_MAX = 6 * 1_048_576;
const TICK_MS = 10_000;
/** Memory of batches that is kept for the next ones. */
const SPARE_BUFFERS_MAX = 4;
/** Rows of one call: more would keep the caller's thread for too long. */
const ROWS_MAX = 100_000;

interface Store {
  readonly start: typeof startThread;
  readonly options: EmbeddedTimeSeriesOptions;
  readonly dictionary: Dictionary;
  readonly meters: ReturnType<typeof storeMeters>;
  thread: Thread;
  /** Series that the thread knows by name. */
  named: number;
  rawFloorMs: number;
  readonly spare: ArrayBuffer[];
  restarting: Promise<void> | undefined;
  closed: boolean;
}

function startOptions(options: EmbeddedTimeSeriesOptions) {
  const { folder, retention, hotPointsMax = HOT_POINTS_MAX } = options;
  return { folder, retention, hotPointsMax, cacheBytesMax: CACHE_BYTES_MAX };
}

/** The smallest spare buffer is as good as any: batches of one writer are of one size. */
function bufferFor(store: Store, bytes: number): ArrayBuffer {
  const place = store.spare.findIndex((buffer) => buffer.byteLength >= bytes && buffer.byteLength <= bytes * 2 + 4_096);
  const [found] = place < 0 ? [] : store.spare.splice(place, 1);
  return found ?? new ArrayBuffer(bytes);
}

function giveBack(store: Store, buffer: ArrayBuffer): void {
  store.spare.push(buffer);
  if (store.spare.length > SPARE_BUFFERS_MAX) store.spare.shift();
}

/** Asks the thread; when it has ended, starts it anew for the calls that follow. */
function ask(store: Store, request: Request, transfer: readonly ArrayBuffer[] = []) {
  if (store.closed) throw new AppError('UNAVAILABLE', 'time-series store: closed');
  if (store.thread.gone()) {
    store.restarting ??= restart(store);
    throw new AppError('UNAVAILABLE', 'time-series store');
  }
  return store.thread.ask(request, transfer);
}

function pointAt({ timeMs, value, corrected, flags }: Opened, id: number): Omit<PointColumns, 'length' | 'series'> {
  const next = id + 1;
  return {
    timeMs: timeMs.subarray(id, next),
    value: value.subarray(id, next),
    corrected: corrected.subarray(id, next),
    flags: flags.subarray(id, next),
  };
}

async function restart(store: Store): Promise<void> {
  try {
    store.thread = await store.start(threadOptions(store.options, store.meters));
    const { opened } = store.thread;
    store.named = opened.deviceIds.length;
    const series = Uint32Array.from(opened.timeMs, (_, id) => id).filter((id) => !Number.isNaN(opened.timeMs[id]));
    // A write may have become durable just before its answer was lost.
    for (const id of series) {
      store.dictionary.remember({ length: 1, series: Uint32Array.of(id), ...pointAt(opened, id) }, store.rawFloorMs);
    }
    store.options.log.info({}, 'the thread of the time-series store runs again');
  } catch (cause) {
    store.options.log.error({ cause: String(cause) }, 'the thread of the time-series store does not start');
  } finally {
    store.restarting = undefined;
  }
}

function threadOptions(options: EmbeddedTimeSeriesOptions, meters: Store['meters']) {
  return {
    start: startOptions(options),
    onLog: ({
      level,
      attributes,
      message,
    }: {
      level: 'info' | 'warn' | 'error';
      attributes: object;
      message: string;
    }) => options.log[level]({ ...attributes }, message),
    onSizes: (sizes: Sizes) => meters.sizes(sizes),
    onGone: (cause: unknown) =>
      options.log.error({ cause: String(cause) }, 'the thread of the time-series store ended'),
  };
}

async function write(store: Store, points: PointColumns): Promise<WriteOutcome> {
  const rows = points.length;
  if (rows > ROWS_MAX) throw new RangeError(`expected at most ${ROWS_MAX} rows, got ${rows}`);
  if (rows === 0) return { duplicates: new Uint32Array(0), conflicts: new Uint32Array(0) };
  const { dictionary, meters } = store;
  const buffer = bufferFor(store, batchBytes(rows));
  fillBatch(buffer, points);
  const names = dictionary.namesFrom(store.named);
  const request: Request = { kind: 'write', rows, buffer, nowMs: store.options.clock.nowMs(), ...(names && { names }) };
  const asked = ask(store, request, [buffer]);
  store.named = dictionary.count();
  const written = (await asked) as Written;
  dictionary.remember(batchIn(written.buffer, rows), store.rawFloorMs);
  giveBack(store, written.buffer);
  meters.written(written);
  if (written.expired > 0) {
    store.options.log.warn({ rows: written.expired }, 'points older than the retention were not stored');
  }
  return { duplicates: written.duplicates, conflicts: written.conflicts };
}

async function expire(store: Store, nowMs: number): Promise<void> {
  store.rawFloorMs = (await ask(store, { kind: 'expire', nowMs })) as number;
  store.dictionary.forget(store.rawFloorMs);
}

/** Lets the thread see what is due; one that ended is started anew by this, and has been told of. */
async function tick(store: Store): Promise<void> {
  try {
    await ask(store, { kind: 'tick', nowMs: store.options.clock.nowMs() });
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'UNAVAILABLE')) throw cause;
  }
}

/** Opens the time-series store that needs no server. @throws AppError STORE_CORRUPT, STORE_UNWRITABLE */
export function openEmbeddedTimeSeries(options: EmbeddedTimeSeriesOptions): Promise<TimeSeries> {
  return openStore(options, startThread);
}

/** The same, with the way to start its thread given. */
export async function openStore(options: EmbeddedTimeSeriesOptions, start: typeof startThread): Promise<TimeSeries> {
  const meters = storeMeters(options.metrics);
  const thread = await start(threadOptions(options, meters));
  const { opened } = thread;
  const dictionary = openDictionary(opened);
  const store: Store = {
    ...{ start, options, dictionary, meters, thread, spare: [], restarting: undefined, closed: false },
    named: dictionary.count(),
    rawFloorMs: opened.rawFloorMs,
  };
  const ticking = options.clock.every(TICK_MS, () => tick(store));
  const close = async () => {
    if (store.closed) return;
    store.closed = true;
    ticking[Symbol.dispose]();
    await store.restarting;
    await store.thread.stop();
  };
  return {
    series: dictionary.id,
    findSeries: dictionary.find,
    write: (points) => write(store, points),
    latest: async (series) => dictionary.latest(series),
    raw: async (query) => (await ask(store, { kind: 'raw', query })) as RawPoints,
    buckets: async (query) => (await ask(store, { kind: 'buckets', query })) as BucketColumns,
    expire: (nowMs) => expire(store, nowMs),
    ping: async () => void (await ask(store, { kind: 'tick', nowMs: options.clock.nowMs() })),
    close,
    [Symbol.asyncDispose]: close,
  };
}
