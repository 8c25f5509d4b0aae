/** The predictions' store on MongoDB, for a platform that is spread over machines. */
import type { Metric } from '@greencity/air/metric';
import type { ClientSession, MongoCollection, MongoConnection } from '@greencity/platform/documents/mongo/connection';
import { AppError } from '@greencity/platform/errors';
import type { SeriesMemory } from '../domain/detector.ts';
import type { ForecastProfile } from '../domain/forecast.ts';
import type {
  AnomaliesQuery,
  Changes,
  DeviceHourlyMean,
  FoundAnomaly,
  HourSum,
  HoursQuery,
  IssuedForecast,
  PredictionsStore,
  SeriesName,
  Snapshot,
  WithdrawnAnomaly,
} from './port.ts';

interface SeriesRow extends SeriesName {
  readonly _id: string;
  readonly latest?: { readonly timeMs: number; readonly value: number };
  /** JSON: it is read as a whole and holds numbers that BSON and JSON write alike, and gaps that they do not. */
  readonly memory?: string;
}

interface HourRow extends HourSum {
  readonly _id: string;
}

interface AnomalyRow extends Omit<FoundAnomaly, 'toMs'> {
  readonly _id: string;
  /** Null while it lasts. */
  readonly toMs: number | null;
}

interface PositionRow {
  readonly _id: number;
  readonly nextOffset: number;
}

interface ForecastRow {
  readonly _id: string;
  readonly startMs: number;
  readonly hours: number;
  /** JSON. */
  readonly profile: string | null;
}

interface Collections {
  readonly series: MongoCollection<SeriesRow>;
  readonly hours: MongoCollection<HourRow>;
  readonly anomalies: MongoCollection<AnomalyRow>;
  readonly positions: MongoCollection<PositionRow>;
  readonly forecasts: MongoCollection<ForecastRow>;
}

const seriesId = ({ metric, deviceId }: SeriesName) => `${metric} ${deviceId}`;
const hourId = (hour: HourSum) => `${seriesId(hour)} ${hour.hourMs}`;
const anomalyId = (fault: WithdrawnAnomaly) => `${seriesId(fault)} ${fault.kind} ${fault.fromMs}`;
const forecastId = (subject: string, metric: Metric) => `${metric} ${subject}`;

function collectionsOf({ database }: MongoConnection): Collections {
  return {
    series: database.collection<SeriesRow>('prediction-series'),
    hours: database.collection<HourRow>('prediction-hours'),
    anomalies: database.collection<AnomalyRow>('prediction-anomalies'),
    positions: database.collection<PositionRow>('prediction-positions'),
    forecasts: database.collection<ForecastRow>('prediction-forecasts'),
  };
}

async function makeIndexes({ hours, anomalies, forecasts }: Collections): Promise<void> {
  await hours.createIndexes([{ key: { metric: 1, deviceId: 1, hourMs: 1 } }, { key: { hourMs: 1 } }]);
  await anomalies.createIndexes([{ key: { deviceId: 1, fromMs: 1 } }, { key: { toMs: 1 } }]);
  await forecasts.createIndex({ startMs: 1 });
}

/** A number that is none would spoil the sum that it is added to for good. */
function check({ hours, latest, found }: Changes): void {
  const numbers = [
    ...hours.map(({ sum }) => sum),
    ...latest.map(({ value }) => value),
    ...found.map(({ score }) => score),
  ];
  if (!numbers.every(Number.isFinite)) throw new AppError('STORE_UNWRITABLE', 'predictions: a value that is no number');
}

async function writeSeries({ series }: Collections, changes: Changes, session: ClientSession): Promise<void> {
  const set = (name: SeriesName, fields: Partial<SeriesRow>) => ({
    updateOne: {
      filter: { _id: seriesId(name) },
      update: { $set: { deviceId: name.deviceId, metric: name.metric, ...fields } },
      upsert: true,
    },
  });
  const writes = [
    ...changes.latest.map(({ deviceId, metric, ...latest }) => set({ deviceId, metric }, { latest })),
    ...changes.memories.map((stored) => set(stored, { memory: JSON.stringify(stored.memory) })),
  ];
  if (writes.length > 0) await series.bulkWrite(writes, { session });
}

async function writeChanges(into: Collections, changes: Changes, session: ClientSession): Promise<void> {
  await writeSeries(into, changes, session);
  const hours = changes.hours.map(({ sum, count, ...hour }) => ({
    updateOne: {
      filter: { _id: hourId({ ...hour, sum, count }) },
      update: { $setOnInsert: hour, $inc: { sum, count } },
      upsert: true,
    },
  }));
  if (hours.length > 0) await into.hours.bulkWrite(hours, { session });
  const faults = [
    ...changes.withdrawn.map((gone) => ({ deleteOne: { filter: { _id: anomalyId(gone) } } })),
    ...changes.found.map((fault) => ({
      replaceOne: {
        filter: { _id: anomalyId(fault) },
        replacement: { ...fault, toMs: fault.toMs ?? null },
        upsert: true,
      },
    })),
  ];
  if (faults.length > 0) await into.anomalies.bulkWrite(faults, { session });
  const positions = changes.positions.map(({ partition, nextOffset }) => ({
    replaceOne: { filter: { _id: partition }, replacement: { nextOffset }, upsert: true },
  }));
  if (positions.length > 0) await into.positions.bulkWrite(positions, { session });
}

async function load({ series, positions }: Collections): Promise<Snapshot> {
  const rows = await series.find().sort({ _id: 1 }).toArray();
  const found = await positions.find().sort({ _id: 1 }).toArray();
  return {
    positions: found.map(({ _id, nextOffset }) => ({ partition: _id, nextOffset })),
    latest: rows.flatMap(({ deviceId, metric, latest }) => (latest ? [{ deviceId, metric, ...latest }] : [])),
    memories: rows.flatMap(({ deviceId, metric, memory }) =>
      memory === undefined ? [] : [{ deviceId, metric, memory: JSON.parse(memory) as SeriesMemory }],
    ),
  };
}

const hoursIn = ({ deviceIds, metric, fromMs, toMs }: HoursQuery) => ({
  metric,
  deviceId: { $in: [...deviceIds] },
  hourMs: { $gte: fromMs, $lt: toMs },
});

async function hourlyMeans({ hours }: Collections, query: HoursQuery): Promise<readonly DeviceHourlyMean[]> {
  const rows = await hours.find(hoursIn(query)).sort({ deviceId: 1, hourMs: 1 }).toArray();
  return rows.map(({ deviceId, hourMs, sum, count }) => ({ deviceId, hourMs, mean: sum / count }));
}

async function meansOverDevices({ hours }: Collections, query: HoursQuery) {
  const steps = [
    { $match: hoursIn(query) },
    { $group: { _id: '$hourMs', mean: { $avg: { $divide: ['$sum', '$count'] } } } },
    { $sort: { _id: 1 } },
  ];
  const rows = await hours.aggregate<{ _id: number; mean: number }>(steps).toArray();
  return rows.map(({ _id, mean }) => ({ hourMs: _id, mean }));
}

async function anomaliesIn({ anomalies }: Collections, query: AnomaliesQuery): Promise<readonly FoundAnomaly[]> {
  const { deviceIds, fromMs, toMs, perDeviceMax } = query;
  const overlaps = { fromMs: { $lt: toMs }, $or: [{ toMs: null }, { toMs: { $gte: fromMs } }] };
  const steps = [
    { $match: { deviceId: { $in: [...deviceIds] }, ...overlaps } },
    { $sort: { fromMs: 1, metric: 1, kind: 1 } },
    { $group: { _id: '$deviceId', found: { $firstN: { n: perDeviceMax, input: '$$ROOT' } } } },
  ];
  const rows = await anomalies.aggregate<{ _id: string; found: readonly AnomalyRow[] }>(steps).toArray();
  const byDevice = new Map(rows.map(({ _id, found }) => [_id, found]));
  return deviceIds.flatMap((deviceId) =>
    (byDevice.get(deviceId) ?? []).map(({ _id, toMs: endMs, ...fault }) => ({ ...fault, toMs: endMs ?? undefined })),
  );
}

async function forecastOf(
  { forecasts }: Collections,
  subject: string,
  metric: Metric,
): Promise<IssuedForecast | undefined> {
  const row = await forecasts.findOne({ _id: forecastId(subject, metric) });
  if (!row) return undefined;
  const profile = row.profile === null ? undefined : (JSON.parse(row.profile) as ForecastProfile);
  return { subject, metric, startMs: row.startMs, hours: row.hours, profile };
}

async function saveForecast({ forecasts }: Collections, issued: IssuedForecast): Promise<void> {
  const { subject, metric, startMs, hours, profile } = issued;
  const row = { startMs, hours, profile: profile === undefined ? null : JSON.stringify(profile) };
  await forecasts.replaceOne({ _id: forecastId(subject, metric) }, row, { upsert: true });
}

/** Each kind for itself: a restart in between only leaves some of it to the next hour. */
async function expire({ hours, anomalies, forecasts }: Collections, beforeMs: number): Promise<void> {
  await hours.deleteMany({ hourMs: { $lt: beforeMs } });
  await anomalies.deleteMany({ toMs: { $lt: beforeMs } });
  await forecasts.deleteMany({ startMs: { $lt: beforeMs } });
}

/** The store in collections of its own; it closes the connection with itself. @throws AppError UNAVAILABLE, STORE_REFUSED */
export async function openMongoStore(connection: MongoConnection): Promise<PredictionsStore> {
  const { run, close } = connection;
  const into = collectionsOf(connection);
  await run(() => makeIndexes(into));
  return {
    load: () => run(() => load(into)),
    async apply(changes) {
      check(changes);
      await connection.transaction((session) => writeChanges(into, changes, session));
    },
    hourlyMeans: (query) => run(() => hourlyMeans(into, query)),
    meansOverDevices: (query) => run(() => meansOverDevices(into, query)),
    anomalies: (query) => run(() => anomaliesIn(into, query)),
    forecast: (subject, metric) => run(() => forecastOf(into, subject, metric)),
    saveForecast: (issued) => run(() => saveForecast(into, issued)),
    expire: (beforeMs) => run(() => expire(into, beforeMs)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
