/** Counts, sums and extremes of time buckets, added up by InfluxDB. */
import type { Metric } from '@greencity/air/metric';
import { AppError } from '../../errors.ts';
import type { BucketPart } from '../embedded/bucket-table.ts';
import type { BucketQuery, Statistic } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { fromBucket, keep, ofDevices, ofFields, type Range, where } from './flux.ts';
import { ALL, BAD, READING, type RollupUnit } from './layout.ts';
import { ROWS_MAX } from './points.ts';

/** Parts of buckets by device, then start; all devices together are the device `''`. */
export type WindowSums = Map<string, Map<number, BucketPart & { median?: number; p95?: number }>>;

export interface SumsQuestion extends Range {
  readonly metric: Metric;
  readonly deviceIds: readonly string[] | undefined;
  readonly query: BucketQuery;
}

export type Summary = 'count' | 'sum' | 'min' | 'max';

/** What has to be known for some statistics. */
export function summariesFor(statistics: readonly Statistic[]): readonly Summary[] {
  return [
    'count',
    ...(statistics.includes('MEAN') ? (['sum'] as const) : []),
    ...(statistics.includes('MIN') ? (['min'] as const) : []),
    ...(statistics.includes('MAX') ? (['max'] as const) : []),
  ];
}

/** How summaries of parts make one of the whole. */
const MERGED: Readonly<Record<Summary, Summary>> = { count: 'sum', sum: 'sum', min: 'min', max: 'max' };

export function emptyPart(): BucketPart {
  return { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
}

export function addTo(part: BucketPart, summary: string, value: number): void {
  if (summary === 'count') part.count += value;
  else if (summary === 'sum') part.sum += value;
  else if (summary === 'min') part.min = Math.min(part.min, value);
  else if (summary === 'max') part.max = Math.max(part.max, value);
}

export function partAt<P extends BucketPart>(sums: Map<string, Map<number, P>>, device: string, startMs: number): P {
  let ofDevice = sums.get(device);
  if (!ofDevice) {
    ofDevice = new Map();
    sums.set(device, ofDevice);
  }
  let part = ofDevice.get(startMs);
  if (!part) {
    part = emptyPart() as P;
    ofDevice.set(startMs, part);
  }
  return part;
}

/** Sums over raw points. */
export async function windowSums(
  connection: InfluxConnection,
  bucket: string,
  question: SumsQuestion,
): Promise<WindowSums> {
  const { metric, deviceIds, query } = question;
  const fields = query.excludeFlags === 0 ? [metric, `${metric}${BAD}`] : [metric];
  const source = `${fromBucket(bucket, question)} ${where(READING, ...(deviceIds ? [ofDevices(deviceIds)] : []), ofFields(fields))}`;
  const { intervalMs } = query;
  const asked = summariesFor(query.statistics).map((summary) => {
    const windowed =
      intervalMs === null
        ? `|> ${summary}()`
        : `|> aggregateWindow(every: ${intervalMs}ms, fn: ${summary}, createEmpty: false, timeSrc: "_start")`;
    return `${source} ${windowed} ${merged(query, summary)} |> yield(name: "${summary}")`;
  });
  const startOf = (at: string) =>
    intervalMs === null ? query.fromMs : Math.floor(Date.parse(at) / intervalMs) * intervalMs;
  return await readSums(connection, asked.join('\n'), startOf);
}

/** One row for each bucket of all series, or of each series. */
function merged({ groupBy, intervalMs }: BucketQuery, summary: Summary): string {
  const time = intervalMs === null ? [] : ['_time'];
  if (groupBy === 'series') return keep(...time, '_value', 'device');
  const by = time.map((column) => `"${column}"`).join(', ');
  return `|> group(columns: [${by}]) |> ${MERGED[summary]}() ${keep(...time, '_value')}`;
}

async function readSums(
  connection: InfluxConnection,
  flux: string,
  startOf: (at: string) => number,
): Promise<WindowSums> {
  const sums: WindowSums = new Map();
  let rows = 0;
  await connection.ask(flux, ['result', '_time', '_value', 'device'], ([summary = '', at = '', cell, device = '']) => {
    if (++rows > ROWS_MAX) throw new AppError('SERIES_TOO_LONG', `more than ${ROWS_MAX} rows in one question`);
    addTo(partAt(sums, device, startOf(at)), summary, Number(cell));
  });
  return sums;
}

export interface RollupsQuestion extends SumsQuestion {
  readonly unit: RollupUnit;
  /** True when the order statistics of the unit itself are asked for. */
  readonly order: boolean;
  readonly startOf: (unitMs: number) => number;
}

/** Sums over roll-ups. */
export async function rolledUpSums(
  connection: InfluxConnection,
  bucket: string,
  question: RollupsQuestion,
): Promise<WindowSums> {
  const { metric, deviceIds, query, unit, order } = question;
  const good = query.excludeFlags !== 0;
  const devices = deviceIds ? [ofDevices(deviceIds)] : [];
  const together = query.groupBy === 'all' && !order;
  const ask = (kind: string, fields: readonly string[]) =>
    `${fromBucket(bucket, question)} ${where(`${unit}.${kind}`, ...devices, ofFields(fields))}`;
  const asked = summariesFor(query.statistics).map((summary) => {
    const found = ask(summary, good ? [metric] : [metric, `${metric}${BAD}`]);
    const merging = together ? `|> group(columns: ["_time"]) |> ${MERGED[summary]}()` : '';
    return `${found} ${merging} ${keep('_time', '_value', 'device')} |> yield(name: "${summary}")`;
  });
  for (const kind of order ? (['median', 'p95'] as const) : []) {
    const found = ask(kind, good ? [metric] : [metric, `${metric}${ALL}`]);
    asked.push(`${found} ${keep('_time', '_value', '_field', 'device')} |> yield(name: "${kind}")`);
  }
  const sums: WindowSums = new Map();
  const columns = ['result', '_time', '_value', '_field', 'device'];
  let rows = 0;
  await connection.ask(asked.join('\n'), columns, ([summary = '', at = '', cell, field = '', device = '']) => {
    if (++rows > ROWS_MAX) throw new AppError('SERIES_TOO_LONG', `more than ${ROWS_MAX} rows in one question`);
    const part = partAt(sums, together ? '' : device, question.startOf(Date.parse(at)));
    if (summary !== 'median' && summary !== 'p95') addTo(part, summary, Number(cell));
    // Of all values, it takes the place of the one of good values, whichever comes first.
    else if (field.endsWith(ALL)) part[summary] = Number(cell);
    else part[summary] ??= Number(cell);
  });
  return sums;
}
