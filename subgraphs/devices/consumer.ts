import type { EventLog, LogConsumer, LogRecord } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import { deviceStatusReportedFormat } from '@greencity/schema/events/device';
import { readEvent } from '@greencity/schema/events/read';
import { processedReadingFormat } from '@greencity/schema/events/reading';
import type { ActivityBook } from './activity.ts';

/** Offsets move this often, and with them what devices were seen doing: writing it for each reading would cost more than the reading. */
const COMMIT_INTERVAL_MS = 5_000;
/** Whoever reads a record first parses it, about 5 µs: a batch stays well below the 20 ms that nobody may hold the event loop up. */
const BATCH_RECORDS_MAX = 1_000;

/** The two consumers behind a device's status. */
export interface ActivityConsumers {
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Starts them where the group `devices` left off. Idempotent: a batch told twice comes to the same. */
export async function openConsumers(eventLog: EventLog, book: ActivityBook, log: Logger): Promise<ActivityConsumers> {
  const unreadable = (record: LogRecord, detail: string) =>
    log.error({ topic: record.topic, offset: record.offset, detail }, 'a record is not readable and was passed over');
  const shared = {
    position: { kind: 'group', group: 'devices', startAt: 'earliest' },
    batchRecordsMax: BATCH_RECORDS_MAX,
    commitIntervalMs: COMMIT_INTERVAL_MS,
    flush: () => book.flush(),
  } as const;

  await using opening = new AsyncDisposableStack();
  const consumers: LogConsumer[] = [
    opening.use(
      await eventLog.consume({
        ...shared,
        topic: 'processed.measurements',
        async handle(batch) {
          for (const record of batch) {
            const read = readEvent(record, processedReadingFormat);
            if (read.kind === 'unreadable') unreadable(record, read.detail);
            else book.reading(read.event.deviceId, read.event.timeMs, read.event.receivedAtMs);
          }
        },
      }),
    ),
    await eventLog.consume({
      ...shared,
      topic: 'device.status',
      async handle(batch) {
        for (const record of batch) {
          const read = readEvent(record, deviceStatusReportedFormat);
          if (read.kind === 'unreadable') unreadable(record, read.detail);
          else book.report(read.event.deviceId, read.event);
        }
      },
    }),
  ];
  opening.move();
  return {
    async caughtUp() {
      await Promise.all(consumers.map((consumer) => consumer.caughtUp()));
    },
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close()));
    },
  };
}
