import { written } from './bytes.ts';
import type { Files } from './files.ts';
import { type Section, writePackedFile } from './packed-file.ts';
import type { PointBuffer } from './points.ts';
import { emptySections, encodeRollup, ROLLUP_SECTIONS, type RollupBytes, type RollupSection } from './rollup-codec.ts';
import { emptyRollup, type RollupRows, rollUp } from './rollup-rows.ts';
import { addToTotals, emptyTotals, totalsIn } from './rollup-totals.ts';

/** Hours of one UTC day: of all points, and, for the hours that differ, without BAD ones. The day's own order statistics beside them. */
export interface RollupDirectory {
  readonly dayMs: number;
  readonly rows: number;
  readonly groups: readonly RollupGroup[];
  /** `GroupTotals` of each group, as doubles. */
  readonly totals: Section;
}

export interface RollupGroup {
  readonly metric: number;
  readonly firstSeries: number;
  readonly lastSeries: number;
  readonly all: RollupTable;
  readonly good: RollupTable;
}

export interface RollupTable {
  readonly series: number;
  readonly rows: number;
  readonly firstSeries: number;
  readonly sections: Readonly<Record<RollupSection, Section>>;
}

export interface RollupFileWriter {
  /** Adds the points of a series and day, in time order and not none; series come in order of metric, then id. */
  add(series: number, metric: number, points: PointBuffer): void;
  finish(): { readonly points: number; readonly bytes: number };
  abandon(): void;
}

/** Enough for the cost of unpacking to be shared by many, few enough to unpack for one. */
const GROUP_SERIES = 256;

interface OpenTable {
  series: number;
  rows: number;
  firstSeries: number;
  lastSeries: number;
  readonly bytes: RollupBytes;
}

function startTable(table: OpenTable): void {
  table.series = 0;
  table.rows = 0;
  for (const section of ROLLUP_SECTIONS) table.bytes[section].at = 0;
}

function addSeries(table: OpenTable, series: number, decimals: number, rows: RollupRows): void {
  if (table.series === 0) {
    table.firstSeries = series;
    table.lastSeries = series;
  }
  encodeRollup(table.bytes, [series, table.lastSeries], decimals, rows);
  table.lastSeries = series;
  table.series++;
  table.rows += rows.rows;
}

/** Starts a roll-up file. */
export function writeRollupFile(files: Files, path: string, dayMs: number): RollupFileWriter {
  const file = writePackedFile(files, path);
  const newTable = (): OpenTable => ({ series: 0, rows: 0, firstSeries: 0, lastSeries: 0, bytes: emptySections() });
  const all = newTable();
  const good = newTable();
  const rollup = emptyRollup();
  const groups: RollupGroup[] = [];
  const totals: Float64Array[] = [];
  let metricNow = -1;
  let rows = 0;

  function closeTable(table: OpenTable): RollupTable {
    const { series, firstSeries } = table;
    const sections = {} as Record<RollupSection, Section>;
    for (const section of ROLLUP_SECTIONS) sections[section] = file.add(written(table.bytes[section]));
    return { series, rows: table.rows, firstSeries, sections };
  }
  function closeGroup(): void {
    if (all.series > 0) {
      const { firstSeries, lastSeries } = all;
      groups.push({ metric: metricNow, firstSeries, lastSeries, all: closeTable(all), good: closeTable(good) });
    }
    startTable(all);
    startTable(good);
  }
  return {
    add: (series, metric, points) => {
      if (metric !== metricNow || all.series >= GROUP_SERIES) {
        closeGroup();
        metricNow = metric;
        totals.push(emptyTotals());
      }
      rollUp(points, dayMs, rollup);
      addToTotals(totalsIn(totals.at(-1) as Float64Array, 0), rollup);
      addSeries(all, series, rollup.decimals, rollup.all);
      if (rollup.good.rows > 0) addSeries(good, series, rollup.decimals, rollup.good);
      rows += rollup.all.rows;
    },
    finish: () => {
      closeGroup();
      const numbers = Float64Array.from(totals.flatMap((group) => [...group]));
      const directory: RollupDirectory = { dayMs, rows, groups, totals: file.add(new Uint8Array(numbers.buffer)) };
      return { points: rows, bytes: file.finish(directory) };
    },
    abandon: file.abandon,
  };
}
