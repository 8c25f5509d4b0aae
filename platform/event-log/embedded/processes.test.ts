/** Processes that are killed, that compete for a folder, and that run out of disk. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startChild } from '../fixtures/child.ts';
import { type LogFolder, logFolder } from '../fixtures/log-folder.ts';

const TOPIC = 'raw.measurements';
const KILLS = 10;

let folder: LogFolder;
beforeEach(() => {
  folder = logFolder();
});
afterEach(() => folder.remove());

/** Numbers in the log, checked for being the records that were appended. */
async function storedNumbers(): Promise<readonly number[]> {
  await using log = await folder.open();
  const records = await log.read(TOPIC, 0, 0, 1_000_000);
  return records.map(({ offset, value }) => {
    const [number = '', filler = ''] = value.split(' ');
    expect(filler.length).toBe(Number(number) % 300);
    expect(offset).toBeGreaterThanOrEqual(0);
    return Number(number);
  });
}

it(`finds every acknowledged record, once, after each of ${KILLS} kills`, { timeout: 60_000 }, async () => {
  const acknowledged = new Set<number>();
  for (let round = 0; round < KILLS; round += 1) {
    const child = startChild(folder.folder, 'storm');
    await child.printed(200 + round * 137);
    await child.kill();
    expect(child.lines[0]).toBe('open');
    for (const line of child.lines.slice(1)) acknowledged.add(Number(line));
    const stored = await storedNumbers();
    expect(new Set(stored).size).toBe(stored.length);
    const found = new Set(stored);
    expect([...acknowledged].filter((number) => !found.has(number))).toEqual([]);
  }
  expect(acknowledged.size).toBeGreaterThan(KILLS * 100);
});

it('keeps a folder for one process, until that is gone', async () => {
  const first = startChild(folder.folder, 'hold');
  await first.printed(1);
  const second = startChild(folder.folder, 'hold');
  await second.ended;
  expect(second.lines).toEqual(['DATA_DIR_IN_USE']);
  await expect(folder.open()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
  await first.kill();
  await using log = await folder.open();
  await expect(folder.open()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
  expect(await log.append(TOPIC, [{ key: 'a', value: '1' }])).toBe(0);
});

it.runIf(process.platform !== 'win32')(
  'ends with LOG_FULL where the system gives no more space, and has all that it acknowledged',
  { timeout: 30_000 },
  async () => {
    const child = startChild(folder.folder, 'fill', 400);
    await child.ended;
    expect(child.lines.at(-1)).toBe('LOG_FULL');
    const acknowledged = child.lines.slice(1, -1).map(Number);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(await storedNumbers()).toEqual(acknowledged);
    await using log = await folder.open();
    expect(await log.append(TOPIC, [{ key: 'a', value: '1' }])).toBe(acknowledged.length);
  },
);
