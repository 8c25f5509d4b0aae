/** A week of real sensors, with faults that are known from looking at the file: quality control must find them, and little else. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { METRICS, type Metric } from '@greencity/air/metric';
import { FLAG_BIT } from '@greencity/air/quality';
import { describe, expect, it } from 'vitest';
import { humidFlag, humidityAt, noteHumidity, unknownHumidity } from './humidity.ts';
import { RULES } from './metric-rules.ts';
import { createSeriesHistory } from './series-history.ts';

const WEEK = fileURLToPath(
  new URL('../../../../shared/data/aberdeen_sensorcommunity_raw_2019-05-01_05-07.csv.gz', import.meta.url),
);
const hasWeek = existsSync(WEEK);
if (!hasWeek) {
  const why = 'the week of real readings is not beside the repository (../shared/data)';
  process.stderr.write(`\nSKIPPED: quality control of a real week; ${why}.\n\n`);
  it.runIf(process.env['CI'])('has the data that it needs', () => expect.fail(why));
}

interface Judged {
  readonly sensorType: string;
  readonly location: string;
  readonly metric: Metric;
  readonly timeMs: number;
  readonly value: number;
  readonly flags: number;
}

const COLUMNS: readonly (readonly [metric: Metric, column: number])[] = [
  ['PM10', 6],
  ['PM2_5', 7],
  ['TEMPERATURE', 8],
  ['HUMIDITY', 9],
];

/** Each value of the file with the flags of its series and, for particles, of its place's humidity. */
function judgeWeek(): readonly Judged[] {
  const [, ...rows] = gunzipSync(readFileSync(WEEK)).toString().trimEnd().split('\n');
  const history = createSeriesHistory();
  const series = new Map<string, number>();
  const humidities = new Map<string, ReturnType<typeof unknownHumidity>>();
  const judged: Judged[] = [];
  for (const row of rows) {
    const cells = row.split(',');
    const [sensorType = '', location = ''] = cells.slice(1, 3);
    const timeMs = Date.parse(`${cells[5]}Z`);
    const humidity = humidities.get(location) ?? unknownHumidity();
    humidities.set(location, humidity);
    for (const [metric, column] of COLUMNS) {
      const rules = RULES[METRICS.indexOf(metric)];
      if (!cells[column] || !rules) continue;
      const name = `${location} ${metric}`;
      const id = series.get(name) ?? series.size;
      series.set(name, id);
      const value = Number(cells[column]);
      const own = history.judge(id, rules, timeMs, value);
      if (metric === 'HUMIDITY') noteHumidity(humidity, timeMs, value, own);
      const humid = metric.startsWith('PM') ? humidFlag(humidityAt(humidity, timeMs)) : 0;
      judged.push({ sensorType, location, metric, timeMs, value, flags: own | humid });
    }
  }
  return judged;
}

describe.runIf(hasWeek)('a week of real sensors', () => {
  const judged = judgeWeek();
  const of = (metric: Metric) => judged.filter((one) => one.metric === metric);
  const places = (values: readonly Judged[]) => new Set(values.map(({ location }) => location));
  const shareOf = (values: readonly Judged[], bit: number) =>
    values.filter(({ flags }) => flags & bit).length / values.length;

  it('has six of nineteen DHT22 that have soaked and read 99 % or more nearly always: all are found STUCK, and one more that was for a day', () => {
    const dht22 = of('HUMIDITY').filter(({ sensorType }) => sensorType === 'DHT22');
    expect(places(dht22).size).toBe(19);
    const soaked = [...places(dht22)].filter((place) => {
      const values = dht22.filter(({ location }) => location === place);
      return values.filter(({ value }) => value >= 99).length / values.length >= 0.85;
    });
    expect(soaked).toHaveLength(6);
    const stuck = places(dht22.filter(({ flags }) => flags & FLAG_BIT.STUCK));
    for (const place of soaked) expect(stuck).toContain(place);
    expect(stuck.size).toBe(7);
  });

  it('has particles that are HUMID wherever such a hygrometer is all that is known', () => {
    const stuck = places(of('HUMIDITY').filter(({ flags, value }) => flags & FLAG_BIT.STUCK && value === 99.9));
    for (const place of stuck) {
      const particles = of('PM2_5').filter(({ location }) => location === place);
      expect(shareOf(particles, FLAG_BIT.HUMID)).toBeGreaterThan(0.75);
    }
  });

  it('has one particle value that no such sensor can give, 1,429.67 µg/m³', () => {
    const out = judged.filter(({ metric, flags }) => metric.startsWith('PM') && flags & FLAG_BIT.OUT_OF_RANGE);
    expect(out.map(({ metric, value }) => [metric, value])).toEqual([['PM10', 1429.67]]);
  });

  it('has no particle or temperature sensor that is stuck: the longest runs are 26 and 90 minutes', () => {
    for (const metric of ['PM10', 'PM2_5', 'TEMPERATURE'] as const)
      expect(shareOf(of(metric), FLAG_BIT.STUCK), metric).toBe(0);
  });

  it('has fewer than one spike in five hundred values, the two highest of PM2.5 among them', () => {
    for (const metric of ['PM10', 'PM2_5', 'TEMPERATURE', 'HUMIDITY'] as const)
      expect(shareOf(of(metric), FLAG_BIT.SPIKE), metric).toBeLessThan(1 / 500);
    const highest = of('PM2_5').filter(({ value }) => value > 200);
    expect(highest.map(({ value }) => value)).toEqual([401.87, 213.1]);
    for (const { flags } of highest) expect(flags & FLAG_BIT.SPIKE).not.toBe(0);
  });
});
