/** Which partitions are a consumer's own, and where it begins in them. */
import { type ConsumerState, type Owned, persist } from './consumer-state.ts';
import { EARLIEST, LATEST, offsetsAt } from './fetching.ts';
import { joinGroup } from './membership.ts';
import { settle } from './progress.ts';

/** Joins the group. Its assignments, which come while it is being joined, take effect once it can be asked where it stands. */
export async function join(state: ConsumerState, group: string): Promise<void> {
  const joined = Promise.withResolvers<void>();
  state.assigning = joined.promise;
  state.membership = await joinGroup({
    ...state,
    group,
    topic: state.source.name,
    signal: state.stop.signal,
    beforeAssigned: async () => {
      if (state.owned.size > 0) await state.handover.request();
    },
    onAssigned: (partitions, continued) => assign(state, partitions, continued),
  });
  joined.resolve();
}

/** What an ephemeral reader has. */
export const allPartitions = ({ partitions }: ConsumerState) =>
  Array.from({ length: partitions }, (_, partition) => partition);

/** Puts an assignment in force, after those before it: loads where its partitions stand, and forgets the others. */
export function assign(state: ConsumerState, partitions: readonly number[], continued: boolean): void {
  state.assignment += 1;
  const { assignment } = state;
  const kept = new Map([...state.owned].filter(([partition]) => continued && partitions.includes(partition)));
  state.owned = kept;
  const added = partitions.filter((partition) => !kept.has(partition));
  const before = state.assigning;
  state.assigning = before.then(async () => {
    await persist(state, 'assign', async () => {
      if (assignment !== state.assignment) return true;
      for (const owned of await startingPlaces(state, added)) kept.set(owned.partition, owned);
      return true;
    });
    settle(state);
    if (assignment === state.assignment) state.handover.finish();
    state.prefetch?.wake();
  });
}

async function startingPlaces(state: ConsumerState, partitions: readonly number[]): Promise<readonly Owned[]> {
  if (partitions.length === 0) return [];
  const { consume, membership, source } = state;
  const known = (await membership?.committed(partitions)) ?? new Map<number, number>();
  const fresh = await offsetsAt(source, consume.position.startAt === 'earliest' ? EARLIEST : LATEST);
  const places = partitions.map((partition): Owned => {
    const position = known.get(partition) ?? fresh[partition] ?? 0;
    return { partition, position, committed: position, taken: false };
  });
  const first = places.filter(({ partition }) => !known.has(partition));
  await membership?.commit(new Map(first.map(({ partition, position }) => [partition, position])));
  return places;
}
