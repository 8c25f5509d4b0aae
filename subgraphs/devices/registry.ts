import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import type { Announcer } from './announcer.ts';
import type { Device } from './domain/device.ts';
import type { Checked } from './domain/fault.ts';
import { publicPlace } from './domain/public-place.ts';
import type { Roster } from './domain/roster.ts';
import type { ZoneMap } from './domain/zone-map.ts';
import type { InTurn } from './in-turn.ts';
import type { Store } from './store/collections.ts';

/** What the commands work on: documents, their picture in memory, and the way to tell others. Written by one process only. */
export interface Registry {
  readonly store: Pick<Store, 'devices' | 'zones'>;
  readonly roster: Roster;
  readonly zones: ZoneMap;
  readonly announcer: Announcer;
  /** Every change goes through here, so that a device is never placed by zones that change meanwhile. */
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Documents of one durable step: small enough not to hold the event loop up. */
const STEP_DOCUMENTS = 500;

/** What a checked input says. @throws AppError BAD_USER_INPUT that lists every fault. */
export function accepted<T>(checked: Checked<T>): T {
  if (checked.kind === 'accepted') return checked.value;
  throw new AppError('BAD_USER_INPUT', checked.faults.map(({ path, reason }) => `${path}: ${reason}`).join('; '));
}

/** Stores a changed device over the one before, and shows it. */
export async function replaceDevice({ store, roster }: Registry, device: Device): Promise<void> {
  const stored = await store.devices.get(device.id);
  if (!stored) throw new AppError('NOT_FOUND', `device ${device.id}`);
  await store.devices.replace(device.id, stored.version, device);
  roster.put(device);
}

/** Stores many changed devices and shows them, some hundred at a time. */
export async function replaceDevices({ store, roster }: Registry, devices: readonly Device[]): Promise<void> {
  for (let start = 0; start < devices.length; start += STEP_DOCUMENTS) {
    const step = devices.slice(start, start + STEP_DOCUMENTS);
    await store.devices.putMany(step.map((device) => ({ id: device.id, document: device })));
    for (const device of step) roster.put(device);
  }
}

/** Devices whose zone is not the one that they lie in, as they should be. Looks at those only that `suspected` names. */
export function displacedDevices(
  { roster, zones }: Registry,
  suspected: (device: Device) => boolean = () => true,
): readonly Device[] {
  const displaced: Device[] = [];
  for (const device of roster.all()) {
    if (!suspected(device)) continue;
    const zoneId = zones.zoneIdAt(publicPlace(device));
    if (zoneId !== device.zoneId) displaced.push({ ...device, zoneId });
  }
  return displaced;
}
