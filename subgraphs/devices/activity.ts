import type { Clock } from '@greencity/platform/clock/port';
import type { Collection } from '@greencity/platform/documents/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { DEVICE_STATUS_CHANNEL } from '@greencity/schema/events/channels';
import type { Device, DeviceNow } from './domain/device.ts';
import type { Roster } from './domain/roster.ts';
import {
  type Activity,
  afterReading,
  afterReport,
  type DeviceStatus,
  nextChangeMs,
  SILENT,
  statusOf,
} from './domain/status.ts';
import { everyStored } from './store/collections.ts';

/** What devices' messages tell of them: kept in memory at the rate of readings, written behind by `flush`. */
export interface ActivityBook {
  /** A device with its status of now. */
  now(device: Device): DeviceNow;
  statusOf(device: Device): DeviceStatus;
  /** A reading. Told in any order and twice, it comes to the same. Unknown devices are passed over. */
  reading(deviceId: string, timeMs: number, receivedAtMs: number): void;
  /** What a device or its last will said. */
  report(deviceId: string, report: Parameters<typeof afterReport>[1]): void;
  /** Publishes the device if its status is not the one that was published last. */
  refresh(deviceId: string): void;
  /** Publishes every device whose status the passing of time has changed. */
  sweep(): void;
  /** Writes what changed since the last flush. Resolves when everything told before the call is durable. */
  flush(): Promise<void>;
}

export interface ActivityOptions {
  readonly collection: Collection<Activity>;
  readonly roster: Roster;
  readonly pubSub: PubSub;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface Entry {
  activity: Activity;
  /** As last published. */
  status: DeviceStatus;
  /** No status change by time alone before this moment. May lie too early, never too late. */
  dueMs: number;
}

/** Documents of one durable step: small enough not to hold the event loop up. */
const STEP_DOCUMENTS = 500;

/** Opens the book with what was written before. Changes that happened meanwhile are not published. */
export async function openActivityBook(options: ActivityOptions): Promise<ActivityBook> {
  const { collection, roster, pubSub, clock, metrics } = options;
  const entries = new Map<string, Entry>();
  let unwritten = new Map<string, Entry>();
  let writing: Promise<void> = Promise.resolve();
  const changes = metrics.counter(
    'greencity_device_status_changes_total',
    'Changes of device status that were published.',
  );

  for (const { id, document } of await everyStored(collection)) {
    const device = roster.get(id);
    if (device) entries.set(id, entryOf(document, device));
  }

  function entryOf(activity: Activity, device: Device): Entry {
    const nowMs = clock.nowMs();
    const isRetired = device.retiredAtMs !== null;
    return { activity, status: statusOf(activity, isRetired, nowMs), dueMs: nextChangeMs(activity, isRetired, nowMs) };
  }

  function entry(deviceId: string): Entry | undefined {
    const known = entries.get(deviceId);
    if (known) return known;
    const device = roster.get(deviceId);
    if (!device) return undefined;
    const made = entryOf(SILENT, device);
    entries.set(deviceId, made);
    return made;
  }

  function statusNow(device: Device): DeviceStatus {
    return statusOf(entries.get(device.id)?.activity ?? SILENT, device.retiredAtMs !== null, clock.nowMs());
  }

  function settle(deviceId: string, found: Entry): void {
    const device = roster.get(deviceId);
    if (!device) return;
    const { status, dueMs } = entryOf(found.activity, device);
    found.dueMs = dueMs;
    if (found.status === status) return;
    found.status = status;
    changes.add();
    pubSub.publish(DEVICE_STATUS_CHANNEL, { deviceId });
  }

  async function write(): Promise<void> {
    const step = [...unwritten];
    unwritten = new Map();
    try {
      while (step.length > 0) {
        const documents = step.slice(-STEP_DOCUMENTS).map(([id, { activity }]) => ({ id, document: activity }));
        await collection.putMany(documents);
        step.length -= documents.length;
      }
    } catch (cause) {
      for (const [id, found] of step) unwritten.set(id, found);
      throw cause;
    }
  }

  return {
    now(device) {
      const { lastSeenMs, firmware } = entries.get(device.id)?.activity ?? SILENT;
      return { ...device, status: statusNow(device), lastSeenAtMs: lastSeenMs, firmware };
    },
    statusOf: statusNow,
    reading(deviceId, timeMs, receivedAtMs) {
      const found = entry(deviceId);
      if (!found) return;
      found.activity = afterReading(found.activity, timeMs, receivedAtMs);
      unwritten.set(deviceId, found);
      // A reading never ends ONLINE, and this is called for every reading of the city.
      if (found.status !== 'ONLINE') settle(deviceId, found);
    },
    report(deviceId, report) {
      const found = entry(deviceId);
      if (!found) return;
      found.activity = afterReport(found.activity, report);
      unwritten.set(deviceId, found);
      settle(deviceId, found);
    },
    refresh(deviceId) {
      const found = entry(deviceId);
      if (found) settle(deviceId, found);
    },
    sweep() {
      const nowMs = clock.nowMs();
      for (const [deviceId, found] of entries) if (found.dueMs <= nowMs) settle(deviceId, found);
    },
    flush() {
      // One behind the other: a caller commits its offset only when an earlier write of its readings has ended as well.
      const mine = writing.then(write);
      writing = mine.catch(() => undefined);
      return mine;
    },
  };
}
