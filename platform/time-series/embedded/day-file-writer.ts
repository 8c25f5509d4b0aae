import { type Bytes, emptyBytes, putVarint, reserve, written } from './bytes.ts';
import { encodeDecimals } from './decimal-codec.ts';
import type { Files } from './files.ts';
import { type Section, writePackedFile } from './packed-file.ts';
import type { PointBuffer } from './points.ts';
import { encodeTimes } from './time-codec.ts';

/**
 * Points of one UTC day, sorted by metric, series and time. Neighbouring series of one metric form a group of a few sections:
 * index and times; values; flags where there are any; corrected values where there are any.
 */
export interface DayDirectory {
  readonly dayMs: number;
  readonly points: number;
  readonly groups: readonly DayGroup[];
}

export interface DayGroup {
  readonly metric: number;
  readonly firstSeries: number;
  readonly lastSeries: number;
  readonly points: number;
  /** Every flag bit that occurs. */
  readonly flagBits: number;
  /** Oldest and newest time. */
  readonly fromMs: number;
  readonly throughMs: number;
  readonly times: Section;
  readonly values: Section;
  readonly flags: Section;
  readonly corrected: Section;
}

/** A group is closed when it has this many points: enough for zstd to learn from, few enough to unpack for one series. */
const GROUP_POINTS = 65_536;

interface OpenGroup {
  metric: number;
  firstSeries: number;
  lastSeries: number;
  count: number;
  points: number;
  flagBits: number;
  fromMs: number;
  throughMs: number;
  hasCorrected: boolean;
  flag: number;
  run: number;
  readonly index: Bytes;
  readonly times: Bytes;
  readonly values: Bytes;
  readonly flags: Bytes;
  readonly corrected: Bytes;
}

export interface DayFileWriter {
  /** Adds all points of a series, in time order; series come in order of metric, then id. */
  add(series: number, metric: number, points: PointBuffer): void;
  /** Makes the file durable. */
  finish(): { readonly points: number; readonly bytes: number };
  abandon(): void;
}

function startGroup(group: OpenGroup, series: number, metric: number): void {
  group.metric = metric;
  group.firstSeries = series;
  group.lastSeries = series;
  group.count = 0;
  group.points = 0;
  group.flagBits = 0;
  group.fromMs = Number.POSITIVE_INFINITY;
  group.throughMs = Number.NEGATIVE_INFINITY;
  group.hasCorrected = false;
  group.flag = 0;
  group.run = 0;
  for (const section of [group.index, group.times, group.values, group.flags, group.corrected]) section.at = 0;
}

function endRun(group: OpenGroup): void {
  putVarint(group.flags, group.run);
  putVarint(group.flags, group.flag);
}

function addFlags(group: OpenGroup, points: PointBuffer): void {
  const { flags, length } = points;
  for (let i = 0; i < length; i++) {
    const flag = flags[i] as number;
    if (flag !== group.flag) {
      endRun(group);
      group.flag = flag;
      group.flagBits |= flag;
      group.run = 0;
    }
    group.run++;
  }
}

let present = new Float64Array(2_048);

/** How many have a twin; where not all or none, runs of without and with in turn; then the twins. */
function addCorrected(group: OpenGroup, points: PointBuffer): void {
  const { corrected, length } = points;
  if (present.length < length) present = new Float64Array(length * 2);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const value = corrected[i] as number;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  putVarint(group.corrected, count);
  if (count === 0) return;
  group.hasCorrected = true;
  if (count < length) {
    let absent = true;
    let run = 0;
    for (let i = 0; i < length; i++) {
      if (Number.isNaN(corrected[i] as number) !== absent) {
        putVarint(group.corrected, run);
        absent = !absent;
        run = 0;
      }
      run++;
    }
    putVarint(group.corrected, run);
  }
  encodeDecimals(group.corrected, present, 0, count);
}

function addSeries(group: OpenGroup, series: number, points: PointBuffer, dayMs: number): void {
  const { length, timeMs } = points;
  const before = [group.times.at, group.values.at, group.corrected.at] as const;
  encodeTimes(group.times, timeMs, [0, length], dayMs);
  encodeDecimals(group.values, points.value, 0, length);
  addFlags(group, points);
  addCorrected(group, points);
  putVarint(group.index, series - group.lastSeries);
  putVarint(group.index, length);
  putVarint(group.index, group.times.at - before[0]);
  putVarint(group.index, group.values.at - before[1]);
  putVarint(group.index, group.corrected.at - before[2]);
  group.lastSeries = series;
  group.count++;
  group.points += length;
  group.fromMs = Math.min(group.fromMs, timeMs[0] as number);
  group.throughMs = Math.max(group.throughMs, timeMs[length - 1] as number);
}

/** The index first, with the number of series and its own length before it, then the times. */
function indexAndTimes(group: OpenGroup): Uint8Array {
  const out = emptyBytes(group.index.at + group.times.at + 16);
  putVarint(out, group.count);
  putVarint(out, group.index.at);
  for (const part of [group.index, group.times]) {
    reserve(out, part.at);
    out.buffer.set(written(part), out.at);
    out.at += part.at;
  }
  return written(out);
}

/** Starts a day file. */
export function writeDayFile(files: Files, path: string, dayMs: number): DayFileWriter {
  const file = writePackedFile(files, path);
  const groups: DayGroup[] = [];
  let points = 0;
  const group = {
    index: emptyBytes(),
    times: emptyBytes(),
    values: emptyBytes(),
    flags: emptyBytes(),
    corrected: emptyBytes(),
  } as OpenGroup;
  startGroup(group, 0, 0);
  const closeGroup = () => {
    if (group.count === 0) return;
    endRun(group);
    const nothing = new Uint8Array(0);
    const { metric, firstSeries, lastSeries, flagBits, fromMs, throughMs } = group;
    groups.push({
      ...{ metric, firstSeries, lastSeries, points: group.points, flagBits, fromMs, throughMs },
      times: file.add(indexAndTimes(group)),
      values: file.add(written(group.values)),
      flags: file.add(flagBits === 0 ? nothing : written(group.flags)),
      corrected: file.add(group.hasCorrected ? written(group.corrected) : nothing),
    });
    points += group.points;
  };
  return {
    add: (series, metric, buffer) => {
      if (buffer.length === 0) return;
      if (group.points >= GROUP_POINTS || metric !== group.metric || group.count === 0) {
        closeGroup();
        startGroup(group, series, metric);
      }
      addSeries(group, series, buffer, dayMs);
    },
    finish: () => {
      closeGroup();
      const directory: DayDirectory = { dayMs, points, groups };
      return { points, bytes: file.finish(directory) };
    },
    abandon: file.abandon,
  };
}
