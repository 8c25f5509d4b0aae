/** The predictions' tables in one SQLite file, used from one thread. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Metric } from '@greencity/air/metric';
import { AppError } from '@greencity/platform/errors';
import type { SeriesMemory } from '../domain/detector.ts';
import type { ForecastProfile } from '../domain/forecast.ts';
import type { HourlyMean } from '../domain/hourly-series.ts';
import type {
  AnomaliesQuery,
  Changes,
  DeviceHourlyMean,
  FoundAnomaly,
  HoursQuery,
  IssuedForecast,
  LatestValue,
  Position,
  SeriesName,
  Snapshot,
  StoredMemory,
} from './port.ts';

const TABLES = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, device_id TEXT NOT NULL, metric TEXT NOT NULL, latest_ms INTEGER, latest REAL, memory TEXT,
    UNIQUE (device_id, metric)) STRICT;
  CREATE TABLE IF NOT EXISTS hour (
    series INTEGER NOT NULL, hour_ms INTEGER NOT NULL, sum REAL NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (series, hour_ms)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS anomaly (
    series INTEGER NOT NULL, kind TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER, score REAL NOT NULL,
    PRIMARY KEY (series, kind, from_ms)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS position (partition INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS forecast (
    subject TEXT NOT NULL, metric TEXT NOT NULL, start_ms INTEGER NOT NULL, hours INTEGER NOT NULL, profile TEXT,
    PRIMARY KEY (subject, metric)) STRICT, WITHOUT ROWID;
`;

const SERIES =
  'INSERT INTO series (device_id, metric) VALUES (?, ?) ON CONFLICT DO UPDATE SET metric = metric RETURNING id';
const ADD_HOUR = `INSERT INTO hour (series, hour_ms, sum, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET sum = sum + excluded.sum, count = count + excluded.count`;
const SET_LATEST = 'UPDATE series SET latest_ms = ?, latest = ? WHERE id = ?';
const SET_MEMORY = 'UPDATE series SET memory = ? WHERE id = ?';
const SAVE_ANOMALY = 'INSERT OR REPLACE INTO anomaly (series, kind, from_ms, to_ms, score) VALUES (?, ?, ?, ?, ?)';
const REMOVE_ANOMALY = 'DELETE FROM anomaly WHERE series = ? AND kind = ? AND from_ms = ?';
const SAVE_POSITION = 'INSERT OR REPLACE INTO position (partition, next_offset) VALUES (?, ?)';
const SAVE_FORECAST =
  'INSERT OR REPLACE INTO forecast (subject, metric, start_ms, hours, profile) VALUES (?, ?, ?, ?, ?)';
const FORECAST = 'SELECT start_ms AS startMs, hours, profile FROM forecast WHERE subject = ? AND metric = ?';
const POSITIONS = 'SELECT partition, next_offset AS nextOffset FROM position';
const LATEST = `SELECT device_id AS deviceId, metric, latest_ms AS timeMs, latest AS value FROM series WHERE latest_ms IS NOT NULL`;
const MEMORIES = 'SELECT device_id AS deviceId, metric, memory FROM series WHERE memory IS NOT NULL';
/** Hours of the devices in a JSON list. */
const OF_DEVICES = `FROM series JOIN json_each(?) AS asked ON series.device_id = asked.value JOIN hour ON hour.series = series.id
  WHERE series.metric = ? AND hour.hour_ms >= ? AND hour.hour_ms < ?`;
const HOURLY_MEANS = `SELECT series.device_id AS deviceId, hour.hour_ms AS hourMs, hour.sum / hour.count AS mean ${OF_DEVICES} ORDER BY 1, 2`;
const MEANS_OVER_DEVICES = `SELECT hour.hour_ms AS hourMs, avg(hour.sum / hour.count) AS mean ${OF_DEVICES} GROUP BY hour.hour_ms ORDER BY 1`;
const ANOMALIES = `SELECT series.metric, anomaly.kind, anomaly.from_ms AS fromMs, anomaly.to_ms AS toMs, anomaly.score
  FROM series JOIN anomaly ON anomaly.series = series.id
  WHERE series.device_id = ? AND anomaly.from_ms < ? AND (anomaly.to_ms IS NULL OR anomaly.to_ms >= ?)
  ORDER BY anomaly.from_ms, series.metric, anomaly.kind LIMIT ?`;
const EXPIRE = [
  'DELETE FROM hour WHERE hour_ms < ?',
  'DELETE FROM anomaly WHERE to_ms < ?',
  'DELETE FROM forecast WHERE start_ms < ?',
];

interface Database {
  prepared(sql: string): StatementSync;
  rows<T>(sql: string, ...values: readonly (string | number)[]): readonly T[];
  /** All of it or nothing. */
  transaction(work: () => void): void;
  idOf(series: SeriesName): number;
  close(): void;
}

function openDatabase(path: string): Database {
  const database = failingAs(path, () => {
    const opened = new DatabaseSync(path);
    opened.exec(TABLES);
    return opened;
  });
  const statements = new Map<string, StatementSync>();
  const ids = new Map<string, number>();

  function prepared(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }
  return {
    prepared,
    rows: <T>(sql: string, ...values: readonly (string | number)[]) =>
      failingAs(path, () => prepared(sql).all(...values)) as unknown as readonly T[],
    idOf({ deviceId, metric }) {
      const key = `${metric} ${deviceId}`;
      const known = ids.get(key);
      if (known !== undefined) return known;
      const id = Number(prepared(SERIES).get(deviceId, metric)?.['id']);
      ids.set(key, id);
      return id;
    },
    transaction(work) {
      failingAs(path, () => {
        database.exec('BEGIN IMMEDIATE');
        try {
          work();
          database.exec('COMMIT');
        } catch (error) {
          // Ids that were given out in a step that is undone do not exist.
          ids.clear();
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        }
      });
    },
    close: () => database.close(),
  };
}

function writeChanges({ prepared, idOf }: Database, changes: Changes): void {
  for (const sum of changes.hours) prepared(ADD_HOUR).run(idOf(sum), sum.hourMs, sum.sum, sum.count);
  for (const value of changes.latest) prepared(SET_LATEST).run(value.timeMs, value.value, idOf(value));
  for (const stored of changes.memories) prepared(SET_MEMORY).run(JSON.stringify(stored.memory), idOf(stored));
  for (const gone of changes.withdrawn) prepared(REMOVE_ANOMALY).run(idOf(gone), gone.kind, gone.fromMs);
  for (const fault of changes.found)
    prepared(SAVE_ANOMALY).run(idOf(fault), fault.kind, fault.fromMs, fault.toMs ?? null, fault.score);
  for (const { partition, nextOffset } of changes.positions) prepared(SAVE_POSITION).run(partition, nextOffset);
}

/** What the thread of the store does, call by call. */
export type Engine = ReturnType<typeof openEngine>;

/** Opens the file and makes its tables. @throws AppError STORE_UNWRITABLE when it cannot be opened */
export function openEngine(path: string) {
  const database = openDatabase(path);
  const { prepared, rows, transaction } = database;
  const hoursOf = <T>(sql: string, { deviceIds, metric, fromMs, toMs }: HoursQuery) =>
    rows<T>(sql, JSON.stringify(deviceIds), metric, fromMs, toMs).map((row) => ({ ...row }));

  return {
    apply: (changes: Changes) => transaction(() => writeChanges(database, changes)),
    load: (): Snapshot => ({
      positions: rows<Position>(POSITIONS).map((row) => ({ ...row })),
      latest: rows<LatestValue>(LATEST).map((row) => ({ ...row })),
      memories: rows<SeriesName & { readonly memory: string }>(MEMORIES).map(
        (row): StoredMemory => ({ ...row, memory: JSON.parse(row.memory) as SeriesMemory }),
      ),
    }),
    hourlyMeans: (query: HoursQuery) => hoursOf<DeviceHourlyMean>(HOURLY_MEANS, query),
    meansOverDevices: (query: HoursQuery) => hoursOf<HourlyMean>(MEANS_OVER_DEVICES, query),
    anomalies: ({ deviceIds, fromMs, toMs, perDeviceMax }: AnomaliesQuery) =>
      deviceIds.flatMap((deviceId) =>
        rows<Omit<FoundAnomaly, 'deviceId' | 'toMs'> & { readonly toMs: number | null }>(
          ANOMALIES,
          ...[deviceId, toMs, fromMs, perDeviceMax],
        ).map((row): FoundAnomaly => ({ ...row, deviceId, toMs: row.toMs ?? undefined })),
      ),
    forecast(subject: string, metric: Metric): IssuedForecast | undefined {
      const [row] = rows<{ startMs: number; hours: number; profile: string | null }>(FORECAST, subject, metric);
      if (!row) return undefined;
      const profile = row.profile === null ? undefined : (JSON.parse(row.profile) as ForecastProfile);
      return { subject, metric, startMs: row.startMs, hours: row.hours, profile };
    },
    saveForecast({ subject, metric, startMs, hours, profile }: IssuedForecast): void {
      const text = profile === undefined ? null : JSON.stringify(profile);
      failingAs(path, () => prepared(SAVE_FORECAST).run(subject, metric, startMs, hours, text));
    },
    expire: (beforeMs: number) =>
      transaction(() => {
        for (const sql of EXPIRE) prepared(sql).run(beforeMs);
      }),
    close: () => database.close(),
  };
}

function failingAs<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new AppError('STORE_UNWRITABLE', `${path}: ${(error as Error).message}`, { cause: error });
  }
}
