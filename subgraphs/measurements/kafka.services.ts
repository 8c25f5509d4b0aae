import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@greencity/platform/clock/system-clock';
import { openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { openKafkaLog } from '@greencity/platform/event-log/kafka/kafka-log';
import type { EventLog, Topic } from '@greencity/platform/event-log/port';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { memoryMetrics } from '@greencity/platform/metrics/memory-metrics';
import { memoryPubSub } from '@greencity/platform/pub-sub/memory';
import { openEmbeddedTimeSeries } from '@greencity/platform/time-series/embedded/store';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import type { DeadLetter, ProcessedReading, RawReading } from '@greencity/schema/events/reading';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Kafka, startKafka } from '../../tools/engines/kafka.ts';
import { openConsumer } from './consumer.ts';
import { retentionOfLog } from './fixtures/city.ts';

const TOPIC = 'raw.measurements';
const DAY_MS = 86_400_000;
const DEVICES = 12;
const WITHIN = { timeout: 90_000 };
const SLOW = { timeout: 180_000 };

let kafka: Kafka;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka.stop());

const basics = () => ({ clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() });

async function openStore(stack: AsyncDisposableStack): Promise<TimeSeries> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-kafka-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const retention = { rawMs: 30 * DAY_MS, rollupMs: 365 * DAY_MS };
  return stack.use(await openEmbeddedTimeSeries({ ...basics(), folder, retention }));
}

/** One process of the role, with connections of its own; the store is shared, as one server would be. */
async function openMember(prefix: string, timeSeries: TimeSeries) {
  const own = basics();
  const connection = { brokers: kafka.brokers };
  const options = { ...own, connection, prefix, partitions: 3, retention: retentionOfLog() };
  await using stack = new AsyncDisposableStack();
  const eventLog = stack.use(await openKafkaLog(options));
  const directory = stack.use(await openDeviceDirectory(eventLog, own.log));
  const pubSub = stack.use(memoryPubSub());
  const consumer = stack.use(await openConsumer({ ...own, eventLog, timeSeries, directory, pubSub }));
  const open = stack.move();
  return { eventLog, consumer, log: own.log, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const nowMs = Date.now();
const aReading = (number: number): RawReading => ({
  ...{ v: 1, deviceId: `d${number % DEVICES}`, zoneId: `zone-${number % DEVICES}`, timeSource: 'device' },
  ...{ timeMs: nowMs + number, receivedAtMs: nowMs + number, values: { pm10: number % 50 } },
});
const inRecord = (reading: RawReading) => ({ key: reading.zoneId, value: JSON.stringify(reading) });

async function valuesOf<T>(eventLog: EventLog, topic: Topic): Promise<readonly T[]> {
  const records = await eventLog.read(topic, 0, 0, Number.MAX_SAFE_INTEGER);
  return records.map(({ value }) => JSON.parse(value) as T);
}

async function storedTimes(timeSeries: TimeSeries): Promise<readonly number[]> {
  const range = { fromMs: 0, toMs: nowMs + DAY_MS, pointsMax: 50_000 };
  const devices = Array.from({ length: DEVICES }, (_, device) => timeSeries.findSeries(`d${device}`, 'PM10') ?? -1);
  const stored = await Promise.all(devices.map((series) => timeSeries.raw({ ...range, series })));
  return stored.flatMap(({ timeMs }) => [...timeMs]).toSorted((one, other) => one - other);
}

it(
  'two consumers of one group share the work, and what each takes from the other has its effect once',
  SLOW,
  async () => {
    await using stack = new AsyncDisposableStack();
    const timeSeries = await openStore(stack);
    const first = await openMember('shared.', timeSeries);
    const sent: number[] = [];
    const send = async (readings: number) => {
      const numbers = Array.from({ length: readings }, (_, place) => sent.length + place);
      sent.push(...numbers.map((number) => nowMs + number));
      await sender.eventLog.append(TOPIC, numbers.map(aReading).map(inRecord));
    };
    const sender = await openMember('shared.', timeSeries);
    stack.use(sender);
    // Readings come all the while: when the group has one member, two of them, and one again.
    const flowing = { on: true };
    const flow = (async () => {
      while (flowing.on) await send(10);
    })();
    await expect.poll(() => storedTimes(timeSeries).then(({ length }) => length), WITHIN).toBeGreaterThan(200);
    const third = stack.use(await openMember('shared.', timeSeries));
    const before = sent.length;
    await expect.poll(() => sent.length, WITHIN).toBeGreaterThan(before + 200);
    await first[Symbol.asyncDispose]();
    const left = sent.length;
    await expect.poll(() => sent.length, WITHIN).toBeGreaterThan(left + 200);
    flowing.on = false;
    await flow;
    await expect.poll(() => storedTimes(timeSeries), WITHIN).toEqual(sent);
    await sender.consumer.caughtUp();
    await third.consumer.caughtUp();
    const told = await valuesOf<ProcessedReading>(sender.eventLog, 'processed.measurements');
    expect(told.map(({ timeMs }) => timeMs).toSorted((one, other) => one - other)).toEqual(sent);
    expect(await valuesOf(sender.eventLog, 'raw.measurements.dlq')).toEqual([]);
  },
);

it(
  'a poison record, one of a newer version, one of an absurd time and an empty one become dead letters, and readings after them are taken',
  SLOW,
  async () => {
    await using stack = new AsyncDisposableStack();
    const timeSeries = await openStore(stack);
    const member = stack.use(await openMember('poison.', timeSeries));
    const newer = JSON.stringify({ ...aReading(0), v: 2 });
    const wrong = [{ values: { pm10: '4' } }, { timeMs: 9e15 }].map((field) =>
      JSON.stringify({ ...aReading(0), ...field }),
    );
    const bad = ['', '\u0000\u0001', '{"v":1', newer, ...wrong];
    await member.eventLog.append(TOPIC, [
      ...bad.map((value) => ({ key: 'zone-0', value })),
      inRecord(aReading(0)),
      { key: 'zone-1', value: 'x'.repeat(1_500_000) },
      inRecord(aReading(1)),
    ]);
    await member.consumer.caughtUp();
    expect(await storedTimes(timeSeries)).toEqual([nowMs, nowMs + 1]);
    const letters = await valuesOf<DeadLetter>(member.eventLog, 'raw.measurements.dlq');
    expect(letters.map(({ reason }) => reason)).toEqual(Array(7).fill('UNREADABLE_RECORD'));
    expect(letters.map(({ payload }) => payload)).toEqual(expect.arrayContaining([...bad, 'x'.repeat(8_192)]));
    expect(letters.find(({ payload }) => payload === newer)?.detail).toContain('version 2');
    // Nothing comes again: what was dead-lettered is behind the group.
    await using again = await openMember('poison.', timeSeries);
    await member[Symbol.asyncDispose]();
    await again.consumer.caughtUp();
    expect(await valuesOf(again.eventLog, 'raw.measurements.dlq')).toHaveLength(7);
  },
);
