/** Pieces of Flux. Values come into it through these alone. */
import type { Buckets } from './layout.ts';

/** A string literal; `${` would be a place to put a value in. */
export function text(value: string): string {
  const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('${', '\\${');
  return `"${escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}

/** A time literal. */
export function time(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Points of a bucket in a range that is not empty. */
export function fromBucket(bucket: string, { fromMs, toMs }: Range): string {
  return `from(bucket: ${text(bucket)}) |> range(start: ${time(fromMs)}, stop: ${time(toMs)})`;
}

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** A condition that names some devices; an index answers it, which `contains()` would not. @param deviceIds at least one */
export function ofDevices(deviceIds: readonly string[]): string {
  if (deviceIds.length === 1) return `r.device == ${text(deviceIds[0] as string)}`;
  return `r.device =~ /^(${deviceIds.map((id) => id.replace(SPECIAL, '\\$&')).join('|')})$/`;
}

/** A condition that names some fields. @param fields at least one */
export function ofFields(fields: readonly string[]): string {
  return `(${fields.map((field) => `r._field == ${text(field)}`).join(' or ')})`;
}

/** A filter on a measurement and further conditions. */
export function where(measurement: string, ...conditions: readonly string[]): string {
  return `|> filter(fn: (r) => ${[`r._measurement == ${text(measurement)}`, ...conditions].join(' and ')})`;
}

/** Condition of fields that hold a value as measured. */
export const VALUES = 'r._field !~ /\\.(corrected|flags)$/';

/** Only the columns that are read: less to send. */
export function keep(...columns: readonly string[]): string {
  return `|> keep(columns: [${columns.map(text).join(', ')}])`;
}

/** What is kept of an hour and a day that adds up. */
export const SUMMARIES = ['count', 'sum', 'min', 'max'] as const;

/**
 * Rolls points up into counts, sums and extremes of each hour and each day; each of these is a Flux of its own.
 * The tables of all devices are made one before they are written: InfluxDB takes longer for a table than for its rows.
 * @param range how `from(…)` is cut, as Flux
 */
export function downsample({ raw, rollups }: Buckets, range: string): readonly string[] {
  const values = `from(bucket: ${text(raw)}) ${range} ${where('reading', VALUES)}`;
  return ['hour', 'day'].flatMap((unit) =>
    SUMMARIES.map((summary) => {
      const every = unit === 'hour' ? '1h' : '1d';
      const rolledUp = `|> aggregateWindow(every: ${every}, fn: ${summary}, createEmpty: false, timeSrc: "_start")`;
      const named = `|> group(columns: ["_field"]) |> set(key: "_measurement", value: "${unit}.${summary}")`;
      const written = `|> to(bucket: ${text(rollups)}, tagColumns: ["device"])`;
      return `${values} ${rolledUp} ${named} ${written} ${keep('_time')} |> limit(n: 1) |> yield(name: "${unit}.${summary}")`;
    }),
  );
}
