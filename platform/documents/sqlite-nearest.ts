import { distanceM } from '@greencity/air/place';
import type { Box, Place } from './port.ts';
import { type Condition, inBox } from './sqlite-questions.ts';

export interface Near {
  readonly id: string;
  readonly distanceM: number;
}

const EARTH_RADIUS_M = 6_371_008.8;
const HALF_CIRCUMFERENCE_M = Math.PI * EARTH_RADIUS_M;
const DEGREES = 180 / Math.PI;
const FIRST_RADIUS_M = 1_000;
const GROWTH = 4;

/**
 * The nearest places, nearest first. Asks for the places of ever larger boxes until enough lie within the circle that the box encloses:
 * only then can none outside be nearer.
 */
export function nearestIds(
  place: Place,
  first: number,
  placesIn: (box: Condition) => readonly unknown[],
): readonly Near[] {
  for (let radiusM = FIRST_RADIUS_M; ; radiusM *= GROWTH) {
    const everywhere = radiusM >= HALF_CIRCUMFERENCE_M;
    const near = (placesIn(inBox(boxAround(place, radiusM))) as ({ readonly id: string } & Place)[])
      .map((found) => ({ id: found.id, distanceM: distanceM(place, found) }))
      .filter((found) => everywhere || found.distanceM <= radiusM);
    if (near.length < first && !everywhere) continue;
    return near.sort((a, b) => a.distanceM - b.distanceM || (a.id < b.id ? -1 : 1)).slice(0, first);
  }
}

/** The smallest box of degrees around a circle on the sphere. */
function boxAround({ latitude, longitude }: Place, radiusM: number): Box {
  const angle = radiusM / EARTH_RADIUS_M;
  const south = latitude - angle * DEGREES;
  const north = latitude + angle * DEGREES;
  // A circle around a pole has every longitude.
  if (south <= -90 || north >= 90) return { south, north, west: -180, east: 180 };
  const width = Math.asin(Math.min(1, Math.sin(angle) / Math.cos(latitude / DEGREES))) * DEGREES;
  return { south, north, west: wrapped(longitude - width), east: wrapped(longitude + width) };
}

function wrapped(longitude: number): number {
  return longitude < -180 ? longitude + 360 : longitude > 180 ? longitude - 360 : longitude;
}
