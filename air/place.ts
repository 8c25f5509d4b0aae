/** Places on the earth (WGS 84, taken as a sphere), boxes, polygons and map tiles. */

export interface Place {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
}

/** A rectangle in degrees; `west` greater than `east` crosses the antimeridian. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface Tile {
  readonly x: number;
  readonly y: number;
}

/** Closed rings of [longitude, latitude], as in GeoJSON. */
export type Rings = readonly (readonly (readonly number[])[])[];

/** Mean radius of the earth (IUGG). */
const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;
/** Web Mercator ends here: the map is square up to this latitude. */
const MERCATOR_LATITUDE_MAX = 85.0511287798066;

/** Metres between two places along the great circle (haversine). */
export function distanceM(a: Place, b: Place): number {
  const halfLatitude = Math.sin(((b.latitude - a.latitude) * RADIANS) / 2);
  const halfLongitude = Math.sin(((b.longitude - a.longitude) * RADIANS) / 2);
  const chord =
    halfLatitude ** 2 + Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * halfLongitude ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Whether a place lies in a box, its edges included. */
export function boxContains(box: Box, place: Place): boolean {
  if (place.latitude < box.south || place.latitude > box.north) return false;
  return box.west <= box.east
    ? place.longitude >= box.west && place.longitude <= box.east
    : place.longitude >= box.west || place.longitude <= box.east;
}

/** What is wrong with a box, or undefined. */
export function boxFault(box: Box): string | undefined {
  const { west, south, east, north } = box;
  if (![west, south, east, north].every(Number.isFinite)) return 'west, south, east and north must be numbers';
  if (south < -90 || north > 90) return 'south and north must be -90 to 90';
  if (west < -180 || west > 180 || east < -180 || east > 180) return 'west and east must be -180 to 180';
  return south > north ? 'south must not be greater than north' : undefined;
}

/** Whether a place lies in a polygon of outer rings (even-odd rule: rings within rings are holes). A place exactly on an edge may go either way. */
export function polygonContains(rings: Rings, place: Place): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let index = 0, before = ring.length - 1; index < ring.length; before = index++) {
      const [x1 = 0, y1 = 0] = ring[index] ?? [];
      const [x2 = 0, y2 = 0] = ring[before] ?? [];
      const crosses = y1 > place.latitude !== y2 > place.latitude;
      if (crosses && place.longitude < ((x2 - x1) * (place.latitude - y1)) / (y2 - y1) + x1) inside = !inside;
    }
  }
  return inside;
}

/** Web Mercator tile of a place at a zoom level, counted from the north-west. */
export function tileOf(place: Place, zoom: number): Tile {
  const tiles = 2 ** zoom;
  const latitude = Math.max(-MERCATOR_LATITUDE_MAX, Math.min(MERCATOR_LATITUDE_MAX, place.latitude)) * RADIANS;
  const x = Math.floor(((place.longitude + 180) / 360) * tiles);
  const y = Math.floor(((1 - Math.asinh(Math.tan(latitude)) / Math.PI) / 2) * tiles);
  return { x: Math.max(0, Math.min(tiles - 1, x)), y: Math.max(0, Math.min(tiles - 1, y)) };
}

/** Tiles that a box touches; undefined when they are more than `tilesMax`. */
export function tilesOfBox(box: Box, zoom: number, tilesMax: number): readonly Tile[] | undefined {
  const northWest = tileOf({ latitude: box.north, longitude: box.west }, zoom);
  const southEast = tileOf({ latitude: box.south, longitude: box.east }, zoom);
  const tiles = 2 ** zoom;
  const columns = box.west <= box.east ? southEast.x - northWest.x + 1 : tiles - northWest.x + southEast.x + 1;
  const rows = southEast.y - northWest.y + 1;
  if (columns * rows > tilesMax) return undefined;
  const found: Tile[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1)
      found.push({ x: (northWest.x + column) % tiles, y: northWest.y + row });
  }
  return found;
}
