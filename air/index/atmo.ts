import type { UgM3 } from '../units.ts';
import { bandAmong, bandsOf } from './bands.ts';

export type AtmoPollutant = 'PM2_5' | 'PM10' | 'NO2' | 'O3' | 'SO2';

/**
 * Upper edges of bands 1 to 5, µg/m³: daily means for particles, the highest hourly mean of the day for gases.
 * Source: arrêté du 10 juillet 2020 relatif à l'indice de la qualité de l'air ambiant, annexe I, in force since 2021.
 */
const EDGES: Readonly<Record<AtmoPollutant, readonly number[]>> = {
  PM2_5: [10, 20, 25, 50, 75],
  PM10: [20, 40, 50, 100, 150],
  NO2: [40, 90, 120, 230, 340],
  O3: [50, 100, 130, 240, 380],
  SO2: [100, 200, 350, 500, 750],
};

/** Words and colours of the decree; the last colour is not the European one. */
export const ATMO_BANDS = bandsOf(
  ['Bon', 'Moyen', 'Dégradé', 'Mauvais', 'Très mauvais', 'Extrêmement mauvais'],
  ['#50F0E6', '#50CCAA', '#F0E641', '#FF5050', '#960032', '#872181'],
);

/** Band, 1 to 6, of one pollutant's daily figure on the ATMO scale. Only the approved networks may call theirs "indice ATMO" (article 2): ours is indicative. */
export function atmoBand(pollutant: AtmoPollutant, dayFigure: UgM3): number {
  return bandAmong(EDGES[pollutant], dayFigure);
}
