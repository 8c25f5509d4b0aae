/** How the embedded log feeds its consumers: from memory when they keep up, from disk when they do not. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LogFolder, logFolder } from '../fixtures/log-folder.ts';
import type { ConsumeOptions, LogRecord } from '../port.ts';
import { type OpenFile, openDiskFile } from './log-file.ts';

const TOPIC = 'raw.measurements';

let folder: LogFolder;
beforeEach(() => {
  folder = logFolder();
});
afterEach(() => folder.remove());

const hundred = (from: number) =>
  Array.from({ length: 100 }, (_, index) => ({ key: 'k', value: String(from + index) }));
const inGroup = (group: string, handle: (batch: readonly LogRecord[]) => Promise<void>): ConsumeOptions => ({
  topic: TOPIC,
  position: { kind: 'group', group, startAt: 'earliest' },
  batchRecordsMax: 1_000,
  handle,
});

/** A disk that counts how often a segment is opened to be read. */
function countingReads(): { readonly openFile: OpenFile; reads: number } {
  const counting = {
    reads: 0,
    openFile: (path: string, flags: string) => {
      if (flags === 'r' && path.endsWith('.log')) counting.reads += 1;
      return openDiskFile(path, flags);
    },
  };
  return counting;
}

it('hands consumers that keep up the same objects, without reading the disk', async () => {
  const disk = countingReads();
  await using log = await folder.open({ openFile: disk.openFile, tail: { keptBytes: 1, bytesMax: 1_000_000 } });
  const seen: { one: LogRecord[]; two: LogRecord[] } = { one: [], two: [] };
  const one = await log.consume(inGroup('one', async (batch) => void seen.one.push(...batch)));
  const two = await log.consume(inGroup('two', async (batch) => void seen.two.push(...batch)));
  const readsBefore = disk.reads;
  for (let from = 0; from < 5_000; from += 100) await log.append(TOPIC, hundred(from));
  await Promise.all([one.caughtUp(), two.caughtUp()]);
  expect(disk.reads).toBe(readsBefore);
  expect(seen.one).toHaveLength(5_000);
  expect(seen.one.every((record, index) => record === seen.two[index])).toBe(true);
});

it('commits at its pace when somebody has set the clock back an hour', async () => {
  await using log = await folder.open();
  let commits = 0;
  await using consumer = await log.consume({
    ...inGroup('paced', async () => undefined),
    flush: async () => {
      commits += 1;
    },
  });
  folder.clock.set(folder.clock.nowMs() - 3_600_000);
  await log.append(TOPIC, hundred(0));
  await consumer.caughtUp();
  const aSecondLater = async () => {
    await folder.clock.advance(1_000);
    return commits;
  };
  await expect.poll(aSecondLater).toBe(1);
});

it('sends a consumer that falls behind what memory may hold to the disk, and back', async () => {
  const disk = countingReads();
  await using log = await folder.open({ openFile: disk.openFile, tail: { keptBytes: 1_000, bytesMax: 50_000 } });
  const seen: number[] = [];
  let gate = Promise.withResolvers<void>();
  const consumer = await log.consume(
    inGroup('slow', async (batch) => {
      await gate.promise;
      seen.push(...batch.map(({ offset }) => offset));
    }),
  );
  const readsBefore = disk.reads;
  for (let from = 0; from < 2_000; from += 100) await log.append(TOPIC, hundred(from));
  gate.resolve();
  await consumer.caughtUp();
  const readsCatchingUp = disk.reads;
  expect(readsCatchingUp).toBeGreaterThan(readsBefore);
  gate = Promise.withResolvers<void>();
  gate.resolve();
  for (let from = 2_000; from < 3_000; from += 100) await log.append(TOPIC, hundred(from));
  await consumer.caughtUp();
  expect(disk.reads).toBe(readsCatchingUp);
  expect(seen).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
});

it('commits at most once in each interval, and when it is idle', async () => {
  await using log = await folder.open();
  let flushes = 0;
  const consumer = await log.consume({
    ...inGroup('g', async () => {}),
    flush: async () => {
      flushes += 1;
    },
    commitIntervalMs: 5_000,
  });
  for (let from = 0; from < 1_000; from += 100) await log.append(TOPIC, hundred(from));
  await consumer.caughtUp();
  expect(flushes).toBe(0);
  while (flushes === 0) {
    await folder.clock.advance(5_000);
    await new Promise(setImmediate);
  }
  await folder.clock.advance(60_000);
  expect(flushes).toBe(1);
});

it('counts and logs each failure, and waits longer after each', async () => {
  await using log = await folder.open();
  let calls = 0;
  const consumer = await log.consume(
    inGroup('g', async () => {
      calls += 1;
      throw new Error('the store is down');
    }),
  );
  await log.append(TOPIC, hundred(0));
  while (calls < 10) {
    await folder.clock.advance(30_000);
    await new Promise(setImmediate);
  }
  await consumer.close();
  const delays = folder.log.entries.map(({ attributes }) => attributes['retryDelayMs']);
  expect(delays.slice(0, 10)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
  expect(folder.counted('event_log_consumer_failures_total')).toBe(calls);
});

it('refuses a second consumer of the same group and topic', async () => {
  await using log = await folder.open();
  const first = await log.consume(inGroup('g', async () => {}));
  await expect(log.consume(inGroup('g', async () => {}))).rejects.toThrow(/one consumer/);
  await first.close();
  await (await log.consume(inGroup('g', async () => {}))).close();
});

it('refuses more than may wait to be written, and takes it later', async () => {
  await using log = await folder.open({ waitingBytesMax: 10_000 });
  const calls = Array.from({ length: 5 }, (_, index) => log.append(TOPIC, hundred(index * 100)));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
  expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'LOG_UNWRITABLE' } });
  expect(await log.append(TOPIC, hundred(500))).toBe(200);
});
