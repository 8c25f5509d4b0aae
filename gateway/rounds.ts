/** Rounds of the event loop that a quick request needs from its first byte to its answer, about. */
export const QUICK_ROUNDS = 4;

/** Does something when the event loop has gone round so often. */
export function afterRounds(rounds: number, then: () => void): void {
  setImmediate(rounds > 1 ? () => afterRounds(rounds - 1, then) : then);
}
