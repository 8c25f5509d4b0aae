import type { Bytes } from './bytes.ts';
import type { DayFileContext } from './day-file.ts';
import { openPackedFile, type PackedFile } from './packed-file.ts';
import {
  decodeCounts,
  decodeDay,
  decodeExtremes,
  decodeIndex,
  decodeOrder,
  decodeSums,
  type RollupColumns,
  type RollupSection,
} from './rollup-codec.ts';
import type { RollupDirectory, RollupGroup, RollupTable } from './rollup-file-writer.ts';
import { type GroupTotals, totalsIn } from './rollup-totals.ts';

/** Which columns a question needs. Counts and sums are always there. */
export interface RollupNeeds {
  readonly extremes: boolean;
  readonly order: boolean;
  readonly day: boolean;
}

/** The rows of one series in a group's columns: all points, and the hours that differ without BAD ones. */
export interface RollupSlot {
  readonly all: RollupColumns;
  readonly place: number;
  readonly good: RollupColumns | undefined;
  /** -1 when no hour of the series differs. */
  readonly goodPlace: number;
}

export interface RollupFile {
  readonly path: string;
  readonly dayMs: number;
  /** The rows of a series; quickest when series are asked for in the order of the file. @throws AppError STORE_CORRUPT naming the file */
  find(series: number, question: RollupQuestion): RollupSlot | undefined;
  /** The groups of the file. */
  groups(): readonly RollupGroup[];
  /** Totals of a whole group, by its number. */
  totals(group: number): GroupTotals;
  /** Lets go of the group that was read last; the cache may still have it. */
  rest(): void;
  close(): void;
}

export interface RollupQuestion extends RollupNeeds {
  /** True when BAD points are left out. */
  readonly good: boolean;
}

interface Loaded {
  readonly about: RollupGroup;
  readonly question: RollupQuestion;
  readonly all: RollupColumns;
  readonly good: RollupColumns | undefined;
}

const BYTES_PER_NUMBER = 8;

/** Place of a series among rising ids, looked for at `near` first; -1 where it is not. */
function placeNear(ids: Uint32Array, series: number, near: number): number {
  if (ids[near] === series) return near;
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

function groupOf(groups: readonly RollupGroup[], metric: number, series: number): RollupGroup | undefined {
  let low = 0;
  let high = groups.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const group = groups[middle] as RollupGroup;
    if (group.metric === metric && series >= group.firstSeries && series <= group.lastSeries) return group;
    if (group.metric < metric || (group.metric === metric && group.lastSeries < series)) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** Reads the columns of a table that a question needs, each from the cache where it is there. */
function columnsOf(
  { cache }: DayFileContext,
  file: PackedFile<RollupDirectory>,
  table: RollupTable,
  question: RollupNeeds,
): RollupColumns {
  const { rows, series, sections } = table;
  const bytes = (section: RollupSection): Bytes => ({ buffer: file.read(sections[section]), at: 0 });
  const kept = <T>(section: RollupSection, numbers: number, decode: (from: Bytes) => T): T =>
    cache.get(`${file.path}@${section}${sections[section].at}`, () => ({
      kept: decode(bytes(section)),
      bytes: numbers * BYTES_PER_NUMBER,
    }));
  const index = kept('index', series * 2 + rows / 8, (from) => decodeIndex(from, series, rows, table.firstSeries));
  const count = kept('count', rows / 2, (from) => decodeCounts(from, rows));
  const sum = kept('sum', rows, (from) => decodeSums(from, index, count));
  const filled = { count, sum };
  const extremes =
    question.extremes || question.order
      ? kept('extremes', rows * 2, (from) => decodeExtremes(from, index, filled))
      : undefined;
  const order =
    question.order && extremes
      ? kept('order', rows * 2, (from) => decodeOrder(from, index, filled, extremes))
      : undefined;
  const day = question.day ? kept('day', series * 2, (from) => decodeDay(from, index)) : undefined;
  return { ...index, count, sum, extremes, order, day };
}

/** A roll-up file; it is opened when something of it is first asked for. */
export function rollupFile(context: DayFileContext, path: string, dayMs: number): RollupFile {
  let opened: PackedFile<RollupDirectory> | undefined;
  const file = () => {
    opened ??= openPackedFile<RollupDirectory>(context.files, path);
    return opened;
  };
  let loaded: Loaded | undefined;
  let near = 0;
  let nearGood = 0;

  const totals = (): Float64Array =>
    context.cache.get(`${path}@totals`, () => {
      const bytes = file().read(file().directory.totals).slice();
      return { kept: new Float64Array(bytes.buffer), bytes: bytes.length };
    });

  function load(series: number, question: RollupQuestion): Loaded | undefined {
    const metric = context.metricOf(series);
    if (loaded?.question === question) {
      const { firstSeries, lastSeries } = loaded.about;
      if (loaded.about.metric === metric && series >= firstSeries && series <= lastSeries) return loaded;
    }
    const about = groupOf(file().directory.groups, metric, series);
    if (!about) return undefined;
    const all = columnsOf(context, file(), about.all, question);
    const good = question.good && about.good.series > 0 ? columnsOf(context, file(), about.good, question) : undefined;
    near = -1;
    nearGood = -1;
    loaded = { about, question, all, good };
    return loaded;
  }
  return {
    path,
    dayMs,
    find: (series, question) => {
      const group = load(series, question);
      if (!group) return undefined;
      const place = placeNear(group.all.ids, series, near + 1);
      if (place < 0) return undefined;
      near = place;
      const goodPlace = group.good ? placeNear(group.good.ids, series, nearGood + 1) : -1;
      if (goodPlace >= 0) nearGood = goodPlace;
      return { all: group.all, place, good: group.good, goodPlace };
    },
    groups: () => file().directory.groups,
    totals: (group) => totalsIn(totals(), group),
    rest: () => {
      loaded = undefined;
    },
    close: () => {
      opened?.close();
      opened = undefined;
    },
  };
}
