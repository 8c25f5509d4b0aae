import { type Metric, metricDefinition } from '@greencity/air/metric';
import { type Refusal, timeFault, valueFault } from '@greencity/air/reading';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import type { DeviceChanged } from '@greencity/schema/events/device';
import type { RawReading } from '@greencity/schema/events/reading';

/** Values of one call. */
export const VALUES_MAX = 1_000;

export interface MeasurementsSettings {
  /** Values from so long ago are still taken. */
  readonly acceptAgeMs: number;
  /** Values so far in the future are still taken. */
  readonly acceptAheadMs: number;
}

export interface AddMeasurementsOptions {
  readonly eventLog: EventLog;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
  readonly settings: MeasurementsSettings;
}

export interface NewMeasurement {
  readonly deviceId: string;
  readonly metric: Metric;
  readonly value: number;
  /** Unix ms; the moment of receipt when left out. */
  readonly time?: number | null | undefined;
}

export interface AddedMeasurements {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
}

/** Takes values as if devices had sent them; resolves when the good ones are durable in the log. */
export type AddMeasurements = (input: readonly NewMeasurement[]) => Promise<AddedMeasurements>;

type Growing = Omit<RawReading, 'values'> & { readonly values: Record<string, number> };

/** The command that an operator adds values by. @throws AppError BAD_USER_INPUT for more than 1,000, LOG_UNWRITABLE, LOG_FULL */
export function createAddMeasurements({
  eventLog,
  directory,
  clock,
  settings,
}: AddMeasurementsOptions): AddMeasurements {
  function faultOf({ deviceId, metric, value, time }: NewMeasurement, receivedAtMs: number): string | undefined {
    const device = directory.device(deviceId);
    if (!device) return `UNKNOWN_DEVICE: there is no device ${deviceId}`;
    if (device.retired) return `RETIRED_DEVICE: ${deviceId} is retired`;
    const limits = { receivedAtMs, ageMsMax: settings.acceptAgeMs, aheadMsMax: settings.acceptAheadMs };
    const fault = valueFault(metricDefinition(metric).key, value) ?? timeFault(time ?? receivedAtMs, limits);
    return fault && reasonOf(fault);
  }

  return async (input) => {
    if (input.length > VALUES_MAX) throw new AppError('BAD_USER_INPUT', 'input: at most 1,000 values a call');
    const receivedAtMs = clock.nowMs();
    const rejected: { index: number; reason: string }[] = [];
    const gathered = gatherReadings(receivedAtMs);
    input.forEach((measurement, index) => {
      const reason = faultOf(measurement, receivedAtMs);
      const device = directory.device(measurement.deviceId);
      if (reason !== undefined || !device) rejected.push({ index, reason: reason ?? 'UNKNOWN_DEVICE' });
      else gathered.add(device, measurement);
    });
    const records = gathered.readings.map((reading) => ({ key: reading.zoneId, value: JSON.stringify(reading) }));
    if (records.length > 0) await eventLog.append('raw.measurements', records);
    return { accepted: input.length - rejected.length, rejected };
  };
}

function reasonOf({ reason, detail }: Refusal): string {
  return `${reason}: ${detail}`;
}

/** Values of one device and time become one reading. A second value of a metric begins another: which of the two stays, the store decides. */
function gatherReadings(receivedAtMs: number) {
  const readings: Growing[] = [];
  const newest = new Map<string, Growing>();
  return {
    readings,
    add({ deviceId, zoneId }: DeviceChanged, { metric, value, time }: NewMeasurement): void {
      const { key } = metricDefinition(metric);
      const timeSource = time == null ? 'server' : 'device';
      const timeMs = time ?? receivedAtMs;
      const place = `${timeSource} ${timeMs} ${deviceId}`;
      let reading = newest.get(place);
      if (!reading || key in reading.values) {
        reading = { v: 1, deviceId, zoneId, timeMs, receivedAtMs, timeSource, values: {} };
        newest.set(place, reading);
        readings.push(reading);
      }
      reading.values[key] = value;
    },
  };
}
