import { metricDefinition } from '@greencity/air/metric';
import { flagNames, qualityOf } from '@greencity/air/quality';
import { audited } from '@greencity/platform/audit-log/audited';
import type { StreamEvent } from '@greencity/platform/graphql/port';
import { SCALARS } from '@greencity/platform/graphql/scalars';
import { correctedValue, correctionOf, type Measurement } from './domain/measurement.ts';
import type { DeviceSeriesArgs, MutationResolvers, Resolvers } from './generated/schema.ts';
import type { SeriesQuestion } from './series-reader.ts';

type SeriesArgs = Required<Pick<DeviceSeriesArgs, 'metric' | 'from' | 'to' | 'statistic' | 'quality'>>;

function seriesQuestion({ metric, from, to, statistic, quality }: SeriesArgs): SeriesQuestion {
  return { metric, fromMs: from, toMs: to, statistic, quality };
}

/** Resolvers of this subgraph. Who may call which stands in the schema and is held in front of them. */
export const resolvers = {
  ...SCALARS,
  Query: {
    latestMeasurements: (_, { within, metric }, { latest }) => latest.within(within, metric),
    deadLetters(_, { first, reason }, { deadLetters }) {
      return deadLetters.newest(first, reason ?? undefined);
    },
  },
  Mutation: audited({
    addMeasurements(_, { input }, { addMeasurements }) {
      return addMeasurements(input);
    },
    replayDeadLetters(_, { offsets }, { deadLetters }) {
      return deadLetters.replay(offsets);
    },
  } satisfies MutationResolvers),
  Subscription: {
    measurementReceived: {
      subscribe: (_, { within, metrics, deviceIds }, { live, part }) =>
        live.subscribe(
          { within: within ?? undefined, metrics: metrics ?? undefined, deviceIds: deviceIds ?? undefined },
          part,
        ),
      resolve: ({ value }: StreamEvent<Measurement>) => value,
    },
  },
  Measurement: {
    unit: ({ metric }) => metricDefinition(metric).unit,
    time: ({ timeMs }) => timeMs,
    quality: ({ flags }) => qualityOf(flags),
    flags: ({ flags }) => flagNames(flags),
    correctedValue,
    correction: correctionOf,
    device: ({ deviceId }) => ({ id: deviceId }),
  },
  AirQuality: {
    time: ({ timeMs }) => timeMs,
    averaging: ({ averagingMs }) => averagingMs,
  },
  DeadLetter: {
    offset: ({ offset }) => String(offset),
    receivedAt: ({ letter }) => letter.receivedAtMs,
    deviceId: ({ letter }) => letter.deviceId ?? null,
    reason: ({ letter }) => letter.reason,
    detail: ({ letter }) => letter.detail,
    payload: ({ letter }) => letter.payload,
  },
  // Whether a device or zone exists is for its own subgraph to say: here an unknown one has measured nothing.
  Device: {
    __resolveReference: ({ id }) => ({ id }),
    latest: ({ id }, _, { loaders }) => loaders.latest(id),
    airQuality: async ({ id }, { standard, at }, { loaders }) =>
      (await loaders.deviceAirQuality({ standard, atMs: at ?? undefined }, id)) ?? null,
    series: ({ id }, { interval, ...args }, { series }) =>
      interval == null ? series.raw(id, seriesQuestion(args)) : series.ofDevice(id, seriesQuestion(args), interval),
  },
  Zone: {
    __resolveReference: ({ id }) => ({ id }),
    airQuality: async ({ id }, { standard, at }, { loaders }) =>
      (await loaders.zoneAirQuality({ standard, atMs: at ?? undefined }, id)) ?? null,
    series: ({ id }, { interval, ...args }, { series }) => series.ofZone(id, seriesQuestion(args), interval),
  },
} satisfies Resolvers;
