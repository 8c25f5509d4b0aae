/** Points as line protocol. */
import { BAD_BITS } from '@greencity/air/quality';
import type { PointColumns } from '../port.ts';
import { BAD, CORRECTED, FLAGS, READING } from './layout.ts';
import type { Names } from './names.ts';

const SPECIAL = /[,= \\]/g;

/** A tag's value; a line's end cannot stand in it. */
export function tag(value: string): string {
  if (/[\n\r]/.test(value) || value === '')
    throw new RangeError(`expected a name of one line, got ${JSON.stringify(value)}`);
  return value.replace(SPECIAL, '\\$&');
}

/** Whole ms as the ns that InfluxDB counts in. */
export function nanoseconds(timeMs: number): string {
  return timeMs === 0 ? '0' : `${timeMs}000000`;
}

function fieldsOf(points: PointColumns, row: number, metric: string): string {
  const value = points.value[row] as number;
  if (!Number.isFinite(value)) throw new RangeError(`expected a number, got ${value}`);
  const flags = points.flags[row] as number;
  const corrected = points.corrected[row] as number;
  const field = (flags & BAD_BITS) === 0 ? metric : `${metric}${BAD}`;
  let text = `${field}=${value}`;
  if (!Number.isNaN(corrected)) text += `,${metric}${CORRECTED}=${corrected}`;
  if (flags !== 0) text += `,${metric}${FLAGS}=${flags}i`;
  return text;
}

/** Lines of some rows: rows of one device and one time that follow each other share a line. */
export function linesOf(points: PointColumns, rows: readonly number[], names: Names): string[] {
  const lines: string[] = [];
  let device = '';
  let timeMs = Number.NaN;
  let line = '';
  for (const row of rows) {
    const series = points.series[row] as number;
    const at = points.timeMs[row] as number;
    const deviceId = names.deviceOf(series);
    const fields = fieldsOf(points, row, names.metricOf(series));
    if (deviceId === device && at === timeMs) {
      line += `,${fields}`;
      continue;
    }
    if (line) lines.push(`${line} ${nanoseconds(timeMs)}`);
    device = deviceId;
    timeMs = at;
    line = `${READING},device=${tag(deviceId)} ${fields}`;
  }
  if (line) lines.push(`${line} ${nanoseconds(timeMs)}`);
  return lines;
}
