import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@greencity/platform/errors';
import type { Subject } from './announcer.ts';
import { publicPlace } from './domain/public-place.ts';
import { checkZone, OUTSIDE, type Zone } from './domain/zone.ts';
import { accepted, displacedDevices, type Registry, replaceDevices } from './registry.ts';

/** Changes of zones. Devices move to the zones that they lie in; zone and devices are stored, then told to the `devices` topic. */
export interface ZoneCommands {
  /** Makes or replaces a zone. @throws AppError BAD_USER_INPUT, TOO_COSTLY when there are too many */
  save(input: Zone): Promise<Zone>;
  /** @throws AppError NOT_FOUND; BAD_USER_INPUT for `outside` */
  delete(id: string): Promise<void>;
}

/** Zones that one city may have. */
export const ZONES_MAX = 2_000;

/** Commands on this registry. */
export function createZoneCommands(registry: Registry): ZoneCommands {
  const { announcer, inTurn, store, zones } = registry;

  /** Moves devices to where they lie now and tells of the zone first, so that nobody hears of a zone's device before the zone. */
  async function moveAndTell(zoneId: string): Promise<void> {
    const displaced = displacedDevices(
      registry,
      (device) => device.zoneId === zoneId || zones.mayHold(zoneId, publicPlace(device)),
    );
    await replaceDevices(registry, displaced);
    const moved = displaced.map(({ id }): Subject => ({ kind: 'device', id }));
    await announcer.announce([{ kind: 'zone', id: zoneId }, ...moved]);
  }

  return {
    async save(input) {
      const zone = accepted(checkZone(input));
      await inTurn(async () => {
        if (isDeepStrictEqual(zones.get(zone.id), zone)) return;
        if (zones.size >= ZONES_MAX && !zones.get(zone.id))
          throw new AppError('TOO_COSTLY', `at most ${ZONES_MAX} zones`);
        await store.zones.putMany([{ id: zone.id, document: zone }]);
        zones.put(zone);
        await moveAndTell(zone.id);
      });
      return zone;
    },
    async delete(id) {
      if (id === OUTSIDE.id) throw new AppError('BAD_USER_INPUT', `id: the zone \`${id}\` cannot be removed`);
      await inTurn(async () => {
        if (!zones.get(id)) throw new AppError('NOT_FOUND', `zone ${id}`);
        await store.zones.delete(id);
        zones.remove(id);
        await moveAndTell(id);
      });
    },
  };
}
