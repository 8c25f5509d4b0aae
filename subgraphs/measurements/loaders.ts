import DataLoader from 'dataloader';
import type { AirQualityQuestion, AirQualityReader } from './air-quality/air-quality-reader.ts';
import type { AirQuality } from './domain/air-quality.ts';
import type { Measurement } from './domain/measurement.ts';
import type { LatestReader } from './latest-reader.ts';

/** What a list of devices or zones is asked for at once. Made anew for each request. */
export interface Loaders {
  latest(deviceId: string): Promise<readonly Measurement[]>;
  deviceAirQuality(question: AirQualityQuestion, deviceId: string): Promise<AirQuality | undefined>;
  zoneAirQuality(question: AirQualityQuestion, zoneId: string): Promise<AirQuality | undefined>;
}

export interface Readers {
  readonly latest: LatestReader;
  readonly airQuality: AirQualityReader;
}

/** Loaders over the readers: one call of the store for all devices of a list, and each thing once a request. */
export function createLoaders({ latest, airQuality }: Readers): Loaders {
  const latestLoader = new DataLoader<string, readonly Measurement[]>((ids) => latest.ofDevices(ids));
  const ofDevices = perQuestion(
    (question) => new DataLoader<string, AirQuality | undefined>((ids) => airQuality.ofDevices(question, ids)),
  );
  const ofZones = perQuestion(
    (question) =>
      new DataLoader<string, AirQuality | undefined>((ids) =>
        Promise.all(ids.map((zoneId) => airQuality.ofZone(question, zoneId))),
      ),
  );
  return {
    latest: (deviceId) => latestLoader.load(deviceId),
    deviceAirQuality: (question, deviceId) => ofDevices(question).load(deviceId),
    zoneAirQuality: (question, zoneId) => ofZones(question).load(zoneId),
  };
}

/** One loader for each question of a request. */
function perQuestion<L>(make: (question: AirQualityQuestion) => L): (question: AirQualityQuestion) => L {
  const made = new Map<string, L>();
  return (question) => {
    const key = `${question.standard} ${question.atMs ?? 'now'}`;
    const loader = made.get(key) ?? make(question);
    made.set(key, loader);
    return loader;
  };
}
