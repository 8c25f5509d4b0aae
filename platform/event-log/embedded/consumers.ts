/** The consumers of one log: who runs, under which group, and how far behind. */
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import type { ConsumeOptions, LogConsumer, Topic } from '../port.ts';
import { startConsumer } from './consumer.ts';
import type { Offsets } from './offsets.ts';
import type { TopicLog } from './topic-log.ts';

export interface ConsumersOptions {
  readonly topicLog: (topic: Topic) => TopicLog;
  readonly offsets: Offsets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface Consumers {
  /** Starts a consumer. A group has one consumer for each topic: with one partition there is nothing to share. */
  start(consume: ConsumeOptions): Promise<LogConsumer>;
  /** Closes all that run and refuses new ones. */
  close(): Promise<void>;
}

/** No consumers yet. */
export function openConsumers({ topicLog, offsets, clock, log, metrics }: ConsumersOptions): Consumers {
  const running = new Set<LogConsumer>();
  const members = new Set<string>();
  let closed = false;
  metrics.gauge('event_log_lag_records', 'Records that the slowest consumer has not handled.', () =>
    Math.max(0, ...[...running].map((consumer) => consumer.lagRecords())),
  );

  async function start(consume: ConsumeOptions): Promise<LogConsumer> {
    const { topic, position } = consume;
    if (closed) throw new AppError('LOG_UNWRITABLE', `${topic}: the log is closed`);
    const member = position.kind === 'group' ? `${topic} ${position.group}` : undefined;
    if (member !== undefined && members.has(member))
      throw new Error(`one consumer for a group and topic, a second for ${member}`);
    if (member !== undefined) members.add(member);
    const leave = () => {
      if (member !== undefined) members.delete(member);
    };
    const labels = { topic, group: position.kind === 'group' ? position.group : 'ephemeral' };
    const failures = metrics.counter('event_log_consumer_failures_total', 'Steps of a consumer that failed.', labels);
    const skipped = metrics.counter(
      'event_log_skipped_records_total',
      'Records removed before they were read.',
      labels,
    );
    const started = await startConsumer({
      ...{ consume, topicLog: topicLog(topic), offsets, clock, log, failures, skipped },
      onClosed() {
        running.delete(started);
        leave();
      },
    }).catch((error: unknown) => {
      leave();
      throw error;
    });
    running.add(started);
    return started;
  }

  return {
    start,
    async close() {
      closed = true;
      await Promise.all([...running].map((consumer) => consumer.close()));
    },
  };
}
