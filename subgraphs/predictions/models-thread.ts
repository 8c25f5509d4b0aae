/** The thread that forecasts and heat maps are worked out in: seconds of arithmetic that must not keep others waiting. */
import { answerCalls } from './calls.ts';
import { type ForecastInput, forecastProfile } from './domain/forecast.ts';
import { type HeatMapInput, heatMap } from './domain/heat-map.ts';

const methods = {
  forecast: (input: ForecastInput) => forecastProfile(input),
  heatMap: (input: HeatMapInput) => heatMap(input),
  close: () => {},
};
export type ModelMethods = typeof methods;

answerCalls(methods);
