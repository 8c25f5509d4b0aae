import type { UgM3 } from '../units.ts';
import { bandAmong, bandsOf, EEA_COLORS } from './bands.ts';

export type WhoPollutant = 'PM2_5' | 'PM10' | 'NO2' | 'O3' | 'SO2' | 'CO';

/**
 * Guideline level and interim targets 4 to 1 for 24-hour means (O3: 8-hour means), µg/m³; a target that WHO does not set for a pollutant repeats the stricter one
 * before it, so that a band means the same target for all. Source: WHO global air quality guidelines (2021), table 0.1.
 */
const EDGES: Readonly<Record<WhoPollutant, readonly number[]>> = {
  PM2_5: [15, 25, 37.5, 50, 75],
  PM10: [45, 50, 75, 100, 150],
  NO2: [25, 25, 25, 50, 120],
  O3: [100, 100, 100, 120, 160],
  SO2: [40, 40, 40, 50, 125],
  CO: [4_000, 4_000, 4_000, 4_000, 7_000],
};

export const WHO_BANDS = bandsOf(
  [
    'Within the guideline',
    'Within interim target 4',
    'Within interim target 3',
    'Within interim target 2',
    'Within interim target 1',
    'Above all targets',
  ],
  EEA_COLORS,
);

/** Band, 1 to 6, of one pollutant's 24-hour mean (O3: 8-hour mean): 1 is within the guideline, 2 to 5 within interim targets 4 to 1, 6 above all. */
export function whoBand(pollutant: WhoPollutant, mean: UgM3): number {
  return bandAmong(EDGES[pollutant], mean);
}
