/** What goes wrong with cheap sensors, so that quality control has something to find. About one node in eight has one kind of fault. */
import { uniform } from './noise.ts';

export const FAULT_KINDS = ['STUCK', 'SPIKE', 'DRIFT', 'DROP_OUT', 'HUMID'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const HOUR_MS = 3_600_000;
/** A faulty node has at most one episode in each block of this length. */
const BLOCK_MS = 48 * HOUR_MS;
const FAULTY_SHARE = 1 / 8;
const EPISODE_SHARE = 0.6;
/** One reading in so many is a spike while the episode lasts. */
const SPIKE_EVERY = 40;

/** A fault that is going on. */
export interface Fault {
  readonly kind: FaultKind;
  readonly sinceMs: number;
}

/** The fault that a node has, if it is one of the faulty ones. */
export function faultKind(key: number): FaultKind | undefined {
  if (uniform(key, 50) >= FAULTY_SHARE) return undefined;
  return FAULT_KINDS[Math.floor(uniform(key, 51) * FAULT_KINDS.length)];
}

/** The fault that shows at a moment. Drift and humid artefacts come with the sensor and last; the others come in episodes of 2 to 12 hours. */
export function faultAt(key: number, timeMs: number): Fault | undefined {
  const kind = faultKind(key);
  if (kind === undefined) return undefined;
  if (kind === 'DRIFT' || kind === 'HUMID') return { kind, sinceMs: 0 };
  const block = Math.floor(timeMs / BLOCK_MS);
  if (uniform(key, 52, block) >= EPISODE_SHARE) return undefined;
  const lengthMs = (2 + 10 * uniform(key, 53, block)) * HOUR_MS;
  const sinceMs = block * BLOCK_MS + uniform(key, 54, block) * (BLOCK_MS - lengthMs);
  return timeMs >= sinceMs && timeMs < sinceMs + lengthMs ? { kind, sinceMs } : undefined;
}

/** True for the odd reading that a spike falls on. */
export function isSpike(key: number, timeMs: number): boolean {
  return uniform(key, 55, Math.floor(timeMs / 1000), Math.floor(timeMs / 1e9)) < 1 / SPIKE_EVERY;
}
