import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
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
