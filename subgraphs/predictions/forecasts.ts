import type { Metric } from '@greencity/air/metric';
import { bucketStart, DAY_MS, HOUR_MS } from '@greencity/air/time';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import { FORECAST_HOURS_MAX, type ForecastProfile } from './domain/forecast.ts';
import { type HourlyMean, hourlySeries } from './domain/hourly-series.ts';
import type { Ledger } from './ledger.ts';
import type { Models } from './models.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { IssuedForecast, PredictionsStore } from './store/port.ts';

/** Forecasts of devices and zones. Each is worked out once an hour at most and kept. */
export interface Forecasts {
  /** Undefined with less than a day of values or none of late. @throws AppError BAD_USER_INPUT unless hours are 1 to 72; UNAVAILABLE */
  ofDevice(deviceId: string, metric: Metric, hours: number): Promise<ForecastProfile | undefined>;
  /** Of the mean over the zone's outdoor devices. @throws as above */
  ofZone(zoneId: string, metric: Metric, hours: number): Promise<ForecastProfile | undefined>;
}

export interface ForecastsOptions {
  readonly store: PredictionsStore;
  readonly ledger: Ledger;
  readonly neighbourhood: Neighbourhood;
  readonly models: Models;
  readonly clock: Clock;
}

const HISTORY_MS = 365 * DAY_MS;
/** Forecasts are worked out for whole days ahead, so that requests for different hours share them. */
const STEP_HOURS = 24;

interface Asked {
  readonly subject: string;
  readonly metric: Metric;
  readonly hours: number;
  readonly deviceIds: readonly string[];
  readonly neighbours: readonly string[];
}

/** Forecasts from the store's hours. */
export function createForecasts({ store, ledger, neighbourhood, models, clock }: ForecastsOptions): Forecasts {
  const underWay = new Map<string, Promise<ForecastProfile | undefined>>();

  async function issue({ subject, metric, hours, deviceIds, neighbours }: Asked): Promise<ForecastProfile | undefined> {
    const startMs = bucketStart(clock.nowMs(), HOUR_MS);
    const known = await store.forecast(subject, metric);
    if (known && known.startMs === startMs && known.hours >= hours) return known.profile;
    // The hour that has just closed may still wait to be written.
    await ledger.persist();
    const range = { metric, fromMs: startMs - HISTORY_MS, toMs: startMs };
    const meansOf = (ids: readonly string[]): Promise<readonly HourlyMean[]> =>
      ids.length === 0 ? Promise.resolve([]) : store.meansOverDevices({ ...range, deviceIds: ids });
    const history = hourlySeries(await meansOf(deviceIds), startMs);
    const around = history ? hourlySeries(await meansOf(neighbours), startMs) : undefined;
    const profile = history && (await models.forecast({ metric, history, neighbours: around, hours }));
    const issued: IssuedForecast = { subject, metric, startMs, hours, profile };
    await store.saveForecast(issued);
    return profile;
  }

  async function once(asked: Asked): Promise<ForecastProfile | undefined> {
    const key = `${asked.hours} ${asked.metric} ${asked.subject}`;
    let running = underWay.get(key);
    if (!running) {
      running = issue(asked).finally(() => underWay.delete(key));
      underWay.set(key, running);
    }
    return await running;
  }

  async function firstHours(asked: Asked): Promise<ForecastProfile | undefined> {
    if (asked.hours < 1 || asked.hours > FORECAST_HOURS_MAX)
      throw new AppError('BAD_USER_INPUT', `hours: must be 1 to ${FORECAST_HOURS_MAX}`);
    const profile = await once({ ...asked, hours: Math.ceil(asked.hours / STEP_HOURS) * STEP_HOURS });
    return profile && { ...profile, steps: profile.steps.slice(0, asked.hours) };
  }

  return {
    ofDevice: (deviceId, metric, hours) =>
      firstHours({
        ...{ subject: `device:${deviceId}`, metric, hours },
        deviceIds: [deviceId],
        neighbours: neighbourhood.neighboursOf(deviceId),
      }),
    ofZone: (zoneId, metric, hours) =>
      firstHours({
        ...{ subject: `zone:${zoneId}`, metric, hours },
        deviceIds: neighbourhood.outdoorInZone(zoneId),
        neighbours: [],
      }),
  };
}
