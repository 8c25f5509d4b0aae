import type { Viewer } from '@greencity/platform/graphql/port';
import type { Counter, Metrics } from '@greencity/platform/metrics/port';
import type { AnswerStore } from './answer-store.ts';
import type { AnswersOptions, Question, Shareable } from './answers.ts';
import { newRecord } from './record.ts';
import type { Kept } from './shared-answers.ts';

/** Answers by how they were had. */
export type AnswerCounts = Readonly<Record<'hits' | 'found' | 'misses' | 'shared' | 'invalidated', Counter>>;

interface Making<T> extends AnswersOptions<T> {
  readonly store: AnswerStore<Kept<T>>;
  readonly counts: AnswerCounts;
}

/** Whether this viewer may be given the answer. */
export function isFor(viewer: Viewer, { forAnyone }: Pick<Kept<unknown>, 'forAnyone'>): boolean {
  return forAnyone || viewer.kind === 'anonymous';
}

/** Finds an answer where gateways share them, or has it made; keeps it here, and there, while nothing of it changes. */
export function making<T>({ settings, changes, shared, bytesOf, clock, store, counts }: Making<T>) {
  interface Life {
    readonly tags: readonly string[];
    readonly lifetimeMs: number;
  }
  const put = (key: string, kept: Kept<T>, { tags, lifetimeMs }: Life): void => {
    const bytes = bytesOf(kept.value) + 2 * key.length;
    store.set(key, { value: kept, bytes, tags, untilMs: clock.elapsedMs() + lifetimeMs });
  };
  return async ({ key, viewer, make, pay }: Question<T>): Promise<Shareable<T>> => {
    const since = changes.listen();
    if (since === undefined) {
      // Where nobody tells of changes nothing is kept, and noting what it is made of would be in vain.
      counts.misses.add();
      return await make(undefined);
    }
    const isGood = (tags: readonly string[]): boolean => !changes.since(since, tags);
    const found = await shared?.find(key);
    if (found?.kind === 'kept' && isFor(viewer, found) && isGood(found.tags)) {
      put(key, { value: found.value, forAnyone: found.forAnyone }, found);
      if (!(await pay())) return { ...(await make(undefined)), alone: true };
      counts.found.add();
      return { value: found.value, keep: true };
    }
    counts.misses.add();
    const record = newRecord();
    const answer = await make(record);
    const tags = record.tags();
    const kept = { value: answer.value, forAnyone: record.isForAnyone() };
    if (!answer.keep || !tags || !isFor(viewer, kept) || !isGood(tags)) return answer;
    const life = { tags, lifetimeMs: settings.lifetimeMs };
    put(key, kept, life);
    if (found?.kind === 'none') shared?.keep(key, { ...kept, ...life }, found.mark);
    return answer;
  };
}

export function countersOf(metrics: Metrics): AnswerCounts {
  const answered = (how: string) =>
    metrics.counter(
      'gateway_answers_total',
      'Answers to queries: asked for, kept from before, found where gateways share them, or shared under way.',
      { how },
    );
  return {
    hits: answered('kept'),
    found: answered('found'),
    misses: answered('asked'),
    shared: answered('shared'),
    invalidated: metrics.counter('gateway_answers_invalidated_total', 'Kept answers that a change removed.'),
  };
}
