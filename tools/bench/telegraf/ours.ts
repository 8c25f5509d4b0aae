/** Ingest and the processor as roles in processes of their own, on Kafka, InfluxDB, MongoDB and Redis, with devices that are known. */
import { randomBytes } from 'node:crypto';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openKafkaLog } from '@greencity/platform/event-log/kafka/kafka-log';
import { type Retention, TOPICS, type Topic } from '@greencity/platform/event-log/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import type { DeviceChanged } from '@greencity/schema/events/device';
import { startRole, untilReady } from '../../distributed/role.ts';
import type { Influx } from '../../engines/influx.ts';
import { startKafka } from '../../engines/kafka.ts';
import { startMongo } from '../../engines/mongo.ts';
import type { Mosquitto } from '../../engines/mosquitto.ts';
import { startRedis } from '../../engines/redis.ts';
import { freePort } from '../../engines/server.ts';
import type { Way } from '../telegraf.ts';

const READY_WITHIN_MS = 120_000;
const PARTITIONS = 6;
const ZONES = 24;
const BUCKET = 'greencity';

interface Given {
  readonly influx: Influx;
  readonly mosquitto: Mosquitto;
  readonly devices: readonly string[];
}

/** What the subgraph of devices would have told. */
async function tellDevices(brokers: readonly string[], devices: readonly string[]): Promise<void> {
  const expire: Retention = { kind: 'expire', ageMs: 7 * 86_400_000, bytesMax: 10 * 1024 ** 3 };
  const kinds = TOPICS.map((topic) => [topic, topic === 'devices' ? { kind: 'compact' } : expire]);
  await using eventLog = await openKafkaLog({
    connection: { brokers },
    retention: Object.fromEntries(kinds) as Record<Topic, Retention>,
    ...{ partitions: PARTITIONS, prefix: '', clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() },
  });
  const records = devices.map((deviceId, index) => {
    const device: DeviceChanged = {
      ...{ v: 1, kind: 'device', deviceId, name: deviceId, latitude: 57.14, longitude: -2.09, environment: 'OUTDOOR' },
      ...{ zoneId: `zone-${index % ZONES}`, retired: false, secretHashes: [] },
    };
    return { key: deviceId, value: JSON.stringify(device) };
  });
  await eventLog.append('devices', records);
}

/** Starts everything; resolves when both roles are ready. */
export async function startOurs(stack: AsyncDisposableStack, { influx, mosquitto, devices }: Given): Promise<Way> {
  const kafka = stack.use(await startKafka());
  const redis = stack.use(await startRedis());
  const mongo = stack.use(await startMongo());
  await tellDevices(kafka.brokers, devices);
  const settings = {
    ...{ DEMO: 'off', KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_PARTITIONS: String(PARTITIONS) },
  };
  const secrets = { GATEWAY_SECRET: randomBytes(24).toString('base64url'), REDIS_URL: redis.url };
  const documents = { MONGODB_URI: mongo.uri('greencity') };
  const ingest = stack.use(
    await startRole({
      port: await freePort(),
      ...{ role: 'ingest', settings, secrets: { ...secrets, MQTT_URL: mosquitto.ingestUrl } },
    }),
  );
  const inflow = { INFLUX_URL: influx.url, INFLUX_ORG: influx.org, INFLUX_BUCKET: BUCKET };
  const processor = stack.use(
    await startRole({
      port: await freePort(),
      ...{
        role: 'measurements',
        settings: { ...settings, ...inflow },
        secrets: { ...secrets, ...documents, INFLUX_TOKEN: influx.token },
      },
    }),
  );
  await untilReady(ingest, READY_WITHIN_MS);
  await untilReady(processor, READY_WITHIN_MS);
  const [broker] = kafka.nodes;
  if (!broker) throw new Error('Kafka was started without a broker');
  return { mosquitto, bucket: BUCKET, field: 'PM2_5', own: { ingest, processor }, engines: { kafka: broker, redis } };
}
