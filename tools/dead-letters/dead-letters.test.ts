import { expect, it } from 'vitest';
import type { Api } from '../operator/api.ts';
import { type DeadLetter, letterText, listDeadLetters, replayDeadLetters } from './dead-letters.ts';

const aLetter = (given: Partial<DeadLetter> = {}): DeadLetter => ({
  ...{ offset: '7', receivedAt: '2026-11-23T10:00:00.000Z', deviceId: 'sc-8320', reason: 'UNKNOWN_DEVICE' },
  ...{ detail: 'no such device', payload: '{"values":{"pm2_5":5}}' },
  ...given,
});

/** An API that keeps what it was asked and answers as it is told. */
function recording(answer: (variables: Readonly<Record<string, unknown>>) => unknown) {
  const asked: Readonly<Record<string, unknown>>[] = [];
  const api: Api = {
    async call<T>(_query: string, variables: Readonly<Record<string, unknown>> = {}) {
      asked.push(variables);
      return answer(variables) as T;
    },
  };
  return { api, asked };
}

it('asks for the newest letters of a reason', async () => {
  const { api, asked } = recording(() => ({ deadLetters: [aLetter()] }));
  expect(await listDeadLetters(api, 50, 'TOO_OLD')).toEqual([aLetter()]);
  await listDeadLetters(api, 5, undefined);
  expect(asked).toEqual([
    { first: 50, reason: 'TOO_OLD' },
    { first: 5, reason: null },
  ]);
});

it('replays the oldest first, a hundred at a time, and sums up what was refused again', async () => {
  const { api, asked } = recording(({ offsets }) => ({
    replayDeadLetters: {
      replayed: (offsets as string[]).length - 1,
      refused: [{ offset: (offsets as string[])[0], reason: 'TOO_OLD' }],
    },
  }));
  const newestFirst = Array.from({ length: 250 }, (_, index) => aLetter({ offset: String(249 - index) }));
  const outcome = await replayDeadLetters(api, newestFirst);
  expect(asked.map(({ offsets }) => (offsets as string[]).length)).toEqual([100, 100, 50]);
  expect(asked.flatMap(({ offsets }) => offsets)).toEqual(Array.from({ length: 250 }, (_, index) => String(index)));
  expect(outcome.replayed).toBe(247);
  expect(Object.fromEntries(outcome.refused)).toEqual({ TOO_OLD: 3 });
});

it('shows a letter without obeying control characters in it, and not at any length', () => {
  const text = letterText(aLetter({ deviceId: null, payload: `\u001b[2J${'x'.repeat(1_000)}`, detail: 'line\nbreak' }));
  expect(text.split('\n')).toHaveLength(2);
  expect(text).toContain('\\x1b[2J');
  expect(text).toContain('unknown  UNKNOWN_DEVICE: line\\x0abreak');
  expect(text).toContain('(1004 characters)');
});
