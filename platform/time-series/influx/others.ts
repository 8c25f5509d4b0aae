/**
 * What other processes have written. Each request carries a line that says from which time on its points are, stamped by the server, so that
 * clocks of ours do not matter; who finds another's line reads the newest points anew from there.
 */
import { randomUUID } from 'node:crypto';
import type { InfluxConnection } from './connection.ts';
import { keep, text, where } from './flux.ts';
import { type Buckets, WRITES } from './layout.ts';
import type { Names } from './names.ts';
import { learnNewest } from './newest.ts';

export interface Others {
  /** The line that tells of a request of ours. */
  line(fromMs: number): string;
  /** Learns what others have written, unless that was done a moment ago. */
  learn(): Promise<void>;
  /** From the next `learn` on points from this time on are read anew: we no longer know what became of a write. */
  doubt(fromMs: number): void;
}

export interface OthersOptions {
  readonly connection: InfluxConnection;
  readonly buckets: Buckets;
  readonly names: Names;
  readonly rawFloorMs: () => number;
}

/** For so long what was learned is taken as it is. */
const FRESH_MS = 500;
/** Lines are stamped before they can be read: how far behind the newest the next question begins. */
const OVERLAP_MS = 10_000;

/** @param options the store's parts. Nothing is read before the first `learn` */
export function hearOthers({ connection, buckets, names, rawFloorMs }: OthersOptions): Others {
  const writer = randomUUID();
  let doubtFromMs = Number.POSITIVE_INFINITY;
  /** By a clock that only ever goes forward, as far as we are concerned. */
  let beganMs = performance.now();
  let learnedMs = Number.NEGATIVE_INFINITY;
  let learning: Promise<void> | undefined;
  let heard = new Set<string>();

  async function learn(): Promise<void> {
    let fromMs = doubtFromMs;
    doubtFromMs = Number.POSITIVE_INFINITY;
    try {
      const seen = new Set<string>();
      const nowMs = performance.now();
      const sinceMs = Math.ceil(nowMs - beganMs) + OVERLAP_MS;
      const range = `from(bucket: ${text(buckets.raw)}) |> range(start: -${sinceMs}ms)`;
      const flux = `${range} ${where(WRITES, `r.writer != ${text(writer)}`)} ${keep('_time', '_value', 'writer')}`;
      await connection.ask(flux, ['_time', '_value', 'writer'], ([at = '', from, by]) => {
        const key = `${at} ${by}`;
        seen.add(key);
        if (!heard.has(key)) fromMs = Math.min(fromMs, Number(from));
      });
      heard = seen;
      beganMs = nowMs;
      learnedMs = performance.now();
      if (fromMs === Number.POSITIVE_INFINITY) return;
      await learnNewest(connection, buckets, { names, fromMs: Math.max(fromMs, rawFloorMs()) });
    } catch (error) {
      doubtFromMs = Math.min(doubtFromMs, fromMs);
      throw error;
    }
  }
  return {
    line: (fromMs) => `${WRITES},writer=${writer} fromMs=${fromMs}i`,
    async learn() {
      if (learning !== undefined) return await learning;
      if (performance.now() - learnedMs < FRESH_MS && doubtFromMs === Number.POSITIVE_INFINITY) return;
      learning = learn().finally(() => {
        learning = undefined;
      });
      await learning;
    },
    doubt(fromMs) {
      doubtFromMs = Math.min(doubtFromMs, fromMs);
    },
  };
}
