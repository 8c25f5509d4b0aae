/** Hands a topic's records to one handler, batch after batch, in the order of each partition and at least once. */
import type { LogConsumer, LogRecord } from '../port.ts';
import { allPartitions, assign, join } from './assigning.ts';
import { commit, commitLast } from './committing.ts';
import { type ConsumerOptions, type ConsumerState, done, type Owned, persist } from './consumer-state.ts';
import { EARLIEST, type Fetched, offsetsAt } from './fetching.ts';
import { createHandover } from './handover.ts';
import { startPrefetch } from './prefetch.ts';
import { caughtUp, lag, moveTo, noteEnd, settle } from './progress.ts';

const COMMIT_INTERVAL_MS = 1_000;

export interface KafkaConsumer extends LogConsumer {
  /** Tells how far the topic goes, as this process has just heard. */
  noteEnds(ends: ReadonlyMap<number, number>): void;
}

/** Starts consuming. A group that is new to the topic has its first positions committed before this resolves. */
export async function startConsumer(options: ConsumerOptions): Promise<KafkaConsumer> {
  const { consume, clock, group } = options;
  const commitIntervalMs = consume.commitIntervalMs ?? COMMIT_INTERVAL_MS;
  const state: ConsumerState = {
    ...options,
    commitIntervalMs,
    stop: new AbortController(),
    membership: undefined,
    owned: new Map(),
    ends: new Map(),
    prefetch: undefined,
    commitDueMs: clock.elapsedMs() + commitIntervalMs,
    assigning: Promise.resolve(),
    assignment: 0,
    handover: createHandover(clock, () => state.prefetch?.wake()),
    caughtUp: new Set(),
  };
  if (group === undefined) assign(state, allPartitions(state), false);
  else await join(state, group);
  await state.assigning;
  state.prefetch = startPrefetch({
    ...options,
    signal: state.stop.signal,
    positions: () => new Map([...state.owned].map(([partition, { position }]) => [partition, position])),
    onEnd: (partition, endOffset) => noteEnd(state, partition, endOffset),
  });
  const running = run(state);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= end(state, running);
    return closing;
  };
  return {
    caughtUp: () => caughtUp(state),
    lagRecords: () => lag(state),
    noteEnds(ends) {
      for (const [partition, endOffset] of ends) noteEnd(state, partition, endOffset);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function run(state: ConsumerState): Promise<void> {
  const { stop, clock, prefetch, handover } = state;
  while (!stop.signal.aborted) {
    if (handover.isRequested) {
      await commit(state);
      await handover.standStill();
      continue;
    }
    const untaken = [...state.owned.values()].find(({ taken }) => !taken);
    const fetched = untaken ? undefined : prefetch?.next();
    if (untaken) await take(state, untaken);
    else if (fetched) await handle(state, fetched);
    else await wait(state);
    if (clock.elapsedMs() >= state.commitDueMs) await commit(state);
  }
}

async function take(state: ConsumerState, owned: Owned): Promise<void> {
  const { onTaken } = state.consume;
  const still = () => state.owned.get(owned.partition) === owned;
  if (onTaken && !(await persist(state, 'take', () => done(onTaken(owned.partition)), still))) return;
  owned.taken = true;
}

/** Handles what one partition gave, unless it is no longer, or not quite, what comes next. */
async function handle(state: ConsumerState, fetched: Fetched): Promise<void> {
  const owned = state.owned.get(fetched.partition);
  // What was fetched before an assignment may begin beyond where we now stand.
  if (!owned || fetched.fromOffset > owned.position) return;
  if (fetched.outOfRange) return await passOver(state, owned);
  const { batchRecordsMax, handle: apply } = state.consume;
  const still = () => state.owned.get(fetched.partition) === owned;
  const fresh = fetched.records.filter(({ offset }) => offset >= owned.position);
  for (let from = 0; from < fresh.length; from += batchRecordsMax) {
    const batch = fresh.slice(from, from + batchRecordsMax);
    if (state.stop.signal.aborted || state.handover.isRequested || !still()) return;
    if (!(await persist(state, 'handle', () => done(apply(batch)), still))) return;
    moveTo(state, owned, (batch.at(-1) as LogRecord).offset + 1);
    if (state.clock.elapsedMs() >= state.commitDueMs) await commit(state);
  }
  moveTo(state, owned, Math.max(owned.position, fetched.nextOffset));
}

/** Retention took what comes next, or the topic was made anew: goes on where the log begins, and says what is missing. */
async function passOver(state: ConsumerState, owned: Owned): Promise<void> {
  const first = await persist(
    state,
    'read',
    async () => (await offsetsAt(state.source, EARLIEST))[owned.partition] ?? 0,
  );
  if (first === undefined) return;
  const { topic, position } = state.consume;
  const group = position.kind === 'group' ? position.group : undefined;
  const skippedRecords = Math.max(0, first - owned.position);
  state.skipped.add(skippedRecords);
  state.log.warn({ topic, group, skippedRecords, goesOnAt: first }, 'records were removed before a consumer read them');
  owned.position = first;
  owned.committed = Math.min(owned.committed, first);
  state.ends.delete(owned.partition);
  settle(state);
}

/** Waits for records, but not past the moment when what was handled has to be committed. */
async function wait(state: ConsumerState): Promise<void> {
  const { clock, stop, prefetch } = state;
  if (stop.signal.aborted) return;
  const due = new AbortController();
  const quit = () => due.abort();
  stop.signal.addEventListener('abort', quit, { once: true });
  await Promise.race([
    prefetch?.arrival(),
    clock.sleep(Math.max(0, state.commitDueMs - clock.elapsedMs()), due.signal),
  ]);
  stop.signal.removeEventListener('abort', quit);
  quit();
}

/** Finishes the batch in hand, flushes, commits and leaves. */
async function end(state: ConsumerState, running: Promise<void>): Promise<void> {
  state.stop.abort();
  state.handover.finish();
  await running;
  await commitLast(state);
  await state.membership?.leave();
  await state.source.client.close(true).catch(() => undefined);
  for (const waiter of state.caughtUp) waiter.resolve();
  state.onClosed();
}
