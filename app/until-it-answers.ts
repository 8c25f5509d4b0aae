/** Engines start together with the programs that use them: whoever comes first waits. */
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';

const DELAY_FIRST_MS = 500;
const DELAY_MAX_MS = 15_000;

export interface Waiting {
  /** As people call it. */
  readonly engine: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens an engine, again and again while it does not answer (UNAVAILABLE). What it answers is no reason to wait: wrong credentials are an error at once. */
export async function untilItAnswers<T>({ engine, clock, log }: Waiting, open: () => Promise<T>): Promise<T> {
  for (let delayMs = DELAY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, DELAY_MAX_MS)) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'UNAVAILABLE')) throw error;
      log.warn({ engine, retryDelayMs: delayMs, detail: error.subject }, 'an engine does not answer, will try again');
    }
    await clock.sleep(delayMs);
  }
}
