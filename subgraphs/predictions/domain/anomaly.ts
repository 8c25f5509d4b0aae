/** Faults in a device's values. */
import type { Metric } from '@greencity/air/metric';

export type AnomalyKind = 'SPIKE' | 'STUCK' | 'GAP' | 'HUMIDITY_ARTEFACT' | 'DRIFT';

/** A fault, from its first to its last value; a gap from the last value before it to the first after it. */
export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly toMs: number | undefined;
  /** How sure, 0 to 1. */
  readonly score: number;
}

/** A fault of a device's metric. One of a kind starts at a moment: kind, metric and start name it. */
export interface DeviceAnomaly extends Anomaly {
  readonly metric: Metric;
}

/** Sureness of a deviation of so many times what is allowed: half at the limit, and rising to 1. */
export function scoreOf(deviation: number, limit: number): number {
  return 1 - 1 / (1 + (deviation / limit) ** 2);
}
