import type { Engine } from './engine.ts';
import type { Opened, Sizes } from './messages.ts';
import { pointBuffer } from './points.ts';

/** The series of an engine that was just opened, and the newest point of each. */
export function opened({ table, hot, manifest }: Engine): Opened {
  const { count } = table;
  const timeMs = new Float64Array(count);
  const value = table.sealedValue.slice(0, count);
  const corrected = table.sealedCorrected.slice(0, count);
  const flags = table.sealedFlags.slice(0, count);
  const one = pointBuffer({ flags: true, corrected: true });
  for (let series = 0; series < count; series++) {
    timeMs[series] = table.sealedMs[series] as number;
    const newestMs = hot.newestMs(series);
    if (newestMs > (timeMs[series] as number)) {
      one.length = 0;
      hot.read(series, { fromMs: newestMs, toMs: newestMs + 1 }, one);
      timeMs[series] = newestMs;
      value[series] = one.value[0] as number;
      corrected[series] = one.corrected[0] as number;
      flags[series] = one.flags[0] as number;
    }
    if ((timeMs[series] as number) < manifest.rawFloorMs || timeMs[series] === Number.NEGATIVE_INFINITY) {
      timeMs[series] = Number.NaN;
      value[series] = Number.NaN;
      corrected[series] = Number.NaN;
      flags[series] = 0;
    }
  }
  const { rawFloorMs } = manifest;
  return {
    deviceIds: table.devices,
    metrics: table.metric.slice(0, count),
    timeMs,
    value,
    corrected,
    flags,
    rawFloorMs,
  };
}

/** How much an engine holds, and where. */
export function sizes({ hot, frozen, manifest }: Engine): Sizes {
  let sealedPoints = 0;
  let sealedBytes = 0;
  let rollupBytes = 0;
  let files = 0;
  for (const day of manifest.days) {
    for (const file of day.files) {
      sealedPoints += file.points;
      sealedBytes += file.bytes;
      files++;
    }
    if (day.rollup) {
      rollupBytes += day.rollup.bytes;
      files++;
    }
  }
  return { hotPoints: hot.points() + (frozen?.points() ?? 0), sealedPoints, sealedBytes, rollupBytes, files };
}
