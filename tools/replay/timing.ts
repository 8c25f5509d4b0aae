/** When a reading of the file is said to have been measured, and when it is sent. */

export interface TimingOptions {
  /** Of the file's earliest and latest row, Unix ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly startMs: number;
  /** Times real time; undefined is as fast as possible. */
  readonly speed: number | undefined;
  readonly originalTime: boolean;
  /** A later round, which goes on where the last one ended, in real time. */
  readonly live?: boolean;
}

export interface Timing {
  /** Added to each time of the file. */
  readonly shiftMs: number;
  /** When to send a reading that the file has at this time; the past for as fast as possible. */
  sendAtMs(timeMs: number): number;
}

/**
 * Times are shifted so that the data ends when the replay does: at the start when it runs as fast as possible, later when it is paced. A reading
 * is therefore never ahead of the clock, and at real time it is measured at the moment it is sent.
 */
export function timing({ firstMs, lastMs, startMs, speed, originalTime, live = false }: TimingOptions): Timing {
  if (live) return { shiftMs: startMs - firstMs, sendAtMs: (timeMs) => startMs + timeMs - firstMs };
  const spanMs = lastMs - firstMs;
  // Slower than real time the data would end in the future; it then begins now.
  const endMs = speed === undefined ? startMs : startMs + spanMs / Math.max(speed, 1);
  return {
    shiftMs: originalTime ? 0 : Math.floor(endMs - lastMs),
    sendAtMs: (timeMs) => (speed === undefined ? 0 : startMs + (timeMs - firstMs) / speed),
  };
}
