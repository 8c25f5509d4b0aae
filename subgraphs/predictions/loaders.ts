import DataLoader from 'dataloader';
import type { FoundAnomaly, PredictionsStore } from './store/port.ts';

/** Faults of one device that overlap a range. */
export interface AnomaliesOfDevice {
  readonly deviceId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Loaders {
  readonly anomalies: DataLoader<AnomaliesOfDevice, readonly FoundAnomaly[], string>;
}

const ANOMALIES_MAX = 1_000;

const rangeOf = ({ fromMs, toMs }: AnomaliesOfDevice) => `${fromMs} ${toMs}`;

/** Loaders of one request: all devices of a list are asked for at once. */
export function createLoaders(store: PredictionsStore): Loaders {
  async function anomalies(asked: readonly AnomaliesOfDevice[]): Promise<readonly (readonly FoundAnomaly[])[]> {
    const found = new Map<string, FoundAnomaly[]>();
    for (const [range, group] of Map.groupBy(asked, rangeOf)) {
      const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = group;
      const deviceIds = group.map(({ deviceId }) => deviceId);
      for (const anomaly of await store.anomalies({ deviceIds, fromMs, toMs, perDeviceMax: ANOMALIES_MAX })) {
        const key = `${range} ${anomaly.deviceId}`;
        const known = found.get(key);
        if (known) known.push(anomaly);
        else found.set(key, [anomaly]);
      }
    }
    return asked.map((one) => found.get(`${rangeOf(one)} ${one.deviceId}`) ?? []);
  }
  return {
    anomalies: new DataLoader(anomalies, { cacheKeyFn: (one) => `${rangeOf(one)} ${one.deviceId}` }),
  };
}
