import { MessageChannel, receiveMessageOnPort, type Transferable, Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import type { Answer, Asked, Failure, Opened, Request, Sizes, Start, Told } from './messages.ts';

/** The store's thread as the caller sees it: one answer for each request, and what it tells unasked. */
export interface Thread {
  readonly opened: Opened;
  /** @throws AppError with the code of the failure; UNAVAILABLE when the thread is gone */
  ask(request: Request, transfer?: readonly Transferable[]): Promise<Answer>;
  gone(): boolean;
  stop(): Promise<void>;
}

export interface ThreadOptions {
  readonly start: Omit<Start, 'port'>;
  readonly onLog: (told: Told & { readonly kind: 'log' }) => void;
  readonly onSizes: (sizes: Sizes) => void;
  /** The thread ended without being stopped. */
  readonly onGone: (cause: unknown) => void;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/** Most of the thread's memory is in columns outside of its heap; this bounds what is inside. */
const HEAP_MB_MAX = 128;
const YOUNG_MB_MAX = 2;

function errorOf({ code, subject, detail }: Failure): Error {
  return code ? new AppError(code, subject, detail === '' ? {} : { cause: detail }) : new Error(detail);
}

function settle(waiting: Map<number, Waiting>, id: number): Waiting | undefined {
  const one = waiting.get(id);
  waiting.delete(id);
  return one;
}

function spawnWorker(settings: ThreadOptions['start']) {
  const { port1: port, port2 } = new MessageChannel();
  const workerData: Start = { ...settings, port: port2 };
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_MB_MAX };
  const file = new URL('./worker.ts', import.meta.url);
  return { port, worker: new Worker(file, { workerData, transferList: [port2], resourceLimits }) };
}

/** Starts the thread and waits until its folder is open. @throws AppError STORE_CORRUPT, STORE_UNWRITABLE */
export async function startThread(options: ThreadOptions): Promise<Thread> {
  const { port, worker } = spawnWorker(options.start);
  const waiting = new Map<number, Waiting>();
  let state: 'running' | 'stopping' | 'gone' = 'running';
  let lastId = 0;
  const firstWord = Promise.withResolvers<Opened>();

  const end = (cause: unknown) => {
    if (state === 'gone') return;
    const stopped = state === 'stopping';
    state = 'gone';
    const error = new AppError('UNAVAILABLE', 'time-series store', { cause });
    firstWord.reject(error);
    for (const { resolve, reject } of waiting.values()) {
      // The answer to the last request may still be on its way when the thread ends as it was told to.
      if (stopped) resolve(undefined);
      else reject(error);
    }
    waiting.clear();
    if (!stopped) options.onGone(cause);
  };
  worker.on('error', end);
  worker.on('exit', (code) => {
    // What it said last may not have been heard yet.
    for (let last = receiveMessageOnPort(port); last; last = receiveMessageOnPort(port)) hear(last.message as Told);
    end(`its thread ended with ${code}`);
  });
  port.on('message', (told: Told) => hear(told));

  function hear(told: Told): void {
    switch (told.kind) {
      case 'opened':
        firstWord.resolve(told.opened);
        break;
      case 'failedToOpen':
        state = 'stopping';
        firstWord.reject(errorOf(told.failure));
        break;
      case 'sizes':
        options.onSizes(told.sizes);
        break;
      case 'log':
        options.onLog(told);
        break;
      case 'answer':
        settle(waiting, told.id)?.resolve(told.answer);
        break;
      case 'failure':
        settle(waiting, told.id)?.reject(errorOf(told.failure));
        break;
    }
  }
  function ask(request: Request, transfer: readonly Transferable[] = []): Promise<Answer> {
    if (state !== 'running') return Promise.reject(new AppError('UNAVAILABLE', 'time-series store'));
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    waiting.set(id, { resolve, reject });
    port.postMessage({ id, request } satisfies Asked, transfer);
    return promise;
  }
  async function stop(): Promise<void> {
    if (state === 'running') {
      const answered = ask({ kind: 'close' });
      state = 'stopping';
      await answered;
    }
    port.close();
    await worker.terminate();
  }
  const opened = await firstWord.promise;
  return { opened, ask, stop, gone: () => state === 'gone' };
}
