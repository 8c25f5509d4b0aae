import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import type { DeviceChanged } from '@greencity/schema/events/device';
import { type Surroundings, surroundingsOf } from './domain/surroundings.ts';

/** The devices that measure the city's air, as the directory knows them now. */
export interface Neighbourhood extends Disposable {
  neighboursOf(deviceId: string): readonly string[];
  /** Outdoors and not retired. */
  outdoorDevices(): readonly DeviceChanged[];
  /** Those of a zone, by id. */
  outdoorInZone(zoneId: string): readonly string[];
}

function measuresAir({ environment, retired }: DeviceChanged): boolean {
  return environment === 'OUTDOOR' && !retired;
}

/** Follows the directory: neighbours are looked up anew after a device has changed. */
export function followNeighbourhood(directory: DeviceDirectory): Neighbourhood {
  let surroundings: Surroundings | undefined;
  const outdoorDevices = () => [...directory.devices()].filter(measuresAir);
  const following = directory.onDevice(() => {
    surroundings = undefined;
  });
  return {
    neighboursOf(deviceId) {
      surroundings ??= surroundingsOf(outdoorDevices());
      return surroundings.neighboursOf(deviceId);
    },
    outdoorDevices,
    outdoorInZone: (zoneId) =>
      directory.devicesInZone(zoneId).filter((deviceId) => {
        const device = directory.device(deviceId);
        return device !== undefined && measuresAir(device);
      }),
    [Symbol.dispose]: () => following[Symbol.dispose](),
  };
}
