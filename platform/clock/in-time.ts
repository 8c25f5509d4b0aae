import type { Clock } from './port.ts';

export interface InTime {
  readonly withinMs: number;
  readonly clock: Clock;
}

/**
 * What was waited for, or undefined when it did not come in time; it goes on by itself then. What has arrived while this process was busy counts as in time.
 * @throws what was waited for
 */
export async function inTime<T extends NonNullable<unknown>>(
  answer: Promise<T>,
  { withinMs, clock }: InTime,
): Promise<T | undefined> {
  const answered = new AbortController();
  const late = clock.sleep(withinMs, answered.signal).then(afterReading);
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}

/** Once what lies in the sockets has been read. */
function afterReading(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(undefined))));
}
