import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import type { CollectionOptions, Documents } from './port.ts';
import { type AskEngine, createCollection, type Writes } from './sqlite-collection.ts';
import type { EngineOptions } from './sqlite-engine.ts';
import { errorOf } from './sqlite-failure.ts';
import { openReader } from './sqlite-reader.ts';
import { definitionOf, rowMaker, type TableDefinition } from './sqlite-table.ts';
import type { Answer, Call } from './sqlite-thread.ts';

export interface SqliteDocumentsOptions {
  /** The file; made when it is missing. Its folder must exist. */
  readonly path: string;
  /** Most bytes of the file; a write beyond it is refused with STORE_UNWRITABLE. Without it, as large as the disk. */
  readonly bytesMax?: number;
}

/** Calls that wait for the thread; one more is refused with UNAVAILABLE. */
const CALLS_MAX = 10_000;
const REBUILD_ROWS = 1_000;

/**
 * Documents in one SQLite file: a table for each collection, WAL with synchronous=FULL, in a thread of its own; single documents are read beside it.
 * @throws AppError STORE_UNWRITABLE, STORE_CORRUPT
 */
export async function openSqliteDocuments({ path, bytesMax }: SqliteDocumentsOptions): Promise<Documents> {
  const thread = await startThread({ path, bytesMax });
  const reader = openReader(path);
  const opened = new Map<string, Opened>();

  async function settle<T>(options: CollectionOptions<T>, definition: TableDefinition): Promise<void> {
    if ((await thread.ask('openTable', definition)) === 'ready') return;
    const row = rowMaker(options);
    await thread.ask('beginRebuild', definition);
    for (let after = ''; ; ) {
      const found = await thread.ask('rowsAfter', definition.name, after, REBUILD_ROWS);
      const last = found.at(-1);
      if (!last) break;
      const rows = found.map(({ id, version, json }) => ({ ...row(id, JSON.parse(json) as T), version }));
      await thread.ask('stage', definition, rows);
      after = last.id;
    }
    await thread.ask('finishRebuild', definition);
  }

  const close = (): Promise<void> => {
    // First, so that the thread's is the last connection and puts the file in order.
    reader.close();
    return thread.close();
  };
  return {
    async collection<T>(options: CollectionOptions<T>) {
      const definition = definitionOf(options);
      let known = opened.get(definition.name);
      if (known && known.fingerprint !== definition.fingerprint) {
        throw new Error(`the collection ${definition.name} is already open with another definition`);
      }
      if (!known) {
        known = { fingerprint: definition.fingerprint, writes: { waiting: 0 }, ready: settle(options, definition) };
        opened.set(definition.name, known);
      }
      try {
        await known.ready;
      } catch (error) {
        opened.delete(definition.name);
        throw error;
      }
      return createCollection(options, { definition, writes: known.writes, reader, ask: thread.ask });
    },
    ping: thread.ping,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A collection that somebody opened, and everybody who opens it again. */
interface Opened {
  readonly fingerprint: string;
  readonly writes: Writes;
  readonly ready: Promise<void>;
}

interface Thread {
  readonly ask: AskEngine;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the thread and waits until the file is open. The thread keeps the process alive only while a call is under way. */
async function startThread(options: EngineOptions): Promise<Thread> {
  const worker = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData: options });
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  /** Calls of this turn: a message to a thread costs more than reading a document. */
  let unsent: Call[] = [];
  let ended: Error | undefined;

  worker.on('message', (answers: readonly Answer[]) => {
    for (const answer of answers) {
      const asked = waiting.get(answer.number);
      waiting.delete(answer.number);
      if ('failure' in answer) asked?.reject(errorOf(answer.failure));
      else asked?.resolve(answer.value as never);
    }
    if (waiting.size === 0) worker.unref();
  });
  const flush = (): void => {
    worker.postMessage(unsent);
    unsent = [];
  };
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', (cause) => end(new AppError('UNAVAILABLE', 'the thread of the document store broke', { cause })));
  worker.on('exit', () => end(new AppError('UNAVAILABLE', 'the document store is closed')));

  function send<V>(number: number, call: Call | undefined): Promise<V> {
    if (ended) return Promise.reject(ended);
    if (waiting.size >= CALLS_MAX) {
      return Promise.reject(new AppError('UNAVAILABLE', 'the document store has too much to do'));
    }
    worker.ref();
    return new Promise<V>((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      if (!call) return;
      if (unsent.push(call) === 1) queueMicrotask(flush);
    });
  }

  const ask: AskEngine = (method, ...args) => {
    calls += 1;
    return send(calls, { number: calls, method, args });
  };
  let closing: Promise<void> | undefined;
  const close = async () => {
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const closed = ask('close');
    ended = new AppError('UNAVAILABLE', 'the document store is closed');
    await closed;
    worker.ref();
    await exited;
  };

  // The first answer, number 0, comes unasked: whether the file could be opened.
  try {
    await send(0, undefined);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    ask,
    async ping() {
      if (ended) throw ended;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
