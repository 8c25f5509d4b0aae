/** Hourly means of the days to come. */
import type { Metric } from '@greencity/air/metric';
import { HOUR_MS } from '@greencity/air/time';
import { type BackTest, backTest } from './back-test.ts';
import { type Candidate, type Past, trainCandidates } from './candidates.ts';
import { type Bounds, conformalBounds } from './conformal.ts';
import { featureTable } from './features.ts';
import { alignedTo, type HourlySeries, hoursPresent } from './hourly-series.ts';
import { type Scale, scaleOf } from './scale.ts';

/** Most hours that a forecast looks ahead. */
export const FORECAST_HOURS_MAX = 72;
/** With fewer hours of values there is no forecast. */
export const HISTORY_HOURS_MIN = 24;
/** A last value this old says nothing of the next hours. */
const SILENT_HOURS_MAX = 6;
/** Half of the width that 8 of 10 values of a normal distribution lie within, in standard deviations. */
const TENTH_PERCENTILE_SIGMAS = 1.2816;

/** One hour ahead. */
export interface ForecastStep {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly model: Candidate;
  /** Mean absolute errors in the back-test, in the metric's unit; undefined where there was none. */
  readonly servedError?: number;
  readonly persistenceError?: number;
}

/** Forecast of the hours after `startMs`, hour by hour. */
export interface ForecastProfile {
  /** Start of the first hour that it is about: the history ends here. */
  readonly startMs: number;
  readonly steps: readonly ForecastStep[];
}

export interface ForecastInput {
  readonly metric: Metric;
  /** Ends at the last closed hour. */
  readonly history: HourlySeries;
  /** Mean over the devices around, where there are any. */
  readonly neighbours: HourlySeries | undefined;
  /** Hours ahead, from 1 to 72. */
  readonly hours: number;
}

/** The forecast, each hour by the model that did best in the back-test for that many hours ahead; undefined with less than a day of values or none of late. */
export function forecastProfile({ metric, history, neighbours, hours }: ForecastInput): ForecastProfile | undefined {
  if (hoursPresent(history) < HISTORY_HOURS_MIN) return undefined;
  const scale = scaleOf(metric);
  const modelled: HourlySeries = { startMs: history.startMs, means: history.means.map(scale.toModel) };
  const around = neighbours && alignedTo({ ...neighbours, means: neighbours.means.map(scale.toModel) }, history);
  const past: Past = { table: featureTable(modelled, around), observed: modelled.means, startMs: history.startMs };
  const end = modelled.means.length;
  if (end - 1 - lastHour(modelled.means) > SILENT_HOURS_MAX) return undefined;
  const origin = lastHour(past.table.filled);
  const silent = end - 1 - origin;
  const spread = spreadOf(modelled.means);
  const steps: ForecastStep[] = [];
  for (let ahead = 1; ahead <= hours; ahead += 1) steps.push(step({ past, scale, spread, origin }, ahead + silent));
  return { startMs: history.startMs + end * HOUR_MS, steps };
}

interface Setting {
  readonly past: Past;
  readonly scale: Scale;
  readonly spread: Bounds;
  /** The last hour that is known, or filled. */
  readonly origin: number;
}

function step({ past, scale, spread, origin }: Setting, horizon: number): ForecastStep {
  const tested: BackTest | undefined = backTest(past, horizon, scale);
  const trained = trainCandidates(past, horizon, past.observed.length);
  const model = tested && trained.has(tested.winner) ? tested.winner : 'persistence/1';
  const predicted = trained.get(model)?.(origin) ?? (past.table.filled[origin] as number);
  const bounds = conformalBounds(tested?.errors ?? []) ?? spread;
  return {
    value: scale.fromModel(predicted),
    lower: scale.fromModel(predicted + bounds.lower),
    upper: scale.fromModel(predicted + bounds.upper),
    model,
    ...(tested && { servedError: tested.servedError, persistenceError: tested.persistenceError }),
  };
}

function lastHour(values: Float64Array): number {
  return values.findLastIndex((value) => !Number.isNaN(value));
}

/** How far values lie from each other, for horizons that were never tested. */
function spreadOf(values: Float64Array): Bounds {
  const present = values.filter((value) => !Number.isNaN(value));
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  const variance = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length;
  // Two values drawn independently lie apart by the root of twice their variance.
  const width = TENTH_PERCENTILE_SIGMAS * Math.sqrt(2 * variance);
  return { lower: -width, upper: width };
}

/** The model that serves most of the steps; of equals the one that serves the earlier step. */
export function leadingModel(steps: readonly ForecastStep[]): Candidate {
  const served = new Map<Candidate, number>();
  for (const { model } of steps) served.set(model, (served.get(model) ?? 0) + 1);
  const [leader] = [...served].sort(([, a], [, b]) => b - a);
  return leader?.[0] ?? 'persistence/1';
}

/** 1 minus the ratio of the mean absolute error of what was served to that of persistence; undefined where nothing was tested, or persistence was perfect. */
export function skillOf(steps: readonly ForecastStep[]): number | undefined {
  let [served, persistence] = [0, 0];
  for (const { servedError, persistenceError } of steps) {
    if (servedError === undefined || persistenceError === undefined) continue;
    served += servedError;
    persistence += persistenceError;
  }
  return persistence > 0 ? 1 - served / persistence : undefined;
}
