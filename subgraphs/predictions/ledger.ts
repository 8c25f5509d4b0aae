/** What readings say: kept in memory as they come, written behind by `persist`. */
import { METRICS, type Metric, metricByKey, metricDefinition } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import { bucketStart, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { type Findings, firstMemory, observe, type SeriesMemory, watchSilence } from './domain/detector.ts';
import { medianOf } from './domain/robust.ts';
import { createPending, type Pending } from './pending.ts';
import type { Changes, PredictionsStore, SeriesName, Snapshot } from './store/port.ts';

/** A value that is not BAD, and when it was measured. */
export interface TimedValue {
  readonly timeMs: number;
  readonly value: number;
}

/** What a processed reading says that matters here; values and flags by message key. */
export interface TakenReading {
  readonly deviceId: string;
  readonly timeMs: number;
  readonly values: Readonly<Partial<Record<string, number>>>;
  readonly flags?: Readonly<Partial<Record<string, number>>> | undefined;
}

export interface Ledger {
  /** Takes one reading that stood at this place in the log; one that was taken before has no effect. */
  reading(reading: TakenReading, place: LogPlace): void;
  /** Marks a record that holds no reading as done. */
  passOver(place: LogPlace): void;
  /** Newest value of a device that is not BAD. */
  latest(deviceId: string, metric: Metric): TimedValue | undefined;
  /** Tells the gaps that have not ended, of devices that are in use. */
  watchSilence(nowMs: number, inUse: (deviceId: string) => boolean): void;
  /** Writes everything that was taken before the call. */
  persist(): Promise<void>;
  /** The same, and what is remembered for finding faults, so that a restart goes on where this ended. */
  persistAll(): Promise<void>;
}

export interface LogPlace {
  readonly partition: number;
  readonly offset: number;
}

interface Series extends SeriesName {
  latest: TimedValue | undefined;
  memory: SeriesMemory | undefined;
  /** Whether the memory has changed since it was written. */
  dirty: boolean;
  /** Values of one hour that have not been handed on to be written. */
  hourMs: number;
  sum: number;
  count: number;
  /** Whether the series is among those to hand on. */
  touched: boolean;
}

/** Values of devices around count as of the same time up to this apart. */
const SAME_TIME_MS = 15 * MINUTE_MS;
const AROUND_MIN = 3;
/** Memories are large: so many at a time keep nobody waiting. */
const MEMORIES_PER_WRITE = 250;
const HUMIDITY_KEY = metricDefinition('HUMIDITY').key;
const KNOWN_METRICS: ReadonlySet<string> = new Set(METRICS);

interface SeriesTable {
  /** Made on first use. */
  of(name: SeriesName): Series;
  find(deviceId: string, metric: Metric): Series | undefined;
  all(): Iterable<Series>;
}

function createSeriesTable(): SeriesTable {
  const devices = new Map<string, Map<Metric, Series>>();
  return {
    of({ deviceId, metric }) {
      let device = devices.get(deviceId);
      if (!device) {
        device = new Map();
        devices.set(deviceId, device);
      }
      let series = device.get(metric);
      if (!series) {
        series = {
          deviceId,
          metric,
          latest: undefined,
          memory: undefined,
          dirty: false,
          ...{ hourMs: 0, sum: 0, count: 0, touched: false },
        };
        device.set(metric, series);
      }
      return series;
    },
    find: (deviceId, metric) => devices.get(deviceId)?.get(metric),
    *all() {
      for (const device of devices.values()) yield* device.values();
    },
  };
}

function findingsOf({ deviceId, metric }: SeriesName, pending: Pending): Findings {
  return {
    found: (anomaly) => pending.found({ ...anomaly, deviceId, metric }),
    withdrawn: (kind, fromMs) => pending.withdrawn({ deviceId, metric, kind, fromMs }),
  };
}

interface Taking {
  readonly table: SeriesTable;
  readonly pending: Pending;
  /** Series with something to hand on. */
  readonly touched: Series[];
  readonly neighboursOf: (deviceId: string) => readonly string[];
}

/** Median of what the devices around measured at about this time. */
function around({ table, neighboursOf }: Taking, { deviceId, metric }: SeriesName, timeMs: number): number | undefined {
  const values: number[] = [];
  for (const neighbour of neighboursOf(deviceId)) {
    const latest = table.find(neighbour, metric)?.latest;
    if (latest && Math.abs(latest.timeMs - timeMs) <= SAME_TIME_MS) values.push(latest.value);
  }
  return values.length >= AROUND_MIN ? medianOf(values) : undefined;
}

/** Looks for faults in a value; one from before the last comes too late for that. */
function watch(taking: Taking, series: Series, value: number, { timeMs, values }: TakenReading): void {
  series.dirty = true;
  if (!series.memory) {
    series.memory = firstMemory(timeMs, value);
    return;
  }
  if (timeMs <= series.memory.lastMs) return;
  const humidity = values[HUMIDITY_KEY] ?? taking.table.find(series.deviceId, 'HUMIDITY')?.latest?.value;
  const observation = { timeMs, value, humidity, around: () => around(taking, series, timeMs) };
  observe(series.memory, series.metric, observation, findingsOf(series, taking.pending));
}

function take(taking: Taking, reading: TakenReading): void {
  const { deviceId, timeMs, values, flags } = reading;
  const hourMs = bucketStart(timeMs, HOUR_MS);
  for (const key in values) {
    const metric = metricByKey(key)?.metric;
    const value = values[key];
    if (metric === undefined || value === undefined) continue;
    const series = taking.table.of({ deviceId, metric });
    watch(taking, series, value, reading);
    if ((flags?.[key] ?? 0) & BAD_BITS) continue;
    if (series.count > 0 && series.hourMs !== hourMs) handOnHour(series, taking.pending);
    series.hourMs = hourMs;
    series.sum += value;
    series.count += 1;
    if (!series.latest || timeMs >= series.latest.timeMs) series.latest = { timeMs, value };
    if (series.touched) continue;
    series.touched = true;
    taking.touched.push(series);
  }
}

function handOnHour(series: Series, pending: Pending): void {
  const { deviceId, metric, hourMs, sum, count } = series;
  if (count > 0) pending.addToHour({ deviceId, metric, hourMs, sum, count });
  series.sum = 0;
  series.count = 0;
}

/** Hands on what the touched series hold. Until then a value costs two additions. */
function handOn({ touched, pending }: Taking): void {
  for (const series of touched) {
    handOnHour(series, pending);
    const { deviceId, metric, latest } = series;
    if (latest) pending.setLatest({ deviceId, metric, ...latest });
    series.touched = false;
  }
  touched.length = 0;
}

/** The ledger over a store, as of its last write. */
export async function openLedger(
  store: PredictionsStore,
  neighboursOf: (deviceId: string) => readonly string[],
): Promise<Ledger> {
  const table = createSeriesTable();
  const positions = new Map<number, number>();
  const pending = createPending();
  const taking: Taking = { table, pending, touched: [], neighboursOf };
  restore(await store.load(), positions, table);

  function done({ partition, offset }: LogPlace): boolean {
    if (offset < (positions.get(partition) ?? 0)) return false;
    positions.set(partition, offset + 1);
    pending.setPosition({ partition, nextOffset: offset + 1 });
    return true;
  }

  const persist = inTurn(store, taking);
  return {
    reading(reading, place) {
      if (done(place)) take(taking, reading);
    },
    passOver: (place) => {
      done(place);
    },
    latest: (deviceId, metric) => table.find(deviceId, metric)?.latest,
    watchSilence(nowMs, inUse) {
      for (const series of table.all()) {
        if (!series.memory || !inUse(series.deviceId)) continue;
        const before = series.memory.gapFromMs;
        watchSilence(series.memory, nowMs, findingsOf(series, pending));
        if (before !== series.memory.gapFromMs) series.dirty = true;
      }
    },
    persist,
    async persistAll() {
      let waiting = 0;
      for (const series of table.all()) {
        const { dirty, memory, deviceId, metric } = series;
        if (!dirty || !memory) continue;
        series.dirty = false;
        pending.setMemory({ deviceId, metric, memory });
        waiting += 1;
        if (waiting % MEMORIES_PER_WRITE === 0) await persist();
      }
      await persist();
    },
  };
}

function restore(snapshot: Snapshot, positions: Map<number, number>, table: SeriesTable): void {
  for (const { partition, nextOffset } of snapshot.positions) positions.set(partition, nextOffset);
  // A metric that a later version no longer knows stays in the store and is not read.
  for (const { timeMs, value, ...name } of snapshot.latest)
    if (KNOWN_METRICS.has(name.metric)) table.of(name).latest = { timeMs, value };
  for (const { memory, ...name } of snapshot.memories)
    if (KNOWN_METRICS.has(name.metric)) table.of(name).memory = memory;
}

/** Writes what waits, one write after the other, so that none overtakes another. */
function inTurn(store: PredictionsStore, taking: Taking): () => Promise<void> {
  const { pending } = taking;
  let last: Promise<void> = Promise.resolve();
  async function write(): Promise<void> {
    handOn(taking);
    if (pending.isEmpty) return;
    const changes: Changes = pending.take();
    try {
      await store.apply(changes);
    } catch (error) {
      pending.giveBack(changes);
      throw error;
    }
  }
  return () => {
    last = last.then(write, write);
    return last;
  };
}
