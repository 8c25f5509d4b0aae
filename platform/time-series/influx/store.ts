/** The time-series store on InfluxDB 2. */
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import type { RawPoints, RawQuery, TimeSeries, TimeSeriesRetention } from '../port.ts';
import { bucketQuery } from './bucket-query.ts';
import { connectInflux, type InfluxConnection, type InfluxOptions } from './connection.ts';
import { isMissing } from './failure.ts';
import { openFreshLog } from './fresh-log.ts';
import { type Buckets, bucketsOf, rawFloorAt } from './layout.ts';
import { influxMeters } from './meters.ts';
import { type Names, openNames } from './names.ts';
import { END_OF_TIME_MS, learnNewest, learnRolledUp } from './newest.ts';
import { hearOthers, type Others } from './others.ts';
import { readPoints } from './points.ts';
import { checkBuckets, provision, type ServerRetention } from './provision.ts';
import { markSealed, sealDays, sealedUntil } from './seal.ts';
import { serverClock } from './server-clock.ts';
import { startUpkeep } from './upkeep.ts';
import { openWriter, type Writer } from './write.ts';

export interface InfluxTimeSeriesOptions extends InfluxOptions {
  readonly retention: TimeSeriesRetention;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Default: as configured. */
  readonly onServer?: ServerRetention;
}

interface Store {
  readonly options: InfluxTimeSeriesOptions;
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly names: Names;
  readonly others: Others;
  readonly writer: Writer;
  /** Raw points older than this are no longer asked for; only ever rises. */
  rawFloorMs: number;
  rollupFloorMs: number;
}

/** Clocks that are further apart than this are told of: a reading's time decides where it is kept, and for how long. */
const CLOCK_OFF_MS = 60_000;

async function raw({ connection, buckets, names, rawFloorMs }: Store, query: RawQuery): Promise<RawPoints> {
  const device = names.deviceOf(query.series);
  const found = await readPoints(connection, buckets.raw, {
    ...{ metric: names.metricOf(query.series), deviceIds: [device], pointsMax: query.pointsMax },
    ...{ fromMs: Math.max(query.fromMs, rawFloorMs), toMs: query.toMs },
    ...{ wantsCorrected: true, wantsFlags: true, onlyGood: false },
  });
  const points = found.get(device);
  if (points && points.timeMs.length > query.pointsMax) {
    throw new AppError('SERIES_TOO_LONG', `more than ${query.pointsMax} points`);
  }
  const none = new Float64Array(0);
  return points ?? { timeMs: none, value: none, corrected: none, flags: new Uint8Array(0) };
}

async function expire(store: Store, nowMs: number): Promise<void> {
  const { options, connection, buckets } = store;
  const seal = { connection, buckets, log: options.log };
  const sealedMs = (await sealedUntil(seal)) ?? store.rawFloorMs;
  const dueMs = rawFloorAt(nowMs, options.retention);
  if (dueMs > sealedMs) {
    await sealDays(seal, { fromMs: sealedMs, toMs: dueMs });
    await markSealed(seal, dueMs);
  }
  store.rawFloorMs = Math.max(store.rawFloorMs, sealedMs, dueMs);
  store.rollupFloorMs = Math.max(store.rollupFloorMs, nowMs - options.retention.rollupMs);
  store.names.forget(store.rawFloorMs);
}

/** Where raw points begin: what was sealed before, or, in a new store, what is old enough never to be taken in. */
async function findFloor(store: Store): Promise<void> {
  const { options, connection, buckets } = store;
  const seal = { connection, buckets, log: options.log };
  const nowMs = options.clock.nowMs();
  let floorMs = await sealedUntil(seal);
  if (floorMs === undefined) {
    floorMs = rawFloorAt(nowMs, options.retention);
    await markSealed(seal, floorMs);
  }
  store.rawFloorMs = floorMs;
  store.rollupFloorMs = nowMs - options.retention.rollupMs;
}

function provisionAsConfigured({ options, connection, buckets }: Store): Promise<readonly string[]> {
  const { retention, onServer = 'as-configured' } = options;
  return provision(connection, { buckets, retention, onServer });
}

/** Makes what somebody has deleted while the store was open; what it held is gone, and no longer told. */
async function makeAnew(store: Store): Promise<readonly string[]> {
  const made = await provisionAsConfigured(store);
  if (made.includes(store.buckets.raw)) store.names.forget(END_OF_TIME_MS);
  await findFloor(store);
  return made;
}

async function tellClock({ connection, options }: Store): Promise<void> {
  const offMs = (await serverClock(connection)) - options.clock.nowMs();
  if (Math.abs(offMs) < CLOCK_OFF_MS) return;
  options.log.error({ offMs }, 'the clock of InfluxDB and ours differ: set both by the same time server');
}

function makeStore(options: InfluxTimeSeriesOptions): Store {
  const connection = connectInflux(options, options.clock);
  const buckets = bucketsOf(options.bucket);
  const names = openNames();
  const meters = influxMeters(options.metrics);
  const rawFloorMs = () => store.rawFloorMs;
  const others = hearOthers({ connection, buckets, names, rawFloorMs });
  const freshLog = openFreshLog({ connection, bucket: buckets.raw, log: options.log });
  const writer = openWriter({
    ...{ connection, buckets, names, others, freshLog, rawFloorMs },
    onWritten: (written) => {
      meters.written(written);
      if (written.expired > 0) {
        options.log.warn({ rows: written.expired }, 'points older than the retention were not stored');
      }
    },
  });
  const store: Store = { options, connection, buckets, names, others, writer, rawFloorMs: 0, rollupFloorMs: 0 };
  return store;
}

/**
 * Opens the store; makes its buckets and its task where they are missing.
 * @throws AppError UNAVAILABLE, STORE_REFUSED, STORE_MISSING for the organisation, STORE_NEWER, BAD_SETTING
 */
export async function openInfluxTimeSeries(options: InfluxTimeSeriesOptions): Promise<TimeSeries> {
  const store = makeStore(options);
  const { connection, buckets, names, others, writer } = store;
  try {
    await provisionAsConfigured(store);
    await tellClock(store);
    await findFloor(store);
    await learnRolledUp(connection, buckets, { names, fromMs: store.rollupFloorMs });
    await learnNewest(connection, buckets, { names, fromMs: store.rawFloorMs });
  } catch (error) {
    connection.close();
    throw error;
  }
  const upkeep = startUpkeep({ ...options, connection, buckets, others, makeAnew: () => makeAnew(store) });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      upkeep[Symbol.dispose]();
      await writer.idle();
      connection.close();
    })();
    return closing;
  };
  return {
    series: names.id,
    findSeries: names.find,
    write: (points) => writer.write(points),
    latest: async (series) => names.latest(series),
    raw: (query) => raw(store, query),
    buckets: (query) => bucketQuery(store, query),
    expire: (nowMs) => expire(store, nowMs),
    async ping() {
      // A disk that is full is found out by writing alone. Who could not write tries again, and so knows when there is room.
      if (writer.trouble && !isMissing(writer.trouble)) throw writer.trouble;
      await checkBuckets(connection, buckets);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
