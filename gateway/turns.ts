import { AppError } from '@greencity/platform/errors';
import { clientKey, isLocal } from './http/client-address.ts';

/**
 * Turns at work that holds up everybody while it runs: reading a text that nobody sent before, planning it, executing what is dear. Clients take turns, however
 * much each of them asks for, and between two pieces everything that is quick goes on.
 */
export interface Turns {
  /** Resolves when it is this client's turn, to do one piece of work at once. @throws AppError RATE_LIMITED when too much of this client waits already */
  take(from: string | undefined): Promise<void>;
}

/** Pieces of one client that wait. Programs on this machine itself may have as many as they like: behind them may stand everybody. */
export const WAITING_PER_CLIENT_MAX = 100;
/** Rounds of the event loop between two pieces: about as many as a quick request needs from its first byte to its answer. */
const ROUNDS_BETWEEN = 4;

export function openTurns(): Turns {
  /** Those who wait, by client; the client whose turn is next is first. */
  const waiting = new Map<string, (() => void)[]>();
  let working = false;
  const next = (): void => {
    const [first] = waiting;
    if (!first) {
      working = false;
      return;
    }
    const [client, pieces] = first;
    const piece = pieces.shift();
    waiting.delete(client);
    if (pieces.length > 0) waiting.set(client, pieces);
    afterRounds(ROUNDS_BETWEEN, next);
    piece?.();
  };
  return {
    take(from) {
      if (from === undefined) return Promise.resolve();
      if (!working) {
        working = true;
        afterRounds(ROUNDS_BETWEEN, next);
        return Promise.resolve();
      }
      const client = clientKey(from);
      const pieces = waiting.get(client) ?? [];
      if (pieces.length >= WAITING_PER_CLIENT_MAX && !isLocal(from))
        return Promise.reject(
          new AppError(
            'RATE_LIMITED',
            `at most ${WAITING_PER_CLIENT_MAX} new or dear operations of one client wait at a time`,
          ),
        );
      waiting.set(client, pieces);
      return new Promise((resolve) => pieces.push(resolve));
    },
  };
}

function afterRounds(rounds: number, then: () => void): void {
  setImmediate(rounds > 1 ? () => afterRounds(rounds - 1, then) : then);
}
