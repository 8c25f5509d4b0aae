import { seededChance } from '@greencity/air/chance';
import { HOUR_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { backTest } from './back-test.ts';
import { trainCandidates } from './candidates.ts';
import { FEATURES, featureTable, seasonalHour } from './features.ts';
import { forecastProfile, leadingModel, skillOf } from './forecast.ts';
import { alignedTo, filledForward, hourlySeries, hoursPresent } from './hourly-series.ts';
import { scaleOf } from './scale.ts';
import { forecastView } from './views.ts';

const NONE = Number.NaN;
const aSeries = (means: readonly number[]) => ({ startMs: 0, means: Float64Array.from(means) });
const repeated = (hours: number, value: (hour: number) => number) =>
  aSeries(Array.from({ length: hours }, (_, hour) => value(hour)));
const profileOf = (history: ReturnType<typeof aSeries>, hours = 24) =>
  forecastProfile({ metric: 'PM2_5', history, neighbours: undefined, hours });

describe('an hourly series', () => {
  it('runs from the first hour to the end, with gaps', () => {
    const rows = [2, 0, 9].map((hour) => ({ hourMs: hour * HOUR_MS, mean: hour }));
    const series = hourlySeries(rows, 4 * HOUR_MS);
    expect(series).toEqual({ startMs: 0, means: Float64Array.of(0, NONE, 2, NONE) });
    expect(series && hoursPresent(series)).toBe(2);
    expect(hourlySeries([], 0)).toBeUndefined();
  });
  it('can be laid beside another', () => {
    const other = { startMs: 2 * HOUR_MS, means: new Float64Array(3) };
    expect(alignedTo(aSeries([1, 2, 3, 4]), other).means).toEqual(Float64Array.of(3, 4, NONE));
  });
  it('has only short gaps filled', () => {
    expect(filledForward(Float64Array.of(NONE, 1, NONE, NONE, NONE, 5), 2)).toEqual(
      Float64Array.of(NONE, 1, 1, 1, NONE, 5),
    );
  });
});

describe('features', () => {
  it('know the same hour of the last day and week that is already past', () => {
    expect([seasonalHour(100, 1, 24), seasonalHour(100, 24, 24), seasonalHour(100, 25, 24)]).toEqual([
      77,
      100,
      101 - 24,
    ]);
  });
  it('are all there, whatever is missing', () => {
    const table = featureTable(aSeries([1, NONE, NONE, NONE, NONE, NONE, 2]), undefined);
    const row = new Float64Array(FEATURES).fill(NONE);
    table.write(6, 30, row);
    expect(row.every(Number.isFinite)).toBe(true);
  });
  it('do not look beyond the hour that the forecast starts from', () => {
    const chance = seededChance(3);
    const means = Array.from({ length: 300 }, chance);
    const changed = means.map((mean, hour) => (hour > 200 ? mean + 5 : mean));
    const [row, other] = [new Float64Array(FEATURES), new Float64Array(FEATURES)];
    for (const horizon of [1, 24, 72]) {
      featureTable(aSeries(means), aSeries(means)).write(200, horizon, row);
      featureTable(aSeries(changed), aSeries(changed)).write(200, horizon, other);
      expect(other).toEqual(row);
    }
  });
});

describe('the candidates', () => {
  it('with little to train on are the simple ones alone', () => {
    const series = repeated(48, (hour) => hour);
    const past = { table: featureTable(series, undefined), observed: series.means, startMs: 0 };
    const trained = trainCandidates(past, 6, 48);
    expect([...trained.keys()]).toEqual(['persistence/1', 'seasonal-naive/1']);
    expect(trained.get('persistence/1')?.(47)).toBe(47);
    expect(trained.get('seasonal-naive/1')?.(47)).toBe(29);
  });
  it('learn the hour of the day', () => {
    const series = repeated(96, (hour) => hour % 24);
    const past = { table: featureTable(series, undefined), observed: series.means, startMs: 0 };
    expect(trainCandidates(past, 3, 96).get('climatology/1')?.(95)).toBe(2);
  });
  it('are judged by the hours after those they were trained on', () => {
    const series = repeated(240, (hour) => hour % 24);
    const past = { table: featureTable(series, undefined), observed: series.means, startMs: 0 };
    const tested = backTest(past, 6, scaleOf('TEMPERATURE'));
    // Persistence is off by 6, and by 18 in the 6 of 24 hours that follow midnight: (18 * 6 + 6 * 18) / 24 = 9.
    expect(tested).toMatchObject({ winner: 'seasonal-naive/1', servedError: 0, persistenceError: 9 });
    expect(backTest({ ...past, observed: series.means.slice(0, 5) }, 1, scaleOf('TEMPERATURE'))).toBeUndefined();
  });
});

describe('a forecast', () => {
  it('needs a day of values, of which the last is not older than six hours', () => {
    expect(profileOf(repeated(23, () => 5))).toBeUndefined();
    expect(profileOf(repeated(24, () => 5))?.steps).toHaveLength(24);
    expect(profileOf(aSeries([...Array(24).fill(5), ...Array(6).fill(NONE)]))?.startMs).toBe(30 * HOUR_MS);
    expect(profileOf(aSeries([...Array(24).fill(5), ...Array(7).fill(NONE)]))).toBeUndefined();
  });
  it('serves persistence where nothing does better, with bounds that hold chance', () => {
    const chance = seededChance(5);
    let level = 50;
    const history = repeated(24 * 60, () => {
      level = Math.max(5, level + 4 * (chance() - 0.5));
      return level;
    });
    const profile = forecastProfile({ metric: 'TEMPERATURE', history, neighbours: undefined, hours: 24 });
    const first = profile?.steps[0];
    expect(first?.value).toBeCloseTo(level, 0);
    // A step is even between -2 and 2, so that 8 of 10 lie within 1.6.
    expect((first?.upper ?? 0) - (first?.value ?? 0)).toBeGreaterThan(1);
    expect((first?.upper ?? 0) - (first?.value ?? 0)).toBeLessThan(2.2);
    expect(skillOf(profile?.steps ?? [])).toBeLessThan(0.1);
  });
  it('says nothing of its skill where there was nothing to test on, or nothing to gain', () => {
    expect(skillOf([])).toBeUndefined();
    const step = { value: 1, lower: 0, upper: 2, model: 'persistence/1' } as const;
    expect(skillOf([step, { ...step, servedError: 0, persistenceError: 0 }])).toBeUndefined();
    expect(skillOf([step, { ...step, servedError: 3, persistenceError: 4 }])).toBe(0.25);
  });
  it('is shown with its times, unit and the model that serves most of it', () => {
    const step = (model: 'ridge/1' | 'persistence/1') => ({ value: 1, lower: 0, upper: 2, model });
    const steps = [step('persistence/1'), step('ridge/1'), step('ridge/1')];
    expect(leadingModel(steps)).toBe('ridge/1');
    expect(forecastView('NO2', { startMs: 0, steps })).toMatchObject({
      unit: 'ppb',
      issuedAt: 0,
      model: 'ridge/1',
      skill: undefined,
      points: [{ time: 0 }, { time: HOUR_MS }, { time: 2 * HOUR_MS }],
    });
  });
});
