/** Tells rows that are new from those that are stored already, or stand earlier among those that are written together. */
import type { Metric } from '@greencity/air/metric';
import type { PointColumns } from '../port.ts';
import type { Names } from './names.ts';
import type { StoredValues } from './stored-values.ts';

/** A place in the store. */
export interface Slot {
  readonly deviceId: string;
  readonly metric: Metric;
  readonly timeMs: number;
}

/** Rows of a batch by what becomes of them. */
export interface Sorted {
  readonly points: PointColumns;
  readonly fresh: number[];
  readonly duplicates: number[];
  readonly conflicts: number[];
  expired: number;
}

export interface Standing {
  readonly names: Names;
  /** Older rows are not stored. */
  readonly floorMs: number;
}

export interface Contested {
  /** Series of which a row is not newer than the one before it. All rows of the others are new, without a look at their values. */
  readonly contested: ReadonlySet<number>;
  /** Rows that are not newer than what is stored of their series: something may be stored at their time. */
  readonly late: readonly Slot[];
}

/** Finds the rows that have to be compared. Nearly all readings come in the order of their time. */
export function contestedIn(batches: readonly PointColumns[], { names, floorMs }: Standing): Contested {
  const contested = new Set<number>();
  const late: Slot[] = [];
  const newest = new Float64Array(names.count()).fill(Number.NaN);
  for (const { length, series: ids, timeMs: times } of batches) {
    for (let row = 0; row < length; row++) {
      const series = ids[row] as number;
      const timeMs = times[row] as number;
      if (timeMs < floorMs) continue;
      const isLate = timeMs <= names.newestMs(series);
      if (isLate) late.push({ deviceId: names.deviceOf(series), metric: names.metricOf(series), timeMs });
      if (isLate || timeMs <= (newest[series] as number)) contested.add(series);
      else newest[series] = timeMs;
    }
  }
  return { contested, late };
}

/** Sorts batches that are written together, in their order. */
export function sortRows(
  batches: readonly PointColumns[],
  { names, floorMs, contested, stored }: Standing & Pick<Contested, 'contested'> & { readonly stored: StoredValues },
): readonly Sorted[] {
  /** Values of contested series by time. */
  const taken = new Map([...contested].map((series) => [series, new Map<number, number>()]));
  return batches.map((points) => {
    const sorted: Sorted = { points, fresh: [], duplicates: [], conflicts: [], expired: 0 };
    for (let row = 0; row < points.length; row++) {
      const series = points.series[row] as number;
      const timeMs = points.timeMs[row] as number;
      if (timeMs < floorMs) {
        sorted.expired++;
        continue;
      }
      const ofSeries = taken.size > 0 ? taken.get(series) : undefined;
      if (!ofSeries) {
        sorted.fresh.push(row);
        continue;
      }
      const value = points.value[row] as number;
      const found = ofSeries.get(timeMs) ?? storedAt(stored, names, { series, timeMs });
      if (found === undefined) {
        ofSeries.set(timeMs, value);
        sorted.fresh.push(row);
      } else if (found === value) sorted.duplicates.push(row);
      else sorted.conflicts.push(row);
    }
    return sorted;
  });
}

function storedAt(
  stored: StoredValues,
  names: Names,
  { series, timeMs }: { readonly series: number; readonly timeMs: number },
): number | undefined {
  if (stored.size === 0) return undefined;
  return stored.get(names.metricOf(series))?.get(names.deviceOf(series))?.get(timeMs);
}
