import type { UgM3 } from '../units.ts';
import { bandAmong, bandsOf, EEA_COLORS } from './bands.ts';

export type EaqiPollutant = 'PM2_5' | 'PM10' | 'NO2' | 'O3' | 'SO2';

/** Upper edges of bands 1 to 5 for hourly means, µg/m³. Source: European Environment Agency, European Air Quality Index, revision of 2024/25. */
const EDGES: Readonly<Record<EaqiPollutant, readonly number[]>> = {
  PM2_5: [5, 15, 50, 90, 140],
  PM10: [15, 45, 120, 195, 270],
  NO2: [10, 25, 60, 100, 150],
  O3: [60, 100, 120, 160, 180],
  SO2: [20, 40, 125, 190, 275],
};

export const EAQI_BANDS = bandsOf(['Good', 'Fair', 'Moderate', 'Poor', 'Very poor', 'Extremely poor'], EEA_COLORS);

/** Band, 1 to 6, of one pollutant's hourly mean in the European Air Quality Index. */
export function eaqiBand(pollutant: EaqiPollutant, hourMean: UgM3): number {
  return bandAmong(EDGES[pollutant], hourMean);
}
