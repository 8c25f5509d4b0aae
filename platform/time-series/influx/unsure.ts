/**
 * Points that InfluxDB could not bring to its disk. It answers queries with them from its memory all the same, so that they seem to be stored; after
 * its next start they are gone. So they are sent again although they are found, until the server has taken them.
 */
import { HttpError } from '@influxdata/influxdb-client';
import { AppError } from '../../errors.ts';
import type { PointColumns } from '../port.ts';

const SERVER_FAILED = 500;

export interface Unsure {
  /** Notes points whose write failed, if it was for the server's own reasons. */
  note(error: unknown, points: PointColumns, rows: readonly number[]): void;
  /** Those of these points that, though they are found, may be in the server's memory alone. */
  among(points: PointColumns, rows: readonly number[]): readonly number[];
  /** These points have been taken. */
  taken(points: PointColumns, rows: readonly number[]): void;
}

/** Holds what was refused since this process started, and is tried again: no more than waits to be written. */
export function unsurePoints(): Unsure {
  const unsure = new Set<string>();
  const keyOf = ({ series, timeMs }: PointColumns, row: number) => `${series[row]} ${timeMs[row]}`;
  return {
    note(error, points, rows) {
      if (failedByServer(error)) for (const row of rows) unsure.add(keyOf(points, row));
    },
    among: (points, rows) => (unsure.size > 0 ? rows.filter((row) => unsure.has(keyOf(points, row))) : []),
    taken(points, rows) {
      if (unsure.size > 0) for (const row of rows) unsure.delete(keyOf(points, row));
    },
  };
}

function failedByServer(error: unknown): boolean {
  if (!(error instanceof AppError) || error.code !== 'STORE_UNWRITABLE') return false;
  return error.cause instanceof HttpError && error.cause.statusCode >= SERVER_FAILED;
}
