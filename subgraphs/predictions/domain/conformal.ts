/** How far a forecast may be off, judged by how far it was. */

/** The true value shall lie between the bounds 8 times in 10. */
const TAIL = 0.1;
/** With fewer errors the outermost ones stand for the tails anyway; below this they say nothing. */
const ERRORS_MIN = 10;

export interface Bounds {
  /** To be added to a forecast. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Bounds that 8 of 10 of the errors (observed minus forecast) lie within, each tail by itself; undefined for fewer than 10 errors.
 * Ranks have the finite-sample correction of split conformal prediction: with n errors the upper bound is the one at rank ⌈0.9 (n + 1)⌉.
 */
export function conformalBounds(errors: readonly number[]): Bounds | undefined {
  if (errors.length < ERRORS_MIN) return undefined;
  const ordered = Float64Array.from(errors).sort();
  const upperRank = Math.min(ordered.length, Math.ceil((1 - TAIL) * (ordered.length + 1)));
  return {
    lower: Math.min(0, ordered[ordered.length - upperRank] as number),
    upper: Math.max(0, ordered[upperRank - 1] as number),
  };
}
