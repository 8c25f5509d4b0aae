/** What the log does with files that a crash, a power cut, a failing disk or a person has changed. */
import {
  appendFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LogFolder, logFolder } from '../fixtures/log-folder.ts';
import type { EventLog, LogRecord, NewRecord } from '../port.ts';
import { HEADER_BYTES } from './record-format.ts';

const TOPIC = 'raw.measurements';
/** Frame of a record with the key `k` and a value of two digits. */
const FRAME_BYTES = HEADER_BYTES + 3;

let folder: LogFolder;
beforeEach(() => {
  folder = logFolder();
});
afterEach(() => folder.remove());

const numbered = (from: number, to: number): NewRecord[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ key: 'k', value: String(from + index) }));
const values = (records: readonly LogRecord[]) => records.map(({ value }) => Number(value));
const segments = () =>
  readdirSync(join(folder.folder, TOPIC))
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder.folder, TOPIC, name));
const newest = () => segments().at(-1) ?? '';

/** Appends 10 to 29 one by one, or as one group, and closes the log. */
async function written(how: 'singly' | 'as one group'): Promise<void> {
  await using log = await folder.open();
  if (how === 'as one group') await log.append(TOPIC, numbered(10, 29));
  else for (const record of numbered(10, 29)) await log.append(TOPIC, [record]);
}

function overwrite(path: string, position: number, bytes: readonly number[]): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from(bytes), 0, bytes.length, position);
}

async function readAll(log: EventLog): Promise<readonly number[]> {
  return values(await log.read(TOPIC, 0, 0, 1_000));
}

it('cuts half a record off the end, says so, and goes on after the last good one', async () => {
  await written('singly');
  appendFileSync(newest(), Buffer.from([0, 0, 1, 44, 7]));
  await using log = await folder.open();
  expect(await readAll(log)).toEqual(values(numbered(10, 29) as LogRecord[]));
  expect(folder.log.entries.find(({ level }) => level === 'warn')?.attributes).toMatchObject({
    cutBytes: 5,
    byte: 20 * FRAME_BYTES,
  });
  expect(folder.counted('event_log_cut_bytes_total')).toBe(5);
  expect(await log.append(TOPIC, numbered(30, 30))).toBe(20);
  expect((await readAll(log)).at(-1)).toBe(30);
});

it('cuts zeros off the end, which a power cut leaves where a file had grown already', async () => {
  await written('singly');
  appendFileSync(newest(), Buffer.alloc(10_000));
  await using log = await folder.open();
  expect(await readAll(log)).toHaveLength(20);
  expect(statSync(newest()).size).toBe(20 * FRAME_BYTES);
});

it('of a file that was cut short keeps every whole record', async () => {
  await written('singly');
  truncateSync(newest(), 20 * FRAME_BYTES - 7);
  await using log = await folder.open();
  expect(await readAll(log)).toEqual(values(numbered(10, 28) as LogRecord[]));
});

it('never gives an offset again that a group has handled, even when its record is lost', async () => {
  await using first = await folder.open();
  await first.append(TOPIC, numbered(10, 29));
  const consume = {
    topic: TOPIC,
    position: { kind: 'group', group: 'g', startAt: 'earliest' },
    batchRecordsMax: 100,
  } as const;
  const consumer = await first.consume({ ...consume, handle: async () => {} });
  await consumer.caughtUp();
  await first.close();
  truncateSync(newest(), 15 * FRAME_BYTES);
  await using log = await folder.open();
  expect(await log.append(TOPIC, numbered(30, 30))).toBe(20);
  const seen: number[] = [];
  const again = await log.consume({ ...consume, handle: async (batch) => void seen.push(...values(batch)) });
  await again.caughtUp();
  expect(seen).toEqual([30]);
  expect(await readAll(log)).toEqual([...values(numbered(10, 24) as LogRecord[]), 30]);
});

it('takes a bad record inside the last group for a write that was not finished', async () => {
  await written('as one group');
  overwrite(newest(), 5 * FRAME_BYTES + HEADER_BYTES, [0, 0, 0]);
  await using log = await folder.open();
  expect(await readAll(log)).toEqual(values(numbered(10, 14) as LogRecord[]));
});

it('refuses to open over a bad record that later groups follow, and names file and byte', async () => {
  await written('singly');
  overwrite(newest(), 5 * FRAME_BYTES + HEADER_BYTES, [0, 0, 0]);
  const subject = `${newest()} at byte ${5 * FRAME_BYTES}`;
  await expect(folder.open()).rejects.toMatchObject({ code: 'LOG_CORRUPT', subject });
  await expect(folder.open(), 'and leaves the folder unlocked').rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});

it('refuses to open over a length that was changed', async () => {
  await written('singly');
  overwrite(newest(), 3 * FRAME_BYTES, [255, 255, 255, 255]);
  await expect(folder.open()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});

it('meets damage in an old segment when it reads it, after all that lies before', async () => {
  const small = { segmentBytesMax: 4 * FRAME_BYTES };
  await using first = await folder.open(small);
  for (const record of numbered(10, 29)) await first.append(TOPIC, [record]);
  await first.close();
  const [oldest = ''] = segments();
  overwrite(oldest, 2 * FRAME_BYTES + HEADER_BYTES, [0, 0, 0]);
  await using log = await folder.open(small);
  await expect(log.read(TOPIC, 0, 0, 1_000)).rejects.toMatchObject({
    code: 'LOG_CORRUPT',
    subject: `${oldest} at byte ${2 * FRAME_BYTES}`,
  });
  expect(values(await log.read(TOPIC, 0, 0, 2))).toEqual([10, 11]);
  const seen: number[] = [];
  const stuck = Promise.withResolvers<void>();
  const consumer = await log.consume({
    topic: TOPIC,
    position: { kind: 'ephemeral', startAt: 'earliest' },
    batchRecordsMax: 100,
    handle: async (batch) => {
      seen.push(...values(batch));
      stuck.resolve();
    },
  });
  await stuck.promise;
  while (!folder.log.entries.some(({ attributes }) => attributes['step'] === 'read')) await new Promise(setImmediate);
  await consumer.close();
  expect(seen).toEqual([10, 11]);
});

it('finds its way without index files, and with rubbish in them', async () => {
  const small = { segmentBytesMax: 4 * FRAME_BYTES };
  await using first = await folder.open(small);
  for (const record of numbered(10, 29)) await first.append(TOPIC, [record]);
  await first.close();
  for (const path of segments()) rmSync(path.replace('.log', '.index'), { force: true });
  writeFileSync((segments()[0] ?? '').replace('.log', '.index'), '{"bytes":12');
  await using log = await folder.open(small);
  expect(values(await log.read(TOPIC, 0, 7, 100))).toEqual(values(numbered(17, 29) as LogRecord[]));
});

it('goes on without a segment that was moved away, and tells consumers how much they missed', async () => {
  const small = { segmentBytesMax: 4 * FRAME_BYTES };
  await using first = await folder.open(small);
  for (const record of numbered(10, 29)) await first.append(TOPIC, [record]);
  await first.close();
  rmSync(segments()[1] ?? '');
  await using log = await folder.open(small);
  const seen: number[] = [];
  const consumer = await log.consume({
    topic: TOPIC,
    position: { kind: 'ephemeral', startAt: 'earliest' },
    batchRecordsMax: 100,
    handle: async (batch) => void seen.push(...values(batch)),
  });
  await consumer.caughtUp();
  expect(seen).toEqual([...values(numbered(10, 13) as LogRecord[]), ...values(numbered(18, 29) as LogRecord[])]);
  expect(folder.counted('event_log_skipped_records_total')).toBe(4);
});

it('refuses offsets that cannot be read, by name', async () => {
  await written('singly');
  const path = join(folder.folder, 'offsets.json');
  writeFileSync(path, 'rubbish');
  await expect(folder.open()).rejects.toMatchObject({ code: 'LOG_CORRUPT', subject: path });
  expect(readFileSync(path, 'utf8')).toBe('rubbish');
});
