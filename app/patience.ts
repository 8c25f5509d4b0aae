/** Engines start together with the programs that use them, and their users may be made later: whoever comes first waits, and says what for. */
import type { Clock } from '@greencity/platform/clock/port';
import { AppError, type ErrorCode } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';

const DELAY_FIRST_MS = 500;
const DELAY_MAX_MS = 15_000;
/** Told at the first, second, fourth, eighth try, and then at each of so many: ten minutes apart. */
const TRIES_TOLD = 40;

/** What somebody outside of this process can mend: an engine that is not there yet, its users, its disk, the file that holds our secret. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNAVAILABLE',
  'ENGINE_UNREACHABLE',
  'ENGINE_REFUSED',
  'ENGINE_UNTRUSTED',
  'STORE_REFUSED',
  'STORE_MISSING',
  'STORE_NEWER',
  'STORE_UNWRITABLE',
  'LOG_UNWRITABLE',
  'LOG_FULL',
]);
/** What passes by itself in most cases; of the others somebody should know. */
const EXPECTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNAVAILABLE', 'ENGINE_UNREACHABLE']);

export interface Patience {
  /** What is waited for now, and why it cannot be used yet. */
  readonly waiting: ReadonlyMap<string, AppError>;
  /** Opens something, again and again while it fails with what may pass. @throws what it fails with otherwise, and the signal's reason */
  untilItOpens<T>(name: string, open: () => Promise<T>): Promise<T>;
}

export interface PatienceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether there is anything outside that could get better; without it, the first failure is the last. */
  readonly waits: boolean;
  /** Ends all waiting. */
  readonly signal?: AbortSignal;
}

/** A process that ended instead would be started again at once, fail again, and tell nobody at `/ready` why. */
export function openPatience({ clock, log, waits, signal }: PatienceOptions): Patience {
  const waiting = new Map<string, AppError>();

  function tell(part: string, { code, subject }: AppError, tries: number): void {
    if (waiting.get(part)?.code === code && !isTold(tries)) return;
    const attributes = { part, code, tries, detail: subject };
    if (EXPECTED.has(code)) log.warn(attributes, 'cannot be used yet, will try again');
    else log.error(attributes, 'cannot be used until somebody mends it, will try again');
  }

  return {
    waiting,
    async untilItOpens(name, open) {
      let delayMs = DELAY_FIRST_MS;
      for (let tries = 1; ; tries += 1) {
        try {
          const opened = await open();
          if (waiting.delete(name)) log.info({ part: name, tries }, 'can be used now');
          return opened;
        } catch (error) {
          if (!waits || !(error instanceof AppError) || !PASSING.has(error.code)) throw error;
          tell(name, error, tries);
          waiting.set(name, error);
        }
        await clock.sleep(delayMs, signal);
        signal?.throwIfAborted();
        delayMs = Math.min(delayMs * 2, DELAY_MAX_MS);
      }
    },
  };
}

function isTold(tries: number): boolean {
  return tries % TRIES_TOLD === 0 || (tries < TRIES_TOLD && Number.isInteger(Math.log2(tries)));
}
