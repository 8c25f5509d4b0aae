import { isPromise, type MaybePromise } from '../executor/values.ts';

/** One that has something to be answered, and then told. */
interface Worker {
  answer(): void;
  /** Gives how many clients were told. */
  tell(): number;
}

/**
 * Events of all groups, a turn of the event loop at a time: first what a turn has brought is answered, then all of it is told. Writes that follow each other
 * closely cost the kernel less than those that each wake a client which has gone to sleep in between.
 */
export interface EventTurns {
  answer(worker: Worker): void;
  tell(worker: Worker): void;
}

/** What is done before others have their turn; each is some 3 ms of work. */
const ANSWERED_MAX = 64;
export const TOLD_MAX = 256;

/** No events yet. */
export function openEventTurns(): EventTurns {
  let answering: Worker[] = [];
  let telling: Worker[] = [];
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(turn);
  };
  const turn = (): void => {
    isScheduled = false;
    const answered = answering;
    answering = answered.splice(ANSWERED_MAX);
    for (const worker of answered) worker.answer();
    const told = telling;
    telling = [];
    for (let at = 0, count = 0; at < told.length; at += 1) {
      count += (told[at] as Worker).tell();
      if (count >= TOLD_MAX) telling = [...told.splice(at + 1), ...telling];
    }
    if (answering.length > 0 || telling.length > 0) schedule();
  };
  return {
    answer(worker) {
      answering.push(worker);
      schedule();
    },
    tell(worker) {
      telling.push(worker);
      schedule();
    },
  };
}

/** What is done with batches, one after another. */
export interface BatchWork<Batch, Answers> {
  isWaiting(): boolean;
  /** The next batch of what waits. */
  take(): Batch;
  answer(batch: Batch): MaybePromise<Answers>;
  /** Gives how many clients were told. */
  tell(answers: Answers): MaybePromise<number>;
  /** One batch failed; the others go on. */
  failed(error: unknown): void;
}

export interface BatchWorker {
  /** Something waits. What comes within the same turn of the event loop goes with it. */
  wake(): void;
  /** Resolves when nothing waits and everything has been told. */
  idle(): Promise<void>;
}

/** Works through batches: the first in its turn, those that have come meanwhile right after it, so that a busy group is not held up by what others do in theirs. */
export function batchWorker<Batch, Answers>(turns: EventTurns, work: BatchWork<Batch, Answers>): BatchWorker {
  let isWorking = false;
  let answers: Answers | undefined;
  let resting: PromiseWithResolvers<void> | undefined;

  const rest = (): void => {
    isWorking = false;
    resting?.resolve();
    resting = undefined;
  };
  const goOn = async (): Promise<void> => {
    while (work.isWaiting()) {
      try {
        await work.tell(await work.answer(work.take()));
      } catch (error) {
        work.failed(error);
      }
    }
    rest();
  };
  const done = (): void => {
    if (work.isWaiting()) void goOn();
    else rest();
  };
  const failed = (error: unknown): void => {
    work.failed(error);
    done();
  };
  const answered = (made: Answers): void => {
    answers = made;
    turns.tell(worker);
  };
  const worker: Worker = {
    answer() {
      try {
        const made = work.answer(work.take());
        if (isPromise(made)) made.then(answered, failed);
        else answered(made);
      } catch (error) {
        failed(error);
      }
    },
    tell() {
      const made = answers as Answers;
      answers = undefined;
      try {
        const count = work.tell(made);
        if (!isPromise(count)) done();
        else count.then(done, failed);
        return isPromise(count) ? TOLD_MAX : count;
      } catch (error) {
        failed(error);
        return 0;
      }
    },
  };
  return {
    wake() {
      if (isWorking) return;
      isWorking = true;
      turns.answer(worker);
    },
    async idle() {
      if (!isWorking) return;
      resting ??= Promise.withResolvers();
      await resting.promise;
    },
  };
}
