/** Indices of particles at a past moment, from values that are not BAD: European AQI (2024/25), ATMO (2021), US EPA (2024) with NowCast, WHO (2021). */
import { isBad, type JudgedValue } from './quality.ts';
import { mean } from './statistics.ts';

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;

type Particles = 'PM2_5' | 'PM10';

/** An index with what it was looked up from. */
export interface Index {
  readonly index: number;
  readonly dominant: Particles;
  readonly concentrations: Readonly<Record<Particles, number>>;
  /** Of the dominant metric, per cent. */
  readonly completeness: number;
}

/** Values of one device each. */
type Devices = readonly (readonly JudgedValue[])[];

/** What an index looks up for one metric, and the share of the time that it rests on. */
interface Figure {
  readonly concentration: number;
  readonly completeness: number;
}

const EAQI = { PM2_5: [5, 15, 50, 90, 140], PM10: [15, 45, 120, 195, 270] };
const ATMO = { PM2_5: [10, 20, 25, 50, 75], PM10: [20, 40, 50, 100, 150] };
const WHO = { PM2_5: [15, 25, 37.5, 50, 75], PM10: [45, 50, 75, 100, 150] };
/** Breakpoints of US EPA: concentration low and high, index low and high. */
const US_EPA = {
  PM2_5: [
    [0, 9, 0, 50],
    [9.1, 35.4, 51, 100],
    [35.5, 55.4, 101, 150],
    [55.5, 125.4, 151, 200],
    [125.5, 225.4, 201, 300],
    [225.5, 325.4, 301, 500],
  ],
  PM10: [
    [0, 54, 0, 50],
    [55, 154, 51, 100],
    [155, 254, 101, 150],
    [255, 354, 151, 200],
    [355, 424, 201, 300],
    [425, 604, 301, 500],
  ],
} as const;

/** Means of one metric's sound values in stretches of time that end at a moment, the newest first; undefined where there are none. */
function stretches(values: readonly JudgedValue[], metric: Particles, { endMs, lengthMs, count }: Stretches) {
  const sound = values.filter((one) => one.metric === metric && !isBad(one));
  return Array.from({ length: count }, (_, ago) => {
    const toMs = endMs - ago * lengthMs;
    const there = sound.filter(({ timeMs }) => timeMs >= toMs - lengthMs && timeMs < toMs);
    return there.length === 0 ? undefined : mean(there.map(({ value }) => value));
  });
}

interface Stretches {
  readonly endMs: number;
  readonly lengthMs: number;
  readonly count: number;
}

type Means = readonly (number | undefined)[];
const present = (means: Means): readonly number[] => means.filter((one) => one !== undefined);
const percentThere = (means: Means): number => (100 * present(means).length) / means.length;

/** The stretches of each device that has any value in them. */
function ofDevices(devices: Devices, metric: Particles, asked: Stretches): readonly Means[] {
  return devices.map((values) => stretches(values, metric, asked)).filter((means) => present(means).length > 0);
}

/** Stretch by stretch the mean over the devices that have it: each device counts the same. */
function together(devices: readonly Means[]): Means {
  return (devices[0] ?? []).map((_, ago) => {
    const there = present(devices.map((means) => means[ago]));
    return there.length === 0 ? undefined : mean(there);
  });
}

/** The worse of the two metrics. */
function worst(figureOf: (metric: Particles) => Figure, indexOf: (metric: Particles, concentration: number) => number) {
  const figures = { PM2_5: figureOf('PM2_5'), PM10: figureOf('PM10') };
  const indices = {
    PM2_5: indexOf('PM2_5', figures.PM2_5.concentration),
    PM10: indexOf('PM10', figures.PM10.concentration),
  };
  const dominant = indices.PM10 > indices.PM2_5 ? 'PM10' : 'PM2_5';
  const concentrations = { PM2_5: figures.PM2_5.concentration, PM10: figures.PM10.concentration };
  return { index: indices[dominant], dominant, concentrations, completeness: figures[dominant].completeness } as const;
}

/** One band above the number of edges that lie below the concentration. */
const bandIn = (table: Readonly<Record<Particles, readonly number[]>>) => (metric: Particles, concentration: number) =>
  1 + table[metric].filter((edge) => concentration > edge).length;

/** European AQI of devices together at a whole hour: the mean of the values of an hour; complete with a value in each quarter. */
export function eaqi(devices: Devices, endMs: number): Index {
  return worst((metric) => {
    const hours = ofDevices(devices, metric, { endMs, lengthMs: HOUR_MS, count: 1 });
    const quarters = ofDevices(devices, metric, { endMs, lengthMs: QUARTER_MS, count: 4 });
    return { concentration: mean(present(together(hours))), completeness: mean(quarters.map(percentThere)) };
  }, bandIn(EAQI));
}

const DAY = { lengthMs: HOUR_MS, count: 24 };

/** WHO guideline level of devices together: the mean of the hourly means of 24 hours. */
export function who(devices: Devices, endMs: number): Index {
  return worst((metric) => {
    const hours = ofDevices(devices, metric, { endMs, ...DAY });
    return { concentration: mean(present(together(hours))), completeness: mean(hours.map(percentThere)) };
  }, bandIn(WHO));
}

/** ATMO of devices on the day that ends at a midnight (UTC): the highest daily mean of a device, made from hourly means. */
export function atmo(devices: Devices, endMs: number): Index {
  return worst((metric) => {
    const days = ofDevices(devices, metric, { endMs, ...DAY }).map((hours) => ({
      concentration: mean(present(hours)),
      completeness: percentThere(hours),
    }));
    return days.reduce((highest, day) => (day.concentration > highest.concentration ? day : highest));
  }, bandIn(ATMO));
}

const DECIMALS = { PM2_5: 1, PM10: 0 };

/** NowCast of hourly means, the newest first: weights fall by the ratio of the least to the greatest of them, by a half at most. */
function nowcast(hours: Means, decimals: number): number {
  const there = present(hours);
  const factor = Math.max(0.5, Math.min(...there) / Math.max(...there));
  const weights = hours.map((hour, ago) => (hour === undefined ? 0 : factor ** ago));
  const sum = hours.reduce<number>((total, hour, ago) => total + (hour ?? 0) * (weights[ago] ?? 0), 0);
  const value = sum / weights.reduce((total, weight) => total + weight, 0);
  return Number((Math.floor(value * 10 ** decimals) / 10 ** decimals).toFixed(decimals));
}

function usEpaIndexOf(metric: Particles, concentration: number): number {
  const row = US_EPA[metric].find(([, high]) => concentration <= high);
  if (!row) return 500;
  const [low, high, indexLow, indexHigh] = row;
  return Math.round(((indexHigh - indexLow) / (high - low)) * (concentration - low) + indexLow);
}

/** US EPA index by NowCast of devices together at a whole hour. */
export function usEpa(devices: Devices, endMs: number): Index {
  return worst((metric) => {
    const hours = ofDevices(devices, metric, { endMs, lengthMs: HOUR_MS, count: 12 });
    return {
      concentration: nowcast(together(hours), DECIMALS[metric]),
      completeness: mean(hours.map(percentThere)),
    };
  }, usEpaIndexOf);
}
