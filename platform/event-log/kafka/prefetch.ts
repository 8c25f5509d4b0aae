/** Fetches ahead of the handler: one request to each leading broker at a time, a bounded number of answers of each partition in hand. */
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import { detailOf } from './connection.ts';
import { type Fetched, fetchFrom, leaders, type Source } from './fetching.ts';

/** Answers of one partition in hand or waiting for the handler; at the limit it is not asked for more. */
const WAITING_MAX = 2;
/** The same of all partitions together: enough that the handler never waits, and little to keep. */
const WAITING_TOGETHER_MAX = 4;
const IDLE_WAIT_MS = 500;
/** While a partition is left out because enough of it waits, its broker is asked again soon. */
const BUSY_WAIT_MS = 20;
const RETRY_DELAY_FIRST_MS = 100;
const RETRY_DELAY_MAX_MS = 5_000;

export interface PrefetchOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Next offset to handle of each partition that is ours. */
  readonly positions: () => ReadonlyMap<number, number>;
  readonly onEnd: (partition: number, endOffset: number) => void;
}

export interface Prefetch {
  /** The next answer, in order of arrival; undefined when none waits. */
  next(): Fetched | undefined;
  /** Resolves when something has arrived or changed since the last look. */
  arrival(): Promise<void>;
  /** Looks again at what is ours. */
  wake(): void;
}

interface State extends PrefetchOptions {
  readonly waiting: Fetched[];
  /** What the handler was given last. */
  inHand: Fetched | undefined;
  /** Requests on their way, by broker. */
  readonly requests: Map<number, Promise<void>>;
  /** Of each partition's newest answer. */
  readonly topicIds: Map<number, string>;
  looking: Promise<void> | undefined;
  /** Something changed while we were looking. */
  changed: boolean;
  arrived: PromiseWithResolvers<void>;
  failures: number;
}

/** Starts fetching. */
export function startPrefetch(options: PrefetchOptions): Prefetch {
  const state: State = {
    ...options,
    waiting: [],
    inHand: undefined,
    requests: new Map(),
    topicIds: new Map(),
    looking: undefined,
    changed: false,
    arrived: Promise.withResolvers(),
    failures: 0,
  };
  look(state);
  return {
    next() {
      const before = state.inHand;
      state.inHand = state.waiting.shift();
      // What the handler did not take to its end is asked for again.
      if (before || state.inHand) look(state);
      return state.inHand;
    },
    arrival: () => state.arrived.promise,
    wake: () => tell(state),
  };
}

function tell(state: State): void {
  const { arrived } = state;
  state.arrived = Promise.withResolvers();
  arrived.resolve();
  look(state);
}

/** Where to go on fetching: behind what is here already and joins on to the position. */
function wanted({ positions, waiting, inHand }: State): {
  readonly open: ReadonlyMap<number, number>;
  readonly full: boolean;
} {
  const here = inHand ? [inHand, ...waiting] : waiting;
  const open = new Map<number, number>();
  if (here.length >= WAITING_TOGETHER_MAX) return { open, full: true };
  let full = false;
  for (const [partition, position] of positions()) {
    const ofPartition = here.filter((fetched) => fetched.partition === partition);
    let next = position;
    for (const { fromOffset, nextOffset } of ofPartition)
      if (fromOffset <= next && nextOffset > next) next = nextOffset;
    if (ofPartition.length >= WAITING_MAX || ofPartition.some(({ outOfRange }) => outOfRange)) full = true;
    else open.set(partition, next);
  }
  return { open, full };
}

/** Sends a request to each broker that leads something we want and is not asked already. */
function look(state: State): void {
  state.changed = true;
  if (state.signal.aborted || state.looking) return;
  state.changed = false;
  state.looking = ask(state).finally(() => {
    state.looking = undefined;
    if (state.changed) look(state);
  });
}

async function ask(state: State): Promise<void> {
  const { source, signal } = state;
  if (wanted(state).open.size === 0) return;
  const led = await leaders(source).catch((error: unknown) => pause(state, error));
  if (!led || signal.aborted) return;
  const { open, full } = wanted(state);
  const byNode = Map.groupBy(open, ([partition]) => led[partition] ?? -1);
  for (const [node, places] of byNode) {
    if (state.requests.has(node)) continue;
    const request = fetchOnce(state, { node, positions: new Map(places), waitMs: full ? BUSY_WAIT_MS : IDLE_WAIT_MS });
    state.requests.set(
      node,
      request.finally(() => {
        state.requests.delete(node);
        look(state);
      }),
    );
  }
}

async function fetchOnce(state: State, request: Parameters<typeof fetchFrom>[1]): Promise<void> {
  try {
    const answers = (await fetchFrom(state.source, request)).map((answer) => ofSameLog(state, answer));
    state.failures = 0;
    const useful = answers.filter(({ partition, nextOffset, outOfRange, endOffset }) => {
      state.onEnd(partition, endOffset);
      return outOfRange || nextOffset > (request.positions.get(partition) ?? 0);
    });
    state.waiting.push(...useful);
    if (useful.length > 0) tell(state);
  } catch (error) {
    await pause(state, error);
  }
}

/** Offsets of a topic that was deleted mean nothing in the one that took its name, though they may lie within it. */
function ofSameLog({ topicIds }: State, answer: Fetched): Fetched {
  const before = topicIds.get(answer.partition);
  topicIds.set(answer.partition, answer.topicId);
  return before === undefined || before === answer.topicId ? answer : { ...answer, outOfRange: true };
}

/** Another broker may lead by now, or the one that did is coming back. */
async function pause(state: State, error: unknown): Promise<undefined> {
  const { source, log, clock, signal } = state;
  if (signal.aborted) return;
  source.client.clearMetadata();
  const delayMs = Math.min(RETRY_DELAY_FIRST_MS * 2 ** state.failures, RETRY_DELAY_MAX_MS);
  if (state.failures === 0) log.warn({ topic: source.name, detail: detailOf(error) }, 'cannot fetch, will try again');
  state.failures += 1;
  await clock.sleep(delayMs, signal);
  if (!signal.aborted) setImmediate(() => look(state));
  return undefined;
}
