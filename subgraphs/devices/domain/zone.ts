import type { Rings } from '@greencity/air/place';
import { type Checked, type Fault, settle } from './fault.ts';
import { checkName, ID_REASON, isId } from './naming.ts';

/** A polygon of the city. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Closed rings of [longitude, latitude]; a ring within a ring is a hole. */
  readonly boundary: Rings;
}

/** The zone of every place that lies in no other. It has no boundary and is never stored. */
export const OUTSIDE: Zone = { id: 'outside', name: 'Outside all zones', region: '', boundary: [] };

/** Limits of one zone; a coast line at 10 m steps stays below them. */
export const RINGS_MAX = 100;
export const POSITIONS_MAX = 10_000;

/** Checks a zone. Paths start with `input`. */
export function checkZone(input: Zone): Checked<Zone> {
  const faults: Fault[] = [];
  if (!isId(input.id)) faults.push({ path: 'input.id', reason: ID_REASON });
  else if (input.id === OUTSIDE.id) faults.push({ path: 'input.id', reason: `must not be \`${OUTSIDE.id}\`` });
  const name = checkName(input.name, 'input.name', faults);
  const region = checkName(input.region, 'input.region', faults);
  checkBoundary(input.boundary, faults);
  return settle(faults, { id: input.id, name, region, boundary: input.boundary });
}

function checkBoundary(boundary: Rings, faults: Fault[]): void {
  const path = 'input.boundary';
  const positions = boundary.reduce((sum, ring) => sum + ring.length, 0);
  if (boundary.length < 1 || boundary.length > RINGS_MAX) {
    faults.push({ path, reason: `must be 1 to ${RINGS_MAX} rings` });
  } else if (positions > POSITIONS_MAX) {
    faults.push({ path, reason: `must be at most ${POSITIONS_MAX} positions in all` });
  } else {
    for (const [index, ring] of boundary.entries()) checkRing(ring, `${path}[${index}]`, faults);
  }
}

function checkRing(ring: Rings[number], path: string, faults: Fault[]): void {
  const wrong = ring.findIndex((position) => !isPosition(position));
  if (wrong >= 0) {
    const reason = 'must be [longitude, latitude] in degrees, -180 to 180 and -90 to 90';
    faults.push({ path: `${path}[${wrong}]`, reason });
    return;
  }
  const first = ring[0];
  const last = ring.at(-1);
  if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) {
    faults.push({ path, reason: 'must end where it starts' });
  } else if (ring.length < 4 || doubledArea(ring) === 0) {
    faults.push({ path, reason: 'must enclose an area: at least three different corners, and the first one again' });
  }
}

function isPosition(position: readonly number[]): boolean {
  const [longitude, latitude] = position;
  if (position.length !== 2 || longitude === undefined || latitude === undefined) return false;
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

/** Twice the signed area in square degrees, relative to the first corner so that small rings far from 0, 0 keep their digits (shoelace formula). */
function doubledArea(ring: Rings[number]): number {
  const [x0 = 0, y0 = 0] = ring[0] ?? [];
  let sum = 0;
  for (let index = 1; index < ring.length; index++) {
    const [x1 = 0, y1 = 0] = ring[index - 1] ?? [];
    const [x2 = 0, y2 = 0] = ring[index] ?? [];
    sum += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
  }
  return sum;
}
