import { METRICS, metricDefinition } from '@greencity/air/metric';
import { describe, expect, it } from 'vitest';
import { simulatedCity } from './city.ts';
import { FAULT_KINDS, faultAt } from './faults.ts';
import { field, hash, normal, wave } from './noise.ts';
import { heating, summerTime, sunHeight, traffic, weather } from './weather.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const MONDAY_MS = Date.UTC(2026, 10, 23);
const city = simulatedCity({ nodes: 300, seed: 42 });
const healthy = city.nodes.filter(({ fault }) => fault === undefined);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean of one metric over healthy nodes at a moment. */
function cityMean(key: string, timeMs: number, nodes = healthy): number {
  return mean(nodes.flatMap((node) => city.reading(node, timeMs)?.[key] ?? []));
}

describe('the simulated city', () => {
  it('is the same for the same seed and another for another', () => {
    const again = simulatedCity({ nodes: 300, seed: 42 });
    const other = simulatedCity({ nodes: 300, seed: 43 });
    const node = city.nodes[17];
    if (!node) throw new Error('there are 300 nodes');
    for (let hour = 48; hour >= 0; hour -= 7) {
      const timeMs = MONDAY_MS + hour * HOUR_MS;
      expect(again.reading(node, timeMs)).toEqual(city.reading(node, timeMs));
    }
    expect(other.nodes[17]?.latitude).not.toBe(node.latitude);
  });

  it('has eight districts with closed borders and nodes in each, all called simulated', () => {
    expect(city.zones).toHaveLength(8);
    for (const { name, boundary } of city.zones) {
      expect(name).toContain('(simulated)');
      expect(boundary[0]?.[0]).toEqual(boundary[0]?.at(-1));
    }
    for (const { name, tags } of city.nodes) {
      expect(name).toMatch(/^Simulated \d{3} /);
      expect(tags).toContain('simulated');
    }
    expect(new Set(city.nodes.map(({ id }) => id)).size).toBe(300);
    expect(new Set(city.nodes.map(({ name }) => name.slice(14))).size).toBe(8);
  });

  it('stands on land, around 57.15 N, 2.11 W', () => {
    for (const { latitude, longitude } of city.nodes) {
      expect(Math.abs(latitude - 57.15)).toBeLessThan(0.07);
      expect(longitude).toBeGreaterThan(-2.26);
      expect(longitude).toBeLessThan(-2.08);
    }
  });

  it('reads only what can be, with the steps of its sensors', () => {
    const definitions = new Map(METRICS.map((metric) => [metricDefinition(metric).key, metricDefinition(metric)]));
    for (const node of city.nodes) {
      for (let hour = 0; hour < 240; hour += 11) {
        for (const [key, value] of Object.entries(city.reading(node, MONDAY_MS + hour * HOUR_MS) ?? {})) {
          const [low, high] = definitions.get(key)?.plausible ?? [1, 0];
          expect(value, `${node.id} ${key}`).toBeGreaterThanOrEqual(low);
          expect(value, `${node.id} ${key}`).toBeLessThanOrEqual(high);
          expect(Number(value.toFixed(2))).toBe(value);
        }
      }
    }
  });

  it('breathes worse air beside roads than away from them in the rush hour', () => {
    const roadside = healthy.filter(({ tags }) => tags.includes('roadside'));
    const background = healthy.filter(({ tags }) => tags.includes('background'));
    const rushes = [0, 1, 2, 3].map((day) => MONDAY_MS + day * DAY_MS + 8 * HOUR_MS);
    for (const timeMs of rushes)
      expect(cityMean('pm10', timeMs, roadside)).toBeGreaterThan(1.1 * cityMean('pm10', timeMs, background));
  });

  it('is alike at neighbours and less so across the city', () => {
    const sensorsOwn = (key: string) => {
      const differences = healthy.slice(0, 60).flatMap((one, index) =>
        healthy.slice(index + 1, 60).map((two) => {
          const metres = 111_320 * Math.hypot(one.latitude - two.latitude, 0.54 * (one.longitude - two.longitude));
          const times = [0, 5, 11, 17, 29, 41].map((hour) => MONDAY_MS + hour * HOUR_MS);
          const apart = mean(
            times.map((timeMs) =>
              Math.abs((city.reading(one, timeMs)?.[key] ?? 0) - (city.reading(two, timeMs)?.[key] ?? 0)),
            ),
          );
          return { metres, apart };
        }),
      );
      const near = differences.filter(({ metres }) => metres < 700).map(({ apart }) => apart);
      const far = differences.filter(({ metres }) => metres > 5_000).map(({ apart }) => apart);
      return { near: mean(near), far: mean(far) };
    };
    const { near, far } = sensorsOwn('pm2_5');
    expect(near).toBeLessThan(far);
  });

  it('has nodes with every kind of fault, about one in eight', () => {
    const faulty = city.nodes.filter(({ fault }) => fault !== undefined);
    expect(faulty.length).toBeGreaterThan(20);
    expect(faulty.length).toBeLessThan(60);
    expect(new Set(faulty.map(({ fault }) => fault))).toEqual(new Set(FAULT_KINDS));
  });

  it('repeats a value while a sensor is stuck, and is silent while it drops out', () => {
    const minutes = Array.from({ length: 10 * 24 * 12 }, (_, index) => MONDAY_MS + index * 5 * 60_000);
    const stuck = city.nodes.find(({ fault }) => fault === 'STUCK');
    const silent = city.nodes.find(({ fault }) => fault === 'DROP_OUT');
    if (!stuck || !silent) throw new Error('there is one of each');
    let longest = 0;
    let run = 0;
    let before: number | undefined;
    for (const timeMs of minutes) {
      const value = city.reading(stuck, timeMs)?.['pm10'];
      run = value === before ? run + 1 : 0;
      before = value;
      longest = Math.max(longest, run);
    }
    expect(longest).toBeGreaterThanOrEqual(23);
    const gaps = minutes.filter((timeMs) => city.reading(silent, timeMs) === undefined);
    expect(gaps.length).toBeGreaterThan(20);
    expect(gaps.length).toBeLessThan(minutes.length / 2);
  });
});

describe('the weather', () => {
  it('is colder in January than in July, and the sun higher', () => {
    const days = Array.from({ length: 28 }, (_, day) => day);
    const january = mean(days.map((day) => weather(42, Date.UTC(2026, 0, day + 1, 12)).temperature));
    const july = mean(days.map((day) => weather(42, Date.UTC(2026, 6, day + 1, 12)).temperature));
    expect(january).toBeGreaterThan(-3);
    expect(january).toBeLessThan(8);
    expect(july).toBeGreaterThan(12);
    expect(july).toBeLessThan(22);
    // At noon of the solstices: 90 - 57.15 ± 23.44 degrees.
    expect(Math.asin(sunHeight(Date.UTC(2026, 5, 21, 12))) * (180 / Math.PI)).toBeCloseTo(56.3, 0);
    expect(Math.asin(sunHeight(Date.UTC(2026, 11, 21, 12))) * (180 / Math.PI)).toBeCloseTo(9.4, 0);
    expect(sunHeight(Date.UTC(2026, 11, 21, 0))).toBeLessThan(-0.5);
  });

  it('keeps summer time from the last Sunday of March to that of October', () => {
    expect(summerTime(Date.UTC(2026, 2, 29, 0, 59))).toBe(false);
    expect(summerTime(Date.UTC(2026, 2, 29, 1))).toBe(true);
    expect(summerTime(Date.UTC(2026, 9, 25, 0, 59))).toBe(true);
    expect(summerTime(Date.UTC(2026, 9, 25, 1))).toBe(false);
  });
});

describe('the people', () => {
  it('drive most at the rush hours of workdays, and little at night', () => {
    const at = (day: number, hour: number) => traffic(MONDAY_MS + day * DAY_MS + hour * HOUR_MS);
    expect(at(0, 8)).toBeGreaterThan(2 * at(0, 11));
    expect(at(0, 17)).toBeGreaterThan(at(0, 20));
    expect(at(0, 3)).toBeLessThan(0.15);
    expect(at(6, 8)).toBeLessThan(at(0, 8) / 2);
  });

  it('heat on cold evenings only', () => {
    expect(heating(MONDAY_MS + 20.5 * HOUR_MS, 0)).toBeGreaterThan(0.9);
    expect(heating(MONDAY_MS + 20.5 * HOUR_MS, 14)).toBe(0);
    expect(heating(MONDAY_MS + 13 * HOUR_MS, 0)).toBeLessThan(0.1);
  });
});

describe('chance', () => {
  it('is spread evenly, without a step from one cell to the next', () => {
    const waves = Array.from({ length: 2_000 }, (_, index) => wave(1, 2, index / 7));
    expect(Math.abs(mean(waves))).toBeLessThan(0.1);
    expect(Math.max(...waves)).toBeLessThanOrEqual(1);
    expect(Math.abs(wave(1, 2, 2.999999) - wave(1, 2, 3.000001))).toBeLessThan(1e-4);
    expect(Math.abs(field(1, 2, [1.999999, -0.5, 4]) - field(1, 2, [2.000001, -0.5, 4]))).toBeLessThan(1e-4);
    const normals = Array.from({ length: 5_000 }, (_, index) => normal(7, index));
    expect(Math.abs(mean(normals))).toBeLessThan(0.05);
    expect(mean(normals.map((value) => value * value))).toBeCloseTo(1, 0);
    expect(hash(1, 2)).not.toBe(hash(2, 1));
  });

  it('ends each episode of a fault in its block', () => {
    const key = Array.from({ length: 5_000 }, (_, index) => index).find(
      (candidate) => faultAt(candidate, MONDAY_MS + 20 * HOUR_MS)?.kind === 'STUCK',
    );
    if (key === undefined) throw new Error('one in hundred is stuck');
    const sinceMs = faultAt(key, MONDAY_MS + 20 * HOUR_MS)?.sinceMs ?? 0;
    expect(faultAt(key, sinceMs + 13 * HOUR_MS)?.sinceMs).not.toBe(sinceMs);
  });
});
