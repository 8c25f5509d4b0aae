/** The log's topics in a cluster: made where they are missing, given the retention of the settings, checked for their partitions. */
import type { Admin } from '@platformatic/kafka';
import type { Clock } from '../../clock/port.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import { type Retention, SPREAD_TOPICS, TOPICS, type Topic } from '../port.ts';
import { detailOf, protocolNames } from './connection.ts';

/** Larger than any record that is appended, and than a group of them. */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const REPLICAS_WANTED = 3;
/** A segment is dropped whole: eight of them in the time that a topic is kept. */
const SEGMENTS_KEPT = 8;
const LEADERS_WITHIN_MS = 30_000;
const LEADERS_POLL_MS = 100;
const RESOURCE_TOPIC = 2;
const OPERATION_SET = 0;

export interface TopicsOptions {
  readonly admin: Admin;
  readonly prefix: string;
  readonly retention: Readonly<Record<Topic, Retention>>;
  /** Of topics that may be spread. */
  readonly partitions: number;
  readonly clock: Clock;
  readonly log: Logger;
}

type Settings = Readonly<Record<string, string>>;

function retentionSettings(retention: Retention, partitions: number): Settings {
  if (retention.kind === 'compact') return { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.1' };
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retention.ageMs),
    'retention.bytes': String(Math.ceil(retention.bytesMax / partitions)),
    'segment.ms': String(Math.ceil(retention.ageMs / SEGMENTS_KEPT)),
  };
}

/** Times are the broker's, so that a program whose clock is wrong changes nothing of how long records are kept. */
function creationSettings(replicas: number): Settings {
  return {
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(BATCH_BYTES_MAX),
    'min.insync.replicas': replicas >= REPLICAS_WANTED ? '2' : '1',
    // With a second copy, durable means that two brokers have it. With one, it means that the disk has it.
    ...(replicas === 1 && { 'flush.messages': '1' }),
  };
}

const entries = (settings: Settings) => Object.entries(settings).map(([name, value]) => ({ name, value }));

async function create(options: TopicsOptions, topic: Topic, replicas: number): Promise<void> {
  const { admin, prefix, retention, log } = options;
  const partitions = wantedPartitions(options, topic);
  const configs = entries({ ...creationSettings(replicas), ...retentionSettings(retention[topic], partitions) });
  try {
    await admin.createTopics({ topics: [`${prefix}${topic}`], partitions, replicas, configs });
    log.info({ topic: `${prefix}${topic}`, partitions, replicas }, 'topic created');
  } catch (error) {
    // Another process was quicker.
    if (!protocolNames(error).has('TOPIC_ALREADY_EXISTS')) throw error;
  }
}

function wantedPartitions({ partitions }: TopicsOptions, topic: Topic): number {
  return SPREAD_TOPICS.includes(topic) ? partitions : 1;
}

/** Retention follows the settings, also of topics that exist. A program that may not change topics leaves them as they are, and says so. */
async function applyRetention({ admin, prefix, retention, log }: TopicsOptions, counts: ReadonlyMap<Topic, number>) {
  try {
    await admin.incrementalAlterConfigs({
      resources: [...counts].map(([topic, partitions]) => ({
        resourceType: RESOURCE_TOPIC,
        resourceName: `${prefix}${topic}`,
        configs: entries(retentionSettings(retention[topic], partitions)).map((entry) => ({
          ...entry,
          configOperation: OPERATION_SET,
        })),
      })),
    });
  } catch (error) {
    log.warn({ detail: detailOf(error) }, 'retention of the topics could not be set and stays as it is');
  }
}

/** Partitions of each topic, once all have a leader. */
async function countPartitions({ admin, prefix, clock }: TopicsOptions): Promise<ReadonlyMap<Topic, number>> {
  const deadlineMs = performance.now() + LEADERS_WITHIN_MS;
  for (;;) {
    try {
      const { topics } = await admin.metadata({
        topics: TOPICS.map((topic) => `${prefix}${topic}`),
        forceUpdate: true,
      });
      const counts = TOPICS.map((topic): [Topic, number] => [
        topic,
        topics.get(`${prefix}${topic}`)?.partitionsCount ?? 0,
      ]);
      const led = [...topics.values()].every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
      if (led && counts.every(([, count]) => count > 0)) return new Map(counts);
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    if (performance.now() > deadlineMs) throw new Error('some topics have no leader');
    await clock.sleep(LEADERS_POLL_MS);
  }
}

/** Makes what is missing; resolves to the partitions of each topic. @throws AppError BAD_SETTING for a topic that has more partitions than its order allows */
export async function ensureTopics(options: TopicsOptions): Promise<ReadonlyMap<Topic, number>> {
  const { admin, prefix, log } = options;
  const { brokers } = await admin.metadata({ topics: [], forceUpdate: true });
  const replicas = Math.min(REPLICAS_WANTED, Math.max(1, brokers.size));
  const existing = new Set(await admin.listTopics());
  for (const topic of TOPICS) if (!existing.has(`${prefix}${topic}`)) await create(options, topic, replicas);
  const counts = await countPartitions(options);
  for (const [topic, count] of counts) {
    if (count > 1 && !SPREAD_TOPICS.includes(topic)) {
      throw new AppError(
        'BAD_SETTING',
        `Kafka's topic ${prefix}${topic} has ${count} partitions; it must have one, which keeps its records in one order`,
      );
    }
    const wanted = wantedPartitions(options, topic);
    // More would move keys to other partitions, and with them the order of their records.
    if (count !== wanted)
      log.warn({ topic: `${prefix}${topic}`, partitions: count, wanted }, 'topic keeps its partitions');
  }
  await applyRetention(options, counts);
  return counts;
}
