/** What is stored at some places already. */
import type { Metric } from '@greencity/air/metric';
import { HOUR_MS } from '@greencity/air/time';
import type { InfluxConnection } from './connection.ts';
import type { Buckets } from './layout.ts';
import { readPoints } from './points.ts';
import type { Slot } from './sorting.ts';

/** By metric, then device, then time. */
export type StoredValues = ReadonlyMap<Metric, ReadonlyMap<string, ReadonlyMap<number, number>>>;

/** Ranges that the places of one metric are looked up in. */
const RANGES_MAX = 16;
const DEVICES_NAMED_MAX = 100;
/** Places nearer to each other than this lie in one range. */
const GAP_MS = HOUR_MS;

/** Reads the values around some places: one question for each metric and each stretch of time. */
export async function lookUp(
  connection: InfluxConnection,
  { raw }: Buckets,
  slots: readonly Slot[],
): Promise<StoredValues> {
  const found = new Map<Metric, Map<string, Map<number, number>>>();
  for (const [metric, ofMetric] of Map.groupBy(slots, (slot) => slot.metric)) {
    const values = new Map<string, Map<number, number>>();
    found.set(metric, values);
    for (const stretch of stretches(ofMetric)) {
      const question = {
        ...{ metric, wantsCorrected: false, wantsFlags: false, onlyGood: false },
        deviceIds: fewDevices(stretch),
        fromMs: (stretch[0] as Slot).timeMs,
        toMs: (stretch.at(-1) as Slot).timeMs + 1,
      };
      for (const [device, points] of await readPoints(connection, raw, question)) {
        const ofDevice = values.get(device) ?? new Map<number, number>();
        values.set(device, ofDevice);
        for (let row = 0; row < points.timeMs.length; row++) {
          ofDevice.set(points.timeMs[row] as number, points.value[row] as number);
        }
      }
    }
  }
  return found;
}

/** Undefined, for all, when they are many: a minute of the whole city is read sooner than its names are compared. */
function fewDevices(slots: readonly Slot[]): readonly string[] | undefined {
  const deviceIds = new Set(slots.map(({ deviceId }) => deviceId));
  return deviceIds.size > DEVICES_NAMED_MAX ? undefined : [...deviceIds];
}

/** Places in time order, cut where the gaps are widest: back-fill of a month beside a late minute is no question about the month of all. */
function stretches(slots: readonly Slot[]): readonly (readonly Slot[])[] {
  const sorted = [...slots].sort((a, b) => a.timeMs - b.timeMs);
  const gapBefore = (place: number) => (sorted[place] as Slot).timeMs - (sorted[place - 1] as Slot).timeMs;
  const cuts = sorted
    .map((_, place) => place)
    .filter((place) => place > 0 && gapBefore(place) > GAP_MS)
    .sort((a, b) => gapBefore(b) - gapBefore(a))
    .slice(0, RANGES_MAX - 1)
    .sort((a, b) => a - b);
  return [0, ...cuts].map((from, part) => sorted.slice(from, cuts[part]));
}
