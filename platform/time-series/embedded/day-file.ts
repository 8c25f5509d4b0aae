import { type Bytes, getVarint } from './bytes.ts';
import type { Cache } from './cache.ts';
import type { DayDirectory, DayGroup } from './day-file-writer.ts';
import { decodeDecimals } from './decimal-codec.ts';
import type { Files } from './files.ts';
import { openPackedFile, type PackedFile } from './packed-file.ts';
import {
  cutToRange,
  firstAtOrAfter,
  makeRoom,
  type PointBuffer,
  type PointSource,
  pointBuffer,
  type TimeRange,
} from './points.ts';
import { decodeTimes, placeOfTime } from './time-codec.ts';

/** A day file, read group by group; nothing is read before it is asked for. */
export interface DayFile extends PointSource {
  readonly path: string;
  readonly dayMs: number;
  /** True when the file has points of the series. @throws AppError STORE_CORRUPT naming the file, as all that read it */
  holds(series: number): boolean;
  /** Lets go of the group that was read last; the cache may still have it. */
  rest(): void;
  close(): void;
}

interface Group {
  readonly about: DayGroup;
  readonly ids: Uint32Array;
  /** By place of the series: how many points lie before it in the group, and where its bytes begin. */
  readonly pointsBefore: Uint32Array;
  readonly timesAt: Uint32Array;
  readonly valuesAt: Uint32Array;
  readonly correctedAt: Uint32Array;
  readonly times: Uint8Array;
  readonly values: Uint8Array;
  /** Unpacked when first wanted. */
  flags: Uint8Array | undefined;
  corrected: Uint8Array | undefined;
}

/** Where a series lies. */
interface Found {
  readonly group: Group;
  readonly place: number;
}

function unpackGroup(file: PackedFile<DayDirectory>, about: DayGroup): Group {
  const times = file.read(about.times);
  const bytes: Bytes = { buffer: times, at: 0 };
  const count = getVarint(bytes);
  const indexBytes = getVarint(bytes);
  const timesStart = bytes.at + indexBytes;
  const ids = new Uint32Array(count);
  const pointsBefore = new Uint32Array(count + 1);
  const timesAt = new Uint32Array(count + 1);
  const valuesAt = new Uint32Array(count + 1);
  const correctedAt = new Uint32Array(count + 1);
  timesAt[0] = timesStart;
  let id = about.firstSeries;
  for (let i = 0; i < count; i++) {
    id += getVarint(bytes);
    ids[i] = id;
    pointsBefore[i + 1] = (pointsBefore[i] as number) + getVarint(bytes);
    timesAt[i + 1] = (timesAt[i] as number) + getVarint(bytes);
    valuesAt[i + 1] = (valuesAt[i] as number) + getVarint(bytes);
    correctedAt[i + 1] = (correctedAt[i] as number) + getVarint(bytes);
  }
  const values = file.read(about.values);
  return {
    about,
    ids,
    pointsBefore,
    timesAt,
    valuesAt,
    correctedAt,
    times,
    values,
    flags: undefined,
    corrected: undefined,
  };
}

function flagsOf(file: PackedFile<DayDirectory>, group: Group): Uint8Array {
  if (group.flags) return group.flags;
  const flags = new Uint8Array(group.about.points);
  const bytes: Bytes = { buffer: file.read(group.about.flags), at: 0 };
  for (let at = 0; bytes.at < bytes.buffer.length; ) {
    const run = getVarint(bytes);
    const flag = getVarint(bytes);
    if (flag !== 0) flags.fill(flag, at, at + run);
    at += run;
  }
  group.flags = flags;
  return flags;
}

function readCorrected(bytes: Bytes, into: PointBuffer, first: number, count: number): void {
  const { corrected } = into;
  corrected.fill(Number.NaN, first, first + count);
  const present = bytes.buffer.length === 0 ? 0 : getVarint(bytes);
  if (present === 0) return;
  const rows: number[] = [];
  if (present === count) for (let i = 0; i < count; i++) rows.push(first + i);
  else {
    let absent = true;
    for (let at = 0; at < count; absent = !absent) {
      const end = at + getVarint(bytes);
      if (!absent) for (let i = at; i < end; i++) rows.push(first + i);
      at = end;
    }
  }
  const values = new Float64Array(present);
  decodeDecimals(bytes, values, 0, present);
  for (let i = 0; i < present; i++) corrected[rows[i] as number] = values[i] as number;
}

/** Place of a series in a group, or -1. */
function placeOf(ids: Uint32Array, series: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const id = ids[middle] as number;
    if (id === series) return middle;
    if (id < series) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Number of the group that may hold a series of a metric, or -1. */
function groupOf(groups: readonly DayGroup[], metric: number, series: number): number {
  let low = 0;
  let high = groups.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const group = groups[middle] as DayGroup;
    if (group.metric === metric && series >= group.firstSeries && series <= group.lastSeries) return middle;
    if (group.metric < metric || (group.metric === metric && group.lastSeries < series)) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

interface Reading {
  readonly file: () => PackedFile<DayDirectory>;
  readonly dayMs: number;
}

function readSeries(reading: Reading, group: Group, place: number, into: PointBuffer): void {
  const before = group.pointsBefore[place] as number;
  const count = (group.pointsBefore[place + 1] as number) - before;
  const first = into.length;
  makeRoom(into, count);
  decodeTimes(
    { buffer: group.times, at: group.timesAt[place] as number },
    into.timeMs,
    [first, first + count],
    reading.dayMs,
  );
  decodeDecimals({ buffer: group.values, at: group.valuesAt[place] as number }, into.value, first, count);
  if (into.wantsFlags) {
    if (group.about.flagBits === 0) into.flags.fill(0, first, first + count);
    else into.flags.set(flagsOf(reading.file(), group).subarray(before, before + count), first);
  }
  if (into.wantsCorrected) {
    group.corrected ??= reading.file().read(group.about.corrected);
    readCorrected({ buffer: group.corrected, at: group.correctedAt[place] as number }, into, first, count);
  }
  into.length = first + count;
}

let scratch = new Float64Array(2_048);

/** The value at a time, by reading the series no further than to it. */
function valueWithin({ group, place }: Found, dayMs: number, timeMs: number): number {
  const count = (group.pointsBefore[place + 1] as number) - (group.pointsBefore[place] as number);
  const at = placeOfTime({ buffer: group.times, at: group.timesAt[place] as number }, count, dayMs, timeMs);
  if (at < 0) return Number.NaN;
  if (scratch.length <= at) scratch = new Float64Array(at * 2);
  decodeDecimals({ buffer: group.values, at: group.valuesAt[place] as number }, scratch, 0, at + 1);
  return scratch[at] as number;
}

/** Looks up single points. Late ones come series by series: one that is asked for again is unpacked and kept until another is. */
function looksUp(
  find: (series: number) => Found | undefined,
  read: PointSource['read'],
  dayMs: number,
): PointSource['valueAt'] {
  const all: TimeRange = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const kept = pointBuffer({ flags: false, corrected: false });
  let asked = -1;
  let keptSeries = -1;
  return (series, timeMs) => {
    if (series !== asked) {
      asked = series;
      keptSeries = -1;
      const found = find(series);
      return found ? valueWithin(found, dayMs, timeMs) : Number.NaN;
    }
    if (series !== keptSeries) {
      kept.length = 0;
      read(series, all, kept);
      keptSeries = series;
    }
    const place = firstAtOrAfter(kept.timeMs, kept.length, timeMs);
    return place < kept.length && kept.timeMs[place] === timeMs ? (kept.value[place] as number) : Number.NaN;
  };
}

/** What a day file needs beside its bytes. */
export interface DayFileContext {
  readonly files: Files;
  readonly cache: Cache;
  /** Metric number of a series. */
  readonly metricOf: (series: number) => number;
}

/** A day file; it is opened when something of it is first asked for. */
export function dayFile(context: DayFileContext, path: string, dayMs: number): DayFile {
  let opened: PackedFile<DayDirectory> | undefined;
  const file = () => (opened ??= openPackedFile<DayDirectory>(context.files, path));
  const reading: Reading = { file, dayMs };
  let newest: { readonly number: number; readonly group: Group } | undefined;
  const groupAt = (number: number): Group => {
    if (newest?.number === number) return newest.group;
    const about = file().directory.groups[number] as DayGroup;
    const group = context.cache.get(`${path}#${number}`, () => {
      const kept = unpackGroup(file(), about);
      // Flags come later when they do; they are counted from the start.
      return { kept, bytes: kept.times.length + kept.values.length + kept.ids.length * 20 + about.points };
    });
    newest = { number, group };
    return group;
  };
  const find = (series: number): Found | undefined => {
    const number = groupOf(file().directory.groups, context.metricOf(series), series);
    if (number < 0) return undefined;
    const group = groupAt(number);
    const place = placeOf(group.ids, series);
    return place < 0 ? undefined : { group, place };
  };
  const readRange = (series: number, range: TimeRange, into: PointBuffer) => {
    const found = find(series);
    if (!found) return;
    const first = into.length;
    readSeries(reading, found.group, found.place, into);
    cutToRange(into, first, range);
  };
  let lookUp: PointSource['valueAt'] | undefined;
  return {
    path,
    dayMs,
    holds: (series) => find(series) !== undefined,
    read: readRange,
    valueAt: (series, timeMs) => {
      const { groups } = file().directory;
      const group = groups[groupOf(groups, context.metricOf(series), series)];
      if (!group || timeMs < group.fromMs || timeMs > group.throughMs) return Number.NaN;
      lookUp ??= looksUp(find, readRange, dayMs);
      return lookUp(series, timeMs);
    },
    rest: () => {
      newest = undefined;
    },
    close: () => {
      opened?.close();
      opened = undefined;
    },
  };
}
