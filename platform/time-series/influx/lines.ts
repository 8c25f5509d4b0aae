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

/** Lines of one request, as InfluxDB advises. */
const LINES_MAX = 5_000;

/** Writes points as lines, on the path of every reading: what a series gives to its lines is made once. */
export interface Lines {
  /**
   * Request bodies with the rows' lines, each line with its end. Rows of one device and one time that follow each other share a line.
   * @throws RangeError for a value that is no number
   */
  bodies(batches: readonly { readonly points: PointColumns; readonly fresh: readonly number[] }[]): readonly string[];
}

/** Lines of a store's series. */
export function openLines(names: Names): Lines {
  /** By series; those of one device are the same text, told apart by looking at nothing but its place in memory. */
  const heads: string[] = [];
  const fields: string[] = [];
  const headOfDevice = new Map<string, string>();

  function know(series: number): string {
    const deviceId = names.deviceOf(series);
    const head = headOfDevice.get(deviceId) ?? `${READING},device=${tag(deviceId)} `;
    headOfDevice.set(deviceId, head);
    heads[series] = head;
    fields[series] = names.metricOf(series);
    return head;
  }

  return {
    bodies(batches) {
      const bodies: string[] = [];
      let body = '';
      let lines = 0;
      let head = '';
      let timeMs = Number.NaN;
      for (const { points, fresh } of batches) {
        for (const row of fresh) {
          const series = points.series[row] as number;
          const at = points.timeMs[row] as number;
          const ofSeries = heads[series] ?? know(series);
          if (ofSeries === head && at === timeMs) body += ',';
          else {
            if (lines > 0) body += endOf(timeMs);
            if (lines === LINES_MAX) {
              bodies.push(body);
              body = '';
              lines = 0;
            }
            head = ofSeries;
            timeMs = at;
            lines += 1;
            body += head;
          }
          body += fieldsOf(points, row, fields[series] as string);
        }
      }
      if (lines > 0) bodies.push(body + endOf(timeMs));
      return bodies;
    },
  };
}

const endOf = (timeMs: number) => ` ${nanoseconds(timeMs)}\n`;

function fieldsOf(points: PointColumns, row: number, metric: string): string {
  const value = points.value[row] as number;
  if (!Number.isFinite(value)) throw new RangeError(`expected a number, got ${value}`);
  const flags = points.flags[row] as number;
  const corrected = points.corrected[row] as number;
  let text = (flags & BAD_BITS) === 0 ? `${metric}=${value}` : `${metric}${BAD}=${value}`;
  if (!Number.isNaN(corrected)) text += `,${metric}${CORRECTED}=${corrected}`;
  if (flags !== 0) text += `,${metric}${FLAGS}=${flags}i`;
  return text;
}
