import {
  type AirQualityIndex,
  type Average,
  type Averaging,
  airQualityIndex,
  type RequiredAverage,
  requiredAverages,
  type Standard,
} from '@greencity/air/index/air-quality';
import { nowcast } from '@greencity/air/index/nowcast';
import type { Metric } from '@greencity/air/metric';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import { HOURS, type HourMeans, type HourWindow, QUARTERS } from './hour-means.ts';

/** Share of the expected values, in per cent, below which an index is partial. Source: directive 2008/50/EC, annex XI (75 % of an hour, of the hours of a day). */
export const COMPLETENESS_PERCENT_MIN = 75;

/** An index with what it rests on. */
export interface AirQuality extends AirQualityIndex {
  /** End of the time that it is about, Unix ms. */
  readonly timeMs: number;
  readonly averagingMs: number;
  /** Share of the expected values that were there, of the dominant metric, 0 to 100. */
  readonly completeness: number;
  readonly partial: boolean;
}

/** How a standard's window is read from the store. */
export interface WindowPlan {
  /** Windows end on a whole slice, the one of the newest reading. */
  readonly sliceMs: number;
  /** Length of the longest average; the calendar day up to the end where it says so. */
  readonly span: number | 'CALENDAR_DAY';
}

const PLANS: Readonly<Record<Standard, WindowPlan>> = {
  EAQI: { sliceMs: MINUTE_MS, span: HOUR_MS },
  US_EPA: { sliceMs: 5 * MINUTE_MS, span: 12 * HOUR_MS },
  WHO: { sliceMs: 5 * MINUTE_MS, span: DAY_MS },
  ATMO: { sliceMs: HOUR_MS, span: 'CALENDAR_DAY' },
};

/** Plan of a standard's window. */
export function windowPlan(standard: Standard): WindowPlan {
  return PLANS[standard];
}

/** The first slice boundary at or after a moment. */
export function sliceEnd(timeMs: number, { sliceMs }: WindowPlan): number {
  return Math.ceil(timeMs / sliceMs) * sliceMs;
}

/** The window of a standard that ends at a slice boundary. */
export function windowEndingAt(endMs: number, { sliceMs, span }: WindowPlan): HourWindow {
  const fromMs = span === 'CALENDAR_DAY' ? Math.floor((endMs - 1) / DAY_MS) * DAY_MS : endMs - span;
  return { fromMs, endMs, sliceMs };
}

/** Metrics that a standard looks at, each once. */
export function metricsOf(standard: Standard): readonly Metric[] {
  return [...new Set(requiredAverages(standard).map(({ metric }) => metric))];
}

const DAY_HOURS = 24;
const EIGHT_HOURS = 8;
const NOWCAST_HOURS = 12;

const HOURS_OF: Readonly<Record<Averaging, number>> = {
  HOUR: 1,
  EIGHT_HOURS,
  LAST_DAY: DAY_HOURS,
  CALENDAR_DAY: DAY_HOURS,
  CALENDAR_DAY_HOUR_MAX: DAY_HOURS,
  NOWCAST: NOWCAST_HOURS,
};

/** Sums of binary fractions stray by parts in 10^16; an average on the edge of a band must not. */
const STEPS_PER_UNIT = 1e6;

function present(hours: HourMeans, count: number): readonly number[] {
  return [...hours.means.subarray(0, Math.min(count, HOURS))].filter((mean) => !Number.isNaN(mean));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function averageOf({ metric, averaging }: RequiredAverage, hours: HourMeans): number | undefined {
  switch (averaging) {
    case 'HOUR':
      return mean(present(hours, 1));
    case 'EIGHT_HOURS':
      return mean(present(hours, EIGHT_HOURS));
    case 'LAST_DAY':
    case 'CALENDAR_DAY':
      return mean(present(hours, DAY_HOURS));
    case 'CALENDAR_DAY_HOUR_MAX': {
      const means = present(hours, DAY_HOURS);
      return means.length === 0 ? undefined : Math.max(...means);
    }
    case 'NOWCAST':
      return nowcast(
        [...hours.means.subarray(0, NOWCAST_HOURS)].map((value) => (Number.isNaN(value) ? undefined : value)),
        metric === 'PM10' ? 0 : 1,
      );
  }
}

/** What a standard needs of one metric's hours, with the share that was there. */
export interface Figure extends Average {
  readonly completeness: number;
}

function completenessOf(averaging: Averaging, hours: HourMeans): number {
  const parts = averaging === 'HOUR' ? hours.quarterShares : hours.hourShares.subarray(0, HOURS_OF[averaging]);
  const expected = averaging === 'HOUR' ? QUARTERS : HOURS_OF[averaging];
  return (100 * parts.reduce((sum, share) => sum + share, 0)) / expected;
}

/** The figures of a standard that can be had from the hours of its metrics. */
export function figuresOf(standard: Standard, hours: ReadonlyMap<Metric, HourMeans>): readonly Figure[] {
  return requiredAverages(standard).flatMap((required) => {
    const ofMetric = hours.get(required.metric);
    const value = ofMetric && averageOf(required, ofMetric);
    if (!ofMetric || value === undefined) return [];
    const completeness = completenessOf(required.averaging, ofMetric);
    return { ...required, value: Math.round(value * STEPS_PER_UNIT) / STEPS_PER_UNIT, completeness };
  });
}

/** For each average of a standard the highest figure among devices. */
export function highestFigures(standard: Standard, devices: readonly (readonly Figure[])[]): readonly Figure[] {
  const all = devices.flat();
  return requiredAverages(standard).flatMap(({ metric, averaging }) => {
    const candidates = all.filter((figure) => figure.metric === metric && figure.averaging === averaging);
    return candidates.length === 0 ? [] : candidates.reduce((a, b) => (b.value > a.value ? b : a));
  });
}

/** The index of a standard from its figures. Undefined when there is none. */
export function airQualityOf(standard: Standard, figures: readonly Figure[], timeMs: number): AirQuality | undefined {
  const index = airQualityIndex(standard, figures);
  if (!index) return undefined;
  const dominant = figures.find(
    (figure) => figure.metric === index.dominantMetric && airQualityIndex(standard, [figure])?.index === index.index,
  );
  const completeness = dominant?.completeness ?? 0;
  const there = new Set(figures.map(({ metric }) => metric));
  const lacking = metricsOf(standard).some((metric) => !there.has(metric));
  return {
    ...index,
    timeMs,
    averagingMs: HOURS_OF[dominant?.averaging ?? 'HOUR'] * HOUR_MS,
    completeness,
    partial: lacking || completeness < COMPLETENESS_PERCENT_MIN,
  };
}
