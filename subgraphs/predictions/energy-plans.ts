import { seedOf } from '@greencity/air/chance';
import { DAY_MS, HOUR_MS } from '@greencity/air/time';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { type EnergyPlan, energyPlan, percentOfVoltage } from './domain/energy-plan.ts';
import type { Ledger } from './ledger.ts';
import type { PredictionsStore } from './store/port.ts';

export interface EnergyPlans {
  /** Undefined for a device that reported no battery within a day, or that is not known. */
  ofDevice(deviceId: string): Promise<EnergyPlan | undefined>;
}

export interface EnergyPlansOptions {
  readonly store: PredictionsStore;
  readonly ledger: Ledger;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
}

const BATTERY_AGE_MS = DAY_MS;
const WEATHER_MS = 14 * DAY_MS;

/** Energy plans from the newest battery values and the solar power of the last two weeks. */
export function createEnergyPlans({ store, ledger, directory, clock }: EnergyPlansOptions): EnergyPlans {
  function batteryPercent(deviceId: string, nowMs: number): number | undefined {
    const fresh = (metric: 'BATTERY_PERCENT' | 'BATTERY_VOLTAGE') => {
      const latest = ledger.latest(deviceId, metric);
      return latest && latest.timeMs > nowMs - BATTERY_AGE_MS ? latest.value : undefined;
    };
    const percent = fresh('BATTERY_PERCENT');
    if (percent !== undefined) return Math.min(100, percent);
    const volts = fresh('BATTERY_VOLTAGE');
    return volts === undefined ? undefined : percentOfVoltage(volts);
  }

  return {
    async ofDevice(deviceId) {
      const nowMs = clock.nowMs();
      const place = directory.device(deviceId);
      const percent = batteryPercent(deviceId, nowMs);
      if (!place || percent === undefined) return undefined;
      const range = { fromMs: nowMs - WEATHER_MS, toMs: nowMs };
      return energyPlan({
        ...{ nowMs, place, batteryPercent: percent },
        measuresCo2: ledger.latest(deviceId, 'CO2') !== undefined,
        solarPower: await store.hourlyMeans({ deviceIds: [deviceId], metric: 'SOLAR_POWER', ...range }),
        seed: seedOf(`${deviceId} ${Math.floor(nowMs / HOUR_MS)}`),
      });
    },
  };
}
