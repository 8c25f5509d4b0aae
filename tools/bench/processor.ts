/**
 * What a reading of five values costs the processor, the role `measurements` in a process of its own: from Kafka, with checks and corrections, to InfluxDB,
 * `processed.measurements` and live subscribers on Redis. Readings lie in the log before it may run, or come at a rate.
 */
import { randomBytes } from 'node:crypto';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openKafkaLog } from '@greencity/platform/event-log/kafka/kafka-log';
import { type EventLog, type NewRecord, type Retention, TOPICS, type Topic } from '@greencity/platform/event-log/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import type { DeviceChanged } from '@greencity/schema/events/device';
import type { RawReading } from '@greencity/schema/events/reading';
import { type RoleProcess, startRole, untilReady } from '../distributed/role.ts';
import { startInflux } from '../engines/influx.ts';
import { startKafka } from '../engines/kafka.ts';
import { startMongo } from '../engines/mongo.ts';
import { startRedis } from '../engines/redis.ts';
import { freePort } from '../engines/server.ts';
import { cpuMicroseconds, residentMib } from './process-usage.ts';

const PARTITIONS = 6;
const ZONES = 24;
const DEVICES = 1_000;
const READINGS = 60_000;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 2;
const PACED_PER_SECOND = 5_000;
const PACED_SECONDS = 6;
const TICK_MS = 20;
const APPEND_RECORDS = 2_000;
const POLL_MS = 100;
const READY_WITHIN_MS = 120_000;
const STORED_WITHIN_MS = 120_000;

const expire: Retention = { kind: 'expire', ageMs: 7 * 86_400_000, bytesMax: 10 * 1024 ** 3 };
const retention = Object.fromEntries(
  TOPICS.map((topic) => [topic, topic === 'devices' ? { kind: 'compact' } : expire]),
) as Record<Topic, Retention>;

function deviceOf(index: number): DeviceChanged {
  const deviceId = `sensor-${index}`;
  const place = { latitude: 57.1 + (index % 40) * 0.003, longitude: -2.25 + Math.floor(index / 40) * 0.008 };
  return {
    ...{ v: 1, kind: 'device', deviceId, name: deviceId, ...place, environment: 'OUTDOOR' },
    ...{ zoneId: `zone-${index % ZONES}`, retired: false, secretHashes: [] },
  };
}

/** The `number`th reading of all: of one device after the other, each a millisecond newer than the device's last. */
function rawRecord(number: number, fromMs: number): NewRecord {
  const { deviceId, zoneId } = deviceOf(number % DEVICES);
  const drift = (number * 7) % 100;
  const values = {
    ...{ pm2_5: 10 + drift / 100, pm10: 20 + drift / 50, temperature: 15 + drift / 100 },
    ...{ humidity: 50 + drift / 10, pressure: 1_010 + drift / 100 },
  };
  const timeMs = fromMs + Math.floor(number / DEVICES);
  const reading: RawReading = {
    ...{ v: 1, deviceId, zoneId, timeMs, receivedAtMs: Date.now(), timeSource: 'device', bootId: 1, seq: number },
    values,
  };
  return { key: zoneId, value: JSON.stringify(reading) };
}

interface Bench {
  readonly eventLog: EventLog;
  readonly processor: RoleProcess;
  readonly fromMs: number;
  /** Readings appended so far. */
  appended: number;
}

async function append(bench: Bench, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, place) => rawRecord(bench.appended + place, bench.fromMs));
  bench.appended += count;
  await bench.eventLog.append('raw.measurements', records);
}

/** A counter of the processor. */
async function counted({ processor }: Bench, name: string): Promise<number> {
  const text = await (await fetch(`${processor.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

async function untilStored(bench: Bench): Promise<void> {
  const values = bench.appended * 5;
  const untilMs = performance.now() + STORED_WITHIN_MS;
  while ((await counted(bench, 'greencity_measurements_stored_values_total')) < values) {
    if (performance.now() > untilMs) throw new Error(`not all was stored:\n${bench.processor.printed()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The processor stands still while the log is filled, for less time than its group takes it for dead. */
async function drain(bench: Bench): Promise<Round> {
  bench.processor.freeze();
  const calls = Array.from({ length: READINGS / APPEND_RECORDS }, () => append(bench, APPEND_RECORDS));
  await Promise.all(calls);
  return await measured(bench, READINGS, async () => bench.processor.thaw());
}

async function paced(bench: Bench): Promise<Round> {
  const ticks = (PACED_SECONDS * 1_000) / TICK_MS;
  return await measured(bench, PACED_PER_SECOND * PACED_SECONDS, async () => {
    const startedMs = performance.now();
    const appends: Promise<void>[] = [];
    for (let tick = 0; tick < ticks; tick += 1) {
      appends.push(append(bench, (PACED_PER_SECOND * TICK_MS) / 1_000));
      const dueMs = startedMs + (tick + 1) * TICK_MS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    }
    await Promise.all(appends);
  });
}

interface Round {
  readonly cpuUsPerReading: number;
  readonly readingsPerSecond: number;
}

async function measured(bench: Bench, readings: number, work: () => Promise<void>): Promise<Round> {
  const pid = bench.processor.pid ?? 0;
  const [cpuUs, startedMs] = [cpuMicroseconds(pid), performance.now()];
  await work();
  await untilStored(bench);
  const wallMs = performance.now() - startedMs;
  return {
    cpuUsPerReading: Math.round(((cpuMicroseconds(pid) - cpuUs) / readings) * 10) / 10,
    readingsPerSecond: Math.round((readings / wallMs) * 1_000),
  };
}

const middle = (rounds: readonly Round[]) =>
  rounds.toSorted((a, b) => a.cpuUsPerReading - b.cpuUsPerReading)[Math.floor(rounds.length / 2)];

async function startBench(stack: AsyncDisposableStack): Promise<Bench> {
  const [influx, kafka, redis, mongo] = await Promise.all([startInflux(), startKafka(), startRedis(), startMongo()]);
  for (const engine of [influx, kafka, redis, mongo]) stack.use(engine);
  const eventLog = stack.use(
    await openKafkaLog({
      ...{ connection: { brokers: kafka.brokers }, retention, partitions: PARTITIONS, prefix: '' },
      ...{ clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() },
    }),
  );
  const devices = Array.from({ length: DEVICES }, (_, index) => deviceOf(index));
  await eventLog.append(
    'devices',
    devices.map((device) => ({ key: device.deviceId, value: JSON.stringify(device) })),
  );
  const processor = stack.use(
    await startRole({
      ...{ role: 'measurements', port: await freePort() },
      settings: {
        ...{ DEMO: 'off', KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_PARTITIONS: String(PARTITIONS) },
        ...{ INFLUX_URL: influx.url, INFLUX_ORG: influx.org, INFLUX_BUCKET: 'greencity' },
      },
      secrets: {
        ...{ GATEWAY_SECRET: randomBytes(24).toString('base64url'), REDIS_URL: redis.url },
        ...{ MONGODB_URI: mongo.uri('greencity'), INFLUX_TOKEN: influx.token },
      },
    }),
  );
  await untilReady(processor, READY_WITHIN_MS);
  return { eventLog, processor, fromMs: Date.now() - 3_600_000, appended: 0 };
}

/** A backlog several times, then readings at a rate; each figure is that of the round in the middle. */
export async function benchProcessor(): Promise<object> {
  await using stack = new AsyncDisposableStack();
  const bench = await startBench(stack);
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await drain(bench);
  const backlog: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) backlog.push(await drain(bench));
  const atARate: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) atARate.push(await paced(bench));
  return {
    ...{ devices: DEVICES, valuesPerReading: 5, readingsOfABacklog: READINGS },
    backlog: { ...middle(backlog), rounds: backlog },
    atARate: { perSecond: PACED_PER_SECOND, ...middle(atARate), rounds: atARate },
    residentMib: Math.round(residentMib(bench.processor.pid ?? 0)),
  };
}
