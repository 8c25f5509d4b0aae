import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';

/** Devices that speak for the air of a zone now: outdoors, and not retired. */
export function outdoorDevicesOf(directory: DeviceDirectory, zoneId: string): readonly string[] {
  return directory.devicesInZone(zoneId).filter((deviceId) => {
    const device = directory.device(deviceId);
    return device !== undefined && device.environment === 'OUTDOOR' && !device.retired;
  });
}

/** Devices that have ever measured outdoors in a zone, as it is cut now: what a retired one measured stays true. */
export function outdoorHistoryOf(directory: DeviceDirectory, zoneId: string): readonly string[] {
  return directory.devicesInZone(zoneId).filter((deviceId) => directory.device(deviceId)?.environment === 'OUTDOOR');
}
