import type { Standard } from '@greencity/air/index/air-quality';
import type { Metric } from '@greencity/air/metric';
import { MINUTE_MS } from '@greencity/air/time';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { TimeSeries } from '@greencity/platform/time-series/port';
import { type AirQuality, airQualityOf, figuresOf, highestFigures } from '../domain/air-quality.ts';
import { type HourMeans, meanOverDevices } from '../domain/hour-means.ts';
import { outdoorDevicesOf, outdoorHistoryOf } from '../zone-devices.ts';
import { type DeviceHours, readDeviceHours } from './device-hours.ts';
import { type DeviceMetrics, deviceMetrics } from './device-metrics.ts';

/** Late values and the passing of time may change an index while its newest value stays. */
const KEPT_MS = MINUTE_MS;
const KEPT_MAX = 20_000;
/** Clocks of clients differ. */
const AHEAD_MS_MAX = 5 * MINUTE_MS;

/** One question: a standard, now or at a past moment. */
export interface AirQualityQuestion {
  readonly standard: Standard;
  readonly atMs: number | undefined;
}

/** Indices of devices and zones. @throws AppError BAD_USER_INPUT for a moment in the future */
export interface AirQualityReader {
  /** In the order of the ids; undefined where the values needed are missing. */
  ofDevices(question: AirQualityQuestion, deviceIds: readonly string[]): Promise<readonly (AirQuality | undefined)[]>;
  ofZone(question: AirQualityQuestion, zoneId: string): Promise<AirQuality | undefined>;
}

export interface AirQualityReaderOptions {
  readonly timeSeries: TimeSeries;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
}

interface Kept {
  readonly newestMs: number;
  readonly newestGoodMs: number;
  readonly untilMs: number;
  readonly airQuality: AirQuality | undefined;
}

/** A reader that keeps each device's index about now until its newest value changes, a minute at most. */
export function createAirQualityReader({ timeSeries, directory, clock }: AirQualityReaderOptions): AirQualityReader {
  const kept = new Map<string, Kept>();
  const keyOf = (standard: Standard, deviceId: string): string => `${standard} ${deviceId}`;

  function isKept(standard: Standard, device: DeviceMetrics): boolean {
    const known = kept.get(keyOf(standard, device.deviceId));
    if (!known || known.untilMs <= clock.elapsedMs()) return false;
    return known.newestMs === device.newestMs && known.newestGoodMs === device.newestGoodMs;
  }

  function keep(standard: Standard, device: DeviceMetrics, airQuality: AirQuality | undefined): void {
    if (kept.size >= KEPT_MAX) kept.clear();
    const { newestMs, newestGoodMs } = device;
    kept.set(keyOf(standard, device.deviceId), {
      newestMs,
      newestGoodMs,
      untilMs: clock.elapsedMs() + KEPT_MS,
      airQuality,
    });
  }

  async function computed({ standard, atMs }: AirQualityQuestion, devices: readonly DeviceMetrics[]) {
    const nowMs = clock.nowMs();
    const hours = await readDeviceHours(timeSeries, { standard, atMs, nowMs, ends: 'each' }, devices);
    return new Map(hours.map((of) => [of.deviceId, indexOfDevice({ standard, atMs, nowMs }, of)]));
  }

  async function ofDevicesNow(standard: Standard, deviceIds: readonly string[]) {
    const devices = await deviceMetrics(timeSeries, standard, deviceIds);
    const open = devices.filter((device) => !isKept(standard, device));
    const found = new Map<string, AirQuality | undefined>();
    for (const { deviceId } of devices) found.set(deviceId, kept.get(keyOf(standard, deviceId))?.airQuality);
    const made = await computed({ standard, atMs: undefined }, open);
    for (const device of open) {
      keep(standard, device, made.get(device.deviceId));
      found.set(device.deviceId, made.get(device.deviceId));
    }
    return found;
  }

  function checkMoment({ atMs }: AirQualityQuestion): void {
    if (atMs !== undefined && atMs > clock.nowMs() + AHEAD_MS_MAX)
      throw new AppError('BAD_USER_INPUT', 'at: must not be in the future');
  }

  return {
    async ofDevices(question, deviceIds) {
      checkMoment(question);
      const { standard, atMs } = question;
      const found =
        atMs === undefined
          ? await ofDevicesNow(standard, deviceIds)
          : await computed(question, await deviceMetrics(timeSeries, standard, deviceIds));
      return deviceIds.map((deviceId) => found.get(deviceId));
    },
    async ofZone(question, zoneId) {
      checkMoment(question);
      const { standard, atMs } = question;
      const nowMs = clock.nowMs();
      const members = atMs === undefined ? outdoorDevicesOf(directory, zoneId) : outdoorHistoryOf(directory, zoneId);
      const devices = await deviceMetrics(timeSeries, standard, members);
      const hours = await readDeviceHours(timeSeries, { standard, atMs, nowMs, ends: 'together' }, devices);
      return indexOfZone({ standard, atMs, nowMs }, hours);
    },
  };
}

interface Moment extends AirQualityQuestion {
  readonly nowMs: number;
}

/** What an index is about ends with its window; a slice that is still filling ends now. */
function endOf({ atMs, nowMs }: Moment, endMs: number): number {
  return atMs ?? Math.min(endMs, nowMs);
}

function indexOfDevice(moment: Moment, { hours, endMs }: DeviceHours): AirQuality | undefined {
  return airQualityOf(moment.standard, figuresOf(moment.standard, hours), endOf(moment, endMs));
}

function indexOfZone(moment: Moment, devices: readonly DeviceHours[]): AirQuality | undefined {
  const { standard } = moment;
  const [first] = devices;
  if (!first) return undefined;
  const figures =
    standard === 'ATMO'
      ? highestFigures(
          standard,
          devices.map(({ hours }) => figuresOf(standard, hours)),
        )
      : figuresOf(standard, meanHours(devices));
  return airQualityOf(standard, figures, endOf(moment, first.endMs));
}

function meanHours(devices: readonly DeviceHours[]): ReadonlyMap<Metric, HourMeans> {
  const byMetric = new Map<Metric, HourMeans[]>();
  for (const { hours } of devices) {
    for (const [metric, ofDevice] of hours) {
      const known = byMetric.get(metric);
      if (known) known.push(ofDevice);
      else byMetric.set(metric, [ofDevice]);
    }
  }
  const means = new Map<Metric, HourMeans>();
  for (const [metric, ofDevices] of byMetric) {
    const mean = meanOverDevices(ofDevices);
    if (mean) means.set(metric, mean);
  }
  return means;
}
