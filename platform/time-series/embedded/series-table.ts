import { emptyBytes, getText, getVarint, putText, putVarint, reserve, written } from './bytes.ts';
import type { Files } from './files.ts';
import { openPackedFile, type Section, writePackedFile } from './packed-file.ts';

/** What the store's thread knows of each series. Columns grow; `count` says how far they are in use. */
export interface SeriesTable {
  count: number;
  readonly devices: string[];
  metric: Uint8Array;
  /** Newest time of all points, sealed or not; -Infinity where there is none. */
  newestMs: Float64Array;
  /** Newest sealed point. NaN and -Infinity where there is none. */
  sealedMs: Float64Array;
  sealedValue: Float64Array;
  sealedCorrected: Float64Array;
  sealedFlags: Uint8Array;
}

/** A table without series. */
export function seriesTable(): SeriesTable {
  return {
    count: 0,
    devices: [],
    metric: new Uint8Array(0),
    newestMs: new Float64Array(0),
    sealedMs: new Float64Array(0),
    sealedValue: new Float64Array(0),
    sealedCorrected: new Float64Array(0),
    sealedFlags: new Uint8Array(0),
  };
}

function grown(column: Float64Array, capacity: number, empty: number): Float64Array {
  const into = new Float64Array(capacity).fill(empty, column.length);
  into.set(column);
  return into;
}

/** Adds a series; its id is its place. */
export function addSeries(table: SeriesTable, deviceId: string, metric: number): void {
  if (table.count === table.metric.length) {
    const capacity = Math.max(64, Math.ceil(table.count * 1.5));
    const bytes = (column: Uint8Array) => {
      const into = new Uint8Array(capacity);
      into.set(column);
      return into;
    };
    table.metric = bytes(table.metric);
    table.sealedFlags = bytes(table.sealedFlags);
    table.newestMs = grown(table.newestMs, capacity, Number.NEGATIVE_INFINITY);
    table.sealedMs = grown(table.sealedMs, capacity, Number.NEGATIVE_INFINITY);
    table.sealedValue = grown(table.sealedValue, capacity, Number.NaN);
    table.sealedCorrected = grown(table.sealedCorrected, capacity, Number.NaN);
  }
  table.metric[table.count++] = metric;
  table.devices.push(deviceId);
}

/** Ids in the order of day files: by metric, then id. */
export function inFileOrder(table: SeriesTable): Uint32Array {
  const ids = new Uint32Array(table.count);
  let next = 0;
  for (let metric = 0; metric < 256 && next < ids.length; metric++) {
    for (let id = 0; id < table.count; id++) if (table.metric[id] === metric) ids[next++] = id;
  }
  return ids;
}

interface SeriesDirectory {
  readonly count: number;
  readonly names: Section;
  readonly numbers: Section;
}

/** Writes names and newest sealed points to a file of their own. */
export function writeSeriesTable(files: Files, path: string, table: SeriesTable): void {
  const names = emptyBytes(table.count * 16);
  for (let id = 0; id < table.count; id++) {
    putText(names, table.devices[id] as string);
    putVarint(names, table.metric[id] as number);
  }
  const numbers = emptyBytes(table.count * 25);
  for (const column of [table.sealedMs, table.sealedValue, table.sealedCorrected, table.sealedFlags]) {
    const bytes = column.slice(0, table.count);
    reserve(numbers, bytes.byteLength);
    numbers.buffer.set(new Uint8Array(bytes.buffer), numbers.at);
    numbers.at += bytes.byteLength;
  }
  const file = writePackedFile(files, path);
  try {
    const directory: SeriesDirectory = {
      count: table.count,
      names: file.add(written(names)),
      numbers: file.add(written(numbers)),
    };
    file.finish(directory);
  } finally {
    file.abandon();
  }
}

/** Reads what `writeSeriesTable` wrote. @throws AppError STORE_CORRUPT naming the file */
export function readSeriesTable(files: Files, path: string): SeriesTable {
  const file = openPackedFile<SeriesDirectory>(files, path);
  try {
    const { count, names, numbers } = file.directory;
    const table = seriesTable();
    const bytes = { buffer: file.read(names), at: 0 };
    while (table.count < count) addSeries(table, getText(bytes), getVarint(bytes));
    const columns = file.read(numbers).slice().buffer;
    table.sealedMs.set(new Float64Array(columns, 0, count));
    table.sealedValue.set(new Float64Array(columns, count * 8, count));
    table.sealedCorrected.set(new Float64Array(columns, count * 16, count));
    table.sealedFlags.set(new Uint8Array(columns, count * 24, count));
    table.newestMs.set(table.sealedMs);
    return table;
  } finally {
    file.close();
  }
}
