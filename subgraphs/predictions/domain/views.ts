/** Predictions as they are shown. */
import { type Metric, metricDefinition } from '@greencity/air/metric';
import { HOUR_MS } from '@greencity/air/time';
import { type ForecastProfile, leadingModel, skillOf } from './forecast.ts';

export interface ForecastView {
  readonly metric: Metric;
  readonly unit: string;
  readonly issuedAt: number;
  readonly model: string;
  readonly skill: number | undefined;
  readonly points: readonly {
    readonly time: number;
    readonly value: number;
    readonly lower: number;
    readonly upper: number;
  }[];
}

/** A forecast with its hours' times; it was issued when its first hour began. */
export function forecastView(metric: Metric, { startMs, steps }: ForecastProfile): ForecastView {
  return {
    metric,
    unit: metricDefinition(metric).unit,
    issuedAt: startMs,
    model: leadingModel(steps),
    skill: skillOf(steps),
    points: steps.map(({ value, lower, upper }, hour) => ({ time: startMs + hour * HOUR_MS, value, lower, upper })),
  };
}
