import type { Clock } from '@greencity/platform/clock/port';
import type { Collection } from '@greencity/platform/documents/port';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
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
import { createStatusTeller, type StatusTeller } from './status-teller.ts';
import { everyStored } from './store/collections.ts';
import { createWriteBehind } from './store/write-behind.ts';

/** What devices' messages tell of them: kept in memory at the rate of readings, written behind by `flush`. */
export interface ActivityBook {
  /** A device with its status of now. */
  now(device: Device): DeviceNow;
  statusOf(device: Device): DeviceStatus;
  /** A reading. Told in any order and twice, it comes to the same. Unknown devices are passed over. */
  reading(deviceId: string, timeMs: number, receivedAtMs: number): void;
  /** What a device or its last will said. */
  report(deviceId: string, report: Parameters<typeof afterReport>[1]): void;
  /** Tells of a device that was just retired. */
  retired(deviceId: string): void;
  /** Tells of every device whose status the passing of time has changed. */
  sweep(): void;
  /** Tells the log again what it could not take. */
  settle(): Promise<void>;
  /** Writes what changed since the last flush. Resolves when everything told before the call is durable. */
  flush(): Promise<void>;
}

export interface ActivityOptions {
  readonly collection: Collection<Activity>;
  readonly roster: Roster;
  readonly eventLog: EventLog;
  readonly pubSub: PubSub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

interface Entry {
  activity: Activity;
  /** As last told. */
  status: DeviceStatus;
  /** No status change by time alone before this moment. May lie too early, never too late. */
  dueMs: number;
}

/**
 * Opens the book with what was written before. Changes that happened meanwhile are told by the first sweep; after a crash, one that was told
 * shortly before may be told again.
 */
export async function openActivityBook(options: ActivityOptions): Promise<ActivityBook> {
  const { collection, roster, clock, eventLog, pubSub, log } = options;
  const entries = new Map<string, Entry>();
  const writeBehind = createWriteBehind(collection, (deviceId) => entries.get(deviceId)?.activity);
  for (const { id, document } of await everyStored(collection)) {
    const device = roster.get(id);
    if (!device) continue;
    const now = standing(document, device, clock.nowMs());
    const { told = now.status } = document;
    entries.set(id, { activity: document, status: told, dueMs: told === now.status ? now.dueMs : 0 });
  }
  const teller = createStatusTeller({
    eventLog,
    pubSub,
    log,
    onDurable({ deviceId, status }) {
      const found = entries.get(deviceId);
      if (!found) return;
      found.activity = { ...found.activity, told: status };
      writeBehind.touch(deviceId);
    },
  });
  const settle = createSettle(options, teller);

  function entry(deviceId: string): Entry | undefined {
    const known = entries.get(deviceId);
    if (known) return known;
    const device = roster.get(deviceId);
    if (!device) return undefined;
    const made = { activity: SILENT, ...standing(SILENT, device, clock.nowMs()) };
    entries.set(deviceId, made);
    return made;
  }

  const activityOf = (device: Device): Activity => entries.get(device.id)?.activity ?? SILENT;
  const statusNow = (device: Device) => statusOf(activityOf(device), device.retiredAtMs !== null, clock.nowMs());

  return {
    now(device) {
      const { lastSeenMs, firmware } = activityOf(device);
      return { ...device, status: statusNow(device), lastSeenAtMs: lastSeenMs, firmware };
    },
    statusOf: statusNow,
    reading(deviceId, timeMs, receivedAtMs) {
      const found = entry(deviceId);
      if (!found) return;
      found.activity = afterReading(found.activity, timeMs, receivedAtMs);
      writeBehind.touch(deviceId);
      // A reading never ends ONLINE, and this is called for every reading of the city.
      if (found.status !== 'ONLINE') settle(deviceId, found);
    },
    report(deviceId, report) {
      const found = entry(deviceId);
      if (!found) return;
      found.activity = afterReport(found.activity, report);
      writeBehind.touch(deviceId);
      settle(deviceId, found);
    },
    retired(deviceId) {
      // A device that was never heard of has no entry: it was NEW.
      const found = entries.get(deviceId) ?? { activity: SILENT, status: 'NEW', dueMs: Number.POSITIVE_INFINITY };
      entries.set(deviceId, found);
      settle(deviceId, found);
    },
    sweep() {
      const nowMs = clock.nowMs();
      for (const [deviceId, found] of entries) if (found.dueMs <= nowMs) settle(deviceId, found);
    },
    settle: () => teller.settle(),
    async flush() {
      await teller.settle();
      await writeBehind.flush();
    },
  };
}

function standing(activity: Activity, device: Device, nowMs: number): Pick<Entry, 'status' | 'dueMs'> {
  const isRetired = device.retiredAtMs !== null;
  return { status: statusOf(activity, isRetired, nowMs), dueMs: nextChangeMs(activity, isRetired, nowMs) };
}

/** Brings an entry to the status of now, and tells of the device when that is another one. */
function createSettle(
  { roster, clock, metrics }: ActivityOptions,
  teller: StatusTeller,
): (deviceId: string, entry: Entry) => void {
  const changes = metrics.counter('device_status_changes_total', 'Changes of device status that were told.');
  return (deviceId, entry) => {
    const device = roster.get(deviceId);
    if (!device) return;
    const { status, dueMs } = standing(entry.activity, device, clock.nowMs());
    entry.dueMs = dueMs;
    if (entry.status === status) return;
    entry.status = status;
    changes.add();
    const lastSeenAtMs = entry.activity.lastSeenMs;
    teller.tell({ v: 1, deviceId, status, lastSeenAtMs, changedAtMs: clock.nowMs() });
  };
}
