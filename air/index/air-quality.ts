/** One entry to all indices: what each standard needs to know of the air, and what it makes of it. */
import type { Metric } from '../metric.ts';
import { type Gas, massOfGas, type Ppb, type UgM3 } from '../units.ts';
import { ATMO_BANDS, type AtmoPollutant, atmoBand } from './atmo.ts';
import type { Band } from './bands.ts';
import { EAQI_BANDS, type EaqiPollutant, eaqiBand } from './eaqi.ts';
import { US_EPA_BANDS, type UsEpaMeasure, usEpaBand, usEpaIndex } from './us-epa.ts';
import { WHO_BANDS, type WhoPollutant, whoBand } from './who.ts';

export const STANDARDS = ['EAQI', 'ATMO', 'US_EPA', 'WHO'] as const;
export type Standard = (typeof STANDARDS)[number];

/**
 * How values are brought together before a standard looks at them:
 * a mean of the last hour, 8 hours or 24 hours; a mean or the highest hourly mean of a calendar day (UTC); the NowCast of 12 hours.
 */
export type Averaging = 'HOUR' | 'EIGHT_HOURS' | 'LAST_DAY' | 'CALENDAR_DAY' | 'CALENDAR_DAY_HOUR_MAX' | 'NOWCAST';

export interface RequiredAverage {
  readonly metric: Metric;
  readonly averaging: Averaging;
}

/** An average of one metric, in the metric's unit (gases in ppb). */
export interface Average extends RequiredAverage {
  readonly value: number;
}

export interface SubIndex {
  readonly metric: Metric;
  readonly index: number;
  readonly band: number;
  /** What was looked up, in `unit`. */
  readonly concentration: number;
  readonly unit: string;
  /** True when the air is worse than the standard's table goes, so that the index stays at the table's end. */
  readonly beyondTable: boolean;
}

export interface AirQualityIndex extends Band {
  readonly standard: Standard;
  /** US EPA: 0 to 500, staying at 500 beyond the table; else the band. */
  readonly index: number;
  readonly dominantMetric: Metric;
  /** Of the dominant metric. */
  readonly beyondTable: boolean;
  /** The parts that the index is the worst of, in the order of the standard. */
  readonly subIndices: readonly SubIndex[];
}

const need = (averaging: Averaging, ...metrics: readonly Metric[]): readonly RequiredAverage[] =>
  metrics.map((metric) => ({ metric, averaging }));

const REQUIRED: Readonly<Record<Standard, readonly RequiredAverage[]>> = {
  EAQI: need('HOUR', 'PM2_5', 'PM10', 'NO2', 'O3', 'SO2'),
  ATMO: [...need('CALENDAR_DAY', 'PM2_5', 'PM10'), ...need('CALENDAR_DAY_HOUR_MAX', 'NO2', 'O3', 'SO2')],
  US_EPA: [
    ...need('NOWCAST', 'PM2_5', 'PM10'),
    ...need('EIGHT_HOURS', 'O3', 'CO'),
    ...need('HOUR', 'O3', 'SO2', 'NO2'),
    ...need('LAST_DAY', 'SO2'),
  ],
  WHO: [...need('LAST_DAY', 'PM2_5', 'PM10', 'NO2', 'SO2', 'CO'), ...need('EIGHT_HOURS', 'O3')],
};

/** The averages that a standard looks at. One that is missing leaves its pollutant out; an index without all of them is partial. */
export function requiredAverages(standard: Standard): readonly RequiredAverage[] {
  return REQUIRED[standard];
}

const PPB_PER_PPM = 1_000;
const MICROGRAMS = 'µg/m³';

function inMicrograms({ metric, value }: Average): UgM3 {
  return metric === 'PM2_5' || metric === 'PM10' || metric === 'PM1'
    ? (value as UgM3)
    : massOfGas(metric as Gas, value as Ppb);
}

function banded(bandOf: (metric: Metric, concentration: UgM3) => number) {
  return (average: Average): SubIndex => {
    const concentration = inMicrograms(average);
    const band = bandOf(average.metric, concentration);
    return { metric: average.metric, index: band, band, concentration, unit: MICROGRAMS, beyondTable: false };
  };
}

/** The table of an average in the US index, and the factor from our unit to the table's. */
function usEpaMeasure({
  metric,
  averaging,
}: RequiredAverage): { readonly measure: UsEpaMeasure; readonly factor: number; readonly unit: string } | undefined {
  switch (`${metric}/${averaging}`) {
    case 'PM2_5/NOWCAST':
      return { measure: 'PM2_5_24H', factor: 1, unit: MICROGRAMS };
    case 'PM10/NOWCAST':
      return { measure: 'PM10_24H', factor: 1, unit: MICROGRAMS };
    case 'O3/EIGHT_HOURS':
      return { measure: 'O3_8H', factor: 1 / PPB_PER_PPM, unit: 'ppm' };
    case 'O3/HOUR':
      return { measure: 'O3_1H', factor: 1 / PPB_PER_PPM, unit: 'ppm' };
    case 'CO/EIGHT_HOURS':
      return { measure: 'CO_8H', factor: 1 / PPB_PER_PPM, unit: 'ppm' };
    case 'SO2/HOUR':
      return { measure: 'SO2_1H', factor: 1, unit: 'ppb' };
    case 'SO2/LAST_DAY':
      return { measure: 'SO2_24H', factor: 1, unit: 'ppb' };
    case 'NO2/HOUR':
      return { measure: 'NO2_1H', factor: 1, unit: 'ppb' };
    default:
      return undefined;
  }
}

function usEpaSubIndex(average: Average): SubIndex | undefined {
  const found = usEpaMeasure(average);
  if (!found) return undefined;
  const concentration = average.value * found.factor;
  const outcome = usEpaIndex(found.measure, concentration);
  if (outcome.kind === 'below') return undefined;
  const { index, kind } = outcome;
  return {
    metric: average.metric,
    index,
    band: usEpaBand(index),
    concentration,
    unit: found.unit,
    beyondTable: kind === 'beyond',
  };
}

const SUB_INDEX: Readonly<Record<Standard, (average: Average) => SubIndex | undefined>> = {
  EAQI: banded((metric, concentration) => eaqiBand(metric as EaqiPollutant, concentration)),
  ATMO: banded((metric, concentration) => atmoBand(metric as AtmoPollutant, concentration)),
  US_EPA: usEpaSubIndex,
  WHO: banded((metric, concentration) => whoBand(metric as WhoPollutant, concentration)),
};

const BANDS: Readonly<Record<Standard, readonly Band[]>> = {
  EAQI: EAQI_BANDS,
  ATMO: ATMO_BANDS,
  US_EPA: US_EPA_BANDS,
  WHO: WHO_BANDS,
};

/** The index of a standard from those of its averages that are there: the worst of its parts. Undefined when there are none. */
export function airQualityIndex(standard: Standard, averages: readonly Average[]): AirQualityIndex | undefined {
  const wanted = averages.filter((average) =>
    REQUIRED[standard].some(({ metric, averaging }) => metric === average.metric && averaging === average.averaging),
  );
  const subIndices = wanted.flatMap((average) => SUB_INDEX[standard](average) ?? []);
  let worst: SubIndex | undefined;
  for (const part of subIndices) if (!worst || part.index > worst.index) worst = part;
  const band = worst && BANDS[standard][worst.band - 1];
  if (!worst || !band) return undefined;
  return {
    ...band,
    standard,
    index: worst.index,
    dominantMetric: worst.metric,
    beyondTable: worst.beyondTable,
    subIndices,
  };
}
