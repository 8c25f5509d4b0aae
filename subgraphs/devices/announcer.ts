import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@greencity/platform/clock/port';
import { openDeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { DeviceChanged, ZoneChanged } from '@greencity/schema/events/device';
import { type Device, validSecrets } from './domain/device.ts';
import { publicPlace } from './domain/public-place.ts';
import type { Roster } from './domain/roster.ts';
import type { Zone } from './domain/zone.ts';
import type { ZoneMap } from './domain/zone-map.ts';

/** What the `devices` topic is told about. */
export type Subject = { readonly kind: 'device'; readonly id: string } | { readonly kind: 'zone'; readonly id: string };

/** Tells the `devices` topic how devices and zones stand. */
export interface Announcer {
  /**
   * Appends the present state of each subject, in this order; calls keep their order in the log. What could not be appended is owed, and told by `settle`.
   * @throws AppError LOG_UNWRITABLE, LOG_FULL
   */
  announce(subjects: readonly Subject[]): Promise<void>;
  /** Tells what is owed. */
  settle(): Promise<void>;
  /** Compares the topic with the documents and tells what differs: the way back after a crash between a document and its event. Resolves to how many differed. */
  repair(): Promise<number>;
}

export interface AnnouncerOptions {
  readonly eventLog: EventLog;
  readonly roster: Roster;
  readonly zones: ZoneMap;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Records of one append. */
const APPEND_RECORDS_MAX = 1_000;

/** An announcer of these devices and zones. */
export function createAnnouncer({ eventLog, roster, zones, clock, log }: AnnouncerOptions): Announcer {
  const owed = new Map<string, Subject>();

  function eventOf(subject: Subject): DeviceChanged | ZoneChanged | undefined {
    if (subject.kind === 'zone') return zoneChanged(subject.id, zones.get(subject.id));
    const device = roster.get(subject.id);
    return device && deviceChanged(device, clock.nowMs());
  }

  async function append(events: readonly (DeviceChanged | ZoneChanged)[]): Promise<void> {
    const records = events.map((event) => ({ key: keyOf(event), value: JSON.stringify(event) }));
    const appended: Promise<number>[] = [];
    for (let start = 0; start < records.length; start += APPEND_RECORDS_MAX) {
      appended.push(eventLog.append('devices', records.slice(start, start + APPEND_RECORDS_MAX)));
    }
    await Promise.all(appended);
  }

  async function announce(subjects: readonly Subject[]): Promise<void> {
    try {
      await append(subjects.map(eventOf).filter((event) => event !== undefined));
    } catch (cause) {
      for (const subject of subjects) owed.set(`${subject.kind}:${subject.id}`, subject);
      throw cause;
    }
  }

  return {
    announce,
    async settle() {
      if (owed.size === 0) return;
      const subjects = [...owed.values()];
      owed.clear();
      await announce(subjects);
      log.info({ subjects: subjects.length }, 'changes that the log could not take were told');
    },
    async repair() {
      await using known = await openDeviceDirectory(eventLog, log);
      const differing: (DeviceChanged | ZoneChanged)[] = [];
      for (const zone of zones.all()) {
        const event = zoneChanged(zone.id, zone);
        if (!isDeepStrictEqual(known.zone(zone.id), event)) differing.push(event);
      }
      for (const device of roster.all()) {
        const event = deviceChanged(device, clock.nowMs());
        if (!isDeepStrictEqual(known.device(device.id), event)) differing.push(event);
      }
      for (const zone of known.zones())
        if (!zones.get(zone.zoneId)) differing.push(zoneChanged(zone.zoneId, undefined));
      for (const device of known.devices()) {
        if (!roster.get(device.deviceId) && !device.retired)
          differing.push({ ...device, retired: true, secretHashes: [] });
      }
      await append(differing);
      if (differing.length > 0)
        log.info({ differing: differing.length }, 'the devices topic was brought up to the documents');
      return differing.length;
    },
  };
}

function keyOf(event: DeviceChanged | ZoneChanged): string {
  return event.kind === 'device' ? event.deviceId : `zone:${event.zoneId}`;
}

function deviceChanged(device: Device, nowMs: number): DeviceChanged {
  return {
    v: 1,
    kind: 'device',
    deviceId: device.id,
    name: device.name,
    // What leaves this subgraph is public, and so is all that others make of it: boxes, distances, tiles, heat maps.
    ...publicPlace(device),
    zoneId: device.zoneId,
    environment: device.environment,
    retired: device.retiredAtMs !== null,
    secretHashes: validSecrets(device, nowMs).map((secret) => secret.hash),
  };
}

function zoneChanged(zoneId: string, zone: Zone | undefined): ZoneChanged {
  return {
    v: 1,
    kind: 'zone',
    zoneId,
    name: zone?.name ?? '',
    region: zone?.region ?? '',
    deleted: zone === undefined,
  };
}
