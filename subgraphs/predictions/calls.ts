/** Calls into a thread, and their answers. */
import { parentPort, Worker } from 'node:worker_threads';
import { AppError, type ErrorCode } from '@greencity/platform/errors';

/** Functions that a thread offers. Arguments and results are copied. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

interface Call {
  readonly number: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly code: ErrorCode | undefined; readonly message: string };

export interface ThreadOptions {
  readonly url: URL;
  /** Names the thread in errors. */
  readonly name: string;
  readonly workerData?: unknown;
  /** Calls that wait for an answer; one more is refused with UNAVAILABLE. */
  readonly callsMax: number;
}

export interface Thread<M extends Methods> {
  /** @throws AppError what the thread threw; UNAVAILABLE when it is gone or has too much to do */
  call<K extends keyof M & string>(method: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>>;
  hasEnded(): boolean;
  /** Resolves when the thread has ended. What was asked before is answered first. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Called in a thread: answers calls one after the other until `close` has been answered. */
export function answerCalls(methods: Methods): void {
  const port = parentPort;
  port?.on('message', ({ number, method, args }: Call) => {
    let answer: Answer;
    try {
      const run = methods[method] as ((...args: readonly unknown[]) => unknown) | undefined;
      answer = { number, value: run?.(...args) };
    } catch (error) {
      const code = error instanceof AppError ? error.code : undefined;
      answer = { number, code, message: error instanceof AppError ? error.subject : String((error as Error).stack) };
    }
    port.postMessage(answer);
    if (method === 'close') port.close();
  });
}

/** Starts a thread that calls `answerCalls`. It keeps the process alive only while a call is under way. */
export function startThread<M extends Methods>({ url, name, workerData, callsMax }: ThreadOptions): Thread<M> {
  const worker = new Worker(url, { workerData });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let ended: Error | undefined;

  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.number);
    waiting.delete(answer.number);
    if (waiting.size === 0) worker.unref();
    if ('value' in answer) asked?.resolve(answer.value as never);
    else asked?.reject(answer.code ? new AppError(answer.code, answer.message) : new Error(answer.message));
  });
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', (cause) => end(new AppError('UNAVAILABLE', `${name} broke`, { cause })));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      end(new AppError('UNAVAILABLE', `${name} has ended`));
      resolve();
    });
  });

  function call(method: string, ...args: readonly unknown[]): Promise<never> {
    if (ended) return Promise.reject(ended);
    if (waiting.size >= callsMax) return Promise.reject(new AppError('UNAVAILABLE', `${name} has too much to do`));
    calls += 1;
    const number = calls;
    worker.ref();
    return new Promise<never>((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      worker.postMessage({ number, method, args } satisfies Call);
    });
  }

  async function close(): Promise<void> {
    if (!ended) {
      const closed = call('close');
      ended = new AppError('UNAVAILABLE', `${name} is closed`);
      await closed;
    }
    worker.ref();
    await exited;
  }

  return { call, hasEnded: () => ended !== undefined, close };
}
