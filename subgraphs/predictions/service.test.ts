import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { manualClock } from '@greencity/platform/clock/manual-clock';
import { describe, expect, it } from 'vitest';
import { aFolder } from './fixtures/folder.ts';
import { entity, type Heard, hourlyReadings, openWorld, START_MS, type World } from './fixtures/world.ts';

interface Point {
  readonly time: string;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}
interface ForecastAnswer {
  readonly unit: string;
  readonly issuedAt: string;
  readonly model: string;
  readonly skill: number | null;
  readonly points: readonly Point[];
}
const FORECAST = (hours: number) =>
  `forecast(metric: PM2_5, hours: ${hours}) { unit issuedAt model skill points { time value lower upper } }`;

async function forecastOf(world: World, typename: 'Device' | 'Zone', id: string, hours = 24) {
  const { _entities } = await world.ask<{ _entities: [{ forecast: ForecastAnswer | null }] }>(
    entity(typename, FORECAST(hours)),
    { id },
  );
  return _entities[0].forecast;
}

const daily = (hour: number) => 20 + 10 * Math.sin((2 * Math.PI * hour) / 24);

describe('a forecast', () => {
  it('follows a daily rhythm, hour by hour from the next full hour on, and beats persistence', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place({ deviceId: 'a' });
    await world.hear(...hourlyReadings('a', { hours: 15 * 24, values: (hour) => ({ pm2_5: daily(hour) }) }));
    const forecast = await forecastOf(world, 'Device', 'a');
    expect(forecast).toMatchObject({ unit: 'µg/m³', issuedAt: '2026-11-23T10:00:00.000Z' });
    expect(forecast?.points.map(({ time }) => time)).toEqual(
      Array.from({ length: 24 }, (_, hour) => new Date(START_MS + hour * HOUR_MS).toISOString()),
    );
    forecast?.points.forEach(({ value, lower, upper }, ahead) => {
      expect(value).toBeCloseTo(daily(15 * 24 + ahead), 0);
      expect(lower).toBeLessThanOrEqual(value);
      expect(upper).toBeGreaterThanOrEqual(value);
    });
    expect(forecast?.skill).toBeGreaterThan(0.9);
    expect(await forecastOf(world, 'Device', 'a', 3)).toMatchObject({ points: forecast?.points.slice(0, 3) });
  });

  it('is none with less than a day of values, or none of late', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const values = () => ({ pm2_5: 5 });
    await world.hear(...hourlyReadings('short', { hours: 23, values }));
    await world.hear(...hourlyReadings('silent', { hours: 48, endMs: START_MS - DAY_MS, values }));
    expect(await forecastOf(world, 'Device', 'short')).toBeNull();
    expect(await forecastOf(world, 'Device', 'silent')).toBeNull();
    expect(await forecastOf(world, 'Device', 'unknown')).toBeNull();
    expect(await forecastOf(world, 'Zone', 'unknown')).toBeNull();
  });

  it('of a day of one value is that value', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.hear(...hourlyReadings('a', { hours: 24, values: () => ({ pm2_5: 5 }) }));
    const forecast = await forecastOf(world, 'Device', 'a', 72);
    expect(forecast?.points).toHaveLength(72);
    expect(forecast?.points[71]).toMatchObject({ value: expect.closeTo(5, 6), lower: expect.closeTo(5, 6) });
  });

  it('stays the same until an hour closes, and leaves BAD values out', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.hear(...hourlyReadings('a', { hours: 24, values: () => ({ pm2_5: 5 }) }));
    const stuck: Heard = { deviceId: 'a', timeMs: START_MS - 1, values: { pm2_5: 900 }, flags: { pm2_5: 2 } };
    await world.hear(stuck);
    const first = await forecastOf(world, 'Device', 'a');
    expect(first?.points[0]?.value).toBeCloseTo(5, 6);
    await world.hear({ deviceId: 'a', timeMs: START_MS + 1, values: { pm2_5: 50 } });
    await world.clock.advance(59 * MINUTE_MS);
    expect(await forecastOf(world, 'Device', 'a')).toEqual(first);
    await world.clock.advance(MINUTE_MS);
    expect((await forecastOf(world, 'Device', 'a'))?.points[0]).toMatchObject({
      time: '2026-11-23T11:00:00.000Z',
      value: expect.closeTo(50, 6),
    });
  });

  it('of a zone is that of the mean over its outdoor devices', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place(
      { deviceId: 'a' },
      { deviceId: 'b' },
      { deviceId: 'indoors', environment: 'INDOOR' },
      { deviceId: 'retired', retired: true },
      { deviceId: 'elsewhere', zoneId: 'y' },
    );
    const values: Readonly<Record<string, number>> = { a: 10, b: 20, indoors: 500, retired: 500, elsewhere: 500 };
    for (const [deviceId, value] of Object.entries(values))
      await world.hear(...hourlyReadings(deviceId, { hours: 24, values: () => ({ pm2_5: value }) }));
    expect((await forecastOf(world, 'Zone', 'z'))?.points[5]?.value).toBeCloseTo(15, 6);
  });

  it.each([0, 73])('over %d hours is refused by the argument', async (hours) => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(await world.refused(entity('Device', FORECAST(hours)), { id: 'a' })).toEqual({
      code: 'BAD_USER_INPUT',
      subject: 'hours: must be 1 to 72',
    });
  });
});

const HEAT_MAP = `query ($within: BoundingBoxInput!, $at: DateTime, $columns: Int! = 4, $rows: Int! = 3) {
  heatMap(within: $within, metric: PM2_5, at: $at, columns: $columns, rows: $rows) { at unit method columns rows values standardErrors deviceCount }
}`;
const WITHIN = { west: -2.1, south: 57.1, east: -2, north: 57.2 };
interface HeatMapAnswer {
  readonly heatMap: {
    readonly at: string;
    readonly method: string;
    readonly deviceCount: number;
    readonly values: readonly (number | null)[];
    readonly standardErrors: readonly (number | null)[];
  };
}

describe('a heat map', () => {
  const corner = (deviceId: string, east: number, north: number, more: object = {}) => ({
    ...{ deviceId, latitude: 57.1 + 0.1 * north, longitude: -2.1 + 0.1 * east },
    ...more,
  });

  it('lies between what the devices around say, from the north-west corner on', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place(...[0, 1, 2, 3, 4, 5].map((n) => corner(`d${n}`, n / 5, (n % 3) / 2)));
    await world.place(
      corner('indoors', 0.5, 0.5, { environment: 'INDOOR' }),
      corner('gone', 0.5, 0.5, { retired: true }),
    );
    const timeMs = START_MS - MINUTE_MS;
    await world.hear(...[0, 1, 2, 3, 4, 5].map((n) => ({ deviceId: `d${n}`, timeMs, values: { pm2_5: 10 + 2 * n } })));
    await world.hear({ deviceId: 'indoors', timeMs, values: { pm2_5: 900 } });
    await world.hear({ deviceId: 'gone', timeMs, values: { pm2_5: 900 } });
    const { heatMap } = await world.ask<HeatMapAnswer>(HEAT_MAP, { within: WITHIN });
    expect(heatMap).toMatchObject({
      method: 'ordinary-kriging/1',
      deviceCount: 6,
      at: new Date(START_MS).toISOString(),
    });
    expect(heatMap.values).toHaveLength(12);
    const [northWest, , , northEast] = heatMap.values;
    expect(northWest).toBeLessThan(northEast ?? 0);
    for (const value of heatMap.values) {
      expect(value).toBeGreaterThan(8);
      expect(value).toBeLessThan(22);
    }
    for (const error of heatMap.standardErrors) expect(error).toBeGreaterThan(0);
  });

  it('leaves blank what is far from every device, and everything where there is none', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place(corner('a', 0.05, 0.95));
    expect((await world.ask<HeatMapAnswer>(HEAT_MAP, { within: WITHIN })).heatMap).toMatchObject({
      deviceCount: 0,
      values: Array(12).fill(null),
    });
    await world.hear({ deviceId: 'a', timeMs: START_MS - HOUR_MS + 1, values: { pm2_5: 12 } });
    const { heatMap } = await world.ask<HeatMapAnswer>(HEAT_MAP, { within: WITHIN, columns: 10, rows: 10 });
    expect(heatMap).toMatchObject({ method: 'inverse-distance/1', deviceCount: 1 });
    expect(heatMap.values[0]).toBe(12);
    expect(heatMap.values[99]).toBeNull();
    expect(heatMap.standardErrors[0]).toBeNull();
    await world.clock.advance(1);
    expect((await world.ask<HeatMapAnswer>(HEAT_MAP, { within: WITHIN })).heatMap.deviceCount).toBe(0);
  });

  it('of the past rests on the last whole hour before the moment asked for', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place(corner('a', 0.1, 0.9), corner('b', 0.1, 0.9));
    await world.hear(...hourlyReadings('a', { hours: 5, values: (hour) => ({ pm2_5: 10 * hour }) }));
    const at = new Date(START_MS - 2 * HOUR_MS + 30 * MINUTE_MS).toISOString();
    const { heatMap } = await world.ask<HeatMapAnswer>(HEAT_MAP, { within: WITHIN, at, columns: 10, rows: 10 });
    // Hours 0 to 4 end at 10:00; the one that ended at 8:00 is number 2.
    expect(heatMap).toMatchObject({ at: '2026-11-23T08:00:00.000Z', deviceCount: 1 });
    expect(heatMap.values.find((value) => value !== null)).toBe(20);
  });

  it.each([
    [{ within: WITHIN, columns: 101, rows: 100 }, 'columns: columns times rows must be 1 to 10000'],
    [{ within: WITHIN, columns: 0 }, 'columns: columns times rows must be 1 to 10000'],
    [{ within: { ...WITHIN, south: 58 } }, 'within: south must not be greater than north'],
    [{ within: WITHIN, at: '2026-11-23T10:05:00Z' }, 'at: must not be in the future'],
  ])('is refused for %j', async (variables, subject) => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    expect(await world.refused(HEAT_MAP, variables)).toEqual({ code: 'BAD_USER_INPUT', subject });
  });
});

const ANOMALIES = entity(
  'Device',
  'anomalies(from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z") { kind metric from to score }',
);
interface AnomaliesAnswer {
  readonly _entities: [
    { readonly anomalies: readonly { readonly kind: string; readonly to: string | null; readonly from: string }[] },
  ];
}

describe('anomalies', () => {
  const every10Minutes = (count: number, value: (n: number) => number, fromMs = START_MS): readonly Heard[] =>
    Array.from({ length: count }, (_, n) => ({
      deviceId: 'a',
      timeMs: fromMs + n * 10 * MINUTE_MS,
      values: { pm2_5: value(n) },
    }));
  const kinds = async (world: World) => {
    const { _entities } = await world.ask<AnomaliesAnswer>(ANOMALIES, { id: 'a' });
    return _entities[0].anomalies.map(({ kind, to }) => [kind, to]);
  };

  it('find a spike among calm values, a sensor that is stuck, and a gap', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const wavy = (n: number) => 10 + (n % 3) * 0.3;
    await world.hear(...every10Minutes(40, (n) => (n === 30 ? 90 : wavy(n))));
    await world.hear(...every10Minutes(10, () => 7.5, START_MS + 7 * HOUR_MS));
    await world.hear(...every10Minutes(2, wavy, START_MS + 12 * HOUR_MS));
    const { _entities } = await world.ask<AnomaliesAnswer>(ANOMALIES, { id: 'a' });
    const at = (ms: number) => new Date(START_MS + ms).toISOString();
    expect(_entities[0].anomalies).toMatchObject([
      { kind: 'SPIKE', metric: 'PM2_5', from: at(5 * HOUR_MS), to: at(5 * HOUR_MS) },
      { kind: 'STUCK', metric: 'PM2_5', from: at(7 * HOUR_MS), to: at(8 * HOUR_MS + 30 * MINUTE_MS) },
      { kind: 'GAP', metric: 'PM2_5', from: at(8 * HOUR_MS + 30 * MINUTE_MS), to: at(12 * HOUR_MS) },
    ]);
  });

  it('tell a gap while it lasts, not of a retired device, and take it back when values come late', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place({ deviceId: 'a' }, { deviceId: 'b', retired: true });
    await world.hear({ deviceId: 'a', timeMs: START_MS, values: { pm2_5: 1 } });
    await world.hear({ deviceId: 'b', timeMs: START_MS, values: { pm2_5: 1 } });
    await world.clock.advance(62 * MINUTE_MS);
    await expect.poll(() => kinds(world)).toEqual([['GAP', null]]);
    const { _entities } = await world.ask<AnomaliesAnswer>(ANOMALIES, { id: 'b' });
    expect(_entities[0].anomalies).toEqual([]);
    await world.hear({ deviceId: 'a', timeMs: START_MS + 30 * MINUTE_MS, values: { pm2_5: 2 } });
    expect(await kinds(world)).toEqual([]);
  });

  it('need a range that begins before it ends', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    const backwards = entity('Device', 'anomalies(from: "2026-12-01T00:00:00Z", to: "2026-11-01T00:00:00Z") { kind }');
    expect(await world.refused(backwards, { id: 'a' })).toEqual({
      code: 'BAD_USER_INPUT',
      subject: 'from: must not be after to',
    });
  });
});

const ENERGY = entity(
  'Device',
  'energyPlan { issuedAt batteryPercent survivalProbability slots { from to measurementInterval expectedHarvest expectedLoad } }',
);
interface EnergyAnswer {
  readonly _entities: [
    {
      readonly energyPlan: {
        readonly survivalProbability: number;
        readonly slots: readonly { readonly measurementInterval: string; readonly expectedHarvest: number }[];
      } | null;
    },
  ];
}

describe('an energy plan', () => {
  it('covers the next 24 hours of a device with a battery, and is the same when asked again', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.place({ deviceId: 'a' }, { deviceId: 'mains' });
    await world.hear({ deviceId: 'a', timeMs: START_MS, values: { battery_voltage: 3.7, pm2_5: 3 } });
    await world.hear({ deviceId: 'mains', timeMs: START_MS, values: { pm2_5: 3 } });
    const { _entities } = await world.ask<EnergyAnswer>(ENERGY, { id: 'a' });
    const [{ energyPlan }] = _entities;
    // 3.7 V stand for 42 %, which lies in the step of 40 to 60 %.
    expect(energyPlan).toMatchObject({
      issuedAt: '2026-11-23T10:00:00.000Z',
      batteryPercent: 42,
      survivalProbability: 1,
    });
    expect(energyPlan?.slots).toHaveLength(24);
    expect(energyPlan?.slots[0]).toMatchObject({ measurementInterval: 'PT10M', expectedHarvest: 0 });
    expect(await world.ask<EnergyAnswer>(ENERGY, { id: 'a' })).toEqual({ _entities });
    expect((await world.ask<EnergyAnswer>(ENERGY, { id: 'mains' }))._entities[0].energyPlan).toBeNull();
    await world.clock.advance(DAY_MS);
    expect((await world.ask<EnergyAnswer>(ENERGY, { id: 'a' }))._entities[0].energyPlan).toBeNull();
  });
});

describe('the log', () => {
  it('told again from its start counts each reading once', async () => {
    using folder = aFolder();
    const clock = manualClock(START_MS);
    const readings = hourlyReadings('a', { hours: 24, values: (hour) => ({ pm2_5: hour === 23 ? 30 : 10 }) });
    {
      await using world = await openWorld(folder.path, clock);
      await world.hear(...readings);
      await world.hear({ deviceId: 'a', timeMs: START_MS - 1, values: { pm2_5: 60 } });
    }
    // Without its offsets, the log tells the group everything anew.
    await forgetOffsets(folder.path);
    await using world = await openWorld(folder.path, clock);
    await world.predictions.caughtUp();
    await world.hear({ deviceId: 'a', timeMs: START_MS - 2, values: { pm2_5: 60 } });
    // (30 + 60 + 60) / 3 = 50; were the last hour's first two counted twice it would be 48.
    expect((await forecastOf(world, 'Device', 'a', 1))?.points[0]?.value).toBeCloseTo(50, 6);
  });

  it('with a record that is no reading goes on behind it', async () => {
    using folder = aFolder();
    await using world = await openWorld(folder.path);
    await world.eventLog.append('processed.measurements', [{ key: 'z', value: '{"v":9}' }]);
    await world.hear(...hourlyReadings('a', { hours: 24, values: () => ({ pm2_5: 5 }) }));
    expect(await forecastOf(world, 'Device', 'a')).not.toBeNull();
    expect(world.log.entries.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

async function forgetOffsets(folder: string): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises');
  const { join } = await import('node:path');
  for (const name of await readdir(join(folder, 'log')))
    if (name.includes('offsets')) await rm(join(folder, 'log', name), { recursive: true });
}
