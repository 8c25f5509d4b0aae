/** The moments at which a node measures. */
import { hash } from './noise.ts';

/** The last hour is dense; before that, history has a reading every five minutes. */
const DENSE_MS = 3_600_000;
const HISTORY_STEP_MS = 300_000;

export interface Schedule {
  /** Moments after `fromMs` and up to `untilMs` at which the node measures, in order. */
  moments(nodeId: string, fromMs: number, untilMs: number): readonly number[];
  /** True when the node has measured something since `sentToMs`. */
  due(nodeId: string, sentToMs: number, nowMs: number): boolean;
}

/** Each node measures once in each interval, at a moment of its own, so that they do not all speak at once. */
export function schedule(intervalMs: number): Schedule {
  const phaseOf = (nodeId: string) => {
    const seconds = Math.max(1, Math.floor(intervalMs / 1000));
    return (hash(...Buffer.from(nodeId)) % seconds) * 1000;
  };
  const latest = (nodeId: string, nowMs: number, stepMs: number) => {
    const phaseMs = phaseOf(nodeId);
    return Math.floor((nowMs - phaseMs) / stepMs) * stepMs + phaseMs;
  };
  return {
    moments(nodeId, fromMs, untilMs) {
      const found: number[] = [];
      const step = (afterMs: number) =>
        untilMs - afterMs > DENSE_MS ? Math.max(HISTORY_STEP_MS, intervalMs) : intervalMs;
      for (let atMs = fromMs; ; ) {
        const stepMs = step(atMs);
        atMs = latest(nodeId, atMs, stepMs) + stepMs;
        if (atMs > untilMs) return found;
        found.push(atMs);
      }
    },
    due: (nodeId, sentToMs, nowMs) => latest(nodeId, nowMs, intervalMs) > sentToMs,
  };
}
