import { METRICS, type Metric } from '@greencity/air/metric';
import { FLAG_BIT } from '@greencity/air/quality';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { describe, expect, it } from 'vitest';
import { type MetricRules, RULES } from './metric-rules.ts';
import { createSeriesHistory } from './series-history.ts';

const { OUT_OF_RANGE, STUCK, SPIKE } = FLAG_BIT;
const START_MS = Date.UTC(2026, 10, 23);

function rulesOf(metric: Metric): MetricRules {
  const rules = RULES[METRICS.indexOf(metric)];
  if (!rules) throw new Error(`no rules for ${metric}`);
  return rules;
}

/** Flags of values that come one after the other, `everyMs` apart. */
function judged(metric: Metric, values: readonly number[], everyMs = 5 * MINUTE_MS): readonly number[] {
  const history = createSeriesHistory();
  return values.map((value, index) => history.judge(0, rulesOf(metric), START_MS + index * everyMs, value));
}

/** When the same value, again and again, is first called stuck; undefined when it is not within `forMs`. */
function stuckAfterMs(metric: Metric, value: number, everyMs: number, forMs: number): number | undefined {
  const flags = judged(
    metric,
    Array.from({ length: forMs / everyMs + 1 }, () => value),
    everyMs,
  );
  const first = flags.findIndex((bits) => bits & STUCK);
  return first < 0 ? undefined : first * everyMs;
}

describe('a value outside what its sensor or the air can reach', () => {
  it('is OUT_OF_RANGE, the ends of the range are not', () => {
    expect(judged('PM2_5', [999.9, 1000, 0])).toEqual([0, OUT_OF_RANGE, 0]);
    expect(judged('TEMPERATURE', [-40, -40.1, 60, 60.1])).toEqual([0, OUT_OF_RANGE, 0, OUT_OF_RANGE]);
  });

  it('is one of a hygrometer at zero: no air is that dry', () => {
    expect(judged('HUMIDITY', [0, 0.1, 100, 100.1])).toEqual([OUT_OF_RANGE, 0, 0, OUT_OF_RANGE]);
  });

  it('is no neighbour of the values after it', () => {
    // Were the two faults among the neighbours of 30, their deviations would hide it.
    expect(judged('TEMPERATURE', [10, 10.1, 10, 99, 99, 99, 10.1, 10, 30]).at(-1)).toBe(SPIKE);
  });
});

describe('a run of equal values', () => {
  it.each([
    // More than 60 min, and at least 9 values.
    { metric: 'PM2_5', value: 0.2, everyMs: 2.5 * MINUTE_MS, ms: 62.5 * MINUTE_MS },
    { metric: 'PM2_5', value: 0.2, everyMs: 10 * MINUTE_MS, ms: 80 * MINUTE_MS },
    // Whole numbers in clean air stay the same on sensors that give no fraction.
    { metric: 'PM2_5', value: 2, everyMs: 10 * MINUTE_MS, ms: 12 * HOUR_MS + 10 * MINUTE_MS },
    { metric: 'PM10', value: 11, everyMs: 10 * MINUTE_MS, ms: 80 * MINUTE_MS },
    { metric: 'TEMPERATURE', value: 21, everyMs: 10 * MINUTE_MS, ms: 12 * HOUR_MS + 10 * MINUTE_MS },
    { metric: 'HUMIDITY', value: 47.1, everyMs: 10 * MINUTE_MS, ms: 6 * HOUR_MS + 10 * MINUTE_MS },
    // Rain and fog hold a hygrometer at its ceiling for hours; a soaked one stays there.
    { metric: 'HUMIDITY', value: 99.9, everyMs: 10 * MINUTE_MS, ms: DAY_MS + 10 * MINUTE_MS },
    { metric: 'CO2', value: 400, everyMs: 10 * MINUTE_MS, ms: 12 * HOUR_MS + 10 * MINUTE_MS },
    { metric: 'PRESSURE', value: 1013, everyMs: HOUR_MS, ms: 25 * HOUR_MS },
  ] as const)('of $metric at $value, every $everyMs ms, is STUCK after $ms ms', ({ metric, value, everyMs, ms }) => {
    expect(stuckAfterMs(metric, value, everyMs, 30 * HOUR_MS)).toBe(ms);
  });

  it.each(['BATTERY_PERCENT', 'BATTERY_VOLTAGE', 'SOLAR_POWER', 'SIGNAL_STRENGTH'] as const)(
    'of %s is never STUCK: it may rightly stay',
    (metric) => {
      const value = { BATTERY_PERCENT: 100, BATTERY_VOLTAGE: 4.2, SOLAR_POWER: 0, SIGNAL_STRENGTH: -70 }[metric];
      expect(stuckAfterMs(metric, value, HOUR_MS, 7 * DAY_MS)).toBeUndefined();
    },
  );

  it('ends with another value', () => {
    const run = Array.from({ length: 13 }, () => 4.2);
    expect(judged('PM2_5', [...run, 4.2, 4.3, 4.2]).slice(-3)).toEqual([STUCK, 0, 0]);
  });

  it('ends with a silence of more than three hours', () => {
    const history = createSeriesHistory();
    const rules = rulesOf('PM2_5');
    for (let count = 0; count < 20; count += 1) history.judge(0, rules, START_MS + count * 5 * MINUTE_MS, 4.2);
    const lastMs = START_MS + 95 * MINUTE_MS;
    expect(history.judge(0, rules, lastMs + 3 * HOUR_MS, 4.2)).toBe(STUCK);
    expect(history.judge(0, rules, lastMs + 6 * HOUR_MS + 1, 4.2)).toBe(0);
  });
});

describe('a value far from the ones before it', () => {
  // Median of 10 11 9 10 12: 10; deviations 0 1 1 0 2, their median 1: six scaled deviations are 8.9.
  const around10 = [10, 11, 9, 10, 12];

  it.each([
    // PM2.5: more than 15, more than the median itself.
    { metric: 'PM2_5', value: 25, flags: 0 },
    { metric: 'PM2_5', value: 25.1, flags: SPIKE },
    { metric: 'PM10', value: 40, flags: 0 },
    { metric: 'PM10', value: 40.1, flags: SPIKE },
    { metric: 'TEMPERATURE', value: 18.8, flags: 0 },
    { metric: 'TEMPERATURE', value: 18.9, flags: SPIKE },
    { metric: 'TEMPERATURE', value: 1.1, flags: SPIKE },
    { metric: 'NOISE', value: 120, flags: 0 },
  ] as const)('$metric $value after values around 10 has the flags $flags', ({ metric, value, flags }) => {
    expect(judged(metric, [...around10, value]).at(-1)).toBe(flags);
  });

  it('is weighed against how much they scatter', () => {
    // Median 50; deviations 40 20 0 20 40, their median 20: 6 * 1.4826 * 20 = 177.9.
    expect(judged('PM2_5', [10, 30, 50, 70, 90, 227]).at(-1)).toBe(0);
    expect(judged('PM2_5', [10, 30, 50, 70, 90, 228]).at(-1)).toBe(SPIKE);
  });

  it('needs five of them', () => {
    expect(judged('PM2_5', [10, 10, 10, 10, 500]).at(-1)).toBe(0);
    expect(judged('PM2_5', [10, 10, 10, 10, 10, 500]).at(-1)).toBe(SPIKE);
  });

  it('is the new normal once it has stayed', () => {
    // The median of seven is the new level with the fourth of its values, so that the fifth is none.
    const flags = judged('PM2_5', [10, 11, 10, 11, 10, 11, 10, 90, 91, 90, 91, 90]);
    expect(flags.slice(7)).toEqual([SPIKE, SPIKE, SPIKE, SPIKE, 0]);
  });
});

describe('the history of a series', () => {
  it('does not take in a value that is not newer: it is judged by its range alone', () => {
    const history = createSeriesHistory();
    const rules = rulesOf('PM2_5');
    for (let count = 0; count < 7; count += 1) history.judge(0, rules, START_MS + count * MINUTE_MS, 10 + count / 10);
    expect(history.judge(0, rules, START_MS, 500)).toBe(0);
    expect(history.judge(0, rules, START_MS, 5_000)).toBe(OUT_OF_RANGE);
    expect(history.judge(0, rules, START_MS + 7 * MINUTE_MS, 500)).toBe(SPIKE);
  });

  it('goes on with a run that was stuck when it is resumed, and begins anew with one that was not', () => {
    const history = createSeriesHistory();
    const rules = rulesOf('PM2_5');
    history.resume(0, { timeMs: START_MS, value: 4.2, flags: STUCK });
    history.resume(1, { timeMs: START_MS, value: 4.2, flags: 0 });
    expect(history.judge(0, rules, START_MS + MINUTE_MS, 4.2)).toBe(STUCK);
    expect(history.judge(1, rules, START_MS + MINUTE_MS, 4.2)).toBe(0);
    expect(history.judge(0, rules, START_MS + 2 * MINUTE_MS, 4.3)).toBe(0);
    expect(history.judge(0, rules, START_MS + 2 * MINUTE_MS, 4.2)).toBe(0);
  });

  it('keeps series apart, however many there are', () => {
    const history = createSeriesHistory();
    const rules = rulesOf('PM2_5');
    for (let count = 0; count < 7; count += 1) {
      history.judge(3, rules, START_MS + count * MINUTE_MS, 10 + count / 10);
      history.judge(50_000, rules, START_MS + count * MINUTE_MS, 500 + count / 10);
    }
    expect(history.judge(3, rules, START_MS + HOUR_MS, 500)).toBe(SPIKE);
    expect(history.judge(50_000, rules, START_MS + HOUR_MS, 500)).toBe(0);
  });
});
