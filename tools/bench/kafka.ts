/** Kafka's clients on one broker of this machine, beside the adapter that the platform uses: CPU of this process for each record, and records a second. */
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openKafkaLog } from '@greencity/platform/event-log/kafka/kafka-log';
import type { EventLog } from '@greencity/platform/event-log/port';
import { type Retention, TOPICS, type Topic } from '@greencity/platform/event-log/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { Consumer, ProduceAcks, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { startKafka } from '../engines/kafka.ts';

const RECORDS = 50_000;
const BATCH_RECORDS = 500;
const SINGLY_RECORDS = 300;
/** As ingest appends while a group is on its way: what waits goes together. */
const BATCHES_AT_ONCE = 8;
const ROUNDS = 3;
const ZONES = 24;
/** A reading of five values as ingest appends it. */
const VALUE = `{"v":1,"deviceId":"sensor-1","values":{"pm2_5":12.4,"pm10":20.1}}`.padEnd(190, ' ');

interface Client {
  send(records: readonly { readonly key: string; readonly value: string }[]): Promise<void>;
  /** Reads so many records from the first on. */
  read(records: number): Promise<void>;
  close(): Promise<void>;
}

type Open = (brokers: readonly string[], topic: string) => Promise<Client>;

const batch = Array.from({ length: BATCH_RECORDS }, (_, index) => ({ key: `zone-${index % ZONES}`, value: VALUE }));

const kafkaJs: Open = async (brokers, topic) => {
  const kafka = new KafkaJs({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const consumers: { disconnect(): Promise<void> }[] = [];
  return {
    send: async (messages) => void (await producer.send({ topic, acks: -1, messages: [...messages] })),
    async read(records) {
      const consumer = kafka.consumer({ groupId: `bench-${topic}-${consumers.length}` });
      consumers.push(consumer);
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const all = Promise.withResolvers<void>();
      let seen = 0;
      await consumer.run({
        eachBatch: async ({ batch: { messages } }) => {
          for (const { value } of messages) if (value?.toString()) seen += 1;
          if (seen >= records) all.resolve();
        },
      });
      await all.promise;
    },
    async close() {
      await producer.disconnect();
      for (const consumer of consumers) await consumer.disconnect();
    },
  };
};

const platformatic: Open = async (brokers, topic) => {
  const shared = { clientId: 'bench', bootstrapBrokers: [...brokers] };
  const producer = new Producer({ ...shared, idempotent: true, acks: ProduceAcks.ALL, serializers: stringSerializers });
  const consumers: Consumer<string, string, string, string>[] = [];
  return {
    send: async (messages) =>
      void (await producer.send({ messages: messages.map((message) => ({ ...message, topic })) })),
    async read(records) {
      const groupId = `bench-${topic}-${consumers.length}`;
      const consumer = new Consumer({ ...shared, groupId, deserializers: stringDeserializers });
      consumers.push(consumer);
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
      let seen = 0;
      for await (const { value } of stream) {
        if (value) seen += 1;
        if (seen >= records) break;
      }
    },
    async close() {
      await producer.close();
      for (const consumer of consumers) await consumer.close(true);
    },
  };
};

/** The platform's own adapter, as ingest and the subgraphs use it. */
const adapter: Open = async (brokers, prefix) => {
  const expire: Retention = { kind: 'expire', ageMs: 7 * 86_400_000, bytesMax: 10 * 1024 ** 3 };
  const log: EventLog = await openKafkaLog({
    connection: { brokers },
    retention: Object.fromEntries(TOPICS.map((topic) => [topic, expire])) as Record<Topic, Retention>,
    ...{ partitions: 3, prefix: `${prefix}.`, clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() },
  });
  let reads = 0;
  return {
    send: async (records) => void (await log.append('raw.measurements', records)),
    async read() {
      reads += 1;
      const position = { kind: 'group', group: `bench-${reads}`, startAt: 'earliest' } as const;
      const handle = async () => undefined;
      const consumer = await log.consume({ topic: 'raw.measurements', position, batchRecordsMax: 5_000, handle });
      await consumer.caughtUp();
      await consumer.close();
    },
    close: () => log.close(),
  };
};

const round = (value: number) => Math.round(value * 100) / 100;

async function measure(records: number, work: () => Promise<void>) {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMicroseconds: round((user + system) / records), recordsPerSecond: Math.round(records / seconds) };
}

/** Batches that wait for one another, as only the adapter promises to keep in order. */
async function atOnce(brokers: readonly string[]): Promise<Figures | undefined> {
  const client = await adapter(brokers, 'at-once');
  const rounds: Figures[] = [];
  try {
    await client.send(batch);
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      rounds.push(
        await measure(RECORDS, async () => {
          const senders = Array.from({ length: BATCHES_AT_ONCE }, async (_, sender) => {
            for (let sent = sender; sent < RECORDS / BATCH_RECORDS; sent += BATCHES_AT_ONCE) await client.send(batch);
          });
          await Promise.all(senders);
        }),
      );
    }
  } finally {
    await client.close();
  }
  return median(rounds);
}

type Figures = Awaited<ReturnType<typeof measure>>;

function median(figures: readonly Figures[]): Figures | undefined {
  return figures.toSorted((one, other) => one.cpuMicroseconds - other.cpuMicroseconds)[Math.floor(figures.length / 2)];
}

async function oneClient(open: Open, brokers: readonly string[], topic: string) {
  const client = await open(brokers, topic);
  const inBatches: Figures[] = [];
  const singly: Figures[] = [];
  const consumed: Figures[] = [];
  try {
    await client.send(batch);
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      inBatches.push(
        await measure(RECORDS, async () => {
          for (let sent = 0; sent < RECORDS; sent += BATCH_RECORDS) await client.send(batch);
        }),
      );
      singly.push(
        await measure(SINGLY_RECORDS, async () => {
          for (let sent = 0; sent < SINGLY_RECORDS; sent += 1) await client.send(batch.slice(0, 1));
        }),
      );
    }
    const records = BATCH_RECORDS + ROUNDS * (RECORDS + SINGLY_RECORDS);
    for (let turn = 0; turn < ROUNDS; turn += 1) consumed.push(await measure(records, () => client.read(records)));
  } finally {
    await client.close();
  }
  return { inBatches: median(inBatches), singly: median(singly), consumed: median(consumed) };
}

/** Figures of each client: batches of 500, one by one, and reading all back; medians of three rounds. */
export async function benchKafka(): Promise<object> {
  await using kafka = await startKafka();
  const figures: Record<string, object> = {};
  // The adapter comes first: it makes the topics, three partitions each.
  figures['adapter'] = await oneClient(adapter, kafka.brokers, 'adapter');
  figures['adapterEightBatchesAtOnce'] = { appended: await atOnce(kafka.brokers) };
  for (const [name, open] of Object.entries({ kafkajs: kafkaJs, platformatic })) {
    const made = await adapter(kafka.brokers, name);
    await made.close();
    figures[name] = await oneClient(open, kafka.brokers, `${name}.raw.measurements`);
  }
  return { recordBytes: VALUE.length, batchRecords: BATCH_RECORDS, ...figures };
}
