/** The event log on Kafka: one topic of the cluster for each of ours, shared by any number of processes. */
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import type { Metrics } from '../../metrics/port.ts';
import { type ConsumeOptions, type EventLog, type LogRecord, type Retention, TOPICS, type Topic } from '../port.ts';
import { type Appender, openAppender } from './appender.ts';
import { clientOptions, engineError, type KafkaConnection, steady } from './connection.ts';
import { type KafkaConsumer, startConsumer } from './consumer.ts';
import { EARLIEST, fetchFrom, LATEST, leaders, offsetsAt, type Source } from './fetching.ts';
import { openProducing } from './producing.ts';
import { ensureTopics } from './topics.ts';

const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const APPEND_WITHIN_MS = 20_000;
const BROWSE_WAIT_MS = 100;
const READER_GROUP = 'greencity-reader';

export interface KafkaLogOptions {
  readonly connection: KafkaConnection;
  readonly retention: Readonly<Record<Topic, Retention>>;
  /** Of topics that may be spread; a topic that exists keeps its own. */
  readonly partitions: number;
  /** In front of the names of topics and groups, where several platforms share a cluster. */
  readonly prefix: string;
  /** So long an append is tried before its caller is told that it failed. Default 20 s: a broker that died has been replaced by then. */
  readonly appendWithinMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

interface Opened extends KafkaLogOptions {
  readonly admin: Admin;
  readonly browser: Consumer;
  readonly partitionsOf: ReadonlyMap<Topic, number>;
  readonly appenders: ReadonlyMap<Topic, Appender>;
  readonly consumers: Map<KafkaConsumer, Topic>;
}

/** Opens the log, and makes the topics that are missing. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED, ENGINE_UNREACHABLE, BAD_SETTING */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  await using stack = new AsyncDisposableStack();
  const admin = steady(new Admin(clientOptions(options.connection)));
  stack.defer(() => admin.close());
  const partitionsOf = await prepareTopics(options, admin);
  const browser = steady(
    new Consumer({ ...clientOptions(options.connection), groupId: READER_GROUP, autocommit: false }),
  );
  stack.defer(() => browser.close(true));
  const consumers = new Map<KafkaConsumer, Topic>();
  const appenders = new Map<Topic, Appender>();
  for (const topic of TOPICS) {
    const appender = openTopicAppender(options, { topic, partitions: partitionsOf.get(topic) ?? 1, consumers });
    stack.defer(() => appender.close());
    appenders.set(topic, appender);
  }
  options.metrics.gauge('event_log_lag_records', 'Records that the slowest consumer has not handled.', () =>
    Math.max(0, ...[...consumers.keys()].map((consumer) => consumer.lagRecords())),
  );
  return eventLog({ ...options, admin, browser, partitionsOf, appenders, consumers }, stack.move());
}

async function prepareTopics(options: KafkaLogOptions, admin: Admin): Promise<ReadonlyMap<Topic, number>> {
  try {
    return await ensureTopics({ ...options, admin });
  } catch (error) {
    throw error instanceof AppError ? error : engineError(options.connection, error);
  }
}

interface TopicParts {
  readonly topic: Topic;
  readonly partitions: number;
  readonly consumers: ReadonlyMap<KafkaConsumer, Topic>;
}

function openTopicAppender(options: KafkaLogOptions, { topic, partitions, consumers }: TopicParts): Appender {
  const { connection, prefix, clock, log, metrics } = options;
  const appended = metrics.counter('event_log_appended_records_total', 'Records made durable.', { topic });
  const name = `${prefix}${topic}`;
  const newClient = () => steady(new Producer({ ...clientOptions(connection), idempotent: true }));
  let failing: string | undefined;
  return openAppender({
    name,
    partitions,
    producing: openProducing({ newClient, name, clock, withinMs: options.appendWithinMs ?? APPEND_WITHIN_MS }),
    waitingBytesMax: WAITING_BYTES_MAX,
    onAppended(ends, records) {
      appended.add(records);
      for (const [consumer, consumed] of consumers) if (consumed === topic) consumer.noteEnds(ends);
      if (failing !== undefined) log.info({ topic }, 'event log can be written again');
      failing = undefined;
    },
    onFailure(error) {
      const labels = { topic, code: error.code };
      metrics.counter('event_log_append_failures_total', 'Groups that could not be made durable.', labels).add();
      if (failing !== error.code) log.error({ topic, code: error.code, error }, 'event log cannot be written');
      failing = error.code;
    },
  });
}

function eventLog(opened: Opened, stack: AsyncDisposableStack): EventLog {
  const { appenders, consumers, partitionsOf, browser, prefix } = opened;
  let closing: Promise<void> | undefined;
  const source = (topic: Topic): Source => ({ topic, name: `${prefix}${topic}`, client: browser });

  async function closeAll(): Promise<void> {
    await Promise.all([...consumers.keys()].map((consumer) => consumer.close()));
    await stack.disposeAsync();
  }
  function close(): Promise<void> {
    closing ??= closeAll();
    return closing;
  }
  return {
    append(topic, records) {
      const appender = appenders.get(topic);
      if (!appender) throw new Error(`no topic ${topic}`);
      return appender.append(records);
    },
    async consume(consume) {
      if (closing !== undefined) throw new AppError('LOG_UNWRITABLE', `${consume.topic}: the log is closed`);
      return await startTopicConsumer(opened, consume);
    },
    partitions: (topic) => partitionsOf.get(topic) ?? 1,
    read: (topic, partition, fromOffset, recordsMax) =>
      named(opened, () => browse(source(topic), { partition, fromOffset, recordsMax })),
    endOffset: (topic, partition) =>
      named(opened, async () => (await offsetsAt(source(topic), LATEST))[partition] ?? 0),
    expire: (nowMs) => named(opened, () => expire(opened, source, nowMs)),
    ping: () => named(opened, async () => void (await offsetsAt(source('devices'), LATEST))),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Runs a question to the cluster; its failure has a code of ours. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED, ENGINE_UNREACHABLE */
async function named<T>({ connection }: Opened, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw engineError(connection, error);
  }
}

async function startTopicConsumer(opened: Opened, consume: ConsumeOptions): Promise<KafkaConsumer> {
  const { connection, prefix, partitionsOf, consumers, metrics } = opened;
  const { topic, position } = consume;
  // A group of ours may follow several topics, each at its own pace: to the cluster that is a group for each.
  const group = position.kind === 'group' ? `${prefix}${position.group}.${topic}` : undefined;
  const labels = { topic, group: position.kind === 'group' ? position.group : 'ephemeral' };
  const client = steady(
    new Consumer({ ...clientOptions(connection), groupId: group ?? READER_GROUP, autocommit: false }),
  );
  const started = await startConsumer({
    ...opened,
    consume,
    source: { topic, name: `${prefix}${topic}`, client },
    partitions: partitionsOf.get(topic) ?? 1,
    group,
    failures: metrics.counter('event_log_consumer_failures_total', 'Steps of a consumer that failed.', labels),
    skipped: metrics.counter('event_log_skipped_records_total', 'Records removed before they were read.', labels),
    onClosed: () => consumers.delete(started),
  });
  consumers.set(started, topic);
  return started;
}

interface Browse {
  readonly partition: number;
  readonly fromOffset: number;
  readonly recordsMax: number;
}

async function browse(source: Source, { partition, fromOffset, recordsMax }: Browse): Promise<readonly LogRecord[]> {
  const [first, end, led] = await Promise.all([
    offsetsAt(source, EARLIEST),
    offsetsAt(source, LATEST),
    leaders(source),
  ]);
  const endOffset = end[partition] ?? 0;
  const found: LogRecord[] = [];
  for (let offset = Math.max(fromOffset, first[partition] ?? 0); offset < endOffset && found.length < recordsMax; ) {
    const request = { node: led[partition] ?? -1, positions: new Map([[partition, offset]]), waitMs: BROWSE_WAIT_MS };
    const [fetched] = await fetchFrom(source, request);
    if (!fetched || fetched.outOfRange || fetched.nextOffset <= offset) break;
    for (const record of fetched.records) found.push(record);
    offset = fetched.nextOffset;
  }
  return found.slice(0, recordsMax);
}

/** The brokers drop whole segments, and only when they look; this drops exactly what is past its age, now. */
async function expire(opened: Opened, source: (topic: Topic) => Source, nowMs: number): Promise<void> {
  for (const topic of TOPICS) {
    const retention = opened.retention[topic];
    if (retention.kind !== 'expire') continue;
    const from = source(topic);
    const [first, kept, end] = await Promise.all([
      offsetsAt(from, EARLIEST),
      offsetsAt(from, BigInt(Math.max(0, Math.trunc(nowMs - retention.ageMs)))),
      offsetsAt(from, LATEST),
    ]);
    const partitions = first.flatMap((begins, partition) => {
      const found = kept[partition] ?? -1;
      const offset = found < 0 ? (end[partition] ?? 0) : found;
      return offset > begins ? [{ partition, offset: BigInt(offset) }] : [];
    });
    if (partitions.length > 0) await opened.admin.deleteRecords({ topics: [{ name: from.name, partitions }] });
  }
}
