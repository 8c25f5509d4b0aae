/** A histogram of latencies in steps of 2 %, so that millions of them need a few kilobytes. */
export interface Latencies {
  note(latencyMs: number): void;
  /** Upper end of the step that the given share of latencies lies below, ms; 0 when there are none. */
  percentile(share: number): number;
}

const STEP = 1.02;
const SMALLEST_MS = 0.01;
const STEPS = 900;

export function latencies(): Latencies {
  const counts = new Uint32Array(STEPS);
  const perStep = 1 / Math.log(STEP);
  let total = 0;
  return {
    note(latencyMs) {
      const step = latencyMs <= SMALLEST_MS ? 0 : Math.ceil(Math.log(latencyMs / SMALLEST_MS) * perStep);
      const slot = Math.min(step, STEPS - 1);
      counts[slot] = (counts[slot] ?? 0) + 1;
      total += 1;
    },
    percentile(share) {
      let below = 0;
      for (let step = 0; step < STEPS && total > 0; step += 1) {
        below += counts[step] ?? 0;
        if (below >= share * total) return Number((SMALLEST_MS * STEP ** step).toFixed(3));
      }
      return 0;
    },
  };
}
