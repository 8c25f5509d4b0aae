import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { EventLog, LogConsumer, LogRecord } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import type { TimeSeries, WriteOutcome } from '@greencity/platform/time-series/port';
import { createConsumerMetrics } from './consumer-metrics.ts';
import { createDeviceSeriesBook } from './device-series.ts';
import { createSeriesHistory } from './domain/series-history.ts';
import { type Emission, emissionOf } from './emission.ts';
import { createLivePublisher } from './live.ts';
import { type Judges, type PreparedBatch, prepareBatch } from './prepared-batch.ts';
import { readToldBefore, type ToldBefore } from './told-before.ts';

const TOPIC = 'raw.measurements';
/** Readings of one step: large enough that the two fsyncs of a step cost little per reading, small enough to keep the event loop free. */
const BATCH_RECORDS_MAX = 5_000;

export interface ConsumerDependencies {
  readonly eventLog: EventLog;
  readonly timeSeries: TimeSeries;
  readonly directory: DeviceDirectory;
  readonly pubSub: PubSub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A batch on its way. What has been done is kept, so that a retry goes on where the failure was: judging or storing twice would not come to the same. */
interface Work {
  readonly batch: readonly LogRecord[];
  readonly prepared: PreparedBatch;
  stored: WriteOutcome | undefined;
  emission: Emission | undefined;
  lettersSent: boolean;
}

/** How far both topics had come when a partition was taken over. */
interface TakenOver {
  readonly endOffset: number;
  readonly processedEnd: number;
  told: Promise<ToldBefore> | undefined;
}

const NOTHING_STORED: WriteOutcome = { duplicates: new Uint32Array(0), conflicts: new Uint32Array(0) };

function freshJudges(timeSeries: TimeSeries): Judges {
  const history = createSeriesHistory();
  return { book: createDeviceSeriesBook(timeSeries, history), history };
}

function isSameBatch(one: readonly LogRecord[], other: readonly LogRecord[]): boolean {
  const [first] = one;
  const [otherFirst] = other;
  return (
    one.length === other.length && first?.partition === otherFirst?.partition && first?.offset === otherFirst?.offset
  );
}

/**
 * Starts the consumer of `raw.measurements`: judges, corrects and stores each value, then appends what was new to `processed.measurements`,
 * then tells live subscribers; only then may the offset move. Idempotent by (device, metric, time): the store tells what it already had.
 */
export async function openConsumer(dependencies: ConsumerDependencies): Promise<LogConsumer> {
  const { eventLog, timeSeries, directory, pubSub, clock, log } = dependencies;
  let judges = freshJudges(timeSeries);
  const live = createLivePublisher(pubSub, directory);
  const counts = createConsumerMetrics(dependencies.metrics);
  const takenOver = new Map<number, TakenOver>();
  let unfinished: Work | undefined;

  async function begin(batch: readonly LogRecord[]): Promise<Work> {
    if (unfinished && isSameBatch(unfinished.batch, batch)) return unfinished;
    const prepared = await prepareBatch(batch, judges);
    for (const { record, detail } of prepared.unreadable)
      log.error(
        { offset: record.offset, detail },
        'record of raw.measurements is not readable: sent to the dead letters',
      );
    return { batch, prepared, stored: undefined, emission: undefined, lettersSent: false };
  }

  async function handle(batch: readonly LogRecord[]): Promise<void> {
    const work = await begin(batch);
    unfinished = work;
    const { prepared } = work;
    work.stored ??= prepared.columns.length > 0 ? await timeSeries.write(prepared.columns) : NOTHING_STORED;
    const taken = takenOver.get(batch[0]?.partition ?? 0);
    work.emission ??= await emissionOf(prepared, work.stored, {
      timeSeries,
      toldAgainBefore: taken?.endOffset ?? 0,
      toldBefore: () => toldBefore(taken, batch),
      nowMs: clock.nowMs(),
    });
    const { processed, emitted, letters } = work.emission;
    if (letters.length > 0 && !work.lettersSent) await eventLog.append('raw.measurements.dlq', letters);
    work.lettersSent = true;
    const firstOffset = processed.length > 0 ? await eventLog.append('processed.measurements', processed) : 0;
    unfinished = undefined;
    emitted.forEach(({ device }, place) => {
      live.publish(device.deviceId, processed[place]?.value ?? '', firstOffset + place);
    });
    counts.batch(prepared, work.stored, work.emission, clock.nowMs());
  }

  /** Read once for each partition taken over, when the first batch has repeats: it holds the oldest records. */
  function toldBefore(taken: TakenOver | undefined, batch: readonly LogRecord[]): Promise<ToldBefore> {
    const { processedEnd: endOffset = 0 } = taken ?? {};
    const reading = taken?.told ?? readToldBefore(eventLog, { endOffset, sinceMs: batch[0]?.appendedAtMs ?? 0 });
    if (taken) taken.told = reading;
    return reading;
  }

  const consumer = await eventLog.consume({
    topic: TOPIC,
    position: { kind: 'group', group: 'measurements', startAt: 'earliest' },
    batchRecordsMax: BATCH_RECORDS_MAX,
    async onTaken(partition) {
      // Whoever had it before may have stored what it did not come to tell, and has judged values that are not in memory here.
      const processedEnd = await eventLog.endOffset('processed.measurements', 0);
      takenOver.set(partition, {
        endOffset: await eventLog.endOffset(TOPIC, partition),
        processedEnd,
        told: undefined,
      });
      unfinished = undefined;
      judges = freshJudges(timeSeries);
    },
    handle,
  });
  dependencies.metrics.gauge(
    'greencity_measurements_lag_records',
    'Records of raw.measurements that are not stored yet.',
    () => consumer.lagRecords(),
  );
  return consumer;
}
