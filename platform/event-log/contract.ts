import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '../errors.ts';
import type { ConsumeOptions, ConsumerPosition, EventLog, LogRecord, NewRecord, Topic } from './port.ts';

/** Age at which the log under test drops records of `raw.measurements`. */
export const CONTRACT_AGE_MS = 3_600_000;

export interface EventLogUnderTest {
  /** Opens the log, or opens it again after it was closed, on the same data, with any number of partitions. `devices` is compacted, the rest expires after `CONTRACT_AGE_MS`. */
  open(): Promise<EventLog>;
  /** Lets time pass as the log sees it. */
  pass(ms: number): Promise<void>;
  /** Removes everything. */
  end(): Promise<void>;
}

const TOPIC = 'raw.measurements';
const earliest = (group: string): ConsumerPosition => ({ kind: 'group', group, startAt: 'earliest' });
const aRecord = (value: string, key = 'harbour'): NewRecord => ({ key, value });
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => aRecord(String(from + index)));
const values = (records: readonly LogRecord[]) => records.map(({ value }) => value);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The promises of the event log's port, run against any adapter. */
export function eventLogContract(name: string, start: () => Promise<EventLogUnderTest>): void {
  describe(`${name} keeps the event log's promises`, () => {
    let under: EventLogUnderTest;
    let log: EventLog;
    beforeEach(async () => {
      under = await start();
      log = await under.open();
    });
    afterEach(async () => {
      await log.close();
      await under.end();
    });

    async function reopen(): Promise<void> {
      await log.close();
      log = await under.open();
    }

    const partitions = (topic: Topic) => Array.from({ length: log.partitions(topic) }, (_, partition) => partition);

    /** Everything in a topic, by partition and offset. */
    async function everything(topic: Topic, recordsMax = 1_000): Promise<readonly LogRecord[]> {
      const read = await Promise.all(partitions(topic).map((partition) => log.read(topic, partition, 0, recordsMax)));
      return read.flat();
    }

    /** How many offsets a topic has given away. */
    async function ends(topic: Topic): Promise<number> {
      const all = await Promise.all(partitions(topic).map((partition) => log.endOffset(topic, partition)));
      return all.reduce((sum, end) => sum + end, 0);
    }

    /** The partition that a key belongs to, found by appending a record. */
    async function home(key: string): Promise<number> {
      const before = await Promise.all(partitions(TOPIC).map((partition) => log.endOffset(TOPIC, partition)));
      await log.append(TOPIC, [aRecord('where', key)]);
      for (const partition of partitions(TOPIC))
        if ((await log.endOffset(TOPIC, partition)) !== before[partition]) return partition;
      throw new Error(`no partition has the key ${key}`);
    }

    /** A consumer that notes what it was handed. */
    async function collect(options: Partial<ConsumeOptions> = {}) {
      const seen: string[] = [];
      const consumer = await log.consume({
        topic: TOPIC,
        position: earliest('g'),
        batchRecordsMax: 100,
        handle: async (batch) => void seen.push(...values(batch)),
        ...options,
      });
      return { seen, consumer };
    }

    /** Lets time pass until something is so: a retry waits on the log's clock. */
    async function passUntil(condition: () => boolean): Promise<void> {
      while (!condition()) {
        await under.pass(1_000);
        await turn();
      }
    }

    describe('append', () => {
      it('answers a ping', async () => {
        await expect(log.ping()).resolves.toBeUndefined();
      });

      it('numbers the records of a partition from 0 and reads them back whole', async () => {
        expect(await log.append(TOPIC, [aRecord('{"a":1}'), aRecord('{"b":2}')])).toBe(0);
        expect(await log.append(TOPIC, [aRecord('{"c":3}')])).toBe(2);
        expect(await ends(TOPIC)).toBe(3);
        const [first] = await everything(TOPIC);
        const partition = first?.partition ?? -1;
        expect(await everything(TOPIC)).toMatchObject([
          { topic: TOPIC, partition, offset: 0, key: 'harbour', value: '{"a":1}' },
          { topic: TOPIC, partition, offset: 1, key: 'harbour', value: '{"b":2}' },
          { topic: TOPIC, partition, offset: 2, key: 'harbour', value: '{"c":3}' },
        ]);
        expect(first?.appendedAtMs).toBeGreaterThan(Date.UTC(2026, 0, 1));
      });

      it('keeps all records of a key in one partition, and the partition says which offset is next', async () => {
        const keys = Array.from({ length: 20 }, (_, index) => `zone-${index}`);
        for (const round of [1, 2])
          await log.append(
            TOPIC,
            keys.map((key) => aRecord(`${key} ${round}`, key)),
          );
        const records = await everything(TOPIC);
        expect(records).toHaveLength(40);
        for (const key of keys) {
          const ofKey = records.filter((record) => record.key === key);
          expect(values(ofKey)).toEqual([`${key} 1`, `${key} 2`]);
          expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
        }
        for (const partition of partitions(TOPIC)) {
          const ofPartition = records.filter((record) => record.partition === partition);
          expect(ofPartition.map(({ offset }) => offset)).toEqual(ofPartition.map((_, index) => index));
          expect(await log.endOffset(TOPIC, partition)).toBe(ofPartition.length);
        }
      });

      it('keeps the order of calls that were made at once', async () => {
        const calls = Array.from({ length: 500 }, (_, index) => log.append(TOPIC, [aRecord(String(index))]));
        expect(await Promise.all(calls)).toEqual(Array.from({ length: 500 }, (_, index) => index));
        expect(values(await everything(TOPIC))).toEqual(values(numbered(0, 499) as LogRecord[]));
      });

      it('of nothing changes nothing', async () => {
        await log.append(TOPIC, [aRecord('1')]);
        await log.append(TOPIC, []);
        expect(await ends(TOPIC)).toBe(1);
      });

      it('takes any key and any text', async () => {
        const odd = [
          aRecord('"\\u0000"', ''),
          aRecord('"ÅØ 中文 😀"', 'zone/ø #+'),
          aRecord(JSON.stringify('x'.repeat(300_000))),
        ];
        await log.append(TOPIC, odd);
        await reopen();
        const read = (await everything(TOPIC)).map(({ key, value }) => ({ key, value }));
        expect(read).toHaveLength(odd.length);
        expect(read).toEqual(expect.arrayContaining(odd));
      });

      it('to one topic does not show in another', async () => {
        await log.append(TOPIC, [aRecord('1')]);
        expect(await ends('alerts')).toBe(0);
        expect(await everything('alerts')).toEqual([]);
      });

      it('is refused with LOG_UNWRITABLE once the log is closed', async () => {
        await log.close();
        await expect(log.append(TOPIC, [aRecord('1')])).rejects.toMatchObject({
          code: 'LOG_UNWRITABLE',
        } satisfies Partial<AppError>);
      });
    });

    describe('read', () => {
      it('begins at any offset, ends at the limit or the end, and finds nothing beyond', async () => {
        const partition = await home('harbour');
        await log.append(TOPIC, numbered(1, 9));
        expect(values(await log.read(TOPIC, partition, 4, 3))).toEqual(['4', '5', '6']);
        expect(values(await log.read(TOPIC, partition, 8, 10))).toEqual(['8', '9']);
        expect(await log.read(TOPIC, partition, 10, 10)).toEqual([]);
        expect(await log.read(TOPIC, partition, 11, 10)).toEqual([]);
      });
    });

    describe('a consumer', () => {
      it('of a new group starts at the earliest or at the latest record', async () => {
        await log.append(TOPIC, numbered(0, 4));
        const all = await collect({ position: earliest('all') });
        const fresh = await collect({ position: { kind: 'group', group: 'fresh', startAt: 'latest' } });
        await log.append(TOPIC, [aRecord('5')]);
        await Promise.all([all.consumer.caughtUp(), fresh.consumer.caughtUp()]);
        expect(all.seen).toEqual(['0', '1', '2', '3', '4', '5']);
        expect(fresh.seen).toEqual(['5']);
      });

      it('gets batches of at most the size it asked for, in order', async () => {
        await log.append(TOPIC, numbered(0, 24));
        const sizes: number[] = [];
        const seen: string[] = [];
        const handle = async (batch: readonly LogRecord[]) => {
          sizes.push(batch.length);
          seen.push(...values(batch));
        };
        const { consumer } = await collect({ batchRecordsMax: 10, handle });
        await consumer.caughtUp();
        expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
        expect(seen).toEqual(values(numbered(0, 24) as LogRecord[]));
      });

      it('gets batches of one partition each, one at a time, with nothing left out', async () => {
        const keys = Array.from({ length: 20 }, (_, index) => `zone-${index}`);
        for (let round = 0; round < 5; round += 1)
          await log.append(
            TOPIC,
            keys.map((key) => aRecord(`${round}`, key)),
          );
        const counted = new Map<string, number>();
        let inHand = 0;
        const handle = async (batch: readonly LogRecord[]) => {
          inHand += 1;
          expect(inHand).toBe(1);
          expect(new Set(batch.map(({ partition }) => partition)).size).toBe(1);
          for (const { key, value } of batch) {
            expect(Number(value)).toBe(counted.get(key) ?? 0);
            counted.set(key, Number(value) + 1);
          }
          await turn();
          inHand -= 1;
        };
        const { consumer } = await collect({ batchRecordsMax: 7, handle });
        await consumer.caughtUp();
        expect([...counted.values()]).toEqual(Array(20).fill(5));
      });

      it('is told of each partition before its first batch, again when that failed', async () => {
        await log.append(TOPIC, numbered(0, 1));
        const steps: string[] = [];
        const { consumer } = await collect({
          onTaken: async (partition) => {
            steps.push(`taken ${partition}`);
            if (steps.length === 1) throw new Error('not now');
          },
          handle: async (batch) => void steps.push(`handle ${batch[0]?.partition}`),
        });
        await passUntil(() => steps.some((step) => step.startsWith('handle')));
        await consumer.caughtUp();
        const taken = steps.filter((step) => step.startsWith('taken'));
        expect(new Set(taken).size).toBe(log.partitions(TOPIC));
        expect(taken).toHaveLength(log.partitions(TOPIC) + 1);
        const handled = steps.find((step) => step.startsWith('handle'))?.replace('handle', 'taken') ?? '';
        expect(steps.lastIndexOf(handled)).toBeLessThan(steps.findIndex((step) => step.startsWith('handle')));
      });

      it('resumes after its last batch when the log is opened again', async () => {
        await log.append(TOPIC, numbered(0, 2));
        const { consumer } = await collect();
        await consumer.caughtUp();
        await reopen();
        await log.append(TOPIC, numbered(3, 4));
        const again = await collect();
        await again.consumer.caughtUp();
        expect(again.seen).toEqual(['3', '4']);
      });

      it('that started at the latest record misses nothing that came while it was away', async () => {
        const position: ConsumerPosition = { kind: 'group', group: 'late', startAt: 'latest' };
        const { consumer } = await collect({ position });
        await consumer.close();
        await log.append(TOPIC, numbered(0, 1));
        const again = await collect({ position });
        await again.consumer.caughtUp();
        expect(again.seen).toEqual(['0', '1']);
      });

      it('that is ephemeral starts where it says each time', async () => {
        await log.append(TOPIC, numbered(0, 2));
        const position: ConsumerPosition = { kind: 'ephemeral', startAt: 'earliest' };
        for (let round = 0; round < 2; round += 1) {
          const { seen, consumer } = await collect({ position });
          await consumer.caughtUp();
          expect(seen).toEqual(['0', '1', '2']);
          await consumer.close();
        }
      });

      it('is handed the same batch until it takes it, and then the rest', async () => {
        await log.append(TOPIC, numbered(0, 5));
        const attempts: string[][] = [];
        const handle = async (batch: readonly LogRecord[]) => {
          attempts.push(values(batch));
          if (attempts.length <= 3) throw new Error('not now');
        };
        const { consumer } = await collect({ batchRecordsMax: 4, handle });
        await passUntil(() => attempts.length >= 5);
        await consumer.caughtUp();
        expect(attempts.slice(0, 4)).toEqual(Array(4).fill(['0', '1', '2', '3']));
        expect(attempts.slice(4).flat()).toEqual(['4', '5']);
      });

      it('that is closed while it retries stops at once and is handed the batch again later', async () => {
        await log.append(TOPIC, numbered(0, 1));
        const refused = Promise.withResolvers<void>();
        const { consumer } = await collect({
          handle: async () => {
            refused.resolve();
            throw new Error('never');
          },
        });
        await refused.promise;
        await consumer.close();
        const again = await collect();
        await again.consumer.caughtUp();
        expect(again.seen).toEqual(['0', '1']);
      });

      it('finishes the batch in hand when it is closed, and commits it', async () => {
        await log.append(TOPIC, [aRecord('0')]);
        const begun = Promise.withResolvers<void>();
        const gate = Promise.withResolvers<void>();
        const { consumer } = await collect({
          handle: async () => {
            begun.resolve();
            await gate.promise;
          },
        });
        await begun.promise;
        const closed = consumer.close();
        gate.resolve();
        await closed;
        const again = await collect();
        await again.consumer.caughtUp();
        expect(again.seen).toEqual([]);
      });

      it('flushes before its offset moves', async () => {
        await log.append(TOPIC, numbered(0, 1));
        const { consumer } = await collect({
          flush: async () => {
            throw new Error('the store is full');
          },
        });
        await consumer.caughtUp();
        await consumer.close();
        const steps: string[] = [];
        const again = await collect({
          handle: async (batch) => void steps.push(`handle ${values(batch).join()}`),
          flush: async () => void steps.push('flush'),
          commitIntervalMs: 10_000,
        });
        await again.consumer.caughtUp();
        await passUntil(() => steps.includes('flush'));
        expect(steps).toEqual(['handle 0,1', 'flush']);
      });

      it('says how far behind it is', async () => {
        const gate = Promise.withResolvers<void>();
        const { consumer } = await collect({ handle: () => gate.promise });
        await log.append(TOPIC, numbered(0, 6));
        expect(consumer.lagRecords()).toBe(7);
        gate.resolve();
        await consumer.caughtUp();
        expect(consumer.lagRecords()).toBe(0);
      });

      it('that stands still holds up neither append nor another consumer', async () => {
        const gate = Promise.withResolvers<void>();
        const stuck = await collect({ position: earliest('stuck'), handle: () => gate.promise });
        const quick = await collect({ position: earliest('quick') });
        for (let from = 0; from < 5_000; from += 500) await log.append(TOPIC, numbered(from, from + 499));
        await quick.consumer.caughtUp();
        expect(quick.seen).toHaveLength(5_000);
        expect(stuck.consumer.lagRecords()).toBe(5_000);
        gate.resolve();
        await stuck.consumer.caughtUp();
      });
    });

    describe('retention', () => {
      it('drops records past their age, never gives their offsets again, and passes over them', async () => {
        const partition = await home('harbour');
        await log.append(TOPIC, numbered(1, 4));
        await under.pass(CONTRACT_AGE_MS + 1_000);
        await log.append(TOPIC, [aRecord('5')]);
        const nowMs = (await log.read(TOPIC, partition, 5, 1))[0]?.appendedAtMs ?? 0;
        await log.expire(nowMs + CONTRACT_AGE_MS + 1_000);
        expect(await everything(TOPIC)).toEqual([]);
        expect(await ends(TOPIC)).toBe(6);
        await reopen();
        expect(await log.append(TOPIC, [aRecord('6')])).toBe(6);
        expect(values(await everything(TOPIC))).toEqual(['6']);
      });

      it('keeps the newest record of each key of a compacted topic, however old', async () => {
        for (let round = 0; round < 3; round += 1) {
          await log.append('devices', [aRecord(`a${round}`, 'a'), aRecord(`b${round}`, 'b')]);
        }
        await under.pass(10 * CONTRACT_AGE_MS);
        await log.expire(Number.MAX_SAFE_INTEGER);
        await reopen();
        const newest = new Map((await everything('devices')).map(({ key, value }) => [key, value]));
        expect(newest).toEqual(
          new Map([
            ['a', 'a2'],
            ['b', 'b2'],
          ]),
        );
      });
    });
  });
}
