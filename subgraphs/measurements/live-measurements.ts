import { METRICS, type Metric, metricDefinition } from '@greencity/air/metric';
import { type Box, boxContains, boxFault, tilesOfBox } from '@greencity/air/place';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { PubSub, Subscription } from '@greencity/platform/pub-sub/port';
import {
  CITY_CHANNEL,
  deviceChannel,
  LIVE_TILE_ZOOM,
  type LiveReading,
  tileChannel,
} from '@greencity/schema/events/channels';
import type { Measurement } from './domain/measurement.ts';

/** Readings that wait for one slow subscriber; beyond, the oldest are lost. */
const QUEUE_MAX = 1_000;
/** A box of more tiles hears the whole city and picks out its own. */
const TILES_MAX = 256;
const DEVICES_MAX = 1_000;

/** What a subscriber wants; everything given must hold. */
export interface LiveFilter {
  readonly within: Box | undefined;
  readonly metrics: readonly Metric[] | undefined;
  readonly deviceIds: readonly string[] | undefined;
}

/** Each value as it becomes visible to queries. */
export interface LiveMeasurements {
  /** Never ends by itself; `return()` takes effect at once. @throws AppError BAD_USER_INPUT for a box that is none or too many devices */
  subscribe(filter: LiveFilter): AsyncIterableIterator<Measurement>;
}

/** Live measurements as told over pub/sub. */
export function createLiveMeasurements(pubSub: PubSub, directory: DeviceDirectory): LiveMeasurements {
  /** A device that moves is judged by where it is now. */
  function isWithin(box: Box | undefined, deviceId: string): boolean {
    if (!box) return true;
    const device = directory.device(deviceId);
    return device !== undefined && boxContains(box, device);
  }

  return {
    subscribe(filter) {
      checkFilter(filter);
      const metrics = filter.metrics && new Set(filter.metrics);
      const readings = pubSub.subscribe<LiveReading>(channelsOf(filter), { queueMax: QUEUE_MAX });
      return eachOf(readings, (reading) =>
        isWithin(filter.within, reading.deviceId) ? measurementsOf(reading, metrics) : [],
      );
    },
  };
}

function checkFilter({ within, deviceIds }: LiveFilter): void {
  const fault = within && boxFault(within);
  if (fault) throw new AppError('BAD_USER_INPUT', `within: ${fault}`);
  if (deviceIds && deviceIds.length > DEVICES_MAX)
    throw new AppError('BAD_USER_INPUT', 'deviceIds: at most 1,000; use `within` for more');
}

function channelsOf({ within, deviceIds }: LiveFilter): readonly string[] {
  if (deviceIds) return deviceIds.map(deviceChannel);
  const tiles = within && tilesOfBox(within, LIVE_TILE_ZOOM, TILES_MAX);
  return tiles ? tiles.map(tileChannel) : [CITY_CHANNEL];
}

/** The values of a processed reading, in the order of METRICS. */
function measurementsOf(reading: LiveReading, metrics: ReadonlySet<Metric> | undefined): readonly Measurement[] {
  return METRICS.flatMap((metric) => {
    const { key } = metricDefinition(metric);
    const value = reading.values[key];
    if (value === undefined || (metrics && !metrics.has(metric))) return [];
    const corrected = reading.corrected?.[key] ?? Number.NaN;
    return {
      deviceId: reading.deviceId,
      metric,
      value,
      corrected,
      timeMs: reading.timeMs,
      flags: reading.flags?.[key] ?? 0,
    };
  });
}

/**
 * Gives each of the things that a message holds. Not a generator: its `return()` would wait behind a `next()` that waits for a message,
 * and the subscription of a client that has left would stay.
 */
function eachOf<M, T>(messages: Subscription<M>, thingsIn: (message: M) => readonly T[]): AsyncIterableIterator<T> {
  let waiting: readonly T[] = [];
  let given = 0;

  async function next(): Promise<IteratorResult<T>> {
    while (given >= waiting.length) {
      const message = await messages.next();
      if (message.done) return { value: undefined, done: true };
      // Another call of `next` may have come first; what it left is given before this.
      waiting = [...waiting.slice(given), ...thingsIn(message.value)];
      given = 0;
    }
    return { value: waiting[given++] as T, done: false };
  }

  const iterator: AsyncIterableIterator<T> = {
    next,
    async return() {
      waiting = [];
      given = 0;
      await messages.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
