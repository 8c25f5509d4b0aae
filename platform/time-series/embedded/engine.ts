import { AppError } from '../../errors.ts';
import type { TimeSeriesRetention } from '../port.ts';
import type { Batch } from './batch.ts';
import { decodeBatch } from './batch-codec.ts';
import { type Bytes, getText, getVarint } from './bytes.ts';
import { type Cache, openCache } from './cache.ts';
import type { DayFileContext } from './day-file.ts';
import type { Files } from './files.ts';
import { type HotPoints, hotPoints } from './hot-points.ts';
import { type Manifest, namesIn, readManifest } from './manifest.ts';
import { openSealedDays, type SealedDays } from './sealed-days.ts';
import { addSeries, readSeriesTable, type SeriesTable, seriesTable } from './series-table.ts';
import { openWriteAheadLog, replayWriteAheadLog, type WriteAheadLog } from './write-ahead-log.ts';

/** Where the engine tells what a person should know. */
export type Tell = (
  level: 'info' | 'warn' | 'error',
  attributes: Readonly<Record<string, unknown>>,
  message: string,
) => void;

export interface EngineOptions {
  readonly files: Files;
  readonly folder: string;
  readonly retention: TimeSeriesRetention;
  /** Points in memory that make the store seal them. */
  readonly hotPointsMax: number;
  /** Bytes of unpacked files that are kept. */
  readonly cacheBytesMax: number;
  readonly tell: Tell;
}

/** The store as its own thread holds it; write path, seals and queries are functions over this. */
export interface Engine {
  readonly options: EngineOptions;
  readonly cache: Cache;
  readonly table: SeriesTable;
  readonly sealed: SealedDays;
  manifest: Manifest;
  /** Takes writes. */
  hot: HotPoints;
  /** Being sealed: read, not written. */
  frozen: HotPoints | undefined;
  /** Empty columns of the seal before, to be filled again. */
  spareHot: HotPoints | undefined;
  log: WriteAheadLog;
  logNumber: number;
  /** Number of the next file; never given twice, even when a seal fails. */
  nextFile: number;
  /** True after a seal that failed, until one succeeds. */
  sealFailed: boolean;
  /** Days that ended before this were sealed by age. */
  agedThroughMs: number;
  /** Days with a file that does not check: they are not merged. */
  readonly damagedDays: Set<number>;
}

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
/** Items of a log frame. */
export const FRAME_NAMES = 1;
export const FRAME_BATCH = 2;

/** Start of the UTC day of a time. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS;
}

/** Name of a log file. */
export function logName(number: number): string {
  return `log-${String(number).padStart(8, '0')}`;
}

function numberOfLog(name: string): number {
  const digits = /^log-(\d{8,})$/.exec(name)?.[1];
  return digits === undefined ? Number.NaN : Number(digits);
}

/** Opens the store of a folder, makes it if need be, and brings back what the log holds. @throws AppError STORE_CORRUPT, STORE_UNWRITABLE */
export function openEngine(options: EngineOptions): Engine {
  const { files, folder } = options;
  try {
    files.makeFolder(folder);
    const manifest = readManifest(files, folder);
    const logs = removeOrphans(options, manifest);
    const table = manifest.seriesFile ? readSeriesTable(files, `${folder}/${manifest.seriesFile}`) : seriesTable();
    const cache = openCache(options.cacheBytesMax);
    const context: DayFileContext = { files, cache, metricOf: (series) => table.metric[series] ?? 0 };
    const hot = hotPoints(options.hotPointsMax);
    for (const number of logs) replay(options, number, table, hot);
    const logNumber = logs.at(-1) ?? manifest.firstLog;
    const log = openWriteAheadLog(files, `${folder}/${logName(logNumber)}`);
    files.syncFolder(folder);
    return {
      ...{ options, cache, table, manifest, hot, log, logNumber },
      sealed: openSealedDays(options, context, manifest),
      frozen: undefined,
      spareHot: undefined,
      nextFile: manifest.nextFile,
      sealFailed: false,
      agedThroughMs: Number.NEGATIVE_INFINITY,
      damagedDays: new Set(),
    };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('STORE_UNWRITABLE', folder, { cause });
  }
}

/** Removes what no manifest names, the leftovers of a seal that did not end, and gives the log files to replay. */
function removeOrphans({ files, folder, tell }: EngineOptions, manifest: Manifest): readonly number[] {
  const named = namesIn(manifest);
  const logs: number[] = [];
  for (const name of files.list(folder)) {
    const log = numberOfLog(name);
    if (log >= manifest.firstLog) logs.push(log);
    else if (!named.has(name) && /^(log-|day-|rollup-|series-|.*\.tmp$)/.test(name)) {
      files.remove(`${folder}/${name}`);
      tell('info', { file: name }, 'removed a leftover of the time-series store');
    }
  }
  return logs.sort((a, b) => a - b);
}

function replay(options: EngineOptions, number: number, table: SeriesTable, hot: HotPoints): void {
  const path = `${options.folder}/${logName(number)}`;
  const { bytesCut } = replayWriteAheadLog(options.files, path, (payload) => takeFrame(payload, table, hot));
  if (bytesCut > 0) {
    options.tell('warn', { file: path, bytes: bytesCut }, 'cut a torn commit off the end of the time-series log');
  }
}

function takeFrame(payload: Bytes, table: SeriesTable, hot: HotPoints): void {
  while (payload.at < payload.buffer.length) {
    if (getVarint(payload) === FRAME_NAMES) takeNames(payload, table);
    else takeBatch(decodeBatch(payload), table, hot);
  }
}

/** Names carry their ids: a seal may have kept some of them already. */
function takeNames(payload: Bytes, table: SeriesTable): void {
  const first = getVarint(payload);
  const count = getVarint(payload);
  for (let id = first; id < first + count; id++) {
    const deviceId = getText(payload);
    const metric = getVarint(payload);
    if (id === table.count) addSeries(table, deviceId, metric);
  }
}

function takeBatch(batch: Batch, table: SeriesTable, hot: HotPoints): void {
  for (let row = 0; row < batch.length; row++) {
    const series = batch.series[row] as number;
    const timeMs = batch.timeMs[row] as number;
    const point = {
      timeMs,
      value: batch.value[row] as number,
      corrected: batch.corrected[row] as number,
      flags: batch.flags[row] as number,
    };
    if (timeMs > (table.newestMs[series] as number)) {
      hot.append(series, point);
      table.newestMs[series] = timeMs;
    } else hot.insert(series, point);
  }
}
