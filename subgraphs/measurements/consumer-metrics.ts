import { FLAGS } from '@greencity/air/quality';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { WriteOutcome } from '@greencity/platform/time-series/port';
import type { Emission } from './emission.ts';
import { countFlags, type PreparedBatch } from './prepared-batch.ts';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Counts what the consumer did. */
export interface ConsumerMetrics {
  batch(prepared: PreparedBatch, stored: WriteOutcome, emission: Emission, nowMs: number): void;
}

/** The counters of the consumer, at `/metrics`. */
export function createConsumerMetrics(metrics: Metrics): ConsumerMetrics {
  const counter = (name: string, help: string) => metrics.counter(`greencity_measurements_${name}_total`, help);
  const stored = counter('stored_values', 'Values stored that were new.');
  const repeated = counter('repeated_values', 'Values that were stored before and had no further effect.');
  const conflicting = counter('conflicting_values', 'Values refused because another one is stored for their time.');
  const unreadable = counter('unreadable_records', 'Records of raw.measurements sent to the dead letters.');
  const flagged = FLAGS.map((flag) =>
    metrics.counter('greencity_measurements_flagged_values_total', 'Values by flag.', { flag }),
  );
  const delay = metrics.histogram(
    'greencity_measurements_visible_seconds',
    'From receipt of the oldest reading of a batch until the batch could be queried.',
    SECONDS,
  );
  return {
    batch(prepared, { duplicates, conflicts }, emission, nowMs) {
      stored.add(prepared.columns.length - duplicates.length - conflicts.length);
      repeated.add(emission.repeatedValues);
      conflicting.add(conflicts.length);
      unreadable.add(prepared.unreadable.length);
      const counts = countFlags(prepared.columns.flags);
      FLAGS.forEach((flag, place) => {
        if (counts[flag] > 0) flagged[place]?.add(counts[flag]);
      });
      const oldest = prepared.readings[0]?.reading.receivedAtMs;
      if (oldest !== undefined) delay.observe(Math.max(0, nowMs - oldest) / 1_000);
    },
  };
}
