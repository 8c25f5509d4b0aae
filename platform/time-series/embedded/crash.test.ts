import { type ChildProcessByStdio, spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../clock/manual-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { type PointLike, pointColumns } from '../contract.ts';
import type { TimeSeries } from '../port.ts';
import { KILL_MINUTES_APART, KILL_SERIES, KILL_START, killValue } from './fixtures/kill-writer.ts';
import { DAY, openForTest } from './fixtures/open-for-test.ts';

const ROUNDS = 8;
const WRITER = fileURLToPath(new URL('./fixtures/kill-writer.ts', import.meta.url));
const START = Date.UTC(2026, 2, 10);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'greencity-crash-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lets the writer write so many batches, kills it, and gives the last batch it had an answer for. */
async function writeAndKill(first: number, batches: number): Promise<number> {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WRITER, folder, String(first)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.split('\n').length > batches) child.kill('SIGKILL');
  }
  return Number(text.split('\n').at(-2) ?? first - 1);
}

/** Checks that each batch up to `last` is there once; one more may be: written, and not answered before the kill. */
async function expectBatches(store: TimeSeries, last: number): Promise<number> {
  let found = -1;
  for (let i = 0; i < KILL_SERIES; i++) {
    const series = store.findSeries(`device-${i}`, i % 2 === 0 ? 'PM2_5' : 'PM10');
    expect(series).toBeDefined();
    const raw = await store.raw({
      series: series ?? 0,
      fromMs: KILL_START,
      toMs: KILL_START + 400 * DAY,
      pointsMax: 100_000,
    });
    const count = raw.timeMs.length;
    expect(count).toBeGreaterThanOrEqual(last + 1);
    expect(count).toBeLessThanOrEqual(last + 2);
    if (found < 0) found = count;
    // A batch is there whole or not at all.
    expect(count).toBe(found);
    for (let batch = 0; batch < count; batch++) {
      expect(raw.timeMs[batch]).toBe(KILL_START + batch * KILL_MINUTES_APART * 60_000);
      expect(raw.value[batch]).toBe(killValue(i, batch));
    }
  }
  return found - 1;
}

describe('the embedded store after kill -9', () => {
  it('has every acknowledged batch once, whole, whenever it was killed', async () => {
    let last = -1;
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await writeAndKill(last + 1, 3 + ((round * 37) % 90));
      const store = await openForTest({ folder, hotPointsMax: 400 });
      last = await expectBatches(store, acknowledged);
      await store.close();
      const leftovers = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
      expect(leftovers).toEqual([]);
    }
  }, 120_000);
});

const write = (store: TimeSeries, points: readonly PointLike[]) => store.write(pointColumns(points));
const minutes = (series: number, from: number, to: number): PointLike[] =>
  Array.from({ length: to - from }, (_, i) => ({
    series,
    timeMs: START + (from + i) * 60_000,
    value: (from + i) / 10,
  }));
const count = async (store: TimeSeries, series: number) =>
  (await store.raw({ series, fromMs: START, toMs: START + 30 * DAY, pointsMax: 100_000 })).timeMs.length;
const filesNamed = (start: string) => readdirSync(folder).filter((name) => name.startsWith(start));

async function fill(batches: number): Promise<void> {
  const store = await openForTest({ folder });
  const series = store.series('device', 'PM10');
  for (let batch = 0; batch < batches; batch++) await write(store, minutes(series, batch * 10, batch * 10 + 10));
  await store.close();
}

describe('damage to the files of the embedded store', () => {
  it('cuts a torn commit off the end of the log, says so, and goes on', async () => {
    await fill(3);
    const path = join(folder, filesNamed('log-')[0] ?? '');
    truncateSync(path, statSync(path).size - 5);
    const log = memoryLog();
    let store = await openForTest({ folder, log });
    expect(log.entries.map(({ level }) => level)).toContain('warn');
    expect(await count(store, 0)).toBe(20);
    expect((await write(store, minutes(0, 15, 30))).duplicates.length).toBe(5);
    await store.close();
    store = await openForTest({ folder });
    expect(await count(store, 0)).toBe(30);
    await store.close();
  });

  it('cuts every length of a torn last commit', async () => {
    await fill(2);
    const path = join(folder, filesNamed('log-')[0] ?? '');
    const whole = readFileSync(path);
    for (let length = whole.length - 1; length > whole.length - 40; length -= 7) {
      writeFileSync(path, whole.subarray(0, length));
      const store = await openForTest({ folder });
      expect(await count(store, 0)).toBe(10);
      await store.close();
    }
  });

  it('takes zeros that a file system left behind the last commit for a torn one', async () => {
    await fill(2);
    appendFileSync(join(folder, filesNamed('log-')[0] ?? ''), new Uint8Array(100));
    const store = await openForTest({ folder });
    expect(await count(store, 0)).toBe(20);
    await store.close();
  });

  it('refuses to open a log that is damaged before its last commit, and names the file', async () => {
    await fill(3);
    const path = join(folder, filesNamed('log-')[0] ?? '');
    const bytes = readFileSync(path);
    // In the length, in the checksums, in the contents.
    for (const place of [0, 3, 5, 9, 20]) {
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ 255;
      writeFileSync(path, damaged);
      await expect(openForTest({ folder })).rejects.toMatchObject({ code: 'STORE_CORRUPT', subject: path });
    }
  });

  it('refuses to open with a manifest that does not check', async () => {
    await sealTwoDays();
    const path = join(folder, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"nextFile":', '"nextFile":1'));
    await expect(openForTest({ folder })).rejects.toMatchObject({ code: 'STORE_CORRUPT', subject: path });
  });

  /** Two series on two days, sealed and rolled up. */
  async function sealTwoDays(): Promise<void> {
    const clock = manualClock(START + 5 * DAY);
    const store = await openForTest({ folder, clock });
    const [a, b] = [store.series('a', 'PM10'), store.series('b', 'PM10')];
    for (const series of [a, b]) await write(store, [...minutes(series, 0, 100), ...minutes(series, 1_440, 1_540)]);
    await clock.advance(10_000);
    await store.close();
  }

  it('names the day file that does not check to whoever needs it, and answers everything else', async () => {
    await sealTwoDays();
    const name = filesNamed('day-2026-03-10')[0] ?? '';
    const path = join(folder, name);
    const bytes = readFileSync(path);
    bytes.fill(0, 4, 40);
    writeFileSync(path, bytes);
    const store = await openForTest({ folder });
    const range = { series: 0, pointsMax: 1_000 };
    await expect(store.raw({ ...range, fromMs: START, toMs: START + DAY })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      subject: path,
    });
    expect((await store.raw({ ...range, fromMs: START + DAY, toMs: START + 2 * DAY })).timeMs.length).toBe(100);
    const hourly = {
      intervalMs: 3_600_000,
      statistics: ['MEAN'],
      excludeFlags: 0,
      groupBy: 'series',
      bucketsMax: 100,
    } as const;
    const hours = await store.buckets({ ...hourly, series: Uint32Array.of(0), fromMs: START, toMs: START + DAY });
    expect([...hours.count]).toEqual([60, 40]);
    // A late point of that day cannot be compared with what is stored; it is taken, and the rest of its batch too.
    await write(store, [
      { series: 0, timeMs: START + 30, value: 1 },
      { series: 1, timeMs: START + 9 * DAY, value: 2 },
    ]);
    await store.expire(START + 5 * DAY);
    expect((await store.latest(Uint32Array.of(1))).value[0]).toBe(2);
    await store.close();
  });

  it('names the roll-up that does not check', async () => {
    await sealTwoDays();
    const path = join(folder, filesNamed('rollup-2026-03-11')[0] ?? '');
    truncateSync(path, 30);
    const store = await openForTest({ folder });
    const hourly = {
      intervalMs: 3_600_000,
      statistics: ['MEAN'],
      excludeFlags: 0,
      groupBy: 'series',
      bucketsMax: 100,
    } as const;
    const asked = { ...hourly, series: Uint32Array.of(0) };
    await expect(store.buckets({ ...asked, fromMs: START, toMs: START + 2 * DAY })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      subject: path,
    });
    expect((await store.buckets({ ...asked, fromMs: START, toMs: START + DAY })).length).toBe(2);
    expect((await store.raw({ series: 0, fromMs: START, toMs: START + 2 * DAY, pointsMax: 1_000 })).timeMs.length).toBe(
      200,
    );
    await store.close();
  });

  it('removes leftovers of a seal that did not end', async () => {
    await fill(1);
    for (const name of ['day-2026-03-10-77', 'rollup-2026-03-10-78', 'series-79', 'manifest.json.tmp'])
      writeFileSync(join(folder, name), 'half');
    writeFileSync(join(folder, 'note.txt'), 'not ours');
    const store = await openForTest({ folder });
    expect(await count(store, 0)).toBe(10);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual([...filesNamed('log-'), 'note.txt']);
  });
});
