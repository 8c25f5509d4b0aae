import { expect, it } from 'vitest';
import { type BatchWork, batchWorker, openEventTurns, TOLD_MAX } from './event-turns.ts';

/** A worker through numbers, which says in `log` what it does. */
function numbers(
  name: string,
  log: string[],
  turns = openEventTurns(),
  work: Partial<BatchWork<number[], string>> = {},
) {
  const waiting: number[] = [];
  const worker = batchWorker<number[], string>(turns, {
    isWaiting: () => waiting.length > 0,
    take: () => waiting.splice(0),
    answer: (batch) => {
      log.push(`${name} answers ${batch}`);
      return `${batch}`;
    },
    tell(answers) {
      log.push(`${name} tells ${answers}`);
      return 1;
    },
    failed: (error) => void log.push(`${name} failed: ${String(error)}`),
    ...work,
  });
  const push = (number: number): void => {
    waiting.push(number);
    worker.wake();
  };
  return { push, idle: () => worker.idle() };
}

it('answers all that a turn has brought before it tells any of it', async () => {
  const log: string[] = [];
  const turns = openEventTurns();
  const [one, other] = [numbers('one', log, turns), numbers('other', log, turns)];
  one.push(1);
  other.push(2);
  one.push(3);
  await Promise.all([one.idle(), other.idle()]);
  expect(log).toEqual(['one answers 1,3', 'other answers 2', 'one tells 1,3', 'other tells 2']);
});

it('tells what took long when it is there, and holds nobody else up', async () => {
  const log: string[] = [];
  const turns = openEventTurns();
  const { promise, resolve } = Promise.withResolvers<string>();
  const slow = numbers('slow', log, turns, { answer: () => promise });
  const quick = numbers('quick', log, turns);
  slow.push(1);
  quick.push(2);
  await quick.idle();
  expect(log).toEqual(['quick answers 2', 'quick tells 2']);
  resolve('at last');
  await slow.idle();
  expect(log.at(-1)).toBe('slow tells at last');
});

it('goes on, in order, with what came while it was at work', async () => {
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  const one = numbers('one', log, openEventTurns(), {
    tell(answers) {
      log.push(`one tells ${answers}`);
      return promise;
    },
  });
  one.push(1);
  await new Promise((later) => setImmediate(later));
  one.push(2);
  one.push(3);
  resolve(1);
  await one.idle();
  expect(log).toEqual(['one answers 1', 'one tells 1', 'one answers 2,3', 'one tells 2,3']);
});

it('says what failed, and goes on with what follows', async () => {
  const log: string[] = [];
  const failures: (() => Promise<string>)[] = [
    () => Promise.reject(new Error('later')),
    () => {
      throw new Error('at once');
    },
  ];
  const one = numbers('one', log, openEventTurns(), { answer: (batch) => failures.pop()?.() ?? `${batch}` });
  for (const number of [1, 2, 3]) {
    one.push(number);
    await one.idle();
  }
  expect(log).toEqual(['one failed: Error: at once', 'one failed: Error: later', 'one tells 3']);
});

it('lets others have their turn when much has been told', async () => {
  const log: string[] = [];
  const turns = openEventTurns();
  const tell = () => {
    log.push('told many');
    return TOLD_MAX;
  };
  const workers = [numbers('one', [], turns, { tell }), numbers('two', [], turns, { tell })];
  for (const worker of workers) worker.push(1);
  setImmediate(() => log.push('another'));
  await Promise.all(workers.map(({ idle }) => idle()));
  expect(log).toEqual(['told many', 'another', 'told many']);
});

it('is idle at once while nothing waits', async () => {
  await expect(numbers('one', []).idle()).resolves.toBeUndefined();
});
