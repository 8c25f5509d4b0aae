/** When keys are published, sign and leave. Pure: what there is and what time it is, in; what there should be, out. */

/** How long a key is published before it signs: longer than anybody keeps our key set. */
export const PUBLISHED_BEFORE_MS = 15 * 60_000;
/** How long a key is published after it has signed last: as long as the longest token lives, that of tools. */
export const PUBLISHED_AFTER_MS = 30 * 24 * 3_600_000;

/** A key's times. */
export interface KeyTimes {
  readonly signsFromMs: number;
}

/** What is to be done with a ring of keys, oldest first. */
export interface KeyWork<K extends KeyTimes> {
  /** Signs now. */
  readonly signing: K | undefined;
  /** Stay published: the one that signs, those that will, and those whose tokens may still be good. */
  readonly published: readonly K[];
  /** No later key waits, and the one that signs has done so for its time. */
  readonly successorDue: boolean;
}

/** The state of a ring at a moment. `signsForMs` is how long a key signs. */
export function keyWork<K extends KeyTimes>(keys: readonly K[], nowMs: number, signsForMs: number): KeyWork<K> {
  const inOrder = [...keys].sort((one, other) => one.signsFromMs - other.signsFromMs);
  const published = inOrder.filter((_, index) => {
    const successor = inOrder[index + 1];
    return successor === undefined || successor.signsFromMs + PUBLISHED_AFTER_MS > nowMs;
  });
  const signing = published.findLast((key) => key.signsFromMs <= nowMs);
  const newest = published.at(-1);
  const successorDue = newest !== undefined && newest.signsFromMs + signsForMs - PUBLISHED_BEFORE_MS <= nowMs;
  return { signing, published, successorDue };
}
