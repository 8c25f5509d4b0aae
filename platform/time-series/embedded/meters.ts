import type { Metrics } from '../../metrics/port.ts';
import type { Sizes, Written } from './messages.ts';

/** What the store counts of itself. */
export function storeMeters(metrics: Metrics) {
  const counter = (outcome: string) =>
    metrics.counter('greencity_store_points_total', 'Points handed to the time-series store, by what became of them.', {
      outcome,
    });
  const stored = counter('stored');
  const duplicate = counter('duplicate');
  const conflict = counter('conflict');
  const expired = counter('expired');
  let now: Sizes = { hotPoints: 0, sealedPoints: 0, sealedBytes: 0, rollupBytes: 0, files: 0 };
  metrics.gauge('greencity_store_sealed_points', 'Points in day files.', () => now.sealedPoints);
  metrics.gauge('greencity_store_sealed_bytes', 'Bytes of day files.', () => now.sealedBytes);
  metrics.gauge('greencity_store_rollup_bytes', 'Bytes of roll-ups.', () => now.rollupBytes);
  metrics.gauge('greencity_store_files', 'Day files and roll-ups.', () => now.files);
  return {
    written: ({ rows, duplicates, conflicts, expired: old }: Written) => {
      stored.add(rows - duplicates.length - conflicts.length - old);
      if (duplicates.length > 0) duplicate.add(duplicates.length);
      if (conflicts.length > 0) conflict.add(conflicts.length);
      if (old > 0) expired.add(old);
    },
    sizes: (sizes: Sizes) => {
      now = sizes;
    },
  };
}
