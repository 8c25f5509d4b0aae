import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Kafka, startKafka } from '../../../tools/engines/kafka.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { memoryMetrics } from '../../metrics/memory-metrics.ts';
import { CONTRACT_AGE_MS, type EventLogUnderTest, eventLogContract } from '../contract.ts';
import { retentionOf } from '../fixtures/log-folder.ts';
import { openKafkaLog } from './kafka-log.ts';

/** Time passes by itself here; a retry is never long in coming. */
const PASS_MS_MAX = 20;

let kafka: Kafka;
let opened = 0;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka.stop());

function open(prefix: string, partitions: number) {
  return openKafkaLog({
    connection: { brokers: kafka.brokers },
    retention: retentionOf({ ageMs: CONTRACT_AGE_MS, bytesMax: 1024 ** 3 }),
    ...{ partitions, prefix, clock: systemClock(), log: memoryLog(), metrics: memoryMetrics() },
  });
}

async function underTest(partitions: number): Promise<EventLogUnderTest> {
  opened += 1;
  const prefix = `t${opened}.`;
  return {
    open: () => open(prefix, partitions),
    pass: async (ms) => void (await sleep(Math.min(ms, PASS_MS_MAX))),
    end: async () => undefined,
  };
}

eventLogContract('Kafka with one partition', () => underTest(1));
eventLogContract('Kafka with three partitions', () => underTest(3));

const MIB = 1024 * 1024;

it('appends in one call what is too much for one request, in its order, and says where it begins', async () => {
  await using log = await open('large.', 1);
  await log.append('alerts', [{ key: 'a', value: 'before' }]);
  const values = Array.from({ length: 3_000 }, (_, index) => `${index} `.padEnd(1_000, 'ü'));
  const appended = log.append(
    'alerts',
    values.map((value) => ({ key: 'a', value })),
  );
  const after = log.append('alerts', [{ key: 'a', value: 'after' }]);
  expect([await appended, await after]).toEqual([1, 3_001]);
  expect((await log.read('alerts', 0, 1, 4_000)).map(({ value }) => value)).toEqual([...values, 'after']);
});

it('takes a record of 2 MiB; refuses a larger one, and with it all of its call', async () => {
  await using log = await open('larger.', 1);
  const largest = { key: 'a', value: 'ü'.repeat(MIB).slice(1) };
  expect(await log.append('alerts', [largest])).toBe(0);
  const tooLarge = { key: 'a', value: `${largest.value}üü` };
  await expect(log.append('alerts', [{ key: 'a', value: 'before' }, tooLarge])).rejects.toMatchObject({
    code: 'LOG_UNWRITABLE',
  });
  expect(await log.endOffset('alerts', 0)).toBe(1);
});
