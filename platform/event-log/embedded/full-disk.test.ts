/** A disk of a certain size: real files, and writes that end where the space does, as the system's do. */
import { expect, it } from 'vitest';
import { logFolder } from '../fixtures/log-folder.ts';
import { type LogFile, type OpenFile, openDiskFile } from './log-file.ts';

const TOPIC = 'raw.measurements';

function diskWith(space: { freeBytes: number }): OpenFile {
  return async (path, flags) => {
    const file = await openDiskFile(path, flags);
    if (!path.endsWith('.log')) return file;
    const limited: LogFile = {
      read: (target, at, bytes, position) => file.read(target, at, bytes, position),
      stat: () => file.stat(),
      datasync: () => file.datasync(),
      close: () => file.close(),
      async write(source, at, bytes, position) {
        const taken = Math.min(bytes, space.freeBytes);
        if (taken === 0 && bytes > 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        space.freeBytes -= taken;
        return await file.write(source, at, taken, position);
      },
      async truncate(bytes) {
        space.freeBytes += (await file.stat()).size - bytes;
        await file.truncate(bytes);
      },
    };
    return limited;
  };
}

const tenRecords = (from: number) =>
  Array.from({ length: 10 }, (_, index) => ({ key: 'k', value: String(from + index) }));

it('refuses with LOG_FULL while the disk is full, leaves nothing half-written, and goes on when there is space', async () => {
  const folder = logFolder();
  const space = { freeBytes: 1_000 };
  const log = await folder.open({ openFile: diskWith(space) });
  expect(await log.append(TOPIC, tenRecords(0))).toBe(0);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const calls = [log.append(TOPIC, tenRecords(10)), log.append(TOPIC, tenRecords(20))];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LOG_FULL' } });
    }
  }
  expect(await log.read(TOPIC, 0, 0, 100)).toHaveLength(10);
  expect(folder.log.entries.filter(({ level }) => level === 'error')).toHaveLength(1);
  expect(folder.counted('event_log_append_failures_total')).toBeGreaterThanOrEqual(3);
  space.freeBytes = 100_000;
  expect(await log.append(TOPIC, tenRecords(30))).toBe(10);
  expect(folder.log.entries.at(-1)).toMatchObject({ level: 'info', message: 'event log can be written again' });
  await log.close();
  const again = await folder.open();
  expect((await again.read(TOPIC, 0, 0, 100)).map(({ value }) => Number(value))).toEqual(
    [...tenRecords(0), ...tenRecords(30)].map(({ value }) => Number(value)),
  );
  expect(folder.counted('event_log_cut_bytes_total')).toBe(0);
  await again.close();
  folder.remove();
});

it('lets other topics be written while one cannot', async () => {
  const folder = logFolder();
  const openFile: OpenFile = async (path, flags) => {
    const file = await openDiskFile(path, flags);
    if (!path.includes('alerts')) return file;
    const broken = { datasync: () => Promise.reject(Object.assign(new Error('input/output error'), { code: 'EIO' })) };
    return Object.assign(Object.create(file) as LogFile, broken);
  };
  const log = await folder.open({ openFile });
  await expect(log.append('alerts', tenRecords(0))).rejects.toMatchObject({ code: 'LOG_UNWRITABLE' });
  expect(await log.append(TOPIC, tenRecords(0))).toBe(0);
  await log.close();
  folder.remove();
});
