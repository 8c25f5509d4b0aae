/** Commits what was handled: after `flush`, and only of what is still this consumer's. */
import { detailOf } from './connection.ts';
import { type ConsumerState, done, type Owned, persist } from './consumer-state.ts';

function uncommitted({ owned, group }: ConsumerState): readonly Owned[] {
  return group === undefined ? [] : [...owned.values()].filter(({ position, committed }) => position !== committed);
}

/** Commits what has been handled since the last time; what fails is committed with the next. */
export async function commit(state: ConsumerState): Promise<void> {
  const { consume, log } = state;
  state.commitDueMs = state.clock.elapsedMs() + state.commitIntervalMs;
  const { flush } = consume;
  const moved = uncommitted(state).map((owned) => ({ owned, position: owned.position }));
  if (moved.length === 0) return;
  if (flush && !(await persist(state, 'flush', () => done(flush())))) return;
  try {
    await commitOwned(state, moved);
  } catch (error) {
    log.warn(
      { topic: consume.topic, group: state.group, detail: detailOf(error) },
      'offset not committed, will try again',
    );
  }
}

/** What was taken from us meanwhile is the business of whoever has it now. */
async function commitOwned(
  state: ConsumerState,
  moved: readonly { readonly owned: Owned; readonly position: number }[],
) {
  const ours = moved.filter(({ owned }) => state.owned.get(owned.partition) === owned);
  await state.membership?.commit(new Map(ours.map(({ owned, position }) => [owned.partition, position])));
  for (const { owned, position } of ours) owned.committed = position;
}

/** Commits what is left when a consumer ends, which must not wait for a cluster that is away. */
export async function commitLast(state: ConsumerState): Promise<void> {
  const { consume, log, group } = state;
  try {
    const moved = uncommitted(state).map((owned) => ({ owned, position: owned.position }));
    if (moved.length > 0) {
      await consume.flush?.();
      await commitOwned(state, moved);
    }
  } catch (error) {
    log.warn(
      { topic: consume.topic, group, detail: detailOf(error) },
      'last batches not committed, will be handled again',
    );
  }
}
