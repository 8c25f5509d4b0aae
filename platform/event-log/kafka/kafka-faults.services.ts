import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kafka, startKafka } from '../../../tools/engines/kafka.ts';
import { mountSmallDisk } from '../../../tools/engines/small-disk.ts';
import { memoryLog } from '../../log/memory-log.ts';
import type { LogRecord, Topic } from '../port.ts';
import { clientOptions } from './connection.ts';
import { allValues, lost, openForTest, startLoad } from './fixtures/open-for-test.ts';

const TOPIC: Topic = 'raw.measurements';
const GROUP = { kind: 'group', group: 'g', startAt: 'earliest' } as const;
/** Long enough for a broker to come back, or too short for that. */
const PATIENT_MS = 90_000;
const DAY_MS = 86_400_000;
/** Engines start within seconds, or within a minute where others want the same cores. */
const SLOW = { timeout: 180_000 };
const IMPATIENT_MS = 1_000;

let kafka: Kafka;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka.stop());

const open = (prefix: string, appendWithinMs = PATIENT_MS, log = memoryLog()) =>
  openForTest({ connection: { brokers: kafka.brokers }, prefix, appendWithinMs, log });

describe('a broker that is killed under load', () => {
  it('comes back with everything that was acknowledged, once, and consumers go on by themselves', SLOW, async () => {
    await using log = await open('killed.');
    const seen = new Set<string>();
    await using consumer = await log.consume({
      ...{ topic: TOPIC, position: GROUP, batchRecordsMax: 100 },
      handle: async (batch) => {
        for (const { value } of batch) seen.add(value);
      },
    });
    const load = startLoad(log);
    await load.more(500);
    await kafka.nodes[0]?.kill();
    await kafka.nodes[0]?.start();
    await load.more(500);
    await load.stop();
    await consumer.caughtUp();
    const found = await allValues(log);
    expect(new Set(found).size).toBe(found.length);
    expect(lost(load, found)).toEqual([]);
    expect(lost(load, seen)).toEqual([]);
    expect(load.refusals).toEqual([]);
  });

  it('that stays away longer than an append may take is told of, and nothing of it is acknowledged', SLOW, async () => {
    await using log = await open('away.', IMPATIENT_MS);
    await log.append(TOPIC, [{ key: 'a', value: 'before' }]);
    await kafka.nodes[0]?.kill();
    await expect(log.append(TOPIC, [{ key: 'a', value: 'meanwhile' }])).rejects.toMatchObject({
      code: 'LOG_UNWRITABLE',
    });
    await expect(log.endOffset(TOPIC, 0)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    await kafka.nodes[0]?.start();
    await expect
      .poll(() => log.append(TOPIC, [{ key: 'a', value: 'after' }]).catch(() => undefined), { timeout: PATIENT_MS })
      .toBeTypeOf('number');
    expect(await allValues(log)).toEqual(['before', 'after']);
  });
});

describe('a group that another member joins', () => {
  it(
    'is handed nothing twice: what a member has handled is committed before its partitions go to another',
    SLOW,
    async () => {
      await using first = await open('group.');
      await using second = await open('group.');
      const seen: string[] = [];
      const consume = {
        ...{ topic: TOPIC, position: GROUP, batchRecordsMax: 10 },
        handle: async (batch: readonly LogRecord[]) => void seen.push(...batch.map(({ value }) => value)),
      } as const;
      // By itself it would commit long after the test.
      await using one = await first.consume({ ...consume, commitIntervalMs: DAY_MS });
      const values = Array.from({ length: 300 }, (_, number) => String(number));
      await first.append(
        TOPIC,
        values.map((value) => ({ key: `zone-${value}`, value })),
      );
      await one.caughtUp();
      await using other = await second.consume(consume);
      const more = Array.from({ length: 300 }, (_, number) => String(300 + number));
      await first.append(
        TOPIC,
        more.map((value) => ({ key: `zone-${value}`, value })),
      );
      await expect.poll(() => seen.length, { timeout: PATIENT_MS }).toBeGreaterThanOrEqual(600);
      await Promise.all([one.caughtUp(), other.caughtUp()]);
      expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual([...values, ...more]);
    },
  );
});

describe('a topic that is deleted under us', () => {
  it(
    'is LOG_UNWRITABLE by its name, is made anew at the next start, and is read from its beginning by a consumer that went on',
    SLOW,
    async () => {
      await using log = await open('deleted.', IMPATIENT_MS);
      const seen: string[] = [];
      await using consumer = await log.consume({
        ...{ topic: TOPIC, position: GROUP, batchRecordsMax: 100 },
        handle: async (batch) => void seen.push(...batch.map(({ value }) => value)),
      });
      await log.append(TOPIC, [{ key: 'a', value: 'before' }]);
      await consumer.caughtUp();
      const admin = new Admin(clientOptions({ brokers: kafka.brokers }));
      await admin.deleteTopics({ topics: [`deleted.${TOPIC}`] });
      await admin.close();
      await expect(log.append(TOPIC, [{ key: 'a', value: 'meanwhile' }])).rejects.toMatchObject({
        code: 'LOG_UNWRITABLE',
        subject: expect.stringContaining(`deleted.${TOPIC}`),
      });
      await using again = await open('deleted.');
      await again.append(TOPIC, [{ key: 'a', value: 'after' }]);
      await log.append(TOPIC, [{ key: 'a', value: 'by whom it was deleted under' }]);
      await expect
        .poll(() => seen, { timeout: PATIENT_MS })
        .toEqual(['before', 'after', 'by whom it was deleted under']);
    },
  );
});

describe('a disk of the broker that is full', () => {
  it(
    'is LOG_UNWRITABLE; with room again the broker is started, and everything that was acknowledged is there, once',
    SLOW,
    async (context) => {
      using disk = mountSmallDisk();
      if (!disk) return context.skip('this machine does not let us mount a small disk');
      const settings = { 'log.dirs': `${disk.folder}/data`, 'log.index.size.max.bytes': '65536' };
      await using small = await startKafka({ settings });
      await using log = await openForTest({ connection: { brokers: small.brokers }, appendWithinMs: IMPATIENT_MS });
      const load = startLoad(log);
      await load.more(200);
      disk.fill();
      await expect.poll(() => load.refusals, { timeout: PATIENT_MS }).toContain('LOG_UNWRITABLE');
      await load.stop();
      disk.free();
      await small.nodes[0]?.kill();
      await small.nodes[0]?.start();
      await expect
        .poll(() => log.append(TOPIC, [{ key: 'a', value: 'after' }]).catch(() => undefined), { timeout: PATIENT_MS })
        .toBeTypeOf('number');
      const found = await allValues(log);
      expect(found).toContain('after');
      expect(lost(load, found)).toEqual([]);
      expect(new Set(found).size).toBe(found.length);
    },
  );
});
