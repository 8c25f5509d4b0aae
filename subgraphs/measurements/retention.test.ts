import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { AppError } from '@greencity/platform/errors';
import { memoryKeyValue } from '@greencity/platform/key-value/memory';
import { memoryLog } from '@greencity/platform/log/memory-log';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import { expect, it } from 'vitest';
import { NOON_MS, openCity } from './fixtures/city.ts';
import { iso, readings } from './fixtures/operations.ts';
import { keepRetention } from './retention.ts';

/** A store that notes when it is told to expire, and fails as often as said. */
function expiring(failures = 0) {
  const atMs: number[] = [];
  let left = failures;
  const expire = async (nowMs: number) => {
    if (left-- > 0) throw new AppError('STORE_UNWRITABLE', 'folder');
    atMs.push(nowMs);
  };
  return { atMs, timeSeries: { expire } as Partial<TimeSeries> as TimeSeries };
}

it('is kept each hour by one of several processes', async () => {
  const clock = manualClock(NOON_MS);
  const keyValue = memoryKeyValue({ clock });
  const [one, other] = [expiring(), expiring()];
  const log = memoryLog();
  using _one = keepRetention({ timeSeries: one.timeSeries, keyValue, clock, log });
  using _other = keepRetention({ timeSeries: other.timeSeries, keyValue, clock, log });
  await clock.advance(3 * HOUR_MS);
  expect([...one.atMs, ...other.atMs].sort()).toEqual([1, 2, 3].map((hours) => NOON_MS + hours * HOUR_MS));
});

it('is tried again an hour after a failure', async () => {
  const clock = manualClock(NOON_MS);
  const log = memoryLog();
  const store = expiring(1);
  using _kept = keepRetention({ timeSeries: store.timeSeries, keyValue: memoryKeyValue({ clock }), clock, log });
  await clock.advance(2 * HOUR_MS);
  expect(store.atMs).toEqual([NOON_MS + 2 * HOUR_MS]);
  expect(log.entries.map(({ level }) => level)).toEqual(['warn']);
});

it('takes raw values after 30 days and leaves their hours', async () => {
  await using city = await openCity();
  await city.place({ deviceId: 'd1' });
  const measuredMs = NOON_MS - 30 * DAY_MS + 11 * HOUR_MS;
  await city.measure(...readings('d1', [10, 20], measuredMs + 10 * MINUTE_MS));
  await city.clock.advance(14 * HOUR_MS);
  const series = (interval: string) => `query ($from: DateTime!, $to: DateTime!) {
    _entities(representations: [{ __typename: "Device", id: "d1" }]) { ... on Device {
      series(metric: PM2_5, from: $from, to: $to${interval}) { points { time value count } }
    } }
  }`;
  const range = { from: iso(measuredMs - DAY_MS), to: iso(measuredMs + DAY_MS) };
  expect((await city.ask(series(''), range))._entities[0].series.points).toEqual([]);
  expect((await city.ask(series(', interval: "PT1H"'), range))._entities[0].series.points).toEqual([
    { time: iso(measuredMs), value: 15, count: 2 },
  ]);
});
