import type { RateLimit } from './port.ts';

const SECOND_MS = 1_000;

/** Until `cost` is there; never for a cost that is larger than the bucket or than what an unfilled bucket holds. */
export function waitMs(cost: number, tokens: number, { capacity, refillPerSecond }: RateLimit): number {
  if (cost > capacity || refillPerSecond <= 0) return Number.POSITIVE_INFINITY;
  return Math.ceil(((cost - tokens) / refillPerSecond) * SECOND_MS);
}
