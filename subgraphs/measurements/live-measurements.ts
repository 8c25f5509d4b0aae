import { METRICS, type Metric, metricDefinition } from '@greencity/air/metric';
import { type Box, boxContains, boxFault, tilesOfBox } from '@greencity/air/place';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import { logStream, snapshotStream, type Told } from '@greencity/platform/graphql/log-stream';
import type { StreamEvent, StreamPart } from '@greencity/platform/graphql/port';
import { eachOf } from '@greencity/platform/graphql/told-each';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import {
  CITY_CHANNEL,
  deviceChannel,
  LIVE_TILE_ZOOMS,
  type LiveReading,
  tileChannel,
} from '@greencity/schema/events/channels';
import type { ProcessedReading } from '@greencity/schema/events/reading';
import type { Measurement } from './domain/measurement.ts';
import type { LatestReader } from './latest-reader.ts';

/** Readings that wait for one slow subscriber; beyond, the oldest are lost. */
const QUEUE_MAX = 1_000;
/** A box of more tiles is covered by wider ones. */
const TILES_MAX = 256;
const DEVICES_MAX = 1_000;
/** Values of one snapshot. */
const SNAPSHOT_VALUES_MAX = 50_000;

/** What a subscriber wants; everything given must hold. */
export interface LiveFilter {
  readonly within: Box | undefined;
  readonly metrics: readonly Metric[] | undefined;
  readonly deviceIds: readonly string[] | undefined;
}

type Events = AsyncIterableIterator<StreamEvent<Measurement>>;

/** Each value as it becomes visible to queries. */
export interface LiveMeasurements {
  /**
   * The live part never ends by itself, and `return()` takes effect at once. A snapshot is the newest value of each device and metric.
   * @throws AppError BAD_USER_INPUT for a box that is none or too many devices; TOO_COSTLY for a snapshot of too many values; BAD_CURSOR, CURSOR_EXPIRED
   */
  subscribe(filter: LiveFilter, part?: StreamPart): Promise<Events>;
}

export interface LiveMeasurementsOptions {
  readonly pubSub: PubSub;
  readonly directory: DeviceDirectory;
  readonly eventLog: EventLog;
  readonly latest: LatestReader;
}

/** Live measurements as told over pub/sub, and those before as the log and the store have them. */
export function createLiveMeasurements(options: LiveMeasurementsOptions): LiveMeasurements {
  const { pubSub, directory, eventLog } = options;
  const stream = logStream<ProcessedReading>({
    eventLog,
    topic: 'processed.measurements',
    mark: 'm',
    momentMs: (reading) => reading.receivedAtMs,
  });
  return {
    async subscribe(filter, part = { kind: 'live' }) {
      checkFilter(filter);
      const toldBy = teller(filter, directory);
      switch (part.kind) {
        case 'live': {
          const listen = () => pubSub.subscribe<LiveReading>(channelsOf(filter), { queueMax: QUEUE_MAX });
          const told = ({ offset, reading }: LiveReading) =>
            toldBy(reading).map(({ index, value }) => ({ value, cursor: stream.cursor(offset, reading, index) }));
          return await stream.live(() => eachOf(listen(), told), part);
        }
        case 'snapshot': {
          const cursor = await stream.endCursor();
          return snapshotStream(await newest(filter, options), cursor);
        }
        case 'after':
          return await stream.after(part.cursor, toldBy);
      }
    },
  };
}

/** What of a reading a filter lets pass. A device that moves is judged by where it is now. */
function teller({ within, ...filter }: LiveFilter, directory: DeviceDirectory) {
  const metrics = filter.metrics && new Set(filter.metrics);
  const deviceIds = filter.deviceIds && new Set(filter.deviceIds);
  const isWanted = (deviceId: string): boolean => {
    if (deviceIds && !deviceIds.has(deviceId)) return false;
    if (!within) return true;
    const device = directory.device(deviceId);
    return device !== undefined && boxContains(within, device);
  };
  return (reading: ProcessedReading) => (isWanted(reading.deviceId) ? measurementsOf(reading, metrics) : []);
}

/** The newest value of each device and metric that a filter names. */
async function newest(filter: LiveFilter, { directory, latest }: LiveMeasurementsOptions) {
  const { within, deviceIds, metrics = METRICS } = filter;
  const devices = deviceIds
    ? deviceIds.flatMap((deviceId) => directory.device(deviceId) ?? [])
    : [...directory.devices()];
  const wanted = devices.filter((device) => !device.retired && (!within || boxContains(within, device)));
  if (wanted.length * metrics.length > SNAPSHOT_VALUES_MAX) {
    const asked = `${wanted.length} devices and ${metrics.length} metrics`;
    throw new AppError(
      'TOO_COSTLY',
      `a snapshot of ${asked}, at most 50,000 values; ask for a smaller box or fewer metrics`,
    );
  }
  const ids = [...new Set(wanted.map(({ deviceId }) => deviceId))];
  return (await latest.ofDevices(ids)).flat().filter(({ metric }) => metrics.includes(metric));
}

function checkFilter({ within, deviceIds }: LiveFilter): void {
  const fault = within && boxFault(within);
  if (fault) throw new AppError('BAD_USER_INPUT', `within: ${fault}`);
  if (deviceIds && deviceIds.length > DEVICES_MAX)
    throw new AppError('BAD_USER_INPUT', 'deviceIds: at most 1,000; use `within` for more');
}

function channelsOf({ within, deviceIds }: LiveFilter): readonly string[] {
  if (deviceIds) return deviceIds.map(deviceChannel);
  if (!within) return [CITY_CHANNEL];
  for (const zoom of LIVE_TILE_ZOOMS) {
    const tiles = tilesOfBox(within, zoom, TILES_MAX);
    if (tiles) return tiles.map((tile) => tileChannel(zoom, tile));
  }
  return [CITY_CHANNEL];
}

/** The values of a processed reading, numbered by their place in METRICS, in that order. */
function measurementsOf(
  reading: ProcessedReading,
  metrics: ReadonlySet<Metric> | undefined,
): readonly Told<Measurement>[] {
  return METRICS.flatMap((metric, index) => {
    const { key } = metricDefinition(metric);
    const measured = reading.values[key];
    if (measured === undefined || (metrics && !metrics.has(metric))) return [];
    const { deviceId, timeMs } = reading;
    const corrected = reading.corrected?.[key] ?? Number.NaN;
    const flags = reading.flags?.[key] ?? 0;
    return { index, value: { deviceId, metric, value: measured, corrected, timeMs, flags } };
  });
}
