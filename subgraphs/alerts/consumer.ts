import type { EventLog, LogConsumer } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import { readEvent } from '@greencity/schema/events/read';
import { processedReadingFormat } from '@greencity/schema/events/reading';
import type { AlertBook } from './alert-book.ts';
import type { AlertEngine } from './domain/alert-engine.ts';
import type { InTurn } from './in-turn.ts';

export interface ReadingsConsumerOptions {
  readonly eventLog: EventLog;
  readonly engine: AlertEngine;
  readonly book: AlertBook;
  readonly inTurn: InTurn;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Offsets move this often, and with them what was judged: a change of state is stored at once. */
const COMMIT_INTERVAL_MS = 5_000;
/** A batch is judged in one go; 2,000 readings keep that to a few milliseconds. */
const BATCH_RECORDS_MAX = 2_000;

/**
 * Judges processed readings where the group `alerts` left off. Idempotent by (device, metric, measurement time): what was judged up to is stored
 * before the offset moves, and in one step with the alerts that came of it.
 */
export async function openReadingsConsumer(options: ReadingsConsumerOptions): Promise<LogConsumer> {
  const { eventLog, engine, book, inTurn, log, metrics } = options;
  const judged = metrics.counter('greencity_alerts_readings_total', 'Readings that were judged by the alert rules.');
  const consumer = await eventLog.consume({
    topic: 'processed.measurements',
    position: { kind: 'group', group: 'alerts', startAt: 'earliest' },
    batchRecordsMax: BATCH_RECORDS_MAX,
    commitIntervalMs: COMMIT_INTERVAL_MS,
    handle: (batch) =>
      inTurn(async () => {
        for (const record of batch) {
          const read = readEvent(record, processedReadingFormat);
          if (read.kind === 'event') engine.read(read.event);
          else
            log.error({ offset: record.offset, detail: read.detail }, 'a record is not readable and was passed over');
        }
        judged.add(batch.length);
        if (engine.hasNews()) await book.settle();
      }),
    flush: () => inTurn(() => book.settle()),
  });
  metrics.gauge('greencity_alerts_lag_records', 'Readings that the alert rules have not seen yet.', () =>
    consumer.lagRecords(),
  );
  return consumer;
}
