import { AppError } from '../../errors.ts';
import type { WriteOutcome } from '../port.ts';
import type { Batch } from './batch.ts';
import { encodeBatch } from './batch-codec.ts';
import { type Bytes, emptyBytes, putText, putVarint, written } from './bytes.ts';
import { dayOf, type Engine, FRAME_BATCH, FRAME_NAMES } from './engine.ts';
import type { HotPoint } from './hot-columns.ts';
import { addSeries } from './series-table.ts';

/** What became of a batch that is staged: in memory, and in the frame that the next commit makes durable. */
export interface Staged extends WriteOutcome {
  /** Rows older than the raw retention; they are counted and not stored. */
  readonly expired: number;
  readonly stored: number;
}

/** Writes on their way to the disk. */
export interface WritePath {
  /** Makes series known; their names are durable with the next commit. */
  name(deviceIds: readonly string[], metrics: ArrayLike<number>): void;
  /** @throws AppError STORE_UNWRITABLE when there is no more room in memory because seals fail */
  stage(batch: Batch): Staged;
  /** Makes all that is staged durable, or takes it back. @throws AppError STORE_UNWRITABLE: nothing of it is stored then */
  commit(): void;
}

/** What was stored of a batch that waits for its commit; the arrays are used again after it. */
interface Undo {
  batch: Batch;
  /** The first `count` of `rows.stored` were stored; the first `appended` of them were newer than their series. */
  count: number;
  appended: number;
  readonly rows: Rows;
}

interface Rows {
  stored: Uint32Array;
  /** What was the newest time of the series of each appended row. */
  newestBefore: Float64Array;
  late: Uint32Array;
}

function roomForRows(rows: Rows, count: number): void {
  if (rows.stored.length >= count) return;
  rows.stored = new Uint32Array(count);
  rows.newestBefore = new Float64Array(count);
  rows.late = new Uint32Array(count);
}

function fillPoint(point: HotPoint, batch: Batch, row: number): HotPoint {
  point.timeMs = batch.timeMs[row] as number;
  // Minus zero becomes zero: no sensor tells them apart, and the decimal code has only one.
  point.value = (batch.value[row] as number) + 0;
  point.corrected = (batch.corrected[row] as number) + 0;
  point.flags = batch.flags[row] as number;
  return point;
}

/** Appends what is newer than its series; gives how many were, and how many are late. */
function appendNewer(engine: Engine, batch: Batch, rows: Rows, point: HotPoint): { stored: number; late: number } {
  const { hot, table } = engine;
  const { newestMs } = table;
  let stored = 0;
  let late = 0;
  for (let row = 0; row < batch.length; row++) {
    const series = batch.series[row] as number;
    const timeMs = batch.timeMs[row] as number;
    const newest = newestMs[series] as number;
    if (timeMs > newest && timeMs >= engine.manifest.rawFloorMs) {
      hot.append(series, fillPoint(point, batch, row));
      newestMs[series] = timeMs;
      rows.newestBefore[stored] = newest;
      rows.stored[stored++] = row;
    } else rows.late[late++] = row;
  }
  return { stored, late };
}

/** The sealed value of a late point; NaN where there is none, or where its file cannot be read: a query will tell of that. */
function sealedValue(engine: Engine, series: number, timeMs: number): number {
  if (timeMs > (engine.table.sealedMs[series] as number)) return Number.NaN;
  for (const file of engine.sealed.day(dayOf(timeMs))?.points ?? []) {
    try {
      const value = file.valueAt(series, timeMs);
      if (!Number.isNaN(value)) return value;
    } catch (cause) {
      engine.options.tell(
        'error',
        { file: file.path, cause: String(cause) },
        'a file of the time-series store does not check',
      );
    }
  }
  return Number.NaN;
}

function storedValue(engine: Engine, series: number, timeMs: number): number {
  const inHot = engine.hot.valueAt(series, timeMs);
  if (!Number.isNaN(inHot)) return inHot;
  const inFrozen = engine.frozen?.valueAt(series, timeMs) ?? Number.NaN;
  return Number.isNaN(inFrozen) ? sealedValue(engine, series, timeMs) : inFrozen;
}

/** Late rows by day, metric, series and time, so that each group of a day file is unpacked once; rows of one time keep their order. */
function sortLate(engine: Engine, batch: Batch, late: Uint32Array): void {
  const { metric } = engine.table;
  const key = (row: number) => dayOf(batch.timeMs[row] as number);
  late.sort((a, b) => {
    const seriesA = batch.series[a] as number;
    const seriesB = batch.series[b] as number;
    return (
      key(a) - key(b) ||
      (metric[seriesA] as number) - (metric[seriesB] as number) ||
      seriesA - seriesB ||
      (batch.timeMs[a] as number) - (batch.timeMs[b] as number) ||
      a - b
    );
  });
}

interface Sorted {
  readonly duplicates: number[];
  readonly conflicts: number[];
  expired: number;
  stored: number;
}

function placeLate(engine: Engine, batch: Batch, rows: Rows, options: { late: number; stored: number }): Sorted {
  const late = rows.late.subarray(0, options.late);
  const sorted: Sorted = { duplicates: [], conflicts: [], expired: 0, stored: options.stored };
  if (late.length > 1) sortLate(engine, batch, late);
  const point: HotPoint = { timeMs: 0, value: 0, corrected: 0, flags: 0 };
  for (const row of late) {
    const series = batch.series[row] as number;
    const timeMs = batch.timeMs[row] as number;
    if (timeMs < engine.manifest.rawFloorMs) {
      sorted.expired++;
      continue;
    }
    const known = storedValue(engine, series, timeMs);
    if (Number.isNaN(known)) {
      engine.hot.insert(series, fillPoint(point, batch, row));
      rows.stored[sorted.stored++] = row;
    } else if (known === batch.value[row]) sorted.duplicates.push(row);
    else sorted.conflicts.push(row);
  }
  return sorted;
}

/** The last time that a date can have. */
const TIME_MS_MAX = 8_640_000_000_000_000;

function check(engine: Engine, batch: Batch): void {
  const { count } = engine.table;
  for (let row = 0; row < batch.length; row++) {
    if ((batch.series[row] as number) >= count)
      throw new RangeError(`row ${row}: series ${batch.series[row]} is not known`);
    const timeMs = batch.timeMs[row] as number;
    if (!Number.isInteger(timeMs) || Math.abs(timeMs) > TIME_MS_MAX)
      throw new RangeError(`row ${row}: expected whole ms, got ${timeMs}`);
    if (!Number.isFinite(batch.value[row]))
      throw new RangeError(`row ${row}: expected a number, got ${batch.value[row]}`);
  }
}

function takeBack(engine: Engine, undo: Undo): void {
  for (let i = undo.count - 1; i >= 0; i--) {
    const row = undo.rows.stored[i] as number;
    const series = undo.batch.series[row] as number;
    engine.hot.remove(series, undo.batch.timeMs[row] as number);
    if (i < undo.appended) engine.table.newestMs[series] = undo.rows.newestBefore[i] as number;
  }
}

const NONE = new Uint32Array(0);
const NO_TIMES = new Float64Array(0);
const ascending = (rows: number[]) => Uint32Array.from(rows.sort((a, b) => a - b));

/** The write path of an engine. */
export function openWritePath(engine: Engine): WritePath {
  const frame: Bytes = emptyBytes(4_096);
  const undo: Undo[] = [];
  let staged = 0;
  let namesDurable = engine.table.count;
  let namesStaged = namesDurable;
  const point: HotPoint = { timeMs: 0, value: 0, corrected: 0, flags: 0 };

  function stageNames(): void {
    const { table } = engine;
    if (namesStaged === table.count) return;
    putVarint(frame, FRAME_NAMES);
    putVarint(frame, namesStaged);
    putVarint(frame, table.count - namesStaged);
    for (; namesStaged < table.count; namesStaged++) {
      putText(frame, table.devices[namesStaged] as string);
      putVarint(frame, table.metric[namesStaged] as number);
    }
  }

  function nextUndo(batch: Batch): Undo {
    undo[staged] ??= { batch, count: 0, appended: 0, rows: { stored: NONE, newestBefore: NO_TIMES, late: NONE } };
    const one = undo[staged] as Undo;
    one.batch = batch;
    roomForRows(one.rows, batch.length);
    return one;
  }

  function stage(batch: Batch): Staged {
    check(engine, batch);
    if (engine.sealFailed && engine.hot.points() >= engine.options.hotPointsMax * 2) {
      throw new AppError('STORE_UNWRITABLE', engine.options.folder);
    }
    const one = nextUndo(batch);
    const { rows } = one;
    const { stored: appended, late } = appendNewer(engine, batch, rows, point);
    const { duplicates, conflicts, expired, stored } = placeLate(engine, batch, rows, { late, stored: appended });
    if (stored > 0) {
      stageNames();
      putVarint(frame, FRAME_BATCH);
      encodeBatch(frame, batch, rows.stored, stored);
      Object.assign(one, { count: stored, appended });
      staged++;
    }
    return { duplicates: ascending(duplicates), conflicts: ascending(conflicts), expired, stored };
  }

  function commit(): void {
    if (frame.at === 0) return;
    const count = staged;
    staged = 0;
    const payload = written(frame);
    frame.at = 0;
    try {
      engine.log.commit(payload);
      namesDurable = namesStaged;
    } catch (cause) {
      for (const one of undo.slice(0, count).reverse()) takeBack(engine, one);
      namesStaged = namesDurable;
      throw new AppError('STORE_UNWRITABLE', engine.log.path, { cause });
    }
  }

  return {
    name: (deviceIds, metrics) => {
      for (const [i, deviceId] of deviceIds.entries()) addSeries(engine.table, deviceId, metrics[i] as number);
    },
    stage,
    commit,
  };
}
