import { distanceM, type Place } from '@greencity/air/place';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import { logStream, snapshotStream } from '@greencity/platform/graphql/log-stream';
import type { StreamEvent, StreamPart } from '@greencity/platform/graphql/port';
import { eachOf } from '@greencity/platform/graphql/told-each';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { DEVICE_STATUS_CHANNEL, type LiveDeviceStatus } from '@greencity/schema/events/channels';
import type { DeviceStatusChanged } from '@greencity/schema/events/device';
import type { ActivityBook } from './activity.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { DeviceNow } from './domain/device.ts';
import { checkFilter, type FilterInput, NEAREST_MAX, PAGE_MAX } from './domain/device-filter.ts';
import { publicPlace } from './domain/public-place.ts';
import type { Roster } from './domain/roster.ts';
import { OUTSIDE, type Zone } from './domain/zone.ts';
import type { ZoneMap } from './domain/zone-map.ts';
import { accepted } from './registry.ts';

export interface DevicePageNow {
  readonly nodes: readonly DeviceNow[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface NearbyDevice {
  /** Metres along the great circle. */
  readonly distance: number;
  readonly device: DeviceNow;
}

/** The questions that clients ask about devices and zones. All are answered from memory. */
export interface Queries {
  device(id: string): DeviceNow | undefined;
  /** @throws AppError NOT_FOUND */
  existingDevice(id: string): DeviceNow;
  /** @throws AppError BAD_USER_INPUT, BAD_CURSOR; TOO_COSTLY beyond 200 a page */
  devices(filter: FilterInput, first: number, after: string | undefined): DevicePageNow;
  /** @throws AppError BAD_USER_INPUT; TOO_COSTLY beyond 100 */
  nearest(place: Place, first: number): readonly NearbyDevice[];
  /** By name. */
  ownedBy(userId: string): readonly DeviceNow[];
  zone(id: string): Zone | undefined;
  zones(): readonly Zone[];
  zoneOf(device: { readonly zoneId: string }): Zone;
  /** Devices of a zone that are not retired. */
  deviceCount(zoneId: string): number;
  /**
   * Each change of a device's status. A subscriber that does not keep up loses the oldest. A snapshot is every device that is not retired.
   * @throws AppError BAD_CURSOR, CURSOR_EXPIRED
   */
  statusChanges(part?: StreamPart): Promise<AsyncIterableIterator<StreamEvent<DeviceStatusChanged>>>;
  /** The device with the status that it had come to. @throws AppError NOT_FOUND */
  deviceAt(change: DeviceStatusChanged): DeviceNow;
}

export interface QueriesOptions {
  readonly roster: Roster;
  readonly zones: ZoneMap;
  readonly book: ActivityBook;
  readonly pubSub: PubSub;
  readonly eventLog: EventLog;
  readonly clock: Clock;
}

/** Changes that wait for one slow subscriber. */
const QUEUE_MAX = 1_000;

/** Queries over this registry. */
export function createQueries(options: QueriesOptions): Queries {
  const { roster, zones, book } = options;
  function device(id: string): DeviceNow | undefined {
    const found = roster.get(id);
    return found && book.now(found);
  }

  function existingDevice(id: string): DeviceNow {
    const found = device(id);
    if (!found) throw new AppError('NOT_FOUND', `device ${id}`);
    return found;
  }

  return {
    device,
    existingDevice,
    deviceAt: ({ deviceId, status, lastSeenAtMs }) => ({ ...existingDevice(deviceId), status, lastSeenAtMs }),
    devices(filter, first, after) {
      checkFirst(first, PAGE_MAX);
      const page = roster.page({
        filter: accepted(checkFilter(filter)),
        first,
        after: after === undefined ? null : decodeCursor(after),
        statusOf: (found) => book.statusOf(found),
      });
      const endCursor = page.end && encodeCursor(page.end);
      return {
        nodes: page.devices.map((found) => book.now(found)),
        totalCount: page.totalCount,
        pageInfo: { hasNextPage: page.hasNextPage, endCursor },
      };
    },
    nearest(place, first) {
      checkFirst(first, NEAREST_MAX);
      if (!(Math.abs(place.latitude) <= 90)) throw new AppError('BAD_USER_INPUT', 'latitude: must be -90 to 90');
      if (!(Math.abs(place.longitude) <= 180)) throw new AppError('BAD_USER_INPUT', 'longitude: must be -180 to 180');
      return roster
        .nearest(place, first)
        .map((near) => ({ distance: distanceM(place, publicPlace(near)), device: book.now(near) }));
    },
    ownedBy: (userId) =>
      [...roster.all()]
        .filter((found) => found.ownerId === userId)
        .sort((one, other) => (one.name < other.name ? -1 : 1))
        .map((found) => book.now(found)),
    zone: (id) => zones.get(id),
    zones: () => zones.all(),
    zoneOf: (device) => zones.get(device.zoneId) ?? OUTSIDE,
    deviceCount: (zoneId) => roster.countInZone(zoneId),
    statusChanges: createStatusChanges(options),
  };
}

function createStatusChanges({ eventLog, pubSub, roster, book, clock }: QueriesOptions): Queries['statusChanges'] {
  const stream = logStream<DeviceStatusChanged>({
    eventLog,
    topic: 'device.status.changes',
    mark: 'd',
    momentMs: (change) => change.changedAtMs,
  });
  const presentState = (): readonly DeviceStatusChanged[] =>
    [...roster.all()].flatMap((found) => {
      const { id, status, lastSeenAtMs } = book.now(found);
      return status === 'RETIRED' ? [] : { v: 1, deviceId: id, status, lastSeenAtMs, changedAtMs: clock.nowMs() };
    });
  return async (part = { kind: 'live' }) => {
    switch (part.kind) {
      case 'live': {
        const listen = () => pubSub.subscribe<LiveDeviceStatus>([DEVICE_STATUS_CHANNEL], { queueMax: QUEUE_MAX });
        const told = ({ change, offset }: LiveDeviceStatus) => [
          { value: change, cursor: offset === undefined ? undefined : stream.cursor(offset, change) },
        ];
        return await stream.live(() => eachOf(listen(), told), part);
      }
      case 'snapshot': {
        const cursor = await stream.endCursor();
        return snapshotStream(presentState(), cursor);
      }
      case 'after':
        return await stream.after(part.cursor, (value) => [{ index: 0, value }]);
    }
  };
}

function checkFirst(first: number, max: number): void {
  if (first < 1) throw new AppError('BAD_USER_INPUT', `first: must be 1 to ${max}`);
  if (first > max) throw new AppError('TOO_COSTLY', `first: at most ${max}`);
}
