import { type Box, boxFault } from '@greencity/air/place';
import type { Environment } from './device.ts';
import { type Checked, type Fault, settle } from './fault.ts';
import { folded } from './naming.ts';
import type { DeviceStatus } from './status.ts';

/** Most devices of a page, and of an answer to "what is near". */
export const PAGE_MAX = 200;
export const NEAREST_MAX = 100;
export const SEARCH_LENGTH_MAX = 100;

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
  const boxReason = input.within ? boxFault(input.within) : undefined;
  if (boxReason !== undefined) faults.push({ path: 'filter.within', reason: boxReason });
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
