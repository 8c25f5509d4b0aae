import { expect, it } from 'vitest';
import { startInflux } from '../../../tools/engines/influx.ts';
import { mountSmallDisk } from '../../../tools/engines/small-disk.ts';
import { pointColumns } from '../contract.ts';
import { openForTest } from './fixtures/open-for-test.ts';

const LONG_MS = 180_000;
const PATIENT_MS = 60_000;
const START = Date.UTC(2026, 2, 10);
const DAY = 86_400_000;
const SECOND = 1_000;
const ROWS = 500;

it('a disk of InfluxDB that is full is STORE_UNWRITABLE, in a ping as well, and what it shows from memory is not taken for stored; what was written is kept, and once it is started with room it takes the rest, once, and keeps it over further starts', {
  timeout: LONG_MS,
}, async (context) => {
  using disk = mountSmallDisk();
  if (!disk) return context.skip('this machine does not let us mount a small disk');
  await using influx = await startInflux({ dataFolder: disk.folder });
  await using store = await openForTest(influx, { bucket: 'small', nowMs: START + DAY });
  const series = store.series('pier', 'PM2_5');
  const batch = (from: number) =>
    pointColumns(
      Array.from({ length: ROWS }, (_, row) => ({ series, timeMs: START + (from + row) * SECOND, value: row + 0.5 })),
    );
  await store.write(batch(0));
  disk.fill();
  // The second time the server answers queries with these points.
  for (const _ of [1, 2]) await expect(store.write(batch(ROWS))).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
  disk.free();
  // It goes on refusing until it is started again.
  await influx.kill();
  await influx.start();
  await expect
    .poll(() => store.write(batch(ROWS)).then(() => 'written', String), { timeout: PATIENT_MS })
    .toBe('written');
  await expect(store.ping()).resolves.toBeUndefined();
  await influx.kill();
  await influx.start();
  const query = { series, fromMs: START, toMs: START + DAY, pointsMax: 10 * ROWS };
  await expect
    .poll(async () => (await store.raw(query).catch(() => undefined))?.timeMs.length, { timeout: PATIENT_MS })
    .toBe(2 * ROWS);
});
