import { HttpError } from '@influxdata/influxdb-client';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.ts';
import { pointColumns } from '../contract.ts';
import { unsurePoints } from './unsure.ts';

const answered = (status: number) =>
  new AppError('STORE_UNWRITABLE', 'influxdb', { cause: new HttpError(status, 'no space left on device') });
const points = pointColumns([
  { series: 0, timeMs: 1_000, value: 1 },
  { series: 0, timeMs: 2_000, value: 2 },
]);

describe('points that InfluxDB could not bring to its disk', () => {
  it('are unsure until they are taken, and no others are', () => {
    const unsure = unsurePoints();
    unsure.note(answered(500), points, [0]);
    expect(unsure.among(points, [0, 1])).toEqual([0]);
    unsure.taken(points, [0, 1]);
    expect(unsure.among(points, [0, 1])).toEqual([]);
  });

  it('are not those that the server did not like, or that it did not answer', () => {
    const unsure = unsurePoints();
    unsure.note(answered(422), points, [0]);
    unsure.note(new AppError('UNAVAILABLE', 'influxdb'), points, [0]);
    expect(unsure.among(points, [0])).toEqual([]);
  });
});
