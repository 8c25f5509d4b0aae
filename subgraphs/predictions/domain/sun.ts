/** The sun over a place. */
import type { Place } from '@greencity/air/place';
import { DAY_MS } from '@greencity/air/time';

const RADIANS = Math.PI / 180;
const J2000_MS = Date.UTC(2000, 0, 1, 12);

/** Sine of the sun's height above the horizon, negative at night. Source: Astronomical Almanac, low-precision formulas, good to 0.01°. */
export function sineOfElevation(place: Place, timeMs: number): number {
  const days = (timeMs - J2000_MS) / DAY_MS;
  const anomaly = (357.528 + 0.9856003 * days) * RADIANS;
  const meanLongitude = 280.46 + 0.9856474 * days;
  const longitude = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RADIANS;
  const obliquity = (23.439 - 4e-7 * days) * RADIANS;
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude));
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude));
  const siderealDegrees = 280.46062 + 360.98564737 * days + place.longitude;
  const hourAngle = siderealDegrees * RADIANS - ascension;
  const latitude = place.latitude * RADIANS;
  return Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}

/** Sunlight on level ground under a clear sky, W/m². Source: Haurwitz 1945, J. Meteorol. 2, 154. */
export function clearSkyWattsM2(place: Place, timeMs: number): number {
  const sine = sineOfElevation(place, timeMs);
  return sine <= 0 ? 0 : 1_098 * sine * Math.exp(-0.057 / sine);
}
