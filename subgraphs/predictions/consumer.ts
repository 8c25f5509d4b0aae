import type { EventLog, LogConsumer } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import { readEvent } from '@greencity/schema/events/read';
import { processedReadingFormat } from '@greencity/schema/events/reading';
import type { Ledger } from './ledger.ts';

/** Offsets move this often: hours are written for each device and metric, however many readings they came from. */
const COMMIT_INTERVAL_MS = 5_000;
/** A batch is taken in one go; this many readings keep nobody else waiting. */
const BATCH_RECORDS_MAX = 500;

/**
 * Follows `processed.measurements` where the group `predictions` left off. Each reading counts once: the ledger's store keeps its own offsets in the same
 * step as what came of them, and passes over what the log tells again.
 */
export function openConsumer(eventLog: EventLog, ledger: Ledger, log: Logger): Promise<LogConsumer> {
  return eventLog.consume({
    topic: 'processed.measurements',
    position: { kind: 'group', group: 'predictions', startAt: 'earliest' },
    batchRecordsMax: BATCH_RECORDS_MAX,
    commitIntervalMs: COMMIT_INTERVAL_MS,
    async handle(batch) {
      for (const record of batch) {
        const read = readEvent(record, processedReadingFormat);
        if (read.kind === 'event') ledger.reading(read.event, record);
        else {
          log.error(
            { offset: record.offset, detail: read.detail },
            'a processed reading is not readable and was passed over',
          );
          ledger.passOver(record);
        }
      }
    },
    flush: () => ledger.persist(),
  });
}
