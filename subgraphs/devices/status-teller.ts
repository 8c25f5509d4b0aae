import type { EventLog } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { DEVICE_STATUS_CHANNEL, type LiveDeviceStatus } from '@greencity/schema/events/channels';
import type { DeviceStatusChanged } from '@greencity/schema/events/device';

/**
 * Brings changes of status into the `device.status.changes` topic, in order, and then to whoever listens. While the log takes nothing, who listens
 * is told all the same, without a place in the log; the newest change of each such device is appended as soon as it can be.
 */
export interface StatusTeller {
  tell(change: DeviceStatusChanged): void;
  /** Tries again what the log could not take. Resolves when everything told before the call is in the log, or was refused by it. */
  settle(): Promise<void>;
}

export interface StatusTellerOptions {
  readonly eventLog: EventLog;
  readonly pubSub: PubSub;
  readonly log: Logger;
  /** A change is in the log. */
  readonly onDurable: (change: DeviceStatusChanged) => void;
}

/** Records of one append. */
const APPEND_RECORDS_MAX = 1_000;

/** A teller that starts with nothing to tell. */
export function createStatusTeller({ eventLog, pubSub, log, onDurable }: StatusTellerOptions): StatusTeller {
  const waiting: DeviceStatusChanged[] = [];
  /** Told live, and not in the log. */
  const owed = new Map<string, DeviceStatusChanged>();
  let working: Promise<void> | undefined;

  const publish = (message: LiveDeviceStatus) => pubSub.publish(DEVICE_STATUS_CHANNEL, message);

  async function append(changes: readonly DeviceStatusChanged[]): Promise<void> {
    const late = [...owed.values()];
    const all = [...late, ...changes];
    try {
      const records = all.map((change) => ({ key: change.deviceId, value: JSON.stringify(change) }));
      const firstOffset = await eventLog.append('device.status.changes', records);
      owed.clear();
      all.forEach((change, place) => {
        onDurable(change);
        if (place >= late.length) publish({ change, offset: firstOffset + place });
      });
    } catch (error) {
      log.warn({ error, changes: all.length }, 'changes of status are not in the log yet and are told later');
      for (const change of changes) {
        owed.delete(change.deviceId);
        owed.set(change.deviceId, change);
        publish({ change });
      }
    }
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) await append(waiting.splice(0, APPEND_RECORDS_MAX));
  }

  function start(first: () => Promise<void>): Promise<void> {
    working ??= first().finally(() => {
      working = undefined;
    });
    return working;
  }

  return {
    tell(change) {
      waiting.push(change);
      void start(work);
    },
    async settle() {
      // Whoever told something meanwhile started anew.
      for (let current = working; current !== undefined; current = working) await current;
      if (owed.size > 0) await start(() => append([]));
    },
  };
}
