/** Learns the newest point of each series: when the store opens, and when other processes have written. */
import type { Metric } from '@greencity/air/metric';
import type { InfluxConnection } from './connection.ts';
import { fromBucket, keep, where } from './flux.ts';
import type { Buckets } from './layout.ts';
import { BAD, CORRECTED, FLAGS, metricOf, READING } from './layout.ts';
import type { Names } from './names.ts';

/** A time beyond every point: a device's clock, or ours, may be ahead of the server's. */
export const END_OF_TIME_MS = Date.UTC(2200, 0, 1);

interface Newest {
  readonly device: string;
  readonly metric: Metric;
  timeMs: number;
  value: number;
  corrected: { readonly timeMs: number; readonly value: number } | undefined;
  flags: { readonly timeMs: number; readonly value: number } | undefined;
}

/** Reads the newest points that are not older than `fromMs` into the names. */
export async function learnNewest(
  connection: InfluxConnection,
  { raw }: Buckets,
  { names, fromMs }: { readonly names: Names; readonly fromMs: number },
): Promise<void> {
  const found = new Map<string, Newest>();
  const range = { fromMs, toMs: END_OF_TIME_MS };
  const flux = `${fromBucket(raw, range)} ${where(READING)} |> last() ${keep('_time', '_value', '_field', 'device')}`;
  await connection.ask(flux, ['_time', '_value', '_field', 'device'], ([at = '', cell, field = '', device = '']) => {
    const metric = metricOf(field);
    if (!metric) return;
    const key = `${metric} ${device}`;
    let newest = found.get(key);
    if (!newest) {
      newest = {
        device,
        metric,
        timeMs: Number.NEGATIVE_INFINITY,
        value: Number.NaN,
        corrected: undefined,
        flags: undefined,
      };
      found.set(key, newest);
    }
    const point = { timeMs: Date.parse(at), value: Number(cell) };
    if (field.endsWith(CORRECTED)) newest.corrected = point;
    else if (field.endsWith(FLAGS)) newest.flags = point;
    else if ((field === metric || field.endsWith(BAD)) && point.timeMs > newest.timeMs) Object.assign(newest, point);
  });
  const rows = [...found.values()].filter(({ timeMs }) => Number.isFinite(timeMs));
  names.remember(
    {
      length: rows.length,
      series: Uint32Array.from(rows, ({ device, metric }) => names.id(device, metric)),
      timeMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
      value: Float64Array.from(rows, ({ value }) => value),
      corrected: Float64Array.from(rows, ({ corrected, timeMs }) =>
        corrected?.timeMs === timeMs ? corrected.value : Number.NaN,
      ),
      flags: Uint8Array.from(rows, ({ flags, timeMs }) => (flags?.timeMs === timeMs ? flags.value : 0)),
    },
    fromMs,
  );
}

/** Makes series known of which only roll-ups are left. */
export async function learnRolledUp(
  connection: InfluxConnection,
  { rollups }: Buckets,
  { names, fromMs }: { readonly names: Names; readonly fromMs: number },
): Promise<void> {
  const range = { fromMs, toMs: END_OF_TIME_MS };
  const flux = `${fromBucket(rollups, range)} ${where('day.count')} |> last() ${keep('_field', 'device')}`;
  await connection.ask(flux, ['_field', 'device'], ([field = '', device = '']) => {
    const metric = metricOf(field);
    if (metric) names.id(device, metric);
  });
}
