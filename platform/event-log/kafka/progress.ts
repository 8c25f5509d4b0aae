/** How far a consumer has come, and how far the topic goes. */
import type { ConsumerState, Owned } from './consumer-state.ts';
import { LATEST, offsetsAt } from './fetching.ts';

/** Hears how far a partition goes. */
export function noteEnd(state: ConsumerState, partition: number, endOffset: number): void {
  if (endOffset > (state.ends.get(partition) ?? 0)) state.ends.set(partition, endOffset);
}

/** What comes before the offset has been handled. */
export function moveTo(state: ConsumerState, owned: Owned, offset: number): void {
  owned.position = offset;
  settle(state);
}

/** Tells those who wait for a position that has been reached, or that is no longer ours to reach. */
export function settle({ caughtUp, owned }: ConsumerState): void {
  for (const waiter of caughtUp) {
    const behind = [...waiter.targets].some(
      ([partition, target]) => (owned.get(partition)?.position ?? target) < target,
    );
    if (behind) continue;
    caughtUp.delete(waiter);
    waiter.resolve();
  }
}

/** Records that wait, as far as is known here. */
export function lag({ owned, ends }: ConsumerState): number {
  let records = 0;
  for (const { partition, position } of owned.values()) records += Math.max(0, (ends.get(partition) ?? 0) - position);
  return records;
}

/** Resolves when everything that is in the topic now has been handled, or the consumer ends. */
export async function caughtUp(state: ConsumerState): Promise<void> {
  const ends = await offsetsAt(state.source, LATEST);
  await state.assigning;
  ends.forEach((endOffset, partition) => {
    noteEnd(state, partition, endOffset);
  });
  const targets = new Map([...state.owned.keys()].map((partition) => [partition, ends[partition] ?? 0]));
  await new Promise<void>((resolve) => {
    state.caughtUp.add({ targets, resolve });
    if (state.stop.signal.aborted) resolve();
    else settle(state);
  });
}
