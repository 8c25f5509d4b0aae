import type { Metrics } from '../../metrics/port.ts';
import type { WriteOutcome } from '../port.ts';

/** What the store counts of itself; InfluxDB tells of its own sizes. */
export function influxMeters(metrics: Metrics) {
  const counter = (outcome: string) =>
    metrics.counter('greencity_store_points_total', 'Points handed to the time-series store, by what became of them.', {
      outcome,
    });
  const stored = counter('stored');
  const duplicate = counter('duplicate');
  const conflict = counter('conflict');
  const expired = counter('expired');
  return {
    written: (written: WriteOutcome & { readonly rows: number; readonly expired: number }) => {
      const { rows, duplicates, conflicts, expired: old } = written;
      stored.add(rows - duplicates.length - conflicts.length - old);
      if (duplicates.length > 0) duplicate.add(duplicates.length);
      if (conflicts.length > 0) conflict.add(conflicts.length);
      if (old > 0) expired.add(old);
    },
  };
}
