import type { Environment } from './device.ts';
import { type Checked, type Fault, settle } from './fault.ts';
import { folded } from './naming.ts';
import type { DeviceStatus } from './status.ts';

/** Most devices of a page, and of an answer to "what is near". */
export const PAGE_MAX = 200;
export const NEAREST_MAX = 100;
export const SEARCH_LENGTH_MAX = 100;

/** Degrees, WGS 84. A west greater than east crosses the antimeridian. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Conditions that all must hold; null is none. `search` is folded. */
export interface DeviceFilter {
  readonly within: Box | null;
  readonly zone: string | null;
  readonly status: DeviceStatus | null;
  readonly environment: Environment | null;
  readonly search: string | null;
}

/** Conditions as a client gives them. */
export type FilterInput = { readonly [Key in keyof DeviceFilter]?: DeviceFilter[Key] };

/** Checks a filter. Paths start with `filter`. */
export function checkFilter(input: FilterInput): Checked<DeviceFilter> {
  const faults: Fault[] = [];
  if (input.within) checkBox(input.within, faults);
  const search = folded(input.search ?? '').trim();
  if (search.length > SEARCH_LENGTH_MAX) {
    faults.push({ path: 'filter.search', reason: `must be at most ${SEARCH_LENGTH_MAX} characters` });
  }
  return settle(faults, {
    within: input.within ?? null,
    zone: input.zone ?? null,
    status: input.status ?? null,
    environment: input.environment ?? null,
    search: search || null,
  });
}

function checkBox(box: Box, faults: Fault[]): void {
  const bounded = (edge: keyof Box, limit: number) => {
    if (!(Math.abs(box[edge]) <= limit)) {
      faults.push({ path: `filter.within.${edge}`, reason: `must be -${limit} to ${limit}` });
    }
  };
  bounded('west', 180);
  bounded('south', 90);
  bounded('east', 180);
  bounded('north', 90);
  if (box.south > box.north) faults.push({ path: 'filter.within.south', reason: 'must not be greater than north' });
}

/** Whether a place lies in a box, edges included. */
export function boxHolds(box: Box, place: { readonly latitude: number; readonly longitude: number }): boolean {
  if (place.latitude < box.south || place.latitude > box.north) return false;
  const eastOfWest = place.longitude >= box.west;
  const westOfEast = place.longitude <= box.east;
  return box.west <= box.east ? eastOfWest && westOfEast : eastOfWest || westOfEast;
}
