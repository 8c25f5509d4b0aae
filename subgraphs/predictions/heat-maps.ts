import type { Metric } from '@greencity/air/metric';
import { type Box, boxContains, boxFault } from '@greencity/air/place';
import { bucketStart, HOUR_MS } from '@greencity/air/time';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { DeviceChanged } from '@greencity/schema/events/device';
import type { HeatMapGrid, Sample } from './domain/heat-map.ts';
import { isNonNegative } from './domain/scale.ts';
import type { Ledger } from './ledger.ts';
import type { Models } from './models.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { PredictionsStore } from './store/port.ts';

export interface HeatMapQuestion {
  readonly within: Box;
  readonly metric: Metric;
  /** Undefined is now. */
  readonly atMs: number | undefined;
  readonly columns: number;
  readonly rows: number;
}

export interface HeatMap extends HeatMapGrid {
  readonly metric: Metric;
  readonly atMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly deviceCount: number;
}

export interface HeatMaps {
  /**
   * Now it rests on the newest values of the last hour; at a past moment on the means of the last whole hour before it, whose end is then `atMs`.
   * @throws AppError BAD_USER_INPUT, UNAVAILABLE
   */
  heatMap(question: HeatMapQuestion): Promise<HeatMap>;
}

export interface HeatMapsOptions {
  readonly store: PredictionsStore;
  readonly ledger: Ledger;
  readonly neighbourhood: Neighbourhood;
  readonly models: Models;
  readonly clock: Clock;
}

const CELLS_MAX = 10_000;
/** Devices this far outside of the box still speak for its edge, in parts of its size. */
const MARGIN = 0.5;
const FRESH_MS = HOUR_MS;
/** Hours that the variogram is fitted to, fewer where there are many devices. */
const PAST_HOURS = 168;
const PAST_VALUES_MAX = 50_000;
/** A moment this near to now is now: clocks differ. */
const NOW_MS = 60_000;

function checked({ within, columns, rows, atMs }: HeatMapQuestion, nowMs: number): void {
  const fault = boxFault(within);
  if (fault) throw new AppError('BAD_USER_INPUT', `within: ${fault}`);
  if (columns < 1 || rows < 1 || columns * rows > CELLS_MAX)
    throw new AppError('BAD_USER_INPUT', `columns: columns times rows must be 1 to ${CELLS_MAX}`);
  if (atMs !== undefined && atMs > nowMs + NOW_MS)
    throw new AppError('BAD_USER_INPUT', 'at: must not be in the future');
}

function withMargin({ west, south, east, north }: Box): Box {
  const width = west <= east ? east - west : east - west + 360;
  const [sideways, upwards] = [width * MARGIN, (north - south) * MARGIN];
  const rows = { south: Math.max(-90, south - upwards), north: Math.min(90, north + upwards) };
  if (width + 2 * sideways >= 360) return { ...rows, west: -180, east: 180 };
  const wrapped = (longitude: number) => ((longitude + 540) % 360) - 180;
  return { ...rows, west: wrapped(west - sideways), east: wrapped(east + sideways) };
}

interface Reading {
  readonly device: DeviceChanged;
  readonly value: number;
}

/** Heat maps from the ledger's newest values and the store's hours. */
export function createHeatMaps({ store, ledger, neighbourhood, models, clock }: HeatMapsOptions): HeatMaps {
  function readingsNow(devices: readonly DeviceChanged[], metric: Metric, nowMs: number): readonly Reading[] {
    return devices.flatMap((device) => {
      const latest = ledger.latest(device.deviceId, metric);
      return latest && latest.timeMs > nowMs - FRESH_MS ? [{ device, value: latest.value }] : [];
    });
  }

  async function readingsOfHour(
    devices: readonly DeviceChanged[],
    metric: Metric,
    endMs: number,
  ): Promise<readonly Reading[]> {
    await ledger.persist();
    const deviceIds = devices.map(({ deviceId }) => deviceId);
    const means = await store.hourlyMeans({ deviceIds, metric, fromMs: endMs - HOUR_MS, toMs: endMs });
    const byDevice = new Map(means.map(({ deviceId, mean }) => [deviceId, mean]));
    return devices.flatMap((device) => {
      const value = byDevice.get(device.deviceId);
      return value === undefined ? [] : [{ device, value }];
    });
  }

  /** Each reading with the hours before `endMs`, the newest first. */
  async function samples(readings: readonly Reading[], metric: Metric, endMs: number): Promise<readonly Sample[]> {
    const hours = Math.min(PAST_HOURS, Math.floor(PAST_VALUES_MAX / Math.max(1, readings.length)));
    const past = new Map(readings.map(({ device }) => [device.deviceId, new Float64Array(hours).fill(Number.NaN)]));
    const range = { metric, fromMs: endMs - hours * HOUR_MS, toMs: endMs };
    for (const { deviceId, hourMs, mean } of await store.hourlyMeans({ ...range, deviceIds: [...past.keys()] }))
      past.get(deviceId)?.set([mean], (endMs - hourMs) / HOUR_MS - 1);
    return readings.map(({ device: { deviceId, latitude, longitude }, value }) => ({
      ...{ latitude, longitude, value },
      past: past.get(deviceId) ?? new Float64Array(hours),
    }));
  }

  return {
    async heatMap(question) {
      const nowMs = clock.nowMs();
      checked(question, nowMs);
      const { within, metric, columns, rows } = question;
      const isNow = question.atMs === undefined || question.atMs > nowMs - NOW_MS;
      const hourMs = bucketStart(isNow ? nowMs : (question.atMs ?? nowMs), HOUR_MS);
      const around = withMargin(within);
      const devices = neighbourhood.outdoorDevices().filter((device) => boxContains(around, device));
      const readings = isNow ? readingsNow(devices, metric, nowMs) : await readingsOfHour(devices, metric, hourMs);
      const grid = await models.heatMap({
        ...{ box: within, columns, rows, nonNegative: isNonNegative(metric) },
        samples: await samples(readings, metric, isNow ? hourMs : hourMs - HOUR_MS),
      });
      return { ...grid, metric, columns, rows, atMs: isNow ? nowMs : hourMs, deviceCount: readings.length };
    },
  };
}
