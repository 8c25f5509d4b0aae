/** The map of the simulated city: districts, roads, and where the nodes stand. Invented, but on dry land beside the North Sea. */
import type { ZoneDraft } from '../operator/roster.ts';
import { hash, uniform, wave } from './noise.ts';

/** Metres east and north of the city's centre. */
export interface Point {
  readonly east: number;
  readonly north: number;
}

/** Centre of the city; districts end before the coast at about -2.08. */
const CENTRE = { latitude: 57.15, longitude: -2.14 };
const METRES_PER_DEGREE_NORTH = 111_320;
const METRES_PER_DEGREE_EAST = METRES_PER_DEGREE_NORTH * Math.cos((CENTRE.latitude * Math.PI) / 180);

export const REGION = 'Simulated city';
const INNER_RADIUS_M = 1_500;
const OUTER_RADIUS_M = 5_500;
/** The coast lies this far east of the centre. */
const COAST_M = 3_000;
const STEPS_PER_SECTOR = 12;
const CENTRE_NAME = 'Market Cross';
/** Counter-clockwise from the east. */
const SECTOR_NAMES = ['Harbour Rise', 'Northgate', 'Mill Lade', 'Kingswell', 'Westfield', 'Southmuir', 'Granite Hill'];

/** Degrees of a point, to about a metre. */
export function degrees({ east, north }: Point): { readonly latitude: number; readonly longitude: number } {
  const round = (value: number) => Math.round(value * 1e5) / 1e5;
  return {
    latitude: round(CENTRE.latitude + north / METRES_PER_DEGREE_NORTH),
    longitude: round(CENTRE.longitude + east / METRES_PER_DEGREE_EAST),
  };
}

export interface District {
  readonly id: string;
  readonly name: string;
  contains(point: Point): boolean;
  readonly zone: ZoneDraft;
}

export interface Road {
  readonly from: Point;
  readonly to: Point;
  /** 0 to 1. */
  readonly traffic: number;
}

export interface Plan {
  readonly districts: readonly District[];
  readonly roads: readonly Road[];
}

/** Distance of a district's border from the centre, in a direction given in turns; uneven, and never in the sea. */
function radius(seed: number, ring: 'inner' | 'outer', turns: number): number {
  const around = turns - Math.floor(turns);
  // The last twelfth leads back to the first value, so that the ring closes.
  const rough =
    around < 11 / 12
      ? wave(seed, 1, around * 12)
      : wave(seed, 1, 11) + (wave(seed, 1, 0) - wave(seed, 1, 11)) * (around * 12 - 11);
  const wanted = (ring === 'inner' ? INNER_RADIUS_M : OUTER_RADIUS_M) * (1 + 0.15 * rough);
  const eastward = Math.cos(2 * Math.PI * around);
  return ring === 'inner' || eastward <= 0 ? wanted : Math.min(wanted, COAST_M / eastward);
}

const polar = (turns: number, distance: number): Point => ({
  east: distance * Math.cos(2 * Math.PI * turns),
  north: distance * Math.sin(2 * Math.PI * turns),
});

function draft(name: string, corners: readonly Point[]): ZoneDraft {
  const ring = [...corners, corners[0] ?? { east: 0, north: 0 }].map((corner) => {
    const { latitude, longitude } = degrees(corner);
    return [longitude, latitude] as const;
  });
  const id = `sim-${name.toLowerCase().replaceAll(' ', '-')}`;
  return { id, name: `${name} (simulated)`, region: REGION, boundary: [ring] };
}

function makeDistricts(seed: number): readonly District[] {
  const steps = STEPS_PER_SECTOR * SECTOR_NAMES.length;
  const border = (ring: 'inner' | 'outer', step: number) => polar(step / steps, radius(seed, ring, step / steps));
  const place = ({ east, north }: Point) => {
    const turns = (Math.atan2(north, east) / (2 * Math.PI) + 1) % 1;
    const distance = Math.hypot(east, north);
    return {
      sector: Math.floor(turns * SECTOR_NAMES.length),
      inside: distance < radius(seed, 'inner', turns),
      outside: distance >= radius(seed, 'outer', turns),
    };
  };
  const innerRing = Array.from({ length: steps }, (_, step) => border('inner', step));
  const centre: District = {
    ...named(draft(CENTRE_NAME, innerRing), CENTRE_NAME),
    contains: (point) => place(point).inside,
  };
  const sectors = SECTOR_NAMES.map((name, sector): District => {
    const along = Array.from({ length: STEPS_PER_SECTOR + 1 }, (_, step) => sector * STEPS_PER_SECTOR + step);
    const corners = [
      ...along.map((step) => border('outer', step)),
      ...along.toReversed().map((step) => border('inner', step)),
    ];
    return {
      ...named(draft(name, corners), name),
      contains(point) {
        const at = place(point);
        return at.sector === sector && !at.inside && !at.outside;
      },
    };
  });
  return [centre, ...sectors];
}

const named = (zone: ZoneDraft, name: string) => ({ id: zone.id, name, zone });

function makeRoads(seed: number): readonly Road[] {
  const roads: Road[] = [];
  const radials = SECTOR_NAMES.length;
  for (let index = 0; index < radials; index += 1) {
    const turns = (index + 0.2 + 0.6 * uniform(seed, 2, index)) / radials;
    const traffic = 0.4 + 0.6 * uniform(seed, 3, index);
    roads.push({ from: { east: 0, north: 0 }, to: polar(turns, radius(seed, 'outer', turns)), traffic });
  }
  const ringSteps = 24;
  for (let step = 0; step < ringSteps; step += 1) {
    const at = (index: number) => polar(index / ringSteps, 1.25 * radius(seed, 'inner', index / ringSteps));
    roads.push({ from: at(step), to: at(step + 1), traffic: 0.9 });
  }
  return roads;
}

/** The city of a seed. */
export function cityPlan(seed: number): Plan {
  return { districts: makeDistricts(hash(seed, 1)), roads: makeRoads(hash(seed, 2)) };
}

/** Metres from a point to a road. */
function distanceTo({ from, to }: Road, point: Point): number {
  const [east, north] = [to.east - from.east, to.north - from.north];
  const along = ((point.east - from.east) * east + (point.north - from.north) * north) / (east * east + north * north);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point.east - from.east - share * east, point.north - from.north - share * north);
}

/** Exhaust falls to a third within so many metres of a road. */
const ROAD_REACH_M = 120;

/** How much of its roads' traffic a place breathes, 0 to about 1. */
export function roadExposure(roads: readonly Road[], point: Point): number {
  return Math.max(...roads.map((road) => road.traffic * Math.exp(-distanceTo(road, point) / ROAD_REACH_M)));
}

/** A district is an eighth of the city, so that this many are never needed. */
const ATTEMPTS_MAX = 10_000;

/** A place in a district, by chance: one in three beside a road. */
export function placeIn(district: District, roads: readonly Road[], key: readonly number[]): Point {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const point =
      uniform(...key, attempt, 1) < 1 / 3 ? besideRoad(roads, [...key, attempt]) : anywhere([...key, attempt]);
    if (district.contains(point)) return point;
  }
  throw new Error(`no place found in ${district.name}`);
}

function anywhere(key: readonly number[]): Point {
  return polar(uniform(...key, 2), OUTER_RADIUS_M * 1.2 * Math.sqrt(uniform(...key, 3)));
}

function besideRoad(roads: readonly Road[], key: readonly number[]): Point {
  const road = roads[Math.floor(uniform(...key, 4) * roads.length)] ?? roads[0];
  if (!road) return anywhere(key);
  const share = uniform(...key, 5);
  return {
    east: road.from.east + share * (road.to.east - road.from.east) + 60 * (uniform(...key, 6) - 0.5),
    north: road.from.north + share * (road.to.north - road.from.north) + 60 * (uniform(...key, 7) - 0.5),
  };
}
