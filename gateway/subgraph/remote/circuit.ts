import type { Clock } from '@greencity/platform/clock/port';

/** Keeps requests from a subgraph that fails, and lets one through now and then to see whether it is well again. */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half-open';
  /** Whether a request may go now. In a half-open circuit the first one that asks is the probe. */
  admits(): boolean;
  succeeded(): void;
  failed(): void;
}

export interface CircuitSettings {
  /** Failures one after the other that open it. */
  readonly failuresMax: number;
  /** How long it stays open at first; twice as long after each probe that failed. */
  readonly restMs: number;
  readonly restMsMax: number;
}

export function circuit({ failuresMax, restMs, restMsMax }: CircuitSettings, clock: Clock): Circuit {
  let failures = 0;
  let restingMs = restMs;
  let opensAgainMs: number | undefined;
  /** A probe that is never heard of again does not keep the circuit open for ever. */
  let probeUntilMs = 0;
  const state = (): Circuit['state'] => {
    if (opensAgainMs === undefined) return 'closed';
    return clock.elapsedMs() < opensAgainMs ? 'open' : 'half-open';
  };
  const rest = (): void => {
    opensAgainMs = clock.elapsedMs() + restingMs;
    probeUntilMs = 0;
  };
  return {
    get state() {
      return state();
    },
    admits() {
      if (opensAgainMs === undefined) return true;
      if (state() === 'open' || clock.elapsedMs() < probeUntilMs) return false;
      probeUntilMs = clock.elapsedMs() + restMsMax;
      return true;
    },
    succeeded() {
      failures = 0;
      restingMs = restMs;
      opensAgainMs = undefined;
      probeUntilMs = 0;
    },
    failed() {
      failures += 1;
      if (opensAgainMs === undefined && failures >= failuresMax) return rest();
      if (opensAgainMs === undefined || state() === 'open') return;
      restingMs = Math.min(restingMs * 2, restMsMax);
      rest();
    },
  };
}
