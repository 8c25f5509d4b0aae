import { metricDefinition } from '@greencity/air/metric';
import { AppError } from '@greencity/platform/errors';
import { SCALARS } from '@greencity/platform/graphql/scalars';
import { forecastView } from './domain/views.ts';
import type { Resolvers } from './generated/schema.ts';

/** Resolvers of this subgraph. Predictions are public. */
export const resolvers = {
  ...SCALARS,
  Query: {
    heatMap: (_, { at, ...question }, { heatMaps }) => heatMaps.heatMap({ ...question, atMs: at ?? undefined }),
  },
  Device: {
    __resolveReference: ({ id }) => ({ id }),
    async forecast({ id }, { metric, hours }, { forecasts }) {
      const profile = await forecasts.ofDevice(id, metric, hours);
      return profile ? forecastView(metric, profile) : null;
    },
    async anomalies({ id }, { from, to }, { loaders }) {
      if (from > to) throw new AppError('BAD_USER_INPUT', 'from: must not be after to');
      return await loaders.anomalies.load({ deviceId: id, fromMs: from, toMs: to });
    },
    energyPlan: async ({ id }, _, { energyPlans }) => (await energyPlans.ofDevice(id)) ?? null,
  },
  Zone: {
    __resolveReference: ({ id }) => ({ id }),
    async forecast({ id }, { metric, hours }, { forecasts }) {
      const profile = await forecasts.ofZone(id, metric, hours);
      return profile ? forecastView(metric, profile) : null;
    },
  },
  Forecast: { skill: ({ skill }) => skill ?? null },
  HeatMap: {
    unit: ({ metric }) => metricDefinition(metric).unit,
    at: ({ atMs }) => atMs,
  },
  Anomaly: { from: ({ fromMs }) => fromMs, to: ({ toMs }) => toMs ?? null },
  EnergyPlan: { issuedAt: ({ issuedAtMs }) => issuedAtMs },
  EnergySlot: {
    from: ({ fromMs }) => fromMs,
    to: ({ toMs }) => toMs,
    measurementInterval: ({ measurementIntervalMs }) => measurementIntervalMs,
    expectedHarvest: ({ expectedHarvestWh }) => expectedHarvestWh,
    expectedLoad: ({ expectedLoadWh }) => expectedLoadWh,
  },
} satisfies Resolvers;
