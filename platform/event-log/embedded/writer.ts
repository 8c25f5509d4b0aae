/** Appends to a topic. What arrives while a group is being synced forms the next one (group commit). */
import { AppError } from '../../errors.ts';
import type { LogRecord, NewRecord } from '../port.ts';
import { type AppenderOptions, type GroupAppender, openGroupAppender } from './group-appender.ts';
import { writeError } from './log-file.ts';
import { BODY_BYTES_MAX, frameBytesMax, HEADER_BYTES } from './record-format.ts';

/** A group takes no further call beyond this, so that its first caller does not wait long. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;

export interface WriterOptions extends AppenderOptions {
  /** Most bytes that may wait, about; beyond it append rejects with LOG_UNWRITABLE. */
  readonly waitingBytesMax: number;
  /** Called with each durable group, before its callers are told. */
  readonly onDurable: (records: readonly LogRecord[]) => void;
  readonly onFailure: (error: AppError) => void;
}

export interface Writer {
  append(records: readonly NewRecord[]): Promise<number>;
  /** Closes the newest segment, if it has records, and begins another. */
  roll(): Promise<void>;
  /** Waits for what was appended, then closes the file. */
  close(): Promise<void>;
}

interface Call {
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: AppError) => void;
}

interface State extends WriterOptions {
  readonly appender: GroupAppender;
  waiting: Call[];
  waitingBytes: number;
  readonly rolls: PromiseWithResolvers<void>[];
  draining: Promise<void> | undefined;
  closed: boolean;
}

/** A writer on the newest segment. */
export async function openWriter(options: WriterOptions): Promise<Writer> {
  const appender = await openGroupAppender(options);
  const state: State = {
    ...options,
    appender,
    waiting: [],
    waitingBytes: 0,
    rolls: [],
    draining: undefined,
    closed: false,
  };
  return {
    append: (records) =>
      new Promise((resolve, reject) => {
        const bytes = admit(state, records);
        state.waitingBytes += bytes;
        state.waiting.push({ records, bytes, resolve, reject });
        state.draining ??= drain(state);
      }),
    roll() {
      const roll = Promise.withResolvers<void>();
      state.rolls.push(roll);
      state.draining ??= drain(state);
      return roll.promise;
    },
    async close() {
      state.closed = true;
      await state.draining;
      await appender.close();
    },
  };
}

/** Size of a call's records, about. @throws AppError LOG_UNWRITABLE for what cannot be taken */
function admit(
  { topic, closed, waiting, waitingBytes, waitingBytesMax }: State,
  records: readonly NewRecord[],
): number {
  if (closed) throw new AppError('LOG_UNWRITABLE', `${topic}: the log is closed`);
  let bytes = 0;
  for (const record of records) {
    if (frameBytesMax(record) > BODY_BYTES_MAX) {
      throw new AppError(
        'LOG_UNWRITABLE',
        `${topic}: a record of more than ${Math.floor(BODY_BYTES_MAX / 3)} characters`,
      );
    }
    bytes += HEADER_BYTES + record.key.length + record.value.length;
  }
  if (waitingBytes + bytes > waitingBytesMax && waiting.length > 0) {
    throw new AppError('LOG_UNWRITABLE', `${topic}: ${waitingBytes} bytes wait already`);
  }
  return bytes;
}

async function drain(state: State): Promise<void> {
  // One turn of the event loop, so that messages which arrive together are synced together.
  await new Promise((resolve) => setImmediate(resolve));
  while (state.rolls.length > 0 || state.waiting.length > 0) {
    const roll = state.rolls.shift();
    if (roll) await rollNow(state, roll);
    else await commit(state);
  }
  state.draining = undefined;
}

async function rollNow({ appender, topic, folder }: State, roll: PromiseWithResolvers<void>): Promise<void> {
  try {
    await appender.roll();
    roll.resolve();
  } catch (cause) {
    roll.reject(writeError(`${topic} in ${folder}`, cause));
  }
}

/** Takes the calls of the next group out of the queue; the first always belongs to it. */
function takeGroup(state: State): { readonly calls: readonly Call[]; readonly bytes: number } {
  let bytes = 0;
  let count = 0;
  while (count < state.waiting.length && (count === 0 || bytes < GROUP_BYTES_MAX)) {
    bytes += state.waiting[count]?.bytes ?? 0;
    count += 1;
  }
  state.waitingBytes -= bytes;
  if (count < state.waiting.length) return { calls: state.waiting.splice(0, count), bytes };
  const calls = state.waiting;
  state.waiting = [];
  return { calls, bytes };
}

async function commit(state: State): Promise<void> {
  const group = takeGroup(state);
  let durable: readonly LogRecord[];
  try {
    durable = await state.appender.write(group);
  } catch (cause) {
    const error = writeError(`${state.topic} in ${state.folder}`, cause);
    state.onFailure(error);
    for (const call of group.calls) call.reject(error);
    return;
  }
  state.onDurable(durable);
  let offset = durable[0]?.offset ?? 0;
  for (const call of group.calls) {
    call.resolve(offset);
    offset += call.records.length;
  }
}
