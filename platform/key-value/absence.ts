import type { Logger } from '../log/port.ts';
import type { Metrics } from '../metrics/port.ts';

/** Whether the store that processes share is away: told to the log once, and once that it is back, and in two metrics. */
export interface Absence {
  readonly isAway: boolean;
  /** It refused, or did not answer in time. */
  missed(error?: unknown): void;
  /** It answered. */
  answered(): void;
  /** Something was decided here alone. */
  decided(): void;
  /** Tells an absence that has lasted; to be called now and then. */
  check(nowMs: number): void;
}

/** One slow answer is no news. */
const TOLD_AFTER_MS = 500;

export function openAbsence(log: Logger, metrics: Metrics): Absence {
  let isAway = false;
  let sinceMs: number | undefined;
  let isTold = false;
  let why: unknown;
  const decisions = metrics.counter(
    'greencity_limits_alone_total',
    'What was counted by this process alone, since the store that processes share was away.',
  );
  metrics.gauge('greencity_limits_alone', '1 while this process counts alone.', () => (isAway ? 1 : 0));
  return {
    get isAway() {
      return isAway;
    },
    missed(error) {
      if (!isAway) sinceMs = undefined;
      isAway = true;
      why = error ?? why;
    },
    answered() {
      if (isTold) log.info({}, 'limits are counted by all processes together again');
      isAway = false;
      isTold = false;
      why = undefined;
    },
    decided: () => decisions.add(),
    check(nowMs) {
      if (!isAway || isTold) return;
      sinceMs ??= nowMs;
      if (nowMs - sinceMs < TOLD_AFTER_MS) return;
      isTold = true;
      log.warn({ error: why ?? 'it does not answer' }, 'limits are counted by this process alone for now');
    },
  };
}
