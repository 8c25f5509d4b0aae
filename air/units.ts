/** Units of the field as brands: a number becomes one only through its parser, and cannot be mistaken for another. */

declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** Micrograms per cubic metre. */
export type UgM3 = Branded<'µg/m³'>;
/** Parts per billion by volume. */
export type Ppb = Branded<'ppb'>;
/** Relative humidity, per cent. */
export type RelativeHumidity = Branded<'%RH'>;

export type Gas = 'NO2' | 'O3' | 'SO2' | 'CO';

/** Litres that a mole of air fills at 1,013 hPa and 20 °C, the state that European law reports gases at. Source: directive 2008/50/EC, annex VI. */
const EU_MOLAR_VOLUME_L = 24.055;
/** g/mol. */
const MOLAR_MASS: Readonly<Record<Gas, number>> = { NO2: 46.0055, O3: 47.9982, SO2: 64.0638, CO: 28.0101 };

function finite(value: number): number | undefined {
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A concentration, if it is a number from 0. */
export function ugM3(value: number): UgM3 | undefined {
  return finite(value) as UgM3 | undefined;
}

/** A mixing ratio, if it is a number from 0. */
export function ppb(value: number): Ppb | undefined {
  return finite(value) as Ppb | undefined;
}

/** A relative humidity, if it is a number from 0; what a saturated sensor says above 100 counts as 100. */
export function relativeHumidity(value: number): RelativeHumidity | undefined {
  const humidity = finite(value);
  return humidity === undefined ? undefined : (Math.min(100, humidity) as RelativeHumidity);
}

/** Mass concentration of a gas at 20 °C and 1,013 hPa. */
export function massOfGas(gas: Gas, ratio: Ppb): UgM3 {
  return ((ratio * MOLAR_MASS[gas]) / EU_MOLAR_VOLUME_L) as UgM3;
}
