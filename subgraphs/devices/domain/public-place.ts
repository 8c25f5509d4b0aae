import type { Place } from '@greencity/air/place';
import type { Device } from './device.ts';

/** Side of the squares that a private home is shown as the middle of, in metres: about a block of houses, and never farther off than 142 m. */
export const SQUARE_M = 200;

/** Metres of a degree along a meridian, on the sphere that distances are measured on. */
const DEGREE_M = 111_195;
const STEP_DEGREES = SQUARE_M / DEGREE_M;
/** Close to a pole, where meridians meet, squares get narrower than they should: nobody lives there. */
const COSINE_MIN = 0.01;

/**
 * Where the public sees a device: its place, or the middle of the square that it lies in. The squares are fixed to the globe, so that neither many questions
 * nor a new registration narrow a place down. Everything that leaves the registry but the exact place itself is made from this.
 */
export function publicPlace({ location, locationPrivacy }: Pick<Device, 'location' | 'locationPrivacy'>): Place {
  const { latitude, longitude } = location;
  if (locationPrivacy === 'EXACT') return { latitude, longitude };
  const middle = clamped(middleOf(latitude, STEP_DEGREES), 90);
  const widthDegrees = STEP_DEGREES / Math.max(COSINE_MIN, Math.cos((middle * Math.PI) / 180));
  return { latitude: rounded(middle), longitude: rounded(clamped(middleOf(longitude, widthDegrees), 180)) };
}

function middleOf(degrees: number, stepDegrees: number): number {
  return (Math.floor(degrees / stepDegrees) + 0.5) * stepDegrees;
}

function clamped(degrees: number, most: number): number {
  return Math.min(most, Math.max(-most, degrees));
}

/** Six decimals are a tenth of a metre: more would only pretend. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
