import type { SubgraphContext } from '@greencity/platform/graphql/port';
import type { EnergyPlans } from './energy-plans.ts';
import type { Forecasts } from './forecasts.ts';
import type { HeatMaps } from './heat-maps.ts';
import type { Loaders } from './loaders.ts';

/** What the resolvers of this subgraph are given; the loaders are made anew for each request. */
export interface Context extends SubgraphContext {
  readonly forecasts: Forecasts;
  readonly heatMaps: HeatMaps;
  readonly energyPlans: EnergyPlans;
  readonly loaders: Loaders;
}
