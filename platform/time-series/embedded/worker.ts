import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import { batchIn } from './batch.ts';
import { bucketQuery } from './bucket-query.ts';
import { type Engine, openEngine } from './engine.ts';
import { diskFiles } from './files.ts';
import { type Jobs, type Outcome, openJobs } from './jobs.ts';
import { expire, isFull, maintain } from './maintenance.ts';
import type { Answer, Asked, Failure, Start, Told, Written } from './messages.ts';
import { opened, sizes } from './opened.ts';
import { rawQuery } from './raw-query.ts';
import { openWritePath, type WritePath } from './write-path.ts';

/** The store's own thread: takes requests from one port, writes at once and together, everything else in slices. */

const SLICE_MS = 8;
/** Rows that one commit takes in: more wait for the next. */
const ROWS_PER_COMMIT_MAX = 100_000;

interface Thread {
  readonly port: MessagePort;
  readonly engine: Engine;
  readonly writes: WritePath;
  readonly jobs: Jobs;
  /** Written and not durable yet. */
  acks: { readonly id: number; readonly written: Written }[];
  rowsStaged: number;
  /** True while a seal, a merge or an expiry is under way; `chores` wait for it. */
  choring: boolean;
  readonly chores: (() => void)[];
  scheduled: boolean;
  nowMs: number;
}

function tell(port: MessagePort, told: Told, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(told, transfer);
}

function failureOf(cause: unknown): Failure {
  if (cause instanceof AppError) return { code: cause.code, subject: cause.subject, detail: String(cause.cause ?? '') };
  return {
    code: undefined,
    subject: '',
    detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  };
}

function answer(port: MessagePort, id: number, result: Answer, transfer: readonly ArrayBuffer[] = []): void {
  tell(port, { kind: 'answer', id, answer: result }, transfer);
}

function fail(port: MessagePort, id: number, cause: unknown): void {
  tell(port, { kind: 'failure', id, failure: failureOf(cause) });
}

/** Makes what is staged durable, then tells those who wait for it. */
function commit(thread: Thread): void {
  const { acks, port } = thread;
  if (acks.length === 0) return;
  thread.acks = [];
  thread.rowsStaged = 0;
  try {
    thread.writes.commit();
  } catch (cause) {
    for (const { id } of acks) fail(port, id, cause);
    return;
  }
  for (const { id, written } of acks) answer(port, id, written, [written.buffer]);
  if (isFull(thread.engine) && !thread.engine.sealFailed && !thread.choring) runMaintenance(thread, () => {});
}

function write(thread: Thread, id: number, request: Asked['request'] & { readonly kind: 'write' }): void {
  const { writes, port } = thread;
  const { rows, buffer, names } = request;
  thread.nowMs = request.nowMs;
  // Writes that are faster than seals wait for them here, so that memory stays bounded.
  while (thread.choring && thread.engine.hot.points() >= thread.engine.options.hotPointsMax * 2) thread.jobs.slice();
  try {
    if (names) writes.name(names.deviceIds, names.metrics);
    const { duplicates, conflicts, expired } = writes.stage(batchIn(buffer, rows));
    thread.acks.push({ id, written: { duplicates, conflicts, expired, buffer, rows } });
    thread.rowsStaged += rows;
  } catch (cause) {
    fail(port, id, cause);
  }
  if (thread.rowsStaged >= ROWS_PER_COMMIT_MAX) commit(thread);
}

/** Runs seals, merges and expiry one after the other, each in slices. */
function runChore<T>(thread: Thread, work: () => Generator<void, T, void>, ended: (outcome: Outcome<T>) => void): void {
  const start = () => {
    thread.choring = true;
    thread.jobs.add(work(), (outcome) => {
      thread.choring = false;
      thread.engine.sealFailed = outcome.kind === 'failed';
      if (outcome.kind === 'failed') tellOfFailure(thread, outcome.cause);
      ended(outcome);
      tell(thread.port, { kind: 'sizes', sizes: sizes(thread.engine) });
      thread.chores.shift()?.();
    });
  };
  if (thread.choring) thread.chores.push(start);
  else start();
}

function tellOfFailure({ engine }: Thread, cause: unknown): void {
  engine.options.tell(
    'error',
    { cause: String(cause) },
    'the time-series store cannot seal; points stay in memory and in its log',
  );
}

function runMaintenance(thread: Thread, ended: () => void): void {
  runChore(thread, () => maintain(thread.engine, thread.nowMs), ended);
}

function runJob<T extends Answer>(thread: Thread, id: number, work: Generator<void, T, void>): void {
  thread.jobs.add(work, (outcome) => {
    if (outcome.kind === 'failed') fail(thread.port, id, outcome.cause);
    else answer(thread.port, id, outcome.result, buffersOf(outcome.result));
  });
}

function buffersOf(result: Answer): readonly ArrayBuffer[] {
  if (typeof result !== 'object') return [];
  const buffers: ArrayBuffer[] = [];
  const columns =
    'statistics' in result ? [...Object.values(result), ...Object.values(result.statistics)] : Object.values(result);
  for (const column of columns) if (ArrayBuffer.isView(column)) buffers.push(column.buffer as ArrayBuffer);
  return buffers;
}

function runExpiry(thread: Thread, id: number, nowMs: number): void {
  const { engine, port } = thread;
  runChore(
    thread,
    () => expire(engine, nowMs),
    (outcome) => {
      if (outcome.kind === 'done') answer(port, id, outcome.result);
      else fail(port, id, new AppError('STORE_UNWRITABLE', engine.options.folder, { cause: outcome.cause }));
    },
  );
}

function take(thread: Thread, { id, request }: Asked): void {
  const { engine } = thread;
  // What was written before must be durable before it is seen.
  if (request.kind !== 'write') commit(thread);
  switch (request.kind) {
    case 'write':
      write(thread, id, request);
      break;
    case 'raw':
      runJob(thread, id, rawQuery(engine, request.query));
      break;
    case 'buckets':
      runJob(thread, id, bucketQuery(engine, request.query));
      break;
    case 'expire':
      runExpiry(thread, id, request.nowMs);
      break;
    case 'tick':
      thread.nowMs = request.nowMs;
      runMaintenance(thread, () => answer(thread.port, id, undefined));
      break;
    case 'close':
      close(thread, id);
      break;
  }
}

/** Ends what runs, without starting anything new. */
function close(thread: Thread, id: number): void {
  while (thread.jobs.slice()) {}
  thread.engine.log.close();
  thread.engine.sealed.close();
  answer(thread.port, id, undefined);
  thread.port.close();
}

/** Takes all that has come, then runs one slice of what is waiting, again and again until there is nothing left. */
function turn(thread: Thread): void {
  for (let next = receiveMessageOnPort(thread.port); next; next = receiveMessageOnPort(thread.port)) {
    take(thread, next.message as Asked);
  }
  commit(thread);
  if (!thread.jobs.slice() || thread.scheduled) return;
  thread.scheduled = true;
  setImmediate(() => {
    thread.scheduled = false;
    turn(thread);
  });
}

function run({ port, ...start }: Start): void {
  let engine: Engine;
  try {
    engine = openEngine({
      ...start,
      files: diskFiles(),
      tell: (level, attributes, message) => tell(port, { kind: 'log', level, attributes, message }),
    });
  } catch (cause) {
    tell(port, { kind: 'failedToOpen', failure: failureOf(cause) });
    port.close();
    return;
  }
  const thread: Thread = {
    ...{ port, engine, acks: [], rowsStaged: 0, choring: false, chores: [], scheduled: false, nowMs: 0 },
    writes: openWritePath(engine),
    jobs: openJobs(SLICE_MS),
  };
  tell(port, { kind: 'opened', opened: opened(engine) });
  tell(port, { kind: 'sizes', sizes: sizes(engine) });
  port.on('message', (asked: Asked) => {
    take(thread, asked);
    turn(thread);
  });
}

run(workerData as Start);
