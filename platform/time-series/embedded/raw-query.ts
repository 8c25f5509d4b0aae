import type { RawPoints, RawQuery } from '../port.ts';
import type { Engine } from './engine.ts';
import { pointBuffer } from './points.ts';
import { readPoints, takeSnapshot } from './snapshot.ts';

/** Points of one series in time order. @throws AppError SERIES_TOO_LONG, STORE_CORRUPT */
export function* rawQuery(engine: Engine, query: RawQuery): Generator<void, RawPoints, void> {
  using snapshot = takeSnapshot(engine);
  const buffer = pointBuffer({ flags: true, corrected: true });
  yield* readPoints(snapshot, query.series, query, buffer);
  const { length } = buffer;
  return {
    timeMs: buffer.timeMs.slice(0, length),
    value: buffer.value.slice(0, length),
    corrected: buffer.corrected.slice(0, length),
    flags: buffer.flags.slice(0, length),
  };
}
