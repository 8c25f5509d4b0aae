/** The thread of the document store: does what it is asked, one call after the other. Calls and answers come in lists. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Engine, type EngineOptions, openEngine } from './sqlite-engine.ts';
import { type Failure, failureOf } from './sqlite-failure.ts';

/** One call of the engine. */
export interface Call {
  readonly number: number;
  readonly method: keyof Engine;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly failure: Failure };

/** Number of the answer that says whether the file could be opened. */
export const OPENED = 0;

/** Calls that wait for no disk: what they found may wait for the next answer. */
const READS: ReadonlySet<keyof Engine> = new Set(['get', 'getMany', 'getBy']);

const port = parentPort;
const options = workerData as EngineOptions;

function answerTo(number: number, work: () => unknown): Answer {
  try {
    return { number, value: work() };
  } catch (error) {
    return { number, failure: failureOf(error, options.path) };
  }
}

if (port) {
  let engine: Engine | undefined;
  port.postMessage([
    answerTo(OPENED, () => {
      engine = openEngine(options);
    }),
  ]);
  port.on('message', (calls: readonly Call[]) => {
    let answers: Answer[] = [];
    for (const [index, { number, method, args }] of calls.entries()) {
      const run = engine?.[method] as ((...args: readonly unknown[]) => unknown) | undefined;
      answers.push(answerTo(number, () => run?.(...args)));
      const next = calls[index + 1];
      if (next && READS.has(method) && READS.has(next.method)) continue;
      port.postMessage(answers);
      answers = [];
      if (method === 'close') port.close();
    }
  });
}
