import { type DeviceChanged, devicesTopicFormat, type ZoneChanged } from '@greencity/schema/events/device';
import { readEvent } from '@greencity/schema/events/read';
import type { EventLog, LogConsumer, LogRecord } from '../event-log/port.ts';
import type { Logger } from '../log/port.ts';

/** Devices and zones as the log tells them: where a device is, which zone it belongs to, which secrets are valid. Held in memory, built anew at each start. */
export interface DeviceDirectory extends AsyncDisposable {
  device(deviceId: string): DeviceChanged | undefined;
  zone(zoneId: string): ZoneChanged | undefined;
  devices(): Iterable<DeviceChanged>;
  zones(): Iterable<ZoneChanged>;
  /** Devices of a zone, by id. */
  devicesInZone(zoneId: string): readonly string[];
  /** Called after each change of a device. */
  onDevice(listener: (device: DeviceChanged) => void): Disposable;
  /** Resolves when every change appended before the call is known here. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const BATCH_RECORDS_MAX = 5_000;

/** Opens a directory and waits until it knows everything the log holds. */
export async function openDeviceDirectory(eventLog: EventLog, log: Logger): Promise<DeviceDirectory> {
  const devices = new Map<string, DeviceChanged>();
  const zones = new Map<string, ZoneChanged>();
  const byZone = new Map<string, Set<string>>();
  const listeners = new Set<(device: DeviceChanged) => void>();

  function applyDevice(device: DeviceChanged): void {
    const before = devices.get(device.deviceId);
    if (before) byZone.get(before.zoneId)?.delete(device.deviceId);
    devices.set(device.deviceId, device);
    const members = byZone.get(device.zoneId);
    if (members) members.add(device.deviceId);
    else byZone.set(device.zoneId, new Set([device.deviceId]));
    for (const listener of listeners) listener(device);
  }

  async function handle(batch: readonly LogRecord[]): Promise<void> {
    for (const record of batch) {
      const read = readEvent(record, devicesTopicFormat);
      if (read.kind === 'unreadable')
        log.error({ offset: record.offset, detail: read.detail }, 'record of the devices topic is not readable');
      else if (read.event.kind === 'device') applyDevice(read.event);
      else if (read.event.deleted) zones.delete(read.event.zoneId);
      else zones.set(read.event.zoneId, read.event);
    }
  }

  await using opening = new AsyncDisposableStack();
  const consumer: LogConsumer = opening.use(
    await eventLog.consume({
      topic: 'devices',
      position: { kind: 'ephemeral', startAt: 'earliest' },
      batchRecordsMax: BATCH_RECORDS_MAX,
      handle,
    }),
  );
  await consumer.caughtUp();
  opening.move();

  const close = () => consumer.close();
  return {
    device: (deviceId) => devices.get(deviceId),
    zone: (zoneId) => zones.get(zoneId),
    devices: () => devices.values(),
    zones: () => zones.values(),
    devicesInZone: (zoneId) => [...(byZone.get(zoneId) ?? [])],
    onDevice: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    caughtUp: () => consumer.caughtUp(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
