/** Where refused input goes: a counter for its reason and a dead letter that holds it. */
import type { IncomingMessage } from '@greencity/platform/broker/port';
import type { NewRecord } from '@greencity/platform/event-log/port';
import type { Counter, Metrics } from '@greencity/platform/metrics/port';
import { DEAD_LETTER_REASONS, type DeadLetter, type DeadLetterReason } from '@greencity/schema/events/reading';
import type { RefusedPart } from './decode/native.ts';

export interface Refusals {
  /** Counts a refusal and returns its record for `raw.measurements.dlq`. */
  letter(message: IncomingMessage, part: RefusedPart, receivedAtMs: number): NewRecord;
}

export function refusals(metrics: Metrics): Refusals {
  // All exist from the start, so that a rate can be watched before the first refusal.
  const counters = new Map<DeadLetterReason, Counter>(
    DEAD_LETTER_REASONS.map((reason) => [
      reason,
      metrics.counter('ingest_refused_total', 'Values, readings and messages that were refused.', { reason }),
    ]),
  );
  return {
    letter({ deviceId, topic }, { reason, detail, count, payload, encoding }, receivedAtMs) {
      counters.get(reason)?.add(count);
      const letter: DeadLetter = { v: 1, deviceId, topic, receivedAtMs, reason, detail, payload, encoding };
      return { key: deviceId, value: JSON.stringify(letter) };
    },
  };
}
