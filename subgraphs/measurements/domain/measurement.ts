import { HUMIDITY_CORRECTION } from '@greencity/air/humidity';
import type { Metric } from '@greencity/air/metric';

/** One stored value of a device. */
export interface Measurement {
  readonly deviceId: string;
  readonly metric: Metric;
  /** As measured, in the metric's unit. */
  readonly value: number;
  /** After correction; NaN where none applies. */
  readonly corrected: number;
  /** Unix ms. */
  readonly timeMs: number;
  /** Bits of air/quality.ts. */
  readonly flags: number;
}

/** A device or zone that another subgraph owns: known here by its id alone. */
export interface Reference {
  readonly id: string;
}

/** The value after correction; null where none applies. */
export function correctedValue({ corrected }: Measurement): number | null {
  return Number.isNaN(corrected) ? null : corrected;
}

/** The correction behind the corrected value; null where there is none. There has been one correction so far, so that the store need not keep which. */
export function correctionOf({ corrected }: Measurement): typeof HUMIDITY_CORRECTION | null {
  return Number.isNaN(corrected) ? null : HUMIDITY_CORRECTION;
}
