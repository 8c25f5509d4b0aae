/** What expiry and compaction keep, and what they do to consumers and to a process that ends in their middle. */
import { copyFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LogFolder, logFolder, retentionOf } from '../fixtures/log-folder.ts';
import type { NewRecord } from '../port.ts';
import { openDiskFile } from './log-file.ts';

const TOPIC = 'raw.measurements';
const HOUR_MS = 3_600_000;

let folder: LogFolder;
beforeEach(() => {
  folder = logFolder();
});
afterEach(() => folder.remove());

const logFiles = (topic: string) => readdirSync(join(folder.folder, topic)).filter((name) => name.endsWith('.log'));
const sizes = (topic: string) =>
  logFiles(topic).reduce((sum, name) => sum + statSync(join(folder.folder, topic, name)).size, 0);
const filler = (count: number): NewRecord[] =>
  Array.from({ length: count }, () => ({ key: 'k', value: 'x'.repeat(67) }));

it('keeps a topic below its size by whole segments, the oldest first', async () => {
  const retention = retentionOf({ ageMs: HOUR_MS, bytesMax: 8_000 });
  await using log = await folder.open({ retention });
  for (let call = 0; call < 40; call += 1) await log.append(TOPIC, filler(10));
  expect(sizes(TOPIC)).toBe(40_000);
  await log.expire(folder.clock.nowMs());
  expect(sizes(TOPIC)).toBeLessThanOrEqual(8_000);
  expect(sizes(TOPIC)).toBeGreaterThanOrEqual(7_000);
  const read = await log.read(TOPIC, 0, 0, 1_000);
  expect(read.at(-1)?.offset).toBe(399);
  expect(folder.counted('event_log_expired_bytes_total')).toBe(40_000 - sizes(TOPIC));
});

it('keeps what is younger than the age, also after the log was opened again', async () => {
  const open = () => folder.open({ segmentBytesMax: 100 });
  const first = await open();
  await first.append(TOPIC, [{ key: 'k', value: 'old' }]);
  await folder.clock.advance(HOUR_MS / 2);
  await first.append(TOPIC, [{ key: 'k', value: 'young'.padEnd(90, '.') }]);
  await first.append(TOPIC, [{ key: 'k', value: 'newest' }]);
  await first.close();
  await using log = await open();
  await folder.clock.advance(HOUR_MS / 2 + 1);
  await log.expire(folder.clock.nowMs());
  expect((await log.read(TOPIC, 0, 0, 10)).map(({ offset }) => offset)).toEqual([1, 2]);
});

it('removes records that a slow group has not read, and tells how many', async () => {
  const retention = retentionOf({ ageMs: HOUR_MS, bytesMax: 8_000 });
  const tail = { keptBytes: 1, bytesMax: 1 };
  await using log = await folder.open({ retention, tail });
  const gate = Promise.withResolvers<void>();
  const seen: number[] = [];
  const consumer = await log.consume({
    topic: TOPIC,
    position: { kind: 'group', group: 'slow', startAt: 'earliest' },
    batchRecordsMax: 5,
    handle: async (batch) => {
      seen.push(...batch.map(({ offset }) => offset));
      await gate.promise;
    },
  });
  for (let call = 0; call < 40; call += 1) await log.append(TOPIC, filler(10));
  await log.expire(folder.clock.nowMs());
  gate.resolve();
  await consumer.caughtUp();
  const skipped = folder.counted('event_log_skipped_records_total');
  expect(skipped).toBeGreaterThan(300);
  expect(seen.length + skipped).toBe(400);
  expect(seen.at(-1)).toBe(399);
});

async function changeDevices(rounds: number, devices: number): Promise<void> {
  await using log = await folder.open({ segmentBytesMax: 2_000 });
  for (let round = 0; round < rounds; round += 1) {
    for (let device = 0; device < devices; device += 1) {
      await log.append('devices', [{ key: `device-${device}`, value: JSON.stringify({ round }) }]);
    }
  }
}

async function newestOfEach(): Promise<ReadonlyMap<string, string>> {
  await using log = await folder.open({ segmentBytesMax: 2_000 });
  const seen = new Map<string, string>();
  const consumer = await log.consume({
    topic: 'devices',
    position: { kind: 'ephemeral', startAt: 'earliest' },
    batchRecordsMax: 7,
    handle: async (batch) => {
      for (const { key, value } of batch) seen.set(key, value);
    },
  });
  await consumer.caughtUp();
  return seen;
}

it('compacts to the newest record of each key at its old offset, again and again', async () => {
  await changeDevices(50, 10);
  const before = sizes('devices');
  await using log = await folder.open({ segmentBytesMax: 2_000 });
  await log.expire(folder.clock.nowMs());
  const once = sizes('devices');
  expect(once).toBeLessThan(before / 5);
  for (let device = 0; device < 200; device += 1)
    await log.append('devices', [{ key: `device-${device % 10}`, value: '{"round":50}' }]);
  await log.expire(folder.clock.nowMs());
  await log.expire(folder.clock.nowMs());
  const read = await log.read('devices', 0, 0, 10_000);
  const newest = new Map(read.map(({ key, value }) => [key, value]));
  expect([...newest.values()]).toEqual(Array(10).fill('{"round":50}'));
  expect(read.map(({ offset }) => offset)).toEqual([...read.map(({ offset }) => offset)].sort((a, b) => a - b));
  expect(await log.append('devices', [{ key: 'new', value: '1' }])).toBe(700);
});

it('reads on through a compaction that happens meanwhile', async () => {
  await changeDevices(50, 10);
  await using log = await folder.open({ segmentBytesMax: 2_000 });
  const seen = new Map<string, string>();
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const consumer = await log.consume({
    topic: 'devices',
    position: { kind: 'ephemeral', startAt: 'earliest' },
    batchRecordsMax: 20,
    handle: async (batch) => {
      for (const { key, value } of batch) seen.set(key, value);
      begun.resolve();
      await gate.promise;
    },
  });
  await begun.promise;
  await log.expire(folder.clock.nowMs());
  gate.resolve();
  await consumer.caughtUp();
  expect([...seen.values()]).toEqual(Array(10).fill('{"round":49}'));
});

it('after a crash before a compaction was finished reads what was there', async () => {
  await changeDevices(50, 10);
  const [oldest = ''] = logFiles('devices');
  const half = join(folder.folder, 'devices', '00000000000000000000-00000000000000000400.log.tmp');
  copyFileSync(join(folder.folder, 'devices', oldest), half);
  expect([...(await newestOfEach()).values()]).toEqual(Array(10).fill('{"round":49}'));
  expect(existsSync(half)).toBe(false);
});

it('after a crash before a compaction removed what it replaces reads only its outcome', async () => {
  await changeDevices(50, 10);
  const inFolder = (name: string) => join(folder.folder, 'devices', name);
  const saved = logFiles('devices').map((name) => ({ name, copy: join(folder.folder, name) }));
  for (const { name, copy } of saved) copyFileSync(inFolder(name), copy);
  const log = await folder.open({ segmentBytesMax: 2_000 });
  await log.expire(folder.clock.nowMs());
  await log.close();
  const compacted = logFiles('devices');
  for (const { name, copy } of saved) copyFileSync(copy, inFolder(name));
  expect([...(await newestOfEach()).values()]).toEqual(Array(10).fill('{"round":49}'));
  expect(logFiles('devices')).toEqual(compacted);
});

it('keeps the folder as it was when there is no space to compact', async () => {
  await changeDevices(50, 10);
  const before = logFiles('devices');
  const log = await folder.open({
    segmentBytesMax: 2_000,
    openFile: async (path, flags) => {
      if (path.endsWith('.tmp') && path.includes('devices'))
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return await openDiskFile(path, flags);
    },
  });
  await expect(log.expire(folder.clock.nowMs())).rejects.toMatchObject({ code: 'LOG_FULL' });
  expect(logFiles('devices')).toEqual(before);
  await log.close();
});

it('removes an index file that outlived its segment', async () => {
  const log = await folder.open({ segmentBytesMax: 100 });
  for (let call = 0; call < 5; call += 1) await log.append(TOPIC, filler(2));
  await log.close();
  const stale = join(folder.folder, TOPIC, `${'9'.repeat(20)}.index`);
  writeFileSync(stale, '{}');
  await (await folder.open()).close();
  expect(existsSync(stale)).toBe(false);
});
