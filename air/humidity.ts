/** Particles in humid air: growth by water, and the correction that takes it off again. */
import type { RelativeHumidity, UgM3 } from './units.ts';

/** Hygroscopicity of urban particles; the literature uses 0.2 to 0.4. Source: Crilley et al. 2018, Atmos. Meas. Tech. 11, 709 (form); Petters and Kreidenweis 2007 (κ). */
const KAPPA = 0.3;
/** Density of dry particles, g/cm³, relative to water. */
const DENSITY = 1.65;
/** The growth law runs away at saturation. */
const WATER_ACTIVITY_MAX = 0.99;

/** Above this relative humidity (%) an optical sensor without a dryer says nothing reliable of particles. */
export const HUMID_ABOVE: number = 85;

/** What the correction is called where its results are shown: modelled, not a comparison of this sensor with a reference. */
export const HUMIDITY_CORRECTION = { name: 'kappa-koehler', version: '1', modelled: true } as const;

/** Factor by which water makes particle mass look greater. Bulk κ-Köhler form: 1 + (κ/1.65) / (1/aw - 1). */
export function humidityGrowth(humidity: RelativeHumidity, kappa: number = KAPPA): number {
  const activity = Math.min(WATER_ACTIVITY_MAX, humidity / 100);
  return activity <= 0 ? 1 : 1 + kappa / DENSITY / (1 / activity - 1);
}

/** Dry particle mass behind a measured one; undefined above the humidity where the model is not to be trusted. */
export function dryMass(measured: UgM3, humidity: RelativeHumidity): UgM3 | undefined {
  return humidity > HUMID_ABOVE ? undefined : ((measured / humidityGrowth(humidity)) as UgM3);
}
