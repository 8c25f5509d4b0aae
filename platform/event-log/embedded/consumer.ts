/** Hands a topic's records to one handler, in order and at least once. */
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import type { Counter } from '../../metrics/port.ts';
import type { ConsumeOptions, LogConsumer, LogRecord } from '../port.ts';
import type { Cursor } from './cursor.ts';
import type { Offsets } from './offsets.ts';
import type { TopicLog } from './topic-log.ts';

const COMMIT_INTERVAL_MS = 1_000;
const RETRY_DELAY_FIRST_MS = 100;
const RETRY_DELAY_MAX_MS = 30_000;

export interface ConsumerOptions {
  readonly consume: ConsumeOptions;
  readonly topicLog: TopicLog;
  readonly offsets: Offsets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failures: Counter;
  readonly skipped: Counter;
  readonly onClosed: () => void;
}

interface State extends ConsumerOptions {
  readonly commitIntervalMs: number;
  /** Undefined for an ephemeral reader, which commits nothing. */
  readonly group: string | undefined;
  readonly cursor: Cursor;
  readonly stop: AbortController;
  /** Next offset to handle. */
  position: number;
  committed: number;
  commitDueMs: number;
  readonly caughtUp: Set<{ readonly target: number; readonly resolve: () => void }>;
}

/** Starts consuming. A group that is new to the topic has its first position committed before this resolves. */
export async function startConsumer(options: ConsumerOptions): Promise<LogConsumer> {
  const state = await begin(options);
  const reader = { position: () => state.position };
  options.topicLog.readers.add(reader);
  const running = run(state);
  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    state.stop.abort();
    closing ??= running.then(async () => {
      options.topicLog.readers.delete(reader);
      await finish(state);
      options.onClosed();
    });
    return closing;
  }
  return {
    caughtUp() {
      const target = options.topicLog.endOffset();
      if (state.position >= target) return Promise.resolve();
      return new Promise((resolve) => state.caughtUp.add({ target, resolve }));
    },
    lagRecords: () => options.topicLog.endOffset() - state.position,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function begin(options: ConsumerOptions): Promise<State> {
  const { consume, topicLog, offsets, clock } = options;
  const { topic, position: from } = consume;
  const group = from.kind === 'group' ? from.group : undefined;
  const known = group === undefined ? undefined : offsets.of(group, topic);
  const position = known ?? (from.startAt === 'earliest' ? topicLog.firstOffset() : topicLog.endOffset());
  if (group !== undefined && known === undefined) await offsets.commit(group, topic, position);
  const commitIntervalMs = consume.commitIntervalMs ?? COMMIT_INTERVAL_MS;
  return {
    ...options,
    commitIntervalMs,
    group,
    cursor: topicLog.openCursor(),
    stop: new AbortController(),
    position,
    committed: position,
    commitDueMs: clock.elapsedMs() + commitIntervalMs,
    caughtUp: new Set(),
  };
}

async function run(state: State): Promise<void> {
  const { consume, topicLog, clock, stop } = state;
  const { onTaken } = consume;
  if (onTaken && !(await persist(state, 'take', () => done(onTaken(0))))) return;
  while (!stop.signal.aborted) {
    const batch = await persist(state, 'read', () => fetch(state));
    if (!batch) break;
    const last = batch.at(-1);
    if (last) {
      if (!(await persist(state, 'handle', () => done(consume.handle(batch))))) break;
      moveTo(state, last.offset + 1);
    } else if (state.position >= topicLog.endOffset()) await wait(state);
    if (clock.elapsedMs() >= state.commitDueMs) await commit(state);
  }
}

/** Tries a step until it succeeds, with a growing delay; undefined when the consumer was closed before that. */
async function persist<T>(state: State, step: string, attempt: () => Promise<T>): Promise<T | undefined> {
  const { log, consume, group, position, clock, stop } = state;
  for (let delayMs = RETRY_DELAY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS)) {
    try {
      return await attempt();
    } catch (error) {
      state.failures.add();
      const { topic } = consume;
      log.warn({ topic, group, step, position, retryDelayMs: delayMs, error }, 'consumer failed, will try again');
    }
    await clock.sleep(delayMs, stop.signal);
    if (stop.signal.aborted) return undefined;
  }
}

async function done(step: Promise<void>): Promise<true> {
  await step;
  return true;
}

async function fetch(state: State): Promise<readonly LogRecord[]> {
  const { consume, topicLog, position, group, log } = state;
  const { topic, batchRecordsMax } = consume;
  if (position >= topicLog.tail.firstOffset()) return topicLog.tail.from(position, batchRecordsMax);
  const { records, nextOffset } = await state.cursor.next(position, batchRecordsMax);
  const missing = nextOffset - position - records.length;
  // Compaction leaves gaps on purpose; elsewhere a gap is records that this consumer will never see.
  if (missing > 0 && topicLog.retention.kind === 'expire') {
    state.skipped.add(missing);
    log.warn({ topic, group, skippedRecords: missing }, 'records were removed before a consumer read them');
  }
  if (records.length === 0) moveTo(state, nextOffset);
  return records;
}

function moveTo(state: State, offset: number): void {
  state.position = offset;
  for (const waiter of state.caughtUp) {
    if (waiter.target > offset) continue;
    state.caughtUp.delete(waiter);
    waiter.resolve();
  }
}

/** Waits for records, but not past the moment when what was handled has to be committed. */
async function wait(state: State): Promise<void> {
  const { topicLog, clock, stop, position } = state;
  if (stop.signal.aborted) return;
  if (state.group === undefined || position === state.committed) return await topicLog.more(position, stop.signal);
  const due = new AbortController();
  const end = () => due.abort();
  stop.signal.addEventListener('abort', end, { once: true });
  const sleep = clock.sleep(Math.max(0, state.commitDueMs - clock.elapsedMs()), due.signal);
  await Promise.race([topicLog.more(position, due.signal), sleep]);
  stop.signal.removeEventListener('abort', end);
  end();
}

async function commit(state: State): Promise<void> {
  const { group, consume, position, log } = state;
  state.commitDueMs = state.clock.elapsedMs() + state.commitIntervalMs;
  if (group === undefined || position === state.committed) return;
  const { flush } = consume;
  if (flush && !(await persist(state, 'flush', () => done(flush())))) return;
  try {
    await state.offsets.commit(group, consume.topic, position);
    state.committed = position;
  } catch (error) {
    log.warn({ topic: consume.topic, group, error }, 'offset not committed, will try again');
  }
}

async function finish(state: State): Promise<void> {
  const { group, consume, position, log } = state;
  await state.cursor.close();
  try {
    if (group !== undefined && position !== state.committed) {
      await consume.flush?.();
      await state.offsets.commit(group, consume.topic, position);
    }
  } catch (error) {
    log.warn({ topic: consume.topic, group, error }, 'last batches not committed, will be handled again');
  }
  for (const waiter of state.caughtUp) waiter.resolve();
}
