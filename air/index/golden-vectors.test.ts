import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dryMass, humidityGrowth } from '../humidity.ts';
import type { RelativeHumidity, UgM3 } from '../units.ts';
import { type AtmoPollutant, atmoBand } from './atmo.ts';
import { type EaqiPollutant, eaqiBand } from './eaqi.ts';
import { nowcast } from './nowcast.ts';
import { type UsEpaMeasure, usEpaIndex } from './us-epa.ts';

const golden = (name: string) => readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');
const METRIC: Readonly<Record<string, string>> = {
  pm25: 'PM2_5',
  pm10: 'PM10',
  no2: 'NO2',
  o3: 'O3',
  so2: 'SO2',
  co: 'CO',
};

interface Row {
  readonly pollutant: string;
  readonly concentration: number;
  readonly index: string;
  readonly standard: string;
}

const rows: readonly Row[] = golden('aqi_vectors.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [pollutant = '', concentration = '', , index = '', standard = ''] = line.split(',');
    return { pollutant, concentration: Number(concentration), index, standard };
  });

/** What we make of a row, in the row's own words. */
function ours({ pollutant, concentration, standard }: Row): string {
  const [substance = '', ...averaging] = pollutant.split('_');
  const metric = METRIC[substance] ?? '';
  if (standard === 'EAQI_2024_REVISION') return String(eaqiBand(metric as EaqiPollutant, concentration as UgM3));
  if (standard === 'ATMO_FR_2021') return String(atmoBand(metric as AtmoPollutant, concentration as UgM3));
  const outcome = usEpaIndex(`${metric}_${averaging.join('_').toUpperCase()}` as UsEpaMeasure, concentration);
  return outcome.kind === 'index' ? String(outcome.index) : outcome.kind;
}

describe.each(['EAQI_2024_REVISION', 'ATMO_FR_2021', 'US_EPA_2024'])('%s', (standard) => {
  const wanted = rows.filter((row) => row.standard === standard);
  it(`agrees with each of its ${wanted.length} golden rows`, () => {
    expect(wanted.length).toBeGreaterThan(80);
    expect(wanted.map((row) => `${row.pollutant} ${row.concentration} -> ${ours(row)}`)).toEqual(
      wanted.map((row) => `${row.pollutant} ${row.concentration} -> ${row.index}`),
    );
  });
});

interface NowcastVector {
  readonly case: string;
  readonly hours_newest_first: readonly (number | null)[];
  readonly nowcast_pm25: string | null;
  readonly us_aqi_2024: number | null;
}

describe('NowCast', () => {
  const { vectors } = JSON.parse(golden('nowcast_vectors.json')) as { readonly vectors: readonly NowcastVector[] };
  it.each(vectors)('of $case agrees with its golden row', (vector) => {
    const concentration = nowcast(vector.hours_newest_first, 1);
    expect(concentration?.toFixed(1) ?? null).toBe(vector.nowcast_pm25);
    const outcome = concentration === undefined ? undefined : usEpaIndex('PM2_5_24H', concentration);
    expect(outcome?.kind === 'index' ? outcome.index : null).toBe(vector.us_aqi_2024);
  });
});

describe('growth by humidity', () => {
  const { kappa_kohler_bulk } = JSON.parse(golden('humidity_vectors.json')) as {
    readonly kappa_kohler_bulk: {
      readonly vectors: readonly { readonly rh: number; readonly kappa: number; readonly C: number }[];
    };
  };
  it.each(kappa_kohler_bulk.vectors)('at $rh % with κ = $kappa is $C', ({ rh, kappa, C }) => {
    expect(humidityGrowth(rh as RelativeHumidity, kappa)).toBeCloseTo(C, 4);
  });

  it('is taken off up to 85 % and not beyond', () => {
    // 1 + (0.3 / 1.65) / (1 / 0.5 - 1) = 1.181818...
    expect(dryMass(13 as UgM3, 50 as RelativeHumidity)).toBeCloseTo(11, 6);
    expect(dryMass(13 as UgM3, 0 as RelativeHumidity)).toBe(13);
    expect(dryMass(13 as UgM3, 85 as RelativeHumidity)).toBeTypeOf('number');
    expect(dryMass(13 as UgM3, 85.1 as RelativeHumidity)).toBeUndefined();
  });
});
