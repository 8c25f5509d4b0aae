import { bandsOf, truncated } from './bands.ts';

/** A pollutant with the averaging time that its table is for. */
export type UsEpaMeasure = 'PM2_5_24H' | 'PM10_24H' | 'O3_8H' | 'O3_1H' | 'CO_8H' | 'SO2_1H' | 'SO2_24H' | 'NO2_1H';

interface Row {
  readonly low: number;
  readonly high: number;
  readonly indexLow: number;
  readonly indexHigh: number;
}

interface Table {
  readonly decimals: number;
  readonly rows: readonly Row[];
}

const INDEX_EDGES: readonly (readonly [number, number])[] = [
  [0, 50],
  [51, 100],
  [101, 150],
  [151, 200],
  [201, 300],
  [301, 500],
];

/** A table from the upper breakpoints of its categories, the next one's lower breakpoint being one unit of truncation higher. */
function table(decimals: number, first: number, low: number, highs: readonly number[]): Table {
  const step = 10 ** -decimals;
  const rows = highs.map((high, index) => {
    const [indexLow, indexHigh] = INDEX_EDGES[first + index] ?? [0, 0];
    return {
      low: index === 0 ? low : Number(((highs[index - 1] ?? 0) + step).toFixed(decimals)),
      high,
      indexLow,
      indexHigh,
    };
  });
  return { decimals, rows };
}

/**
 * Breakpoints in µg/m³ (particles), ppm (O3, CO) and ppb (SO2, NO2).
 * Source: US EPA, Technical Assistance Document for the Reporting of Daily Air Quality, EPA-454/B-24-002 (May 2024).
 * Ozone over 8 h ends at 0.200 ppm and SO2 over 1 h at 304 ppb: beyond, ozone over 1 h and SO2 over 24 h take over.
 */
const TABLES: Readonly<Record<UsEpaMeasure, Table>> = {
  PM2_5_24H: table(1, 0, 0, [9, 35.4, 55.4, 125.4, 225.4, 325.4]),
  PM10_24H: table(0, 0, 0, [54, 154, 254, 354, 424, 604]),
  O3_8H: table(3, 0, 0, [0.054, 0.07, 0.085, 0.105, 0.2]),
  O3_1H: table(3, 2, 0.125, [0.164, 0.204, 0.404, 0.604]),
  CO_8H: table(1, 0, 0, [4.4, 9.4, 12.4, 15.4, 30.4, 50.4]),
  SO2_1H: table(0, 0, 0, [35, 75, 185, 304]),
  SO2_24H: table(0, 4, 305, [604, 1004]),
  NO2_1H: table(0, 0, 0, [53, 100, 360, 649, 1249, 2049]),
};

export const US_EPA_BANDS = bandsOf(
  ['Good', 'Moderate', 'Unhealthy for sensitive groups', 'Unhealthy', 'Very unhealthy', 'Hazardous'],
  ['#00E400', '#FFFF00', '#FF7E00', '#FF0000', '#8F3F97', '#7E0023'],
);

/** An index of the table; the table's highest for a concentration beyond its last row; or nothing for one below its first (ozone over 1 h counts from 0.125 ppm, SO2 over 24 h from 305 ppb). */
export type UsEpaIndex =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'beyond'; readonly index: number }
  | { readonly kind: 'below' };

/** US AQI of one concentration, truncated as the rule demands, interpolated linearly and rounded half up. */
export function usEpaIndex(measure: UsEpaMeasure, concentration: number): UsEpaIndex {
  const { decimals, rows } = TABLES[measure];
  const cut = truncated(concentration, decimals);
  if (cut < (rows[0]?.low ?? 0)) return { kind: 'below' };
  const row = rows.find(({ high }) => cut <= high);
  if (!row) return { kind: 'beyond', index: rows.at(-1)?.indexHigh ?? 0 };
  // Share first, then the index: the golden rows pin the order of operations where a result lies on a half (CO of 3.3 ppm is 37, not 38).
  const share = (cut - row.low) / (row.high - row.low);
  return { kind: 'index', index: Math.round(share * (row.indexHigh - row.indexLow) + row.indexLow) };
}

/** Category, 1 to 6, of an index; beyond the table is the last. */
export function usEpaBand(index: number): number {
  const found = INDEX_EDGES.findIndex(([, high]) => index <= high);
  return (found < 0 ? INDEX_EDGES.length - 1 : found) + 1;
}
