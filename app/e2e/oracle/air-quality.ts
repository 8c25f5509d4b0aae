/** Indices of particles at a past moment, from values that are not BAD: European AQI (2024/25), ATMO (2021), US EPA (2024) with NowCast. */
import { isBad, type JudgedValue } from './quality.ts';
import { mean } from './statistics.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Particles = 'PM2_5' | 'PM10';

/** An index with what it was looked up from. */
export interface Index {
  readonly index: number;
  readonly dominant: Particles;
  readonly concentrations: Readonly<Record<Particles, number>>;
}

const EAQI = { PM2_5: [5, 15, 50, 90, 140], PM10: [15, 45, 120, 195, 270] };
const ATMO = { PM2_5: [10, 20, 25, 50, 75], PM10: [20, 40, 50, 100, 150] };
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

/** Mean of the sound values of one metric in [fromMs, toMs); undefined of none. */
function meanBetween(values: readonly JudgedValue[], metric: Particles, fromMs: number, toMs: number) {
  const sound = values.filter(
    (one) => one.metric === metric && one.timeMs >= fromMs && one.timeMs < toMs && !isBad(one),
  );
  return sound.length === 0 ? undefined : mean(sound.map(({ value }) => value));
}

/** Mean over devices of a figure that some of them have; undefined of none. Each device counts the same. */
function overDevices(
  devices: readonly (readonly JudgedValue[])[],
  figureOf: (values: readonly JudgedValue[]) => number | undefined,
) {
  const figures = devices.map(figureOf).filter((figure) => figure !== undefined);
  return figures.length === 0 ? undefined : mean(figures);
}

function worst(concentrations: Readonly<Record<Particles, number>>, indexOf: (metric: Particles) => number): Index {
  const dominant = indexOf('PM10') > indexOf('PM2_5') ? 'PM10' : 'PM2_5';
  return { index: indexOf(dominant), dominant, concentrations };
}

/** One band above the number of edges that lie below the concentration. */
const bandOf = (edges: readonly number[], concentration: number) =>
  1 + edges.filter((edge) => concentration > edge).length;

function needed(figure: number | undefined): number {
  if (figure === undefined) throw new Error('the moment was chosen badly: nothing was measured there');
  return figure;
}

/** European AQI of devices together at a whole minute. */
export function eaqi(devices: readonly (readonly JudgedValue[])[], atMs: number): Index {
  const of = (metric: Particles) =>
    needed(overDevices(devices, (values) => meanBetween(values, metric, atMs - HOUR_MS, atMs)));
  const concentrations = { PM2_5: of('PM2_5'), PM10: of('PM10') };
  return worst(concentrations, (metric) => bandOf(EAQI[metric], concentrations[metric]));
}

/** ATMO of devices: the highest daily mean of a device, from the start of the day (UTC) to its end. */
export function atmo(devices: readonly (readonly JudgedValue[])[], dayMs: number): Index {
  const of = (metric: Particles) =>
    Math.max(...devices.map((values) => dayMean(values, metric, dayMs)).filter((figure) => figure !== undefined));
  const concentrations = { PM2_5: of('PM2_5'), PM10: of('PM10') };
  return worst(concentrations, (metric) => bandOf(ATMO[metric], concentrations[metric]));
}

/** A day's mean is the mean of its hourly means, as for every daily figure of the European rules. */
function dayMean(values: readonly JudgedValue[], metric: Particles, dayMs: number): number | undefined {
  const hours = Array.from({ length: DAY_MS / HOUR_MS }, (_, hour) =>
    meanBetween(values, metric, dayMs + hour * HOUR_MS, dayMs + (hour + 1) * HOUR_MS),
  ).filter((hour) => hour !== undefined);
  return hours.length === 0 ? undefined : mean(hours);
}

/** NowCast of hourly means, the newest first: weights fall by the ratio of the least to the greatest of them, by a half at most. */
function nowcast(hours: readonly (number | undefined)[], decimals: number): number {
  const there = hours.filter((hour) => hour !== undefined);
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
export function usEpa(devices: readonly (readonly JudgedValue[])[], atMs: number): Index {
  const of = (metric: Particles, decimals: number) =>
    nowcast(
      Array.from({ length: 12 }, (_, ago) =>
        overDevices(devices, (values) => meanBetween(values, metric, atMs - (ago + 1) * HOUR_MS, atMs - ago * HOUR_MS)),
      ),
      decimals,
    );
  const concentrations = { PM2_5: of('PM2_5', 1), PM10: of('PM10', 0) };
  return worst(concentrations, (metric) => usEpaIndexOf(metric, concentrations[metric]));
}
