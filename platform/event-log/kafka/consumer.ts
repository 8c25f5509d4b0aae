/** Hands a topic's records to one handler, batch after batch, in the order of each partition and at least once. */
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import type { Counter } from '../../metrics/port.ts';
import type { ConsumeOptions, LogConsumer, LogRecord } from '../port.ts';
import { detailOf, type KafkaConnection } from './connection.ts';
import { EARLIEST, type Fetched, LATEST, offsetsAt, type Source } from './fetching.ts';
import { createHandover, type Handover } from './handover.ts';
import { joinGroup, type Membership } from './membership.ts';
import { type Prefetch, startPrefetch } from './prefetch.ts';

const COMMIT_INTERVAL_MS = 1_000;
const RETRY_DELAY_FIRST_MS = 100;
const RETRY_DELAY_MAX_MS = 30_000;

export interface ConsumerOptions {
  readonly consume: ConsumeOptions;
  readonly connection: KafkaConnection;
  readonly source: Source;
  readonly partitions: number;
  /** As the cluster knows it; undefined for an ephemeral reader. */
  readonly group: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failures: Counter;
  readonly skipped: Counter;
  readonly onClosed: () => void;
}

/** A partition that is this consumer's. */
interface Owned {
  readonly partition: number;
  /** Next offset to handle. */
  position: number;
  committed: number;
  taken: boolean;
}

interface State extends ConsumerOptions {
  readonly commitIntervalMs: number;
  readonly stop: AbortController;
  membership: Membership | undefined;
  /** Of the present assignment; another assignment has another map. */
  owned: Map<number, Owned>;
  readonly ends: Map<number, number>;
  prefetch: Prefetch | undefined;
  commitDueMs: number;
  /** Settled when the newest assignment is in force. */
  assigning: Promise<void>;
  assignment: number;
  readonly handover: Handover;
  readonly caughtUp: Set<Waiter>;
}

interface Waiter {
  readonly targets: ReadonlyMap<number, number>;
  readonly resolve: () => void;
}

export interface KafkaConsumer extends LogConsumer {
  /** Tells how far the topic goes, as this process has just heard. */
  noteEnds(ends: ReadonlyMap<number, number>): void;
}

/** Starts consuming. A group that is new to the topic has its first positions committed before this resolves. */
export async function startConsumer(options: ConsumerOptions): Promise<KafkaConsumer> {
  const { consume, clock, group } = options;
  const commitIntervalMs = consume.commitIntervalMs ?? COMMIT_INTERVAL_MS;
  const state: State = {
    ...options,
    commitIntervalMs,
    stop: new AbortController(),
    membership: undefined,
    owned: new Map(),
    ends: new Map(),
    prefetch: undefined,
    commitDueMs: clock.nowMs() + commitIntervalMs,
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

/** Joins the group. Its assignments, which come while it is being joined, take effect once it can be asked where it stands. */
async function join(state: State, group: string): Promise<void> {
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

const allPartitions = ({ partitions }: State) => Array.from({ length: partitions }, (_, partition) => partition);

/** Puts an assignment in force, after those before it: loads where its partitions stand, and forgets the others. */
function assign(state: State, partitions: readonly number[], continued: boolean): void {
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

async function startingPlaces(state: State, partitions: readonly number[]): Promise<readonly Owned[]> {
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

async function run(state: State): Promise<void> {
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
    if (clock.nowMs() >= state.commitDueMs) await commit(state);
  }
}

async function take(state: State, owned: Owned): Promise<void> {
  const { onTaken } = state.consume;
  const still = () => state.owned.get(owned.partition) === owned;
  if (onTaken && !(await persist(state, 'take', () => done(onTaken(owned.partition)), still))) return;
  owned.taken = true;
}

/** Handles what one partition gave, unless it is no longer, or not quite, what comes next. */
async function handle(state: State, fetched: Fetched): Promise<void> {
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
    if (state.clock.nowMs() >= state.commitDueMs) await commit(state);
  }
  moveTo(state, owned, Math.max(owned.position, fetched.nextOffset));
}

/** Retention took what comes next, or the topic was made anew: goes on where the log begins, and says what is missing. */
async function passOver(state: State, owned: Owned): Promise<void> {
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

async function done(step: Promise<void>): Promise<true> {
  await step;
  return true;
}

/** Tries a step until it succeeds, with a growing delay; undefined when the consumer was closed, or the step lost its sense, before that. */
async function persist<T>(
  state: State,
  step: string,
  attempt: () => Promise<T>,
  still = () => true,
): Promise<T | undefined> {
  const { log, consume, group, clock, stop } = state;
  for (let delayMs = RETRY_DELAY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS)) {
    try {
      return await attempt();
    } catch (error) {
      state.failures.add();
      const { topic } = consume;
      log.warn(
        { topic, group, step, retryDelayMs: delayMs, detail: detailOf(error), error },
        'consumer failed, will try again',
      );
    }
    await clock.sleep(delayMs, stop.signal);
    if (stop.signal.aborted || !still()) return undefined;
  }
}

function noteEnd(state: State, partition: number, endOffset: number): void {
  if (endOffset > (state.ends.get(partition) ?? 0)) state.ends.set(partition, endOffset);
}

function moveTo(state: State, owned: Owned, offset: number): void {
  owned.position = offset;
  settle(state);
}

/** Tells those who wait for a position that has been reached, or that is no longer ours to reach. */
function settle({ caughtUp, owned }: State): void {
  for (const waiter of caughtUp) {
    const behind = [...waiter.targets].some(
      ([partition, target]) => (owned.get(partition)?.position ?? target) < target,
    );
    if (behind) continue;
    caughtUp.delete(waiter);
    waiter.resolve();
  }
}

function lag({ owned, ends }: State): number {
  let records = 0;
  for (const { partition, position } of owned.values()) records += Math.max(0, (ends.get(partition) ?? 0) - position);
  return records;
}

async function caughtUp(state: State): Promise<void> {
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

/** Waits for records, but not past the moment when what was handled has to be committed. */
async function wait(state: State): Promise<void> {
  const { clock, stop, prefetch } = state;
  if (stop.signal.aborted) return;
  const due = new AbortController();
  const quit = () => due.abort();
  stop.signal.addEventListener('abort', quit, { once: true });
  await Promise.race([prefetch?.arrival(), clock.sleep(Math.max(0, state.commitDueMs - clock.nowMs()), due.signal)]);
  stop.signal.removeEventListener('abort', quit);
  quit();
}

function uncommitted({ owned, group }: State): readonly Owned[] {
  return group === undefined ? [] : [...owned.values()].filter(({ position, committed }) => position !== committed);
}

async function commit(state: State): Promise<void> {
  const { consume, log } = state;
  state.commitDueMs = state.clock.nowMs() + state.commitIntervalMs;
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
async function commitOwned(state: State, moved: readonly { readonly owned: Owned; readonly position: number }[]) {
  const ours = moved.filter(({ owned }) => state.owned.get(owned.partition) === owned);
  await state.membership?.commit(new Map(ours.map(({ owned, position }) => [owned.partition, position])));
  for (const { owned, position } of ours) owned.committed = position;
}

/** Finishes the batch in hand, flushes, commits and leaves. */
async function end(state: State, running: Promise<void>): Promise<void> {
  const { consume, log, group } = state;
  state.stop.abort();
  state.handover.finish();
  await running;
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
  await state.membership?.leave();
  await state.source.client.close(true).catch(() => undefined);
  for (const waiter of state.caughtUp) waiter.resolve();
  state.onClosed();
}
