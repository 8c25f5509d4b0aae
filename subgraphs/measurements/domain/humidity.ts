import { dryMass, HUMID_ABOVE } from '@greencity/air/humidity';
import { FLAG_BIT } from '@greencity/air/quality';
import { MINUTE_MS } from '@greencity/air/time';
import type { RelativeHumidity, UgM3 } from '@greencity/air/units';

/** A humidity speaks for readings up to this much after it. */
export const HUMIDITY_VALID_MS = 10 * MINUTE_MS;

/** A hygrometer that reads this much for ever has soaked; the air may be dry, and nobody knows. Its device counts as humid. */
const SOAKED_PERCENT_MIN = 99;

/** Newest relative humidity of one device. Changes in place: there is one for each device. */
export interface NewestHumidity {
  timeMs: number;
  /** Per cent; NaN when the newest value says nothing about the air. */
  percent: number;
}

/** Nothing known yet. */
export function unknownHumidity(): NewestHumidity {
  return { timeMs: -Infinity, percent: Number.NaN };
}

/** Takes in a humidity with its flags. One that is older than the newest changes nothing. */
export function noteHumidity(newest: NewestHumidity, timeMs: number, percent: number, flags: number): void {
  if (timeMs < newest.timeMs) return;
  newest.timeMs = timeMs;
  newest.percent = toldHumidity(percent, flags);
}

/** What a measured humidity says of the air; NaN when nothing, being stuck or impossible. Stuck at the ceiling counts as humid. */
export function toldHumidity(percent: number, flags: number): number {
  const broken = (flags & (FLAG_BIT.STUCK | FLAG_BIT.OUT_OF_RANGE)) !== 0;
  return broken && percent < SOAKED_PERCENT_MIN ? Number.NaN : percent;
}

/** Humidity at a reading's time, from the newest at or before it; NaN when unknown. */
export function humidityAt(newest: NewestHumidity, timeMs: number): number {
  const ageMs = timeMs - newest.timeMs;
  return ageMs >= 0 && ageMs <= HUMIDITY_VALID_MS ? newest.percent : Number.NaN;
}

/** The HUMID flag for particles measured at a humidity; 0 when it is unknown. */
export function humidFlag(percent: number): number {
  return percent > HUMID_ABOVE ? FLAG_BIT.HUMID : 0;
}

/** Corrected values are kept to 0.01 µg/m³: finer than any sensor, and cheap to store. */
const STEPS_PER_UG_M3 = 100;

/** Particle mass without the water that humid air puts on it; NaN where the humidity is unknown or too high for the model. */
export function correctedParticles(measured: number, percent: number): number {
  if (!(percent <= HUMID_ABOVE)) return Number.NaN;
  const dry = dryMass(measured as UgM3, percent as RelativeHumidity);
  return dry === undefined ? Number.NaN : Math.round(dry * STEPS_PER_UG_M3) / STEPS_PER_UG_M3;
}
