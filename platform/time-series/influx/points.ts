/** Reads points as they were measured. */
import type { Metric } from '@greencity/air/metric';
import { AppError } from '../../errors.ts';
import type { RawPoints } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { fromBucket, keep, ofDevices, ofFields, type Range, where } from './flux.ts';
import { BAD, CORRECTED, FLAGS, READING } from './layout.ts';

/** Rows of one answer: about 400 MB of CSV. More is refused, not begun. */
export const ROWS_MAX = 4_194_304;

export interface PointsQuestion extends Range {
  readonly metric: Metric;
  /** Undefined: of all. */
  readonly deviceIds: readonly string[] | undefined;
  readonly wantsCorrected: boolean;
  readonly wantsFlags: boolean;
  /** Without BAD ones. */
  readonly onlyGood: boolean;
  /** Points of one device; one more is read, so that the caller sees that there are more. */
  readonly pointsMax?: number;
}

interface Reading {
  timeMs: number[];
  value: number[];
  readonly corrected: Map<number, number>;
  readonly flags: Map<number, number>;
}

const tooMany = () => new AppError('SERIES_TOO_LONG', `more than ${ROWS_MAX} points in one question`);

function fieldsFor({ metric, wantsCorrected, wantsFlags, onlyGood }: PointsQuestion): readonly string[] {
  return [
    metric,
    ...(onlyGood ? [] : [`${metric}${BAD}`]),
    ...(wantsCorrected ? [`${metric}${CORRECTED}`] : []),
    ...(wantsFlags ? [`${metric}${FLAGS}`] : []),
  ];
}

/** Points of each device that has any, in time order. @throws AppError SERIES_TOO_LONG */
export async function readPoints(
  connection: InfluxConnection,
  bucket: string,
  question: PointsQuestion,
): Promise<ReadonlyMap<string, RawPoints>> {
  const { metric, deviceIds, pointsMax } = question;
  const readings = new Map<string, Reading>();
  if (question.fromMs >= question.toMs) return new Map();
  const conditions = [...(deviceIds ? [ofDevices(deviceIds)] : []), ofFields(fieldsFor(question))];
  const flux = [
    fromBucket(bucket, question),
    where(READING, ...conditions),
    ...(pointsMax === undefined ? [] : [`|> limit(n: ${pointsMax + 1})`]),
    keep('_time', '_value', '_field', 'device'),
  ];
  let rows = 0;
  await connection.ask(
    flux.join(' '),
    ['_time', '_value', '_field', 'device'],
    ([at = '', cell = '', field, device = '']) => {
      if (++rows > ROWS_MAX) throw tooMany();
      let reading = readings.get(device);
      if (!reading) {
        reading = { timeMs: [], value: [], corrected: new Map(), flags: new Map() };
        readings.set(device, reading);
      }
      const timeMs = Date.parse(at);
      const value = Number(cell);
      if (field === `${metric}${CORRECTED}`) reading.corrected.set(timeMs, value);
      else if (field === `${metric}${FLAGS}`) reading.flags.set(timeMs, value);
      else {
        reading.timeMs.push(timeMs);
        reading.value.push(value);
      }
    },
  );
  return new Map([...readings].map(([device, reading]) => [device, inOrder(reading)]));
}

/** Values that are BAD come apart from the others, each in time order. */
function inOrder({ timeMs, value, corrected, flags }: Reading): RawPoints {
  const order = Uint32Array.from(timeMs, (_, row) => row);
  if (timeMs.some((at, row) => row > 0 && at < (timeMs[row - 1] as number))) {
    order.sort((a, b) => (timeMs[a] as number) - (timeMs[b] as number));
  }
  const times = Float64Array.from(order, (row) => timeMs[row] as number);
  return {
    timeMs: times,
    value: Float64Array.from(order, (row) => value[row] as number),
    corrected: Float64Array.from(times, (at) => corrected.get(at) ?? Number.NaN),
    flags: Uint8Array.from(times, (at) => flags.get(at) ?? 0),
  };
}
